"""What a script may tell the agent to do: every step, its fields, what they may be, and what they mean."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any, NamedTuple

Check = Callable[[Any], str | None]
"""What is wrong with a value, None when nothing is."""
FLOODS = ("say", "tool", "noise", "line", "stderr")
FORMS = ("structured", "words", "stderr")


class Field(NamedTuple):
    """A field of a step: what is wrong with a value, what it is when it is left out, and what it means."""

    check: Check
    default: Any
    meaning: str
    needed: bool = False


class Step(NamedTuple):
    """A step: what it does, and its fields. `short` is the field that a value alone stands for."""

    meaning: str
    fields: Mapping[str, Field] = {}
    short: str | None = None


def text(value: Any) -> str | None:
    """A text that can be written."""
    if not isinstance(value, str):
        return "must be text"
    try:
        value.encode()
    except UnicodeEncodeError:
        return "holds half of a character"
    return None


def truth(value: Any) -> str | None:
    """True or false."""
    return None if isinstance(value, bool) else "must be true or false"


def mapping(value: Any) -> str | None:
    """A mapping."""
    return None if isinstance(value, dict) else "must be a mapping"


def seconds(value: Any) -> str | None:
    """A number from 0."""
    good = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 1e9
    return None if good else "must be a number from 0"


def whole(least: int, most: int) -> Check:
    """A whole number between two."""

    def check(value: Any) -> str | None:
        good = isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
        return None if good else f"must be a whole number from {least} to {most}"

    return check


def one_of(*choices: str) -> Check:
    """One of some words."""
    return lambda value: None if value in choices else f"must be one of {', '.join(choices)}"


def path(value: Any) -> str | None:
    """A path inside the working directory."""
    if text(value) or not value or "\0" in value:
        return "must be a path"
    parts = PurePosixPath(value)
    return "must lie in the working directory" if parts.is_absolute() or ".." in parts.parts else None


def expression(value: Any) -> str | None:
    """A regular expression."""
    if not isinstance(value, str):
        return "must be a regular expression"
    try:
        re.compile(value)
    except re.error as error:
        return f"is no regular expression: {error}"
    return None


def signal_name(value: Any) -> str | None:
    """A signal by name or number."""
    return None if signal_number(value) else "must be a signal, such as KILL or 9"


def signal_number(value: Any) -> int | None:
    """The number of a signal, None when there is none of that name."""
    if isinstance(value, str):
        found = getattr(signal, "SIG" + value.upper().removeprefix("SIG"), None)
        return int(found) if isinstance(found, signal.Signals) else None
    good = isinstance(value, int) and not isinstance(value, bool) and value in {item.value for item in signal.Signals}
    return value if good else None


def steps(value: Any) -> str | None:
    """A list of steps; each is judged by itself."""
    return None if isinstance(value, list) else "must be a list of steps"


_FILE = {"path": Field(path, None, "inside the working directory", needed=True), "text": Field(text, "", "its content")}

STEPS: Mapping[str, Step] = {
    "say": Step(
        "Say a message. The last one is the final message.",
        {
            "text": Field(text, None, "what is said", needed=True),
            "pieces": Field(whole(1, 10_000), 1, "in how many pieces it comes"),
            "sleep": Field(seconds, 0, "seconds between the pieces"),
        },
        "text",
    ),
    "tool": Step(
        "Use a tool, and show what it gave. Nothing is really done.",
        {
            "name": Field(text, "Bash", "of the tool"),
            "input": Field(mapping, {}, "what it was given"),
            "result": Field(text, "", "what it gave"),
            "failed": Field(truth, False, "whether it failed"),
        },
    ),
    "write": Step("Write a file.", _FILE),
    "append": Step("Add to the end of a file.", _FILE),
    "delete": Step("Delete a file.", {"path": _FILE["path"]}, "path"),
    "run": Step(
        "Run a command with sh; $FAKE_CALL, $FAKE_TASK and $FAKE_PROMISE say what {{call}}, {{task}} and {{promise}} do.",
        {
            "command": Field(text, None, "the command", needed=True),
            "expect": Field(whole(0, 255), 0, "the exit status it must have"),
        },
        "command",
    ),
    "subagent": Step(
        "Send for a subagent, which does steps of its own.",
        {
            "type": Field(text, "general-purpose", "of subagent"),
            "description": Field(text, "help", "what it is for"),
            "prompt": Field(text, "", "what it is told"),
            "do": Field(steps, [], "its steps: say, tool, write, append, delete, run, sleep, subagent"),
            "result": Field(text, "done", "what it gives back"),
            "failed": Field(truth, False, "whether it failed"),
        },
    ),
    "sleep": Step("Wait.", {"seconds": Field(seconds, None, "how long", needed=True)}, "seconds"),
    "stderr": Step("Print to stderr.", {"text": Field(text, None, "what", needed=True)}, "text"),
    "raw": Step("Print a line to stdout as it is.", {"text": Field(text, None, "the line", needed=True)}, "text"),
    "flood": Step(
        "Print much.",
        {
            "mb": Field(whole(0, 10_000), None, "how many megabytes", needed=True),
            "into": Field(one_of(*FLOODS), "tool", "where: " + ", ".join(FLOODS)),
        },
        "mb",
    ),
    "rate_limit": Step(
        "Be rate limited, and end.",
        {
            "resets": Field(text, None, "when, in words: 9pm (America/Toronto)"),
            "in_s": Field(seconds, None, "or: seconds until then, in words"),
            "epoch_in_s": Field(seconds, None, "or: seconds until then, said as a point in time"),
            "overloaded": Field(truth, False, "or: the provider is overloaded, and says nothing of when"),
            "words": Field(text, None, "or: these very words"),
            "form": Field(one_of(*FORMS), "structured", "in records, as words on stdout, or on stderr"),
            "exit": Field(whole(0, 255), 1, "the exit status"),
        },
        "resets",
    ),
    "auth_failure": Step(
        "Be refused for a missing login, and end.",
        {"words": Field(text, "Invalid API key · Please run /login", "what is said")},
        "words",
    ),
    "spawn": Step(
        "Start a process that ignores TERM and never ends.",
        {
            "pid_file": Field(path, None, "a file its number is added to"),
            "apart": Field(truth, False, "whether it is in a session of its own"),
        },
        "pid_file",
    ),
    "ignore_term": Step("Do not end when asked to, from now on."),
    "hang": Step("Never end by itself."),
    "crash": Step("Die by a signal.", {"signal": Field(signal_name, "KILL", "its name or number")}, "signal"),
    "exit": Step(
        "End with an exit status; without this step it is 0.",
        {
            "code": Field(whole(0, 255), None, "the status", needed=True),
            "result": Field(truth, True, "whether the final message is given before"),
        },
        "code",
    ),
}
IN_SUBAGENTS = frozenset(("say", "tool", "write", "append", "delete", "run", "sleep", "subagent"))
ENDINGS = frozenset(("rate_limit", "auth_failure", "hang", "crash", "exit"))
"""The steps after which nothing comes."""
