"""What `registry serve` answers, without a socket: a static registry, a REST registry, and the archives both point to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from cowork.core.clock import Clock, rfc3339
from cowork.core.errors import CoworkError, NotFound
from cowork.core.files import read_json
from cowork.install.publishing.archives import archive
from cowork.install.publishing.building import ARCHIVES, entry_at, written
from cowork.install.publishing.surveying import LeftOut, Offered, survey
from cowork.registry import catalogue_read
from cowork.registry.catalogue import PAGE_SIZE, counted, matching
from cowork.registry.catalogue_cache import MAX_BODY
from cowork.registry.catalogue_entry import CatalogueEntry, read_entries
from cowork.registry.catalogue_place import FILE_NAME
from cowork.registry.catalogue_read import FORMAT

STATIC = "registry"
_MAX_PAGE_SIZE = 100
_JSON = "application/json; charset=utf-8"


@dataclass(frozen=True)
class Reply:
    """A status with a body; a body that may be asked for again has an ETag."""

    status: int
    body: bytes
    kind: str = _JSON
    etag: str | None = None


@dataclass(frozen=True)
class Stock:
    """What there is to serve: a catalogue as JSON, and the packs whose archives can be made."""

    document: dict[str, Any]
    packs: tuple[Offered, ...]
    left_out: tuple[LeftOut, ...]


def stock(source: Path, clock: Clock) -> Stock:
    """The packs of a directory; or a `pack-catalog.json`, given itself or alone in a directory, as it is, without archives.

    Raises `registry.no_directory`, `registry.no_packs`, `registry.invalid` and `file.*`.
    """
    file = source
    if source.is_dir():
        file = source / FILE_NAME
        try:
            packs, left_out = survey(source)
        except CoworkError:
            if not file.is_file():
                raise
        else:
            entries = [pack.entry for pack in packs]
            return Stock({"version": FORMAT, "updatedAt": rfc3339(clock.now()), "packs": entries}, packs, left_out)
    try:
        document = read_json(file, what="pack catalogue", limit=MAX_BODY)
    except FileNotFoundError:
        hint = "name a directory of packs, or a catalogue"
        raise NotFound("registry.no_directory", f"there is nothing at {source}", hint=hint) from None
    catalogue_read.whole(document, str(file))
    return Stock(document, (), ())


class Shelf:
    """A stock under an address."""

    def __init__(self, held: Stock, base_url: str) -> None:
        packs = [entry_at(pack, base_url) for pack in held.packs] or held.document["packs"]
        document = {**held.document, "packs": packs}
        self._raw = written(document)
        self._entries: list[CatalogueEntry] = []
        self._items: dict[str, Any] = {}
        for item in packs:
            for entry in read_entries([item], FILE_NAME)[0]:  # none, for an entry that nobody can use
                if entry.id not in self._items:
                    self._items[entry.id] = item
                    self._entries.append(entry)
        self._entries.sort(key=lambda entry: entry.id)
        self._archives = {pack.archive: pack for pack in held.packs}
        self._told = {key: document[key] for key in ("updatedAt", "serial") if key in document}

    @property
    def entries(self) -> int:
        """The number of entries that a client can use."""
        return len(self._entries)

    def answer(self, target: str) -> Reply:
        """The reply to a GET of a request target. Raises nothing: what is wrong is an answer, too."""
        try:
            parts = urlsplit(target)
            asked = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
            return self._answer([unquote(word) for word in parts.path.split("/")[1:]], asked)
        except CoworkError as error:
            return _problem({3: 404, 4: 422, 5: 409}.get(error.exit_code, 500), error.message)
        except ValueError as error:
            return _problem(400, str(error))

    def _answer(self, words: list[str], asked: Mapping[str, str]) -> Reply:
        if words == [STATIC, FILE_NAME]:
            return _tagged(self._raw)
        if words == ["packs", "search"]:
            return self._page(asked)
        if words == ["packs", "categories"]:
            found = counted(self._offered())
            names = [item.name for item in found]
            return _json({"categories": names, "counts": {item.name: item.count for item in found}})
        if len(words) == 2 and words[0] == "packs" and words[1] in self._items:
            return _json(self._items[words[1]])
        if len(words) == 2 and words[0] == ARCHIVES and words[1] in self._archives:
            return _tagged(archive(self._archives[words[1]]), "application/gzip")
        return _problem(404, "there is nothing here")

    def _page(self, asked: Mapping[str, str]) -> Reply:
        page, size = _number(asked, "page", 1), min(_number(asked, "pageSize", PAGE_SIZE), _MAX_PAGE_SIZE)
        found = matching(self._offered(), asked.get("q", ""), asked.get("category"))
        results = [self._items[entry.id] for entry in found[(page - 1) * size : page * size]]
        about = {"query": asked.get("q", ""), "total": len(found), "page": page, "pageSize": size}
        return _json({**self._told, **about, "results": results})

    def _offered(self) -> list[CatalogueEntry]:
        return [entry for entry in self._entries if entry.status != "deleted"]


def _number(asked: Mapping[str, str], name: str, default: int) -> int:
    text = asked.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0):
        raise ValueError(f"{name} is a number from 1")
    return int(text)


def _json(document: Any) -> Reply:
    return _tagged(json.dumps(document, ensure_ascii=False).encode("utf-8", "backslashreplace"))


def _tagged(body: bytes, kind: str = _JSON) -> Reply:
    return Reply(200, body, kind, f'"{hashlib.sha256(body).hexdigest()[:32]}"')


def _problem(status: int, text: str) -> Reply:
    return Reply(status, json.dumps({"error": text}).encode())
