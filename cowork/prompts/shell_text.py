"""The command of a shell block with values in it, each as data: quoted for the place it stands in, or refused.

The result is one text: what a permission check judges is what the shell is given. A value closes the author's quotes, stands
in single quotes of its own, and opens them again, so nothing in it is read as code. Where quotes would not help (in a
substitution, a here-document, the command's own name, the program of an interpreter) the command is refused.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from cowork.core.errors import InvalidInput
from cowork.core.text import one_line
from cowork.prompts import arguments as words_of
from cowork.prompts import shell_rules, variables
from cowork.prompts.arguments import Arguments
from cowork.prompts.shell_reader import Reader, Slot
from cowork.prompts.variables import FAMILY, Variables

LONGEST = 100_000
"""Characters a command may have with its values: systems limit what a program can be given, most to 128 KiB."""
_HARMLESS = re.compile(r"[A-Za-z0-9_@%+=:,./-]*[A-Za-z_@%+=:,./-][A-Za-z0-9_@%+=:,./-]*")


def place(command: str, arguments: Arguments, known: Variables) -> str:
    """The command as the shell is to be given it. Raises `prompt.unsafe_placeholder`, `prompt.unsafe_value`."""
    reader = Reader(_items(command, arguments, known))
    text = "".join([item if isinstance(item, str) else _inserted(item, command) for item in reader.out])
    if len(text) > LONGEST:
        raise _unsafe_value(command, f"is longer than {LONGEST:,} characters with its values", "give a shorter text")
    return text


def _items(command: str, arguments: Arguments, known: Variables) -> list[str | Slot]:
    """The letters of a command, and its placeholders as slots."""
    found = [
        (item.start, item.end, item.value if item.is_escape else Slot(command[item.start : item.end], item.value, item.data))
        for item in words_of.find(command, arguments, with_data=True)
    ]
    for start, end, name in variables.find(command, known):
        if name not in FAMILY or not re.search(rf"\b{name}\b(?!\}})", command):  # else it is a variable of the command's own
            found.append((start, end, Slot(command[start:end], known.values[name], ours=name in known.ours)))
    items: list[str | Slot] = []
    at = 0
    for start, end, item in sorted(found, key=lambda entry: entry[0]):
        items += command[at:start]
        items += item if isinstance(item, str) else [item]
        at = end
    return [*items, *command[at:]]


def _inserted(slot: Slot, command: str) -> str:
    """A slot's value for the place that the reader found it in."""
    if slot.comment:
        return slot.source
    harmless = slot.ours and _HARMLESS.fullmatch(slot.value) is not None
    if slot.region and not harmless:
        raise _unsafe(slot, command, slot.region)
    if not slot.ours and (why := shell_rules.refusal(slot)):
        raise _unsafe(slot, command, why)
    texts: Sequence[str] = slot.data if slot.data is not None and slot.is_word else (slot.value,)
    if any(_cannot_be_given(text) for text in texts):
        raise _unsafe_value(command, f"cannot be given {slot.source}: it holds a character no program takes", "remove it")
    if slot.region or (slot.quote and (_HARMLESS.fullmatch(slot.value) or not slot.value)):
        return slot.value
    if slot.quote:
        return f"{slot.quote}{_quoted(slot.value)}{slot.quote}"
    return " ".join(shlex.quote(text) if slot.is_apart else _quoted(text) for text in texts)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\"'\"'") + "'"


def _cannot_be_given(text: str) -> bool:
    return "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text)


def _unsafe(slot: Slot, command: str, where: str) -> InvalidInput:
    return InvalidInput(
        "prompt.unsafe_placeholder",
        f"{slot.source} stands {where}, where a value would be run as code",
        cause=f"in the shell block: {one_line(command, 120)}",
        hint=f"the author has to pass it as an argument that is plain data; \\{slot.source} leaves it to the shell",
        details={"placeholder": slot.source, "command": command},
    )


def _unsafe_value(command: str, what: str, hint: str) -> InvalidInput:
    return InvalidInput(
        "prompt.unsafe_value", f"the shell block {what}", cause=one_line(command, 120), hint=hint, details={"command": command}
    )
