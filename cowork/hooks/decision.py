"""What hooks decided, merged: a block beats everything, then deny over defer over ask over allow."""

import json

from cowork.hooks.records import Merged, Ran

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_RANK = {"allow": 0, "ask": 1, "defer": 2, "deny": 3}
_DEPRECATED = {"approve": "allow", "block": "deny"}  # what PreToolUse hooks said before permissionDecision
_PLAIN_CONTEXT = frozenset({"SessionStart", "UserPromptSubmit"})  # where plain stdout becomes context


def merge(event: str, runs: list[Ran]) -> Merged:
    """One answer from all handlers, by the host's table: exit 2 blocks; other failures are reported and do not."""
    errors: list[str] = []
    blocked = False
    output: dict[str, Any] = {}
    contexts: list[str] = []
    for run in runs:
        text = run.stdout.strip()
        answer: dict[str, Any] = {}
        if text.startswith("{"):
            try:
                answer = _read(event, text)
                _absorb(event, answer, output, contexts)
            except (ValueError, RecursionError) as error:
                blocked = True  # a decision that is there but cannot be read must not pass as no decision
                errors.append(f"hook answered with a decision that cannot be used ({error}): {run.command}")
        elif text and run.exit_code == 0 and event in _PLAIN_CONTEXT:
            contexts.append(text)
        if run.timed_out:
            errors.append(f"hook timed out: {run.command}")
        elif run.exit_code == 2:
            blocked = True
            errors.append(_reason(answer) or run.stderr.strip() or f"blocked by hook: {run.command}")
        elif run.exit_code != 0:
            errors.append(f"hook failed with {run.exit_code}: {run.command}: {run.stderr.strip()}")
    if contexts:
        _specific(event, output)["additionalContext"] = "\n".join(contexts)
    return Merged(2 if blocked else 0, None if blocked else output or None, errors)


def _read(event: str, text: str) -> "dict[str, Any]":
    """A hook's JSON answer. Raises ValueError where a decision in it cannot be understood."""
    answer: dict[str, Any] = json.loads(text)
    specific = answer.get("hookSpecificOutput")
    if specific is not None:
        if not isinstance(specific, dict) or specific.get("hookEventName") != event:
            raise ValueError(f"hookSpecificOutput must name the event {event}")
        decision = specific.get("permissionDecision")
        if decision is not None and (not isinstance(decision, str) or decision not in _RANK):
            raise ValueError(f"unknown permissionDecision {decision!r}")
        if not isinstance(specific.get("updatedInput", {}), dict):
            raise ValueError("updatedInput must be an object")
    decision = answer.get("decision")
    if decision is not None and (not isinstance(decision, str) or decision not in _DEPRECATED):
        raise ValueError(f"unknown decision {decision!r}")
    return answer


def _absorb(event: str, answer: "dict[str, Any]", output: "dict[str, Any]", contexts: list[str]) -> None:
    specific = answer.get("hookSpecificOutput") or {}
    if isinstance(specific.get("additionalContext"), str):
        contexts.append(specific["additionalContext"])
    for key in ("updatedInput", "updatedToolOutput"):  # with or without a decision; the last hook wins
        if key in specific:
            _specific(event, output)[key] = specific[key]
    if specific.get("permissionDecision") is not None:
        _permit(event, output, specific["permissionDecision"], specific.get("permissionDecisionReason"))
    decision = answer.get("decision")
    if decision is not None and event == "PreToolUse":
        _permit(event, output, _DEPRECATED[decision], answer.get("reason"))
    elif decision == "block" and output.get("decision") != "block":
        output.update(decision="block", reason=str(answer.get("reason", "")))
    if answer.get("continue") is False:
        output.update({"continue": False, "stopReason": str(answer.get("stopReason", ""))})
    message = answer.get("systemMessage")
    if isinstance(message, str):
        output["systemMessage"] = f"{output['systemMessage']}\n{message}" if "systemMessage" in output else message


def _permit(event: str, output: "dict[str, Any]", decision: str, reason: "Any") -> None:
    """Keep the strictest decision with its own reason; of equal ones the first."""
    held = _specific(event, output)
    if _RANK[decision] > _RANK.get(held.get("permissionDecision", ""), -1):
        held["permissionDecision"] = decision
        held.pop("permissionDecisionReason", None)
        if reason is not None:
            held["permissionDecisionReason"] = str(reason)


def _specific(event: str, output: "dict[str, Any]") -> "dict[str, Any]":
    held: dict[str, Any] = output.setdefault("hookSpecificOutput", {"hookEventName": event})
    return held


def _reason(answer: "dict[str, Any]") -> str:
    """The reason a blocking hook gives in its JSON; empty when it gives none."""
    specific = answer.get("hookSpecificOutput") or {}
    if specific.get("permissionDecision") == "deny":
        return str(specific.get("permissionDecisionReason") or "")
    return str(answer.get("reason") or "") if answer.get("decision") == "block" else ""
