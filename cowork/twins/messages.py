"""What people are told of a result: short enough for a channel, with the bottom line first and where to read the whole."""

from __future__ import annotations

from dataclasses import dataclass

from cowork.core.text import one_line
from cowork.twins.reading import without_title
from cowork.twins.results import bottom_line
from cowork.twins.store.outbox import Parcel
from cowork.twins.twin import Twin

_LONGEST_TITLE = 120
_STANDING = {"failed": " (failed)", "degraded": " (not whole)"}


@dataclass(frozen=True)
class Message:
    """A message; `ending` is kept however short the body has to be cut for a service."""

    title: str
    body: str
    ending: str = ""


def of_result(parcel: Parcel) -> Message:
    """The message that tells of a result."""
    standing = _STANDING.get(parcel.status, "") + (" (rehearsal)" if parcel.made_by == "rehearsal" else "")
    title = f"{parcel.twin}: {one_line(parcel.title, _LONGEST_TITLE)}{standing}"
    return Message(title, _bottom_line_first(without_title(parcel)), f"Whole: cowork twin results show {parcel.result_id}")


def trial(twin: Twin) -> Message:
    """A message that only shows whether an address works."""
    return Message(f"{twin.name}: a test", f"Results of {one_line(twin.display_name)} will be told here.")


def _bottom_line_first(text: str) -> str:
    first = bottom_line(text)
    lines = text.strip().splitlines()
    place = next((number for number, line in enumerate(lines) if bottom_line(line) == first), 0)
    if place == 0 or first.endswith("…"):
        return text.strip() if place == 0 else f"{first}\n\n{text.strip()}"
    before, after = "\n".join(lines[:place]).strip(), "\n".join(lines[place + 1 :]).strip()
    return "\n\n".join(part for part in (lines[place].strip(), before, after) if part)
