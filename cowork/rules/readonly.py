"""The built-in set of harmless commands. No rule uses it by itself; an agent may let it count."""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterator
from typing import Final

from cowork.rules.bash.assignments import is_harmless
from cowork.rules.bash.hazards import hazard
from cowork.rules.bash.hazards_options import Entry, is_refused
from cowork.rules.bash.lexer import read
from cowork.rules.bash.model import SEPARATOR, Refused, Simple
from cowork.rules.bash.tree import agree
from cowork.rules.places import Places
from cowork.rules.readonly_set import FREE, ONLY, READERS, git_reads
from cowork.rules.repository import runs_programs
from cowork.rules.restrictions import Verdict
from cowork.rules.wild import WILD

SOURCE: Final = "built-in"


def is_readonly(command: str, places: Places) -> Verdict:
    """Whether a command only reads, and only below the working directory, links followed. It never raises.

    Every part must be in the set, with options that neither write nor run; no variables and no wildcards outside quotes.
    """
    try:
        commands = read(command)
        agree(command, commands)
        bases = {places.cwd}
        for simple in commands:
            bases |= _judge(simple, bases, places)
    except Refused as refusal:
        return Verdict(False, None, SOURCE, str(refusal))
    return Verdict(True, None, SOURCE, "every command in it is in the built-in set and reads below the working directory")


def _judge(command: Simple, bases: set[str], places: Places) -> set[str]:
    """Directories that commands behind this one may run in as well. Raises Refused for what is not harmless."""
    for assignment in command.assignments:
        if not is_harmless(assignment.text):
            raise Refused(f"it sets '{assignment.text.partition('=')[0]}'")
    for item in command.redirects:
        if item.target is None or not (item.writes or item.reads) or item.target.text == "/dev/null":
            continue
        if item.writes:
            raise Refused(f"it writes to '{item.target.text}'")
        _stays_inside(item.target.text, bases, places)
    if not command.words:
        raise Refused("it sets variables for the commands that follow")
    if any(WILD in word.text or word.glob or word.tilde for word in command.words):
        raise Refused("a word of it is not written out")
    words = tuple(word.text for word in command.words)
    name, args = words[0], words[1:]
    if name == "cd":
        return _moved(args, bases, places)
    if name == "git" and len(bases) > 1:
        raise Refused("git behind 'cd' obeys the configuration of a directory that is not judged")
    _judge_words(name, args)
    if name == "git" and (problem := runs_programs(places.cwd)):
        raise Refused(problem)
    if name not in FREE:
        for arg in args:
            for piece in _pieces(arg):
                _stays_inside(piece, bases, places)
    return set()


def _judge_words(name: str, args: tuple[str, ...]) -> None:
    if name == "git":
        problem = hazard((name, *args), pinned=1 + len(args), open_words=False) or git_reads(args)
        if problem:
            raise Refused(problem)
        return
    if name in ONLY:
        if not re.fullmatch(ONLY[name], "".join(f"{arg}{SEPARATOR}" for arg in args), re.S):
            raise Refused(f"'{name}' is in the built-in set with other words only")
        return
    entry: Entry | None = FREE.get(name) or READERS.get(name)
    if entry is None:
        raise Refused(f"'{name}' is not in the built-in set")
    if problem := hazard((name, *args), pinned=1 + len(args), open_words=False):
        raise Refused(problem)
    if name == "jq" and any(re.search(r"\b(?:import|include)\b", arg) for arg in args):
        raise Refused("a filter of 'jq' can read files of any name with 'import' and 'include'")
    if found := next((arg for arg in args if is_refused(entry, arg)), None):
        raise Refused(f"'{name} {found}' is not in the built-in set")


def _moved(args: tuple[str, ...], bases: set[str], places: Places) -> set[str]:
    if len(args) != 1 or args[0].startswith("-") or not args[0]:
        raise Refused("'cd' is in the built-in set with one directory only")
    _stays_inside(args[0], bases, places)
    return {os.path.join(base, args[0]) for base in bases}  # noqa: PTH118


def _pieces(arg: str) -> Iterator[str]:
    """Whatever in a word may be a path."""
    yield arg
    if "=" in arg:
        yield arg.partition("=")[2]
    if re.match(r"-[A-Za-z0-9].", arg):
        yield arg[2:]
        yield "/" + arg.partition("/")[2] if "/" in arg else arg[2:]
    if ":" in arg:
        yield arg.rpartition(":")[2]


def _stays_inside(path: str, bases: set[str], places: Places) -> None:
    root = os.path.realpath(places.cwd)
    for base in bases:
        real = os.path.realpath(os.path.join(base, path))  # noqa: PTH118
        if real != root and not real.startswith(root.rstrip("/") + "/"):
            raise Refused(f"'{path[:60]}' is not below the working directory")
