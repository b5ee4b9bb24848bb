"""The last list of models that each provider gave, under `cache/models/`: safe to delete, and read by whoever is in doubt."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cowork.core.errors import CoworkError
from cowork.core.files import read_json, write_atomic
from cowork.core.paths import home

if TYPE_CHECKING:
    from cowork.core.clock import Clock

TTL_S = 86_400.0
_FORMAT = 1
_NEAR = 3


@dataclass(frozen=True)
class ListedModel:
    """A model as its provider lists it."""

    id: str
    name: str | None = None
    context_tokens: int | None = None


@dataclass(frozen=True)
class Held:
    """A list as it was given, and when. `etag` lets the provider confirm it."""

    models: tuple[ListedModel, ...]
    fetched_at: str
    etag: str | None

    def age_s(self, clock: Clock) -> float:
        """The seconds since it was given or confirmed; endless when it comes from the future."""
        try:
            seconds = (clock.now() - datetime.fromisoformat(self.fetched_at)).total_seconds()
        except (ValueError, TypeError):
            return float("inf")
        return seconds if seconds >= 0 else float("inf")


def path_of(provider: str) -> Path:
    """Where a provider's list is."""
    return home() / "cache" / "models" / f"{provider}.json"


def read(provider: str, url: str | None = None) -> Held | None:
    """The list held of a provider, None when there is none that is whole, or it is of another address than `url`."""
    try:
        document = read_json(path_of(provider), what="model list")
    except (CoworkError, OSError, ValueError):
        return None
    if not isinstance(document, dict) or document.get("format") != _FORMAT:
        return None
    if url is not None and document.get("address") != _digest(url):
        return None
    try:
        models = tuple(ListedModel(*_checked(entry)) for entry in document["models"])
    except (KeyError, TypeError, ValueError):
        return None
    when, etag = document.get("fetched_at"), document.get("etag")
    return Held(models, when, etag if isinstance(etag, str) else None) if isinstance(when, str) else None


def write(provider: str, url: str, held: Held) -> None:
    """Keep a list. The address is kept as a digest: it may hold a secret. Raises `file.not_writable`."""
    document = {
        "format": _FORMAT,
        "address": _digest(url),
        "fetched_at": held.fetched_at,
        "etag": held.etag,
        "models": [asdict(model) for model in held.models],
    }
    write_atomic(path_of(provider), json.dumps(document).encode(), durable=False)


def near(provider: str, model: str) -> tuple[str, ...]:
    """The models in the list held that `model` was most likely meant to be, the likeliest first; none without a list."""
    held = read(provider)
    return nearest(model, [listed.id for listed in held.models]) if held else ()


def nearest(model: str, ids: list[str]) -> tuple[str, ...]:
    """The ids that a model was most likely meant to be: they end or begin alike, or are spelt almost so."""
    import difflib

    wanted = model.casefold()
    folded = {id_.casefold(): id_ for id_ in sorted(ids, reverse=True) if id_ != model}
    close = difflib.get_close_matches(wanted, sorted(folded), n=_NEAR, cutoff=0.6)
    tails = {id_.rpartition("/")[2]: id_ for id_ in sorted(folded, reverse=True)}
    by_tail = difflib.get_close_matches(wanted.rpartition("/")[2], sorted(tails), n=_NEAR, cutoff=0.6)
    within = [id_ for id_ in sorted(folded) if len(wanted) > 2 and (wanted in id_ or id_ in wanted)]
    ranked = dict.fromkeys([*close, *(tails[tail] for tail in by_tail), *within])
    return tuple(folded[id_] for id_ in ranked)[:_NEAR]


def hint(provider: str, model: str) -> str:
    """What to do about a model that is not there."""
    return advice(provider, near(provider, model))


def advice(provider: str, found: tuple[str, ...]) -> str:
    """The models that may be meant, and where all of them are."""
    where = f"cowork provider models {provider}"
    if not found:
        return f"see its models with: {where}"
    quoted = " or ".join(f"'{id_}'" for id_ in found)
    return f"did you mean {quoted}? see all with: {where}"


def _checked(entry: Any) -> tuple[str, str | None, int | None]:
    id_, name, size = entry["id"], entry["name"], entry["context_tokens"]
    if not isinstance(id_, str) or not isinstance(name, (str, type(None))) or not isinstance(size, (int, type(None))):
        raise TypeError(entry)
    return id_, name, size


def _digest(url: str) -> str:
    return hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()
