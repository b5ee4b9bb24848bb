"""Places in a command where even a value that the shell does not read as code would be read as code by somebody else.

A list of what is known to do so, not a proof: a program that is not named here may still read its arguments in its own way.
"""

from __future__ import annotations

import re

from cowork.connectors.shell_words import Word
from cowork.connectors.templates import Ref, Values, unsafe_template, unsafe_value

# Every argument of these may be read as a command, an expression or a name to assign to. Those of the shell itself count only
# as the command, for `find .` is no `. file`.
_BUILTINS = frozenset(". source trap alias let declare typeset export readonly read unset [[".split())
_EVERYWHERE = frozenset("eval ssh su watch parallel".split())
# These read a program from their first argument, or from what follows an option such as -c.
_PROGRAMS = re.compile(
    r"(?:ba|da|a|z|k|mk|fi|c|tc)?sh|busybox|python[0-9.]*|pypy[0-9.]*|perl|ruby|node|nodejs|deno|bun|php|lua|Rscript|osascript|"
    r"pwsh|[gmn]?awk|sed|ed|psql|mysql|sqlite3"
)
_CODE = re.compile(r"-[A-Za-z]*[ceErp]|--(?:eval|command|execute|expression|print|file)")
_WRAPPERS = frozenset("env sudo doas nohup nice exec command builtin setsid stdbuf timeout time xargs".split())
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=", re.ASCII)
_HINT = "the author of the pack has to pass it as an argument that is plain data"


def check_word(word: Word) -> None:
    """Raises `connector.unsafe_template` when a template of the word stands where it would be a command or a program."""
    ref = word.ref
    assert ref is not None
    if word.target:
        return
    before = [item.literal for item in word.before]
    names = [item.rpartition("/")[2] for item in before]
    if not _starts_with_value(word) and _ASSIGNMENT.match(word.literal) and _command_of(before) is None:
        return
    command = _command_of(before)
    if command is None:
        raise unsafe_template(ref, "where the command's own name does", _HINT)
    for place, name in enumerate(names):
        if name in _EVERYWHERE or (place == command and name in _BUILTINS):
            raise unsafe_template(ref, f"among the arguments of '{name}'", _HINT)
        if _PROGRAMS.fullmatch(name):
            _check_program(word, ref, name, before[place + 1 :])


def _command_of(before: list[str]) -> int | None:
    """Which of the words is the command: the first that is no assignment, no wrapper, and no option or number of a wrapper."""
    for place, item in enumerate(before):
        wrapped = place > 0 and (item.startswith("-") or item[:1].isdigit())
        if not (_ASSIGNMENT.match(item) or item.rpartition("/")[2] in _WRAPPERS or wrapped):
            return place
    return None


def _check_program(word: Word, ref: Ref, name: str, arguments: list[str]) -> None:
    """The arguments of an interpreter: options and the program itself are code, what follows is data."""
    last = arguments[-1] if arguments else ""
    if name.endswith("awk") and last == "-v":
        return
    plain = [item for item in arguments if not item.startswith("-")]
    if _CODE.fullmatch(last) or not plain or (not _starts_with_value(word) and word.literal.startswith("-")):
        raise unsafe_template(ref, f"in the program that '{name}' runs", _HINT)


def check_value(word: Word, values: Values) -> None:
    """Raises `connector.unsafe_value` when a value would make its word an option: `-rf` is not a file."""
    if word.target or any(item.literal == "--" for item in word.before):
        return
    for part in word.parts:
        text = part if isinstance(part, str) else values.text(part)
        if isinstance(part, Ref) and text.startswith("-"):
            raise unsafe_value(
                part,
                "it starts with '-', so the command would take it for an option",
                "give a value that starts otherwise; the author of the pack can write -- before it",
            )
        if text:
            return


def _starts_with_value(word: Word) -> bool:
    first = next((part for part in word.parts if part != ""), "")
    return isinstance(first, Ref)
