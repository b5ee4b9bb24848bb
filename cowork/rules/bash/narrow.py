"""Whether rules allow a Bash command: every part of it must be proven to be what some rule names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from cowork.rules.bash.assignments import is_harmless
from cowork.rules.bash.hazards import hazard
from cowork.rules.bash.lexer import read
from cowork.rules.bash.model import MAX_COMMAND_CHARS, Refused, Simple
from cowork.rules.bash.patterns import Pattern
from cowork.rules.bash.tree import agree
from cowork.rules.bash.wrappers import STATE, is_wrapper, views
from cowork.rules.wild import WILD

_MOVES: Final = frozenset({"cd", "pushd", "popd"})
_FREE: Final = "/dev/null"


@dataclass(frozen=True, slots=True)
class Judged:
    """Whether a command is allowed, the texts of the rules that do, and why (not)."""

    allowed: bool
    rules: tuple[str, ...]
    reason: str


def judge(command: str, rules: Sequence[tuple[Pattern, str]], may: Callable[[str, str], str | None]) -> Judged:
    """Judge a command by Bash rules, given as patterns with their texts.

    `may("write" or "read", path)` names the rule that allows to open a redirection's target, None when there is none.
    """
    for pattern, text in rules:
        if pattern.exact is not None and pattern.exact == command.strip() and len(command) <= MAX_COMMAND_CHARS:
            return Judged(True, (text,), "the rule is the command, word for word")
    try:
        commands = read(command)
        agree(command, commands)
        used = _judge_all(commands, rules, may)
    except Refused as refusal:
        return Judged(False, (), str(refusal))
    return Judged(True, tuple(dict.fromkeys(used)), "every command in it is covered by a rule")


def _judge_all(
    commands: tuple[Simple, ...], rules: Sequence[tuple[Pattern, str]], may: Callable[[str, str], str | None]
) -> list[str]:
    used: list[str] = []
    moved = False
    reasons: dict[tuple[str, ...], str] = {}
    for command in commands:
        words = tuple(word.text for word in command.words)
        names = {words[at].rpartition("/")[2] for at in views(words)} if words else set()
        if moved and "git" in names:
            raise Refused("git behind 'cd' obeys the configuration of a directory that is not judged")
        if words:
            key = (*(word.text for word in command.assignments), "\n", *words)
            if key not in reasons or any(word.glob for word in command.words):
                reasons[key] = _rule_for(command, words, rules)
            used.append(reasons[key])
        elif command.assignments:
            raise Refused("it sets variables for the commands that follow")
        moved = moved or bool(names & _MOVES)
        used.extend(_judge_redirects(command, may, moved=moved))
    return used


def _judge_redirects(command: Simple, may: Callable[[str, str], str | None], *, moved: bool) -> list[str]:
    used: list[str] = []
    for item in command.redirects:
        if item.target is None or not (item.writes or item.reads) or item.target.text == _FREE:
            continue
        path, mode = item.target.text, "write" if item.writes else "read"
        if path.startswith(("/dev/tcp/", "/dev/udp/", "~")):
            raise Refused("a redirection leads to what is no file")
        if moved and not path.startswith("/"):
            raise Refused("a redirection behind 'cd' leads to a file that is not judged")
        rule = may(mode, path)
        if rule is None:
            kind = "Edit(...)" if mode == "write" else "Read"
            raise Refused(f"it redirects {'to' if mode == 'write' else 'from'} '{path}', and no {kind} rule allows that")
        used.append(rule)
    return used


def _rule_for(command: Simple, words: tuple[str, ...], rules: Sequence[tuple[Pattern, str]]) -> str:
    """The text of the rule that allows one simple command. Raises Refused with the best reason there is."""
    reason = f"no rule allows '{_shown(words)}'"
    unknown = [word.text for word in command.assignments if not is_harmless(word.text)]
    for at in views(words):
        rest, fed = words[at:], "xargs" in words[:at]
        for pattern, text in rules:
            if not pattern.plain or (fed and not pattern.open_ended):
                continue  # xargs adds words that nobody has seen
            if tuple(unknown) != tuple(item for item in pattern.assignments if not is_harmless(item)):
                if unknown and not pattern.assignments and pattern.covers(rest):
                    reason = f"the rule {text} says nothing of the assignment '{unknown[0]}'"
                continue
            if pattern.assignments and [word.text for word in command.assignments] != list(pattern.assignments):
                continue
            if pattern.exact is not None:
                if _is_exactly(command, at, pattern):
                    problem = _stateful(rest[0])
                    if problem is None:
                        return text
                    reason = problem
                continue
            if pattern.covers(rest):
                problem = _stateful(rest[0]) or _danger(command, at, pattern, fed=fed)
                if problem is None:
                    return text
                reason = f"the rule {text} does not go so far: {problem}"
    raise Refused(reason)


def _is_exactly(command: Simple, at: int, pattern: Pattern) -> bool:
    text = command.full_text if pattern.assignments and at == 0 else command.text_from(at)
    return text is not None and text == pattern.exact


def _stateful(name: str) -> str | None:
    return f"'{name}' changes what the shell does next" if name in STATE else None


def _danger(command: Simple, at: int, pattern: Pattern, *, fed: bool) -> str | None:
    """Why a rule with a wildcard does not reach these words: they run a program that the rule does not name."""
    rest = tuple(word.text for word in command.words[at:])
    pinned = pattern.pinned or int(pattern.body.partition(WILD)[0] == rest[0])  # `git*` names git too
    if is_wrapper(rest[0]):
        inner = [index for index in views(rest) if index]
        lookup = rest[0] == "command" and len(rest) > 1 and rest[1] in ("-v", "-V")
        if not lookup and (not inner or pinned <= inner[-1]):
            return f"'{rest[0]}' runs another command"
        if inner:
            at, rest, pinned = at + inner[-1], rest[inner[-1] :], pinned - inner[-1]
    open_start = fed or any(word.glob and word.text[:1] in "*?[" for word in command.words[at + 1 :])
    return hazard(rest, pinned=pinned, open_words=open_start)


def _shown(words: tuple[str, ...]) -> str:
    text = " ".join(word.replace("\0", "$") or "''" for word in words)
    return text if len(text) <= 60 else text[:57] + "..."
