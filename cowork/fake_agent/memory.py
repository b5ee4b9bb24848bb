"""What the agent remembers between its calls: how often every entry of the script was used. Many processes may share it."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cowork.fake_agent.script import FAIL, LAST, Call, Script

_NAMED = r"(?im)^\W*(?:(?:your|this|current|selected|the)\W+)?(?:task|story|item|id)\b(?:[ _-]?id)?\W+({})(?![\w-])"


@dataclass(frozen=True)
class Turn:
    """A call of the agent: its number from 1, the entry that it takes (0 for otherwise), and what is done."""

    number: int
    entry: int
    task: str
    call: Call


class UsedUp(Exception):
    """No entry is left, or the state cannot be read."""


def take(script: Script, prompt: str, state: Path, log: Path | None, about: dict[str, Any]) -> Turn:
    """Choose the entry for a prompt, count it, and write the call down. Raises UsedUp, OSError."""
    with _held(state.with_name(state.name + ".lock")):
        task = working_on(script, prompt)
        kept = _read(state, script)
        kept["calls"] += 1
        number = kept["calls"]
        entry = _choose(script, prompt, task, kept["used"])
        call = script.calls[entry - 1] if entry else script.otherwise
        if call == LAST and kept["last"]:
            entry = kept["last"]
            call = script.calls[entry - 1]
        if entry:
            kept["used"][entry - 1] += 1
            kept["last"] = entry
        _write(state, kept)
        if log is not None:
            _append(log, {"call": number, "entry": entry, "task": task, "prompt": prompt, **about})
    if isinstance(call, Call):
        return Turn(number, entry, task, call)
    what = "the script has no call left for it" if call == FAIL else "there is no last call to repeat"
    raise UsedUp(f"{script.path}: call {number}: {what}; its prompt begins: {' '.join(prompt.split())[:120]!r}")


def working_on(script: Script, prompt: str) -> str:
    """The task that a prompt is about, of those that the script names; empty when it names none.

    `COWORK_TASK` says it, else a line that begins with "Task" or the like and such an id, else the id that comes first.
    """
    if os.environ.get("COWORK_TASK"):
        return os.environ["COWORK_TASK"]
    ids = sorted({call.task for call in script.calls if call.task}, key=len, reverse=True)
    if not ids:
        return ""
    one = "|".join(re.escape(id) for id in ids)
    found = re.search(_NAMED.format(one), prompt) or re.search(rf"(?<![\w-])({one})(?![\w-])", prompt)
    return found[1] if found else ""


def _choose(script: Script, prompt: str, task: str, used: list[int]) -> int:
    for number, call in enumerate(script.calls, 1):
        left = call.repeat is None or used[number - 1] < call.repeat
        if left and call.task in (None, task) and (call.match is None or re.search(call.match, prompt, re.MULTILINE)):
            return number
    return 0


def _read(path: Path, script: Script) -> dict[str, Any]:
    """What was remembered; nothing yet for a script that was changed since."""
    digest = hashlib.sha256(script.raw).hexdigest()
    fresh: dict[str, Any] = {"script": digest, "calls": 0, "last": 0, "used": [0] * len(script.calls)}
    try:
        kept = json.loads(path.read_bytes())
        if kept["script"] != digest:
            return fresh
        good = len(kept["used"]) == len(script.calls) and all(isinstance(count, int) for count in kept["used"])
        if not (good and isinstance(kept["calls"], int) and 0 <= kept["last"] <= len(script.calls)):
            raise ValueError
    except FileNotFoundError:
        return fresh
    except (ValueError, KeyError, TypeError):
        raise UsedUp(f"{path}: is no state of this agent; delete it, or start with --reset") from None
    else:
        return dict(kept)


def _write(path: Path, kept: dict[str, Any]) -> None:
    temporary = path.with_name(path.name + ".new")
    temporary.write_text(json.dumps(kept))
    temporary.replace(path)


def _append(path: Path, record: dict[str, Any]) -> None:
    with path.open("ab", buffering=0) as stream:
        stream.write(json.dumps(record, ensure_ascii=False).encode("utf-8", "replace") + b"\n")


@contextlib.contextmanager
def _held(path: Path) -> Iterator[None]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
