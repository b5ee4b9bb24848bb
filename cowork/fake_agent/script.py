"""Reading a script: every mistake is named with the file, the call and the key."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cowork.core.text import did_you_mean
from cowork.fake_agent.steps import ENDINGS, IN_SUBAGENTS, STEPS, Field, expression, mapping, seconds, text, whole

ALWAYS = "always"
LAST = "last"
FAIL = "fail"
_MOST_BYTES = 16 * 1024 * 1024
_MOST_REPEATS = 1_000_000


class ScriptError(Exception):
    """A script that cannot be followed; `problems` name file, call and key."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


Doing = tuple[str, Mapping[str, Any]]
"""A step by name, with all of its fields."""


@dataclass(frozen=True)
class Call:
    """What is done when the agent is called. `repeat` is how often the entry may be used, None without end."""

    steps: tuple[Doing, ...]
    match: str | None = None
    task: str | None = None
    repeat: int | None = 1
    usage: tuple[int, int, int] | None = None
    usd: float = 0.0


@dataclass(frozen=True)
class Script:
    """A script. `otherwise` is what happens once no call is left: `fail`, `last`, or a call."""

    path: Path
    calls: tuple[Call, ...]
    otherwise: str | Call
    model: str
    raw: bytes


_USAGE = {"input": whole(0, 10**9), "output": whole(0, 10**9), "cached": whole(0, 10**9)}
ABOUT: Mapping[str, Field] = {
    "match": Field(expression, None, "a regular expression that must be found in the prompt"),
    "task": Field(text, None, "the id of the task that must be worked on"),
    "repeat": Field(
        lambda value: None if value == ALWAYS else whole(1, _MOST_REPEATS)(value) and "must be a number from 1, or always",
        1,
        "how often this entry may be used: a number, or always",
    ),
    "usage": Field(mapping, None, "tokens: input, output, cached; estimated when left out"),
    "usd": Field(seconds, 0.0, "what the call cost"),
    "do": Field(lambda value: None if isinstance(value, list) else "must be a list of steps", None, "steps, in order"),
}
"""The keys of a call that are no steps."""
_TOP = ("calls", "otherwise", "model", "version")


def read(path: Path) -> Script:
    """The script in a file, YAML or JSON. Raises ScriptError."""
    try:
        with path.open("rb") as stream:
            raw = stream.read(_MOST_BYTES + 1)
    except OSError as error:
        raise ScriptError([f"{path}: cannot be read: {error.strerror or error}"]) from None
    if len(raw) > _MOST_BYTES:
        raise ScriptError([f"{path}: is larger than {_MOST_BYTES} bytes"])
    return parse(raw, path)


def parse(raw: bytes, path: Path) -> Script:
    """The script in a text. Raises ScriptError."""
    document = _document(raw, path)
    if not isinstance(document, dict):
        raise ScriptError([f"{path}: must be a mapping with the key calls"])
    problems = [f"{path}: {_unknown(key, _TOP)}" for key in document if key not in _TOP]
    if document.get("version", 1) != 1:
        problems.append(f"{path}: version must be 1")
    if not isinstance(document.get("model", ""), str):
        problems.append(f"{path}: model must be text")
    entries = document.get("calls")
    if not isinstance(entries, list):
        raise ScriptError([*problems, f"{path}: calls must be a list"])
    calls = [_call(entry, f"{path}: call {number}", problems) for number, entry in enumerate(entries, 1)]
    otherwise = document.get("otherwise", FAIL)
    if isinstance(otherwise, dict):
        otherwise = _call(otherwise, f"{path}: otherwise", problems)
        if otherwise and (otherwise.match or otherwise.task):
            problems.append(f"{path}: otherwise: takes no match and no task")
    elif otherwise not in (FAIL, LAST):
        problems.append(f"{path}: otherwise must be {FAIL}, {LAST}, or a call")
    if problems:
        raise ScriptError(problems)
    return Script(path, tuple(call for call in calls if call), otherwise, document.get("model", "fake-1"), raw)


