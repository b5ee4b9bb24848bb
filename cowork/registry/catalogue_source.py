"""Where an answer comes from: a copy that is fresh, the network, a copy that is not, or what is shipped with cowork.

A registry that fails never takes away what it once said: the copy is served, with a warning that names its age.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from cowork.core.clock import Clock, rfc3339
from cowork.core.errors import CoworkError, InvalidInput, NotFound, Unavailable
from cowork.core.files import ensure_dir, read_json
from cowork.core.outcome import Notice
from cowork.core.paths import home
from cowork.registry import catalogue_cache as cache
from cowork.registry import catalogue_place, catalogue_read
from cowork.registry.catalogue_cache import Copy
from cowork.registry.catalogue_entry import CatalogueEntry
from cowork.registry.catalogue_history import mark, older, republished
from cowork.registry.catalogue_place import Place
from cowork.registry.catalogue_read import Catalogue

if TYPE_CHECKING:
    from cowork.registry.catalogue_remote import Fetched

Source = Literal["network", "cache", "shipped", "local"]
_PATIENCE_S = 5.0


@dataclass(frozen=True)
class Origin:
    """The registry an answer comes from, by which way, and when it was fetched or last confirmed."""

    registry: str
    source: Source
    fetched_at: str | None
    stale: bool


class Answer(NamedTuple):
    """What a registry says, where that comes from, and what a reader should know."""

    found: Catalogue
    origin: Origin
    notices: tuple[Notice, ...]


class Question(NamedTuple):
    """What to ask and how to read the answer. `keeps_history`: an answer older than the last one is refused."""

    place: Place
    address: str
    fetch: Callable[[Copy | None], Fetched]
    read: Callable[[bytes], Catalogue]
    keeps_history: bool = False


class Renewed(NamedTuple):
    """An answer from the network, and the one that was held before it, if any."""

    found: Catalogue
    copy: Copy
    before: Catalogue | None


def whole(place: Place, clock: Clock, *, offline: bool = False) -> Answer:
    """The whole catalogue of a registry.

    Raises what `ask` raises; the default registry raises nothing, because what cowork ships stands in for it.
    """
    if place.mode == "local":
        return local(place)
    try:
        return ask(question_for(place), clock, offline=offline)
    except CoworkError as error:
        if not place.is_default:
            raise
        text = f"{error.message}; this is the catalogue that came with cowork"
        found, origin, notices = local(catalogue_place.shipped())
        shipped = replace(origin, registry=place.base, source="shipped", stale=True)
        return Answer(found, shipped, (Notice("registry.shipped", text), *notices))


def question_for(place: Place) -> Question:
    """The question for the whole of a registry on the web."""

    def fetch(held: Copy | None) -> Fetched:
        from cowork.registry import catalogue_remote as remote

        return remote.walk(place) if place.mode == "rest" else remote.get(place.document, held)

    def read(body: bytes) -> Catalogue:
        return catalogue_read.whole(catalogue_read.parse(body, place.shown), place.shown)

    return Question(place, place.document, fetch, read, keeps_history=True)


def local(place: Place) -> Answer:
    """The catalogue in a directory of this machine, which is always current. Raises `registry.missing`, `file.*` and more."""
    path = Path(place.document)
    try:
        document = read_json(path, what="pack catalogue", limit=cache.MAX_BODY)
    except FileNotFoundError:
        hint = "install cowork again" if place == catalogue_place.shipped() else f"check {catalogue_place.VARIABLE}"
        raise CoworkError("registry.missing", f"there is no pack catalogue at {path}", hint=hint) from None
    found = catalogue_read.whole(document, str(path))
    return Answer(found, Origin(place.base, "local", None, stale=False), found.notices)


def ask(question: Question, clock: Clock, *, offline: bool = False) -> Answer:
    """The answer to a question, from a copy younger than five minutes or else from the network.

    When that fails the copy is served however old it is. Without one, raises what `catalogue_remote` raises, and
    `registry.no_copy` when the network is not to be used. `registry.not_found` is an answer: then the copy is dropped.
    """
    held = cache.read(question.address)
    before = _read(question, held)
    if held and before and (offline or held.is_fresh(clock)):
        return _from_copy(question, held, before, clock, None)
    if offline:
        raise Unavailable(
            "registry.no_copy",
            f"there is no copy of {question.place.shown}",
            cause="nothing is fetched with --offline",
            hint="fetch one with: cowork registry refresh",
        )
    try:
        renewed = renew(question, held if before else None, clock)
    except NotFound:
        cache.forget(question.address)
        raise
    except CoworkError as error:
        if held is None or before is None:
            raise
        return _from_copy(question, held, before, clock, error)
    origin = Origin(question.place.base, "network", renewed.copy.fetched_at, stale=False)
    return Answer(renewed.found, origin, renewed.found.notices)


def renew(question: Question, held: Copy | None, clock: Clock, *, accept_older: bool = False, keep: bool = False) -> Renewed:
    """Ask the network and keep the answer.

    Nothing is written where there is no home, and what cannot be written costs only speed; unless `keep`. Raises what
    `catalogue_remote` raises, `registry.replayed` for an answer older than the one held, with `keep` also `file.*`.
    """
    fetched = question.fetch(held)
    now = rfc3339(clock.now())
    if not (keep or home().is_dir()):
        return _judged(question, fetched, held, now, accept_older)
    with contextlib.ExitStack() as stack:
        try:
            from cowork.core.locks import locked

            ensure_dir(cache.lock_of(question.address).parent)
            stack.enter_context(locked(cache.lock_of(question.address), patience_s=_PATIENCE_S))
        except CoworkError:
            if keep:
                raise
            return _judged(question, fetched, held, now, accept_older)
        current = cache.read(question.address)
        if fetched.body is None and held and current and current.body != held.body:  # somebody else was faster
            held, fetched = current, replace(fetched, body=current.body)
        renewed = _judged(question, fetched, held if fetched.body is None else current, now, accept_older)
        with contextlib.nullcontext() if keep else contextlib.suppress(CoworkError):
            cache.write(renewed.copy, versions_of(renewed.found))
        return renewed


def offers_of(found: Catalogue) -> dict[str, CatalogueEntry]:
    """The entry on offer for a pack's name. One whose id is the name counts before one that only calls itself so."""
    offered = [entry for entry in found.entries if entry.status != "deleted"]
    return {entry.name: entry for entry in offered} | {entry.id: entry for entry in offered}


