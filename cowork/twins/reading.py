"""Reading what twins produced: lists, whole results, texts to pass on."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, get_args

from cowork.core.clock import Clock, millis
from cowork.core.errors import InvalidInput
from cowork.core.plain import to_plain
from cowork.core.text import one_line
from cowork.twins.directory import find_twin
from cowork.twins.moments import moment
from cowork.twins.results import Kind, Result, ResultList
from cowork.twins.store import results

KINDS: tuple[str, ...] = get_args(Kind)


def listed(
    names: Sequence[str], since: str | None, kinds: Sequence[str], limit: int, style: str | None, clock: Clock
) -> ResultList:
    """The latest results; with a `style`, md or json, they are there as one text, too.

    Raises `twin.not_found`, `result.bad_kind`, `result.bad_since`, `database.*`.
    """
    for kind in kinds:
        if kind not in KINDS:
            raise InvalidInput("result.bad_kind", f"there are no results of kind '{kind}'", hint=f"one of: {', '.join(KINDS)}")
    twins = [find_twin(name).name for name in names]
    moment = None if since is None else millis(_since(since, clock.now()))
    found = results.listed(twins=twins, since=moment, kinds=kinds, limit=limit)
    if style is None:
        return found
    whole = results.whole([item.id for item in found.items])
    text = json.dumps(to_plain(whole), indent=2, ensure_ascii=False) if style == "json" else "\n\n".join(map(markdown, whole))
    return dataclasses.replace(found, text=text + "\n")


def markdown(result: Result) -> str:
    """A result as Markdown: whose it is and when, its text, and what is to be said of it."""
    made = {"model": "a model", "rehearsal": "a rehearsal without a model", "evidence": "evidence alone"}[result.made_by]
    head = f"# {result.title}\n\n_{result.twin}, {result.created_at}, made by {made}, {result.id}_"
    text = without_title(result)
    told = () if result.made_by == "evidence" else result.notes  # a digest says itself what it lacks
    notes = "\n".join(f"- {one_line(note, 300)}" for note in told)
    return "\n\n".join([head, text, *([f"Notes:\n{notes}"] if notes else [])])


class _Titled(Protocol):
    @property
    def title(self) -> str: ...
    @property
    def text(self) -> str: ...


def without_title(result: _Titled) -> str:
    """The text without a first heading that only repeats the title."""
    first, _, rest = result.text.partition("\n")
    return rest.lstrip("\n") if first.lstrip("# ").strip().casefold() == result.title.strip().casefold() else result.text


def _since(text: str, now: datetime) -> datetime:
    found = moment(text, now, "past")
    if found is None:
        hint = "for example --since 24h, --since 7d or --since 2026-12-01"
        raise InvalidInput("result.bad_since", f"'{one_line(text, 40)}' is no time", hint=hint)
    return found
