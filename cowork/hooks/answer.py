"""One hook's JSON answer, read strictly: a decision that is there but cannot be understood must not pass as no decision."""

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from cowork.hooks.records import Ran

RANK = {"allow": 0, "ask": 1, "defer": 2, "deny": 3}
DEPRECATED = {"approve": "allow", "block": "deny"}  # what PreToolUse hooks said before permissionDecision
LONGEST = 10_000  # characters of a text that are passed on, as in Claude Code
_BELONGS_BELOW = ("permissionDecision", "permissionDecisionReason", "updatedInput")


def read(event: str, run: "Ran") -> "tuple[dict[str, Any], str]":
    """The JSON a handler answered with (empty for none), and its plain text otherwise. Raises ValueError for a bad decision."""
    text = run.stdout.strip().removeprefix("\ufeff").lstrip()
    if not text.startswith("{"):
        return {}, text
    if run.cut:
        raise ValueError("it is longer than 1 MB")
    try:
        answer: dict[str, Any] = json.loads(text)
    except RecursionError as error:
        raise ValueError(str(error)) from error
    _judge(event, answer)
    return answer, ""


def specific(answer: "dict[str, Any]") -> "dict[str, Any]":
    """What the answer says for its event."""
    held: dict[str, Any] = answer.get("hookSpecificOutput") or {}
    return held


def reason(answer: "dict[str, Any]") -> str:
    """The reason a blocking hook gives in its JSON; empty when it gives none."""
    if specific(answer).get("permissionDecision") == "deny":
        return text_of(specific(answer).get("permissionDecisionReason"))
    return text_of(answer.get("reason")) if answer.get("decision") == "block" else ""


def text_of(value: "Any") -> str:
    """A text of a bearable length; empty for none."""
    text = "" if value is None else str(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _judge(event: str, answer: "dict[str, Any]") -> None:
    below = answer.get("hookSpecificOutput")
    if below is not None:
        if not isinstance(below, dict) or below.get("hookEventName") != event:
            raise ValueError(f"hookSpecificOutput must name the event {event}")
        permission = below.get("permissionDecision")
        if permission is not None and (not isinstance(permission, str) or permission not in RANK):
            raise ValueError(f"unknown permissionDecision {permission!r}"[:200])
        if permission is not None and event != "PreToolUse":
            raise ValueError(f"a permissionDecision means nothing to {event}")
        if below.get("updatedInput") is not None and not isinstance(below["updatedInput"], dict):
            raise ValueError("updatedInput must be an object")
    for key in _BELONGS_BELOW:
        if key in answer:
            raise ValueError(f"{key} must stand in hookSpecificOutput")
    decision = answer.get("decision")
    if decision is not None and (not isinstance(decision, str) or decision not in DEPRECATED):
        raise ValueError(f"unknown decision {decision!r}"[:200])
    if not isinstance(answer.get("continue", True), bool):
        raise ValueError('"continue" must be true or false')
