"""Places in a simple command where even a quoted value would be read as code: by the shell's own commands, or by a program.

A value may be an argument or the target of a redirection. What is listed here is what is known to do more with an argument;
the permission check, which sees the whole command with its values, is the second line.
"""

from __future__ import annotations

import re

from cowork.prompts.shell_reader import MARK, Slot

# They evaluate an argument as a command, as arithmetic, or as a name whose subscript is arithmetic.
_EVALUATE = frozenset(
    ". source eval exec trap alias let declare typeset export readonly local read unset mapfile readarray getopts wait jobs "
    "bind complete compgen enable hash set shopt coproc function for case select (( builtin fc".split()
)
_RUN_OTHERS = frozenset(
    "env sudo doas su ssh nice setsid stdbuf xargs watch parallel ionice flock chroot unshare script strace busybox "
    "expect".split()
)
_INTERPRETERS = re.compile(
    r"(?:ba|da|a|z|k|mk|fi|c|tc)?sh|python[0-9.]*|pypy[0-9.]*|perl|ruby|node|nodejs|deno|bun|php|lua|Rscript|osascript|pwsh|"
    r"[gmn]?awk|sed|ed|ex|vim?|psql|mysql|sqlite3|bc|dc|gdb"
)
_NO_SCRIPTS = re.compile(r"[gmn]?awk|sed|ed|ex|vim?|psql|mysql|sqlite3|bc|dc|gdb")
_NO_OPERATORS = frozenset("-v -R -a -o ! ( -eq -ne -lt -le -gt -ge".split())  # before a name, an expression or a number
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\[[^\]]*\])?\+?=")


def refusal(slot: Slot) -> str | None:
    """Why a value from outside may not stand where it does, or None."""
    if slot.target:
        return None
    words = _without_prefixes(list(slot.before))
    if not words:
        return "in an assignment" if _ASSIGNMENT.match(slot.prefix) else "where the command's own name does"
    name = _base(words[0])
    if re.search(r"[$*?{`\0]", words[0]) or (name[:1] == "[" and name not in ("[", "[[")):
        return "among the arguments of a command whose name is not known"
    if name == "printf":
        return None if len(words) > 1 and words[1][:1] not in ("-", MARK, "") else "where printf takes options"
    if name in ("test", "[", "[["):
        return None if _is_operand(words, slot) else f"where '{name}' takes an operator"
    for place, word in enumerate(words):
        base = _base(word)
        if (place == 0 and base in _EVALUATE) or base in _RUN_OTHERS or base == "eval":
            return f"among the arguments of '{base}'"
        if _INTERPRETERS.fullmatch(base) and _is_program(base, words[place + 1 :]):
            return f"in the program that '{base}' runs"
    return None


def _without_prefixes(words: list[str]) -> list[str]:
    """The words from the command's name on: assignments and the plainest wrappers are passed over."""
    while words:
        if (
            _ASSIGNMENT.match(words[0])
            or words[0] == "-p"
            or (words[0] in ("nohup", "command") and words[1:2] and words[1][:1] != "-")
        ):
            words = words[1:]
        elif words[0] == "timeout" and len(words) > 2 and re.fullmatch(r"[0-9.]+[smhd]?", words[1]):
            words = words[2:]
        elif words[0] in ("timeout", "nohup", "command"):
            return []  # what it runs is not known yet
        else:
            break
    return words


def _is_program(name: str, arguments: list[str]) -> bool:
    """Whether an interpreter may take the next word for a program: it does unless a script's name comes first."""
    return _NO_SCRIPTS.fullmatch(name) is not None or not arguments or arguments[0][:1] in ("-", MARK, "")


def _is_operand(words: list[str], slot: Slot) -> bool:
    """Whether a `test` has its operator already, one that reads the next word as a text."""
    known = len(words) > 1 and not any(MARK in word for word in words)
    return known and words[-1] not in _NO_OPERATORS and not (slot.data is not None and slot.is_word)


def _base(word: str) -> str:
    return word.rpartition("/")[2]
