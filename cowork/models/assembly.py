"""Calls of tools put together from the pieces in which they are streamed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cowork.models.chat import ToolCall
from cowork.models.conversation import sound, unique
from cowork.models.errors import MalformedError, ProviderError

MOST_CALLS = 128  # in one answer
LONGEST_ARGUMENTS = 1_000_000  # characters, of all calls of one answer together
_LONGEST_NAME = 256
_DEEPEST = 64  # levels of nesting: more is no call, and breaks whoever walks through it
CUT = frozenset({"max_tokens", "length", "model_context_window_exceeded"})  # stop reasons

Fail = Callable[[type[ProviderError], str], ProviderError]


@dataclass
class Slot:
    """One call that is being put together."""

    id: str = ""
    name: str = ""
    pieces: list[str] = field(default_factory=list)
    size: int = 0  # characters in the pieces
    sealed: bool = False  # the arguments came as a whole
    preset: str = ""  # the arguments if no piece comes
    carried: dict[str, Any] = field(default_factory=dict)

    @property
    def raw(self) -> str:
        """The arguments so far."""
        return "".join(self.pieces) or self.preset


class Assembly:
    """The calls of one answer, in the order in which they began. Raises MalformedError beyond the limits."""

    def __init__(self, fail: Fail) -> None:
        self._fail = fail
        self._slots: list[Slot] = []
        self._size = 0

    @property
    def begun(self) -> bool:
        """Whether there is any call."""
        return bool(self._slots)

    @property
    def first(self) -> Slot | None:
        """The call that began first."""
        return self._slots[0] if self._slots else None

    @property
    def last(self) -> Slot | None:
        """The call that began last."""
        return self._slots[-1] if self._slots else None

    def begin(self, id: Any = "", name: Any = "") -> Slot:
        """A new call; more of it may come."""
        if len(self._slots) == MOST_CALLS:
            raise self._fail(MalformedError, f"the answer holds more than {MOST_CALLS} calls of tools")
        slot = Slot()
        self._slots.append(slot)
        self.name(slot, id, name)
        return slot

    def name(self, slot: Slot, id: Any, name: Any) -> None:
        """Take an id and a piece of the name: the first id counts, and a name that is repeated stays as it is."""
        id, name = id or "", name or ""
        if not isinstance(id, str) or not isinstance(name, str):
            raise self._fail(MalformedError, "a call of a tool has an id or a name that is no text")
        slot.id = slot.id or id
        slot.name += "" if name == slot.name else name
        if len(slot.name) > _LONGEST_NAME or len(slot.id) > _LONGEST_NAME:
            raise self._fail(MalformedError, "a call of a tool has an id or a name that is too long")

    def preset(self, slot: Slot, arguments: Any) -> None:
        """Take the arguments that a call begins with; they count if no piece follows."""
        if arguments:
            slot.preset = self._counted(arguments if isinstance(arguments, str) else json.dumps(arguments))

    def add(self, slot: Slot, arguments: Any) -> None:
        """Take a piece of the arguments as text, or the whole of them as any other value."""
        if arguments is None or arguments == "":
            return
        whole = not isinstance(arguments, str)
        if slot.sealed or (whole and slot.pieces):
            raise self._fail(MalformedError, "a call of a tool has its arguments twice")
        slot.sealed = whole
        slot.pieces.append(self._counted(json.dumps(arguments) if whole else arguments))
        slot.size += len(slot.pieces[-1])

    def carry(self, slot: Slot | None, name: str, value: Any) -> None:
        """Keep what the provider wants back with a call, unless it is nested too deep."""
        if slot is not None and not _too_deep(value):
            slot.carried[name] = json.loads(self._counted(sound(json.dumps(value, ensure_ascii=False))))

    def _counted(self, text: str) -> str:
        self._size += len(text)
        if self._size > LONGEST_ARGUMENTS:
            raise self._fail(MalformedError, f"the arguments of the calls are longer than {LONGEST_ARGUMENTS} characters")
        return text

    def calls(self, stop_reason: str | None, earlier: Iterable[ToolCall]) -> tuple[ToolCall, ...]:
        """The calls when all is said; the last one without arguments if it was cut. Ids differ from those of `earlier` calls.

        Raises MalformedError for a call that names no tool.
        """
        slots, cut = list(self._slots), stop_reason in CUT
        if cut and slots and not slots[-1].name.strip():
            slots.pop()
        if any(not slot.name.strip() for slot in slots):
            raise self._fail(MalformedError, "a call of a tool does not name it")
        taken = {call.id for call in earlier}
        found = []
        for slot in slots:
            raw = sound(slot.raw)
            unwritten = cut and slot is slots[-1] and not raw.strip()
            arguments = None if unwritten else arguments_in(raw if raw.strip() else "{}")  # a tool without parameters
            id = unique(sound(slot.id) or f"call_{len(taken) + 1}", taken)
            found.append(ToolCall(id, sound(slot.name), arguments, raw, slot.carried))
        return tuple(found)


def arguments_in(raw: str) -> Mapping[str, Any] | None:
    """The JSON object in a text; None when it is none, is too deep, or holds halves of characters."""
    try:
        value = json.loads(raw, parse_constant=_no_json)
        if not isinstance(value, dict) or _too_deep(value):
            return None
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return value


def _no_json(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(_DEEPEST):
        level = [inner for each in level for inner in _inside(each)]
        if not level:
            return False
    return True


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
