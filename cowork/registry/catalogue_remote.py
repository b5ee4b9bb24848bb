"""Asking a registry over the network. Nothing here keeps anything, and everything it returns is still unread bytes."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from cowork.core.errors import NotFound, Unavailable
from cowork.registry import catalogue_read
from cowork.registry.catalogue_cache import MAX_BODY, Copy
from cowork.registry.catalogue_entry import MAX_ENTRIES
from cowork.registry.catalogue_place import Place
from cowork.web import client
from cowork.web.urls import shown

TIMEOUT_S, CONNECT_S = 15.0, 3.0
"""Seconds an answer may take, and of these a connection: who has a copy does not wait long for a network that is not there."""
PAGE_SIZE = 100
MAX_PAGES = 500
WALK_S = 120.0
"""Seconds that all pages together may take."""
_CONDITION = re.compile(r"[\x21-\x7e][\x20-\x7e]{0,255}")


@dataclass(frozen=True)
class Fetched:
    """An answer. `body` is None when what is held is still right (304)."""

    body: bytes | None
    etag: str | None = None
    last_modified: str | None = None


def get(address: str, held: Copy | None = None, *, may_lack: bool = False) -> Fetched:
    """What an address answers now, asked whether the held copy is still right.

    Raises what `client.get` raises, and `registry.unreachable` for a status that is no answer; with `may_lack`, where 404 is
    one, `registry.not_found`.
    """
    headers = {"Accept": "application/json"}
    conditions = (("If-None-Match", held.etag), ("If-Modified-Since", held.last_modified)) if held else ()
    headers.update({name: value for name, value in conditions if value and _CONDITION.fullmatch(value)})
    reply = client.get(address, limit=MAX_BODY, timeout_s=TIMEOUT_S, connect_s=CONNECT_S, headers=headers)
    if reply.status == 304 and len(headers) > 1:
        return Fetched(None)
    if reply.status == 404 and may_lack:
        raise NotFound("registry.not_found", "the registry does not have it", hint="list what it has: cowork registry search")
    if reply.status != 200:
        raise Unavailable(
            "registry.unreachable",
            f"{shown(address)} answers with status {reply.status}",
            hint="check the address of the registry, or try again later",
            details={"status": reply.status},
        )
    return Fetched(reply.body, reply.headers.get("etag"), reply.headers.get("last-modified"))


def walk(place: Place) -> Fetched:
    """The whole of a REST registry as one catalogue, page after page. Raises what `get` raises, and `registry.*` errors."""
    packs: list[Any] = []
    first: dict[str, Any] = {}
    total, number, size, end = 1, 0, 0, time.monotonic() + WALK_S
    while len(packs) < total:
        number += 1
        if number > MAX_PAGES or time.monotonic() > end:
            raise catalogue_read.too_large(place.shown)
        body = get(page_address(place, number)).body or b""
        size += len(body)
        document = catalogue_read.parse(body, place.shown)
        found = catalogue_read.page(document, place.shown)
        if not document["results"]:
            break
        packs += document["results"]
        first = first or document
        total = found.total or 0
        if max(len(packs), total) > MAX_ENTRIES or size > MAX_BODY:
            raise catalogue_read.too_large(place.shown)
    told = {key: first[key] for key in ("updatedAt", "serial") if key in first}
    return Fetched(json.dumps({"version": catalogue_read.FORMAT, **told, "packs": packs}).encode())


def page_address(place: Place, page: int, *, query: str = "", category: str | None = None, page_size: int = PAGE_SIZE) -> str:
    """Where a REST registry answers a search."""
    asked = {"q": query, "page": page, "pageSize": page_size, **({"category": category} if category else {})}
    return f"{place.base}/packs/search?{urlencode(asked, errors='backslashreplace')}"


def entry_address(place: Place, pack_id: str) -> str:
    """Where a REST registry answers for one pack."""
    return f"{place.base}/packs/{quote(pack_id, safe='', errors='backslashreplace')}"


def categories_address(place: Place) -> str:
    """Where a REST registry names its categories."""
    return f"{place.base}/packs/categories"
