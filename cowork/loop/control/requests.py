"""What other processes may ask of a run, and how it is written down."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args

from cowork.core.errors import InvalidInput
from cowork.loop.engine.order import Limits

Wish = Literal["pause", "resume", "stop", "cancel", "answer", "limits"]
WISHES: tuple[Wish, ...] = get_args(Wish)
MOST_BYTES = 1024 * 1024
_LIMITS = {limit.name for limit in fields(Limits)}
_WHOLE = {"iterations", "tokens", "failures", "attempts", "stagnation"}


@dataclass(frozen=True)
class Request:
    """A request to a run. `data` is empty but for `answer` (task, null for the only one that asks; text) and `limits` (the
    fields of `order.Limits` that change). `name` is the file's; `id` is its own, also when names come again.
    """

    name: str
    id: str
    wish: Wish
    data: Mapping[str, Any] = field(default_factory=dict)


def checked(wish: str, data: Mapping[str, Any]) -> tuple[Wish, dict[str, Any]]:
    """A wish and its data. Raises `loop.bad_request`."""
    if wish not in WISHES:
        raise _bad(f"nobody can wish '{wish}'", f"one of: {', '.join(WISHES)}")
    if wish == "answer":
        return wish, _answer(data)
    if wish == "limits":
        return wish, _limits(data)
    if data:
        raise _bad(f"'{wish}' takes nothing", f"leave out: {', '.join(map(str, data))}")
    return wish, {}


def written(identity: str, wish: str, data: Mapping[str, Any]) -> bytes:
    """A request as the content of its file. Raises `loop.bad_request`, also when it is too long."""
    kind, good = checked(wish, data)
    content = json.dumps({"id": identity, "wish": kind, "data": good}).encode() + b"\n"
    if len(content) > MOST_BYTES:
        raise _bad(f"it is longer than {MOST_BYTES} bytes", "say it in fewer words, or name a file")
    return content


def parsed(name: str, content: bytes) -> Request:
    """The request in a file. Raises `loop.bad_request`."""
    if len(content) > MOST_BYTES:
        raise _bad(f"it is longer than {MOST_BYTES} bytes", "post it again")
    try:
        found = json.loads(content.decode())
    except (ValueError, RecursionError) as error:
        raise _bad("it is not JSON", "post it again", str(error) or None) from error
    if not isinstance(found, dict) or set(found) != {"id", "wish", "data"}:
        raise _bad("it is no object with id, wish and data", "post it again")
    if not (isinstance(found["id"], str) and isinstance(found["wish"], str) and isinstance(found["data"], dict)):
        raise _bad("its id, wish or data are none", "post it again")
    return Request(name, found["id"], *checked(found["wish"], found["data"]))


def _answer(data: Mapping[str, Any]) -> dict[str, Any]:
    task, text = data.get("task"), data.get("text")
    if set(data) - {"task", "text"} or not isinstance(text, str) or not (task is None or isinstance(task, str)):
        raise _bad("an answer has a task, or null, and a text", "see: cowork loop answer --help")
    if not text.strip():
        raise _bad("the answer is empty", "say something")
    return {"task": task, "text": text}


def _limits(data: Mapping[str, Any]) -> dict[str, Any]:
    if not data or set(data) - _LIMITS:
        raise _bad("there are no such limits", f"some of: {', '.join(sorted(_LIMITS))}")
    for name, value in data.items():
        if not _is_limit(name, value):
            raise _bad(f"{name} cannot be {str(value)[:40]}", "a number of at least 0, or null for no limit")
    return dict(data)


def _is_limit(name: str, value: object) -> bool:
    if value is None:
        return name != "iterations"  # 0 means no limit there
    if isinstance(value, bool) or not isinstance(value, int if name in _WHOLE else (int, float)):
        return False
    return math.isfinite(value) and value >= 0


def _bad(message: str, hint: str, cause: str | None = None) -> InvalidInput:
    return InvalidInput("loop.bad_request", message, cause=cause, hint=hint)