def versions_of(found: Catalogue) -> dict[str, str]:
    """The version on offer for a pack's name."""
    return {name: entry.version for name, entry in offers_of(found).items()}


def _judged(question: Question, fetched: Fetched, held: Copy | None, now: str, accept_older: bool) -> Renewed:
    """The answer read, held against the one before it, and marked. Raises `registry.replayed` and what reading raises."""
    before = _read(question, held)
    if fetched.body is None:
        if held is None or before is None:
            raise Unavailable("registry.unreachable", f"{question.place.shown} confirms what is not held", hint="try again")
        return Renewed(before, replace(held, fetched_at=now), before)
    found = question.read(fetched.body)
    marks: dict[str, str] = {}
    if held and before and question.keeps_history:
        reason = older(found, before)
        if reason and not accept_older:
            raise InvalidInput(
                "registry.replayed",
                f"{question.place.shown} answers with an older catalogue than before",
                cause=reason,
                hint="if its owner went back on purpose: cowork registry refresh --accept-older",
            )
        marks = republished(found, before, held.republished)
    copy = Copy(question.address, now, fetched.body, fetched.etag, fetched.last_modified, marks)
    return Renewed(replace(found, entries=mark(found.entries, marks)), copy, before)


def _read(question: Question, held: Copy | None) -> Catalogue | None:
    """What a copy says; None when this cowork cannot read it, and then it is as if there were none."""
    if held is None:
        return None
    try:
        found = question.read(held.body)
    except CoworkError:
        return None
    return replace(found, entries=mark(found.entries, held.republished))


def _from_copy(question: Question, held: Copy, found: Catalogue, clock: Clock, error: CoworkError | None) -> Answer:
    stale = not held.is_fresh(clock)
    notices = found.notices
    if error is not None or stale:
        why = f"{error.message}{f' ({error.cause})' if error.cause else ''}" if error else "the registry was not asked"
        code = "registry.replayed" if error and error.code == "registry.replayed" else "registry.stale"
        text = f"{why}; this is the copy of {held.fetched_at}{_age(held.age_s(clock))}"
        notices = (Notice(code, text), *notices)
    return Answer(found, Origin(question.place.base, "cache", held.fetched_at, stale), notices)


def _age(seconds: float) -> str:
    if seconds == float("inf"):  # it comes from the future: a clock was set
        return ""
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            count = int(seconds // length)
            return f", {count} {unit}{'' if count == 1 else 's'} old"
    return ", less than a minute old"