def _document(raw: bytes, path: Path) -> Any:
    try:
        content = raw.decode("utf-8-sig")
        if path.suffix == ".json" or content.lstrip()[:1] == "{":
            return json.loads(content, object_pairs_hook=_once)
        from cowork.fake_agent.yaml_script import load

        return load(content)
    except Exception as error:  # besides YAMLError, PyYAML lets a dozen others through
        raise ScriptError([f"{path}: cannot be parsed: {' '.join(str(error).split())}"]) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A mapping; a key that stands twice would lose a step."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} stands twice; give steps of one name as a list: do: [...]")
    return found


def _call(entry: Any, place: str, problems: list[str]) -> Call | None:
    if not isinstance(entry, dict):
        problems.append(f"{place}: must be a mapping")
        return None
    before = len(problems)
    for key, value in entry.items():
        wrong = key in ABOUT and ABOUT[key].check(value)
        if wrong:
            problems.append(f"{place}: {key} {wrong}")
    usage = entry.get("usage")
    if isinstance(usage, dict):
        for key, value in usage.items():
            wrong = _USAGE[key](value) if key in _USAGE else f"is no key ({did_you_mean(str(key), _USAGE, 'see --explain')})"
            if wrong:
                problems.append(f"{place}: usage.{key} {wrong}")
    found = tuple(_doings(entry, place, problems, tuple(STEPS)))
    if len(problems) > before:
        return None
    return Call(
        found,
        entry.get("match"),
        entry.get("task"),
        None if entry.get("repeat") == ALWAYS else entry.get("repeat", 1),
        usage and (usage.get("input", 0), usage.get("output", 0), usage.get("cached", 0)),
        float(entry.get("usd", 0.0)),
    )


def _doings(entry: Mapping[Any, Any], place: str, problems: list[str], allowed: tuple[str, ...]) -> Iterator[Doing]:
    """The steps of a call in the order in which they are written, those of `do` where it stands."""
    ended = ""
    for name, value, where in _written(entry, place, problems):
        if name not in allowed:
            known = (*allowed, *ABOUT) if "do[" not in where else allowed
            problems.append(f"{where}: {_unknown(name, known)}")
        elif ended:
            problems.append(f"{where}: {name} comes after {ended}, which ends it")
        else:
            yield name, _fields(name, value, f"{where}: {name}", problems)
            ended = name if name in ENDINGS else ""


def _written(entry: Mapping[Any, Any], place: str, problems: list[str]) -> Iterator[tuple[Any, Any, str]]:
    for key, value in entry.items():
        if key == "do" and isinstance(value, list):
            for number, step in enumerate(value, 1):
                if isinstance(step, str):
                    step = {step: True}
                if isinstance(step, dict):
                    yield from ((name, held, f"{place}: do[{number}]") for name, held in step.items())
                else:
                    problems.append(f"{place}: do[{number}]: must be a step")
        elif key not in ABOUT:
            yield key, value, place


def _fields(name: str, value: Any, place: str, problems: list[str]) -> Mapping[str, Any]:
    step = STEPS[name]
    if value is True or value is None:
        value = {}
    elif not isinstance(value, dict):
        if step.short is None:
            problems.append(f"{place} must be {'a mapping' if step.fields else 'true'}")
            return {}
        value = {step.short: value}
    for key, held in value.items():
        wrong = step.fields[key].check(held) if key in step.fields else None
        if key not in step.fields:
            problems.append(f"{place}: {_unknown(key, step.fields)}")
        elif wrong:
            problems.append(f"{place}.{key} {wrong}")
    problems.extend(f"{place}: lacks {key}" for key, field in step.fields.items() if field.needed and key not in value)
    given = {key: value.get(key, field.default) for key, field in step.fields.items()}
    if name == "subagent" and isinstance(given["do"], list):
        given["do"] = tuple(_doings({"do": given["do"]}, place, problems, tuple(IN_SUBAGENTS)))
    return given


def _unknown(key: Any, known: Any) -> str:
    return f"'{key}' is no key ({did_you_mean(str(key), known, 'see --explain')})"
