"""Programs that run programs: why a rule with a wildcard does not reach a form that would run what the rule does not name."""

from __future__ import annotations

import re
from typing import Final

from cowork.rules.bash import hazards_code, hazards_git, hazards_options
from cowork.rules.bash.wrappers import RUNNERS, is_wrapper
from cowork.rules.wild import WILD

_VERSION: Final = re.compile(r"-?[0-9]+(\.[0-9]+)*$")
_RUN: Final[dict[str, frozenset[str]]] = {
    "poetry": frozenset({"run"}),
    "uv": frozenset({"run"}),
    "pipenv": frozenset({"run"}),
    "pdm": frozenset({"run"}),
    "hatch": frozenset({"run"}),
    "rye": frozenset({"run"}),
    "conda": frozenset({"run"}),
    "micromamba": frozenset({"run"}),
    "bundle": frozenset({"exec"}),
    "npm": frozenset({"exec", "x"}),
    "pnpm": frozenset({"exec", "dlx"}),
    "yarn": frozenset({"exec", "dlx"}),
    "rbenv": frozenset({"exec"}),
    "pyenv": frozenset({"exec"}),
    "rustup": frozenset({"run"}),
    "ip": frozenset({"netns"}),
}
"""Subcommands behind which another command stands: the rule must write that command out."""


def hazard(words: tuple[str, ...], *, pinned: int, open_words: bool) -> str | None:
    """What these words run besides their program, None when nothing is known.

    `pinned` counts the leading words that the rule writes out. `open_words`: a file name may take the place of an option.
    """
    base = words[0].rpartition("/")[2]
    name = base if base in _RUN or base in hazards_options.ENTRIES else _VERSION.sub("", base) or base
    if base in RUNNERS or name in RUNNERS or (pinned < 1 and is_wrapper(base)):
        return f"'{base}' runs another program"
    judged = name == "git" or hazards_code.is_interpreter(name) or name in hazards_options.ENTRIES
    if not judged and name not in _RUN:
        return None
    if pinned < 1:
        return f"'{base}' can run other programs, and the rule does not name it"
    if any(WILD in word for word in words):
        return f"the value of a variable may be an option by which '{base}' runs a program"
    if open_words:
        return f"a file's name may be an option by which '{base}' runs a program; write ./*"
    return _of_program(name, base, words, pinned)


def _of_program(name: str, base: str, words: tuple[str, ...], pinned: int) -> str | None:
    if name in _RUN and (problem := _of_subcommand(base, _RUN[name], words, pinned)):
        return problem
    if name == "git":
        return hazards_git.hazard(words[1:])
    if hazards_code.is_interpreter(name):
        return hazards_code.hazard(name, words[1:])
    return hazards_options.hazard(name, words[1:]) if name in hazards_options.ENTRIES else None


def _of_subcommand(base: str, running: frozenset[str], words: tuple[str, ...], pinned: int) -> str | None:
    """Why the command behind a subcommand that runs one is not allowed: the rule must write it out, and it is judged itself."""
    at = next((index for index, word in enumerate(words[1:], 1) if not word.startswith("-")), None)
    if at is not None and at > 1 and any(word in running for word in words[at:]):
        return f"'{base}' may run a command behind these options"
    if at is None or words[at] not in running:
        return None
    inner = at + 1
    if inner >= len(words) or words[inner].startswith("-") or pinned <= inner:
        return f"'{base} {words[at]}' runs a command that the rule does not write out"
    return hazard(words[inner:], pinned=pinned - inner, open_words=False)
