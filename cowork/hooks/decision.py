"""What hooks decided, merged: a block beats everything, then deny over ask over allow."""

import json
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any

_RANK = {"allow": 0, "ask": 1, "deny": 2}
_PLAIN_CONTEXT = frozenset({"SessionStart", "UserPromptSubmit"})  # where plain stdout becomes context


class Ran(NamedTuple):
    """How one handler ended. `timed_out` handlers do not block, as in Claude Code."""

    command: str
    exit_code: int
    stdout: str
    stderr: str
    timed_out: bool = False


class Merged(NamedTuple):
    """The answer to the host: its exit code, the JSON for stdout (None for none) and lines for stderr."""

    exit_code: int
    output: "dict[str, Any] | None"
    errors: list[str]


def merge(event: str, runs: list[Ran]) -> Merged:
    """One answer from all handlers, by the host's table: exit 2 blocks; other failures are reported and do not."""
    errors: list[str] = []
    blocked = False
    output: dict[str, Any] = {}
    contexts: list[str] = []
    for run in runs:
        if run.timed_out:
            errors.append(f"hook timed out: {run.command}")
        elif run.exit_code == 2:
            blocked = True
            errors.append(run.stderr.strip() or f"blocked by hook: {run.command}")
        elif run.exit_code != 0:
            errors.append(f"hook failed with {run.exit_code}: {run.command}: {run.stderr.strip()}")
        text = run.stdout.strip()
        if not text.startswith("{"):
            if text and run.exit_code == 0 and event in _PLAIN_CONTEXT:
                contexts.append(text)
            continue
        try:
            _absorb(event, json.loads(text), output, contexts)
        except (ValueError, RecursionError) as error:
            blocked = True  # a decision that is there but cannot be read must not pass as no decision
            errors.append(f"hook answered with a decision that cannot be used ({error}): {run.command}")
    if contexts:
        output.setdefault("hookSpecificOutput", {"hookEventName": event})["additionalContext"] = "\n".join(contexts)
    return Merged(2 if blocked else 0, None if blocked else output or None, errors)


def _absorb(event: str, answer: "dict[str, Any]", output: "dict[str, Any]", contexts: list[str]) -> None:
    specific = answer.get("hookSpecificOutput")
    if specific is not None:
        if not isinstance(specific, dict) or specific.get("hookEventName") != event:
            raise ValueError(f"hookSpecificOutput must name the event {event}")
        if isinstance(specific.get("additionalContext"), str):
            contexts.append(specific["additionalContext"])
        decision = specific.get("permissionDecision")
        if decision is not None:
            if decision not in _RANK:
                raise ValueError(f"unknown permissionDecision {decision!r}")
            held = output.setdefault("hookSpecificOutput", {"hookEventName": event})
            if _RANK[decision] >= _RANK.get(held.get("permissionDecision"), -1):
                kept = ("permissionDecision", "permissionDecisionReason", "updatedInput")
                held.update({key: specific[key] for key in kept if key in specific})
    decision = answer.get("decision")
    if decision is not None:
        if decision not in ("block", "approve"):
            raise ValueError(f"unknown decision {decision!r}")
        if decision == "block" and output.get("decision") != "block":
            output.update(decision="block", reason=str(answer.get("reason", "")))
    if answer.get("continue") is False:
        output.update({"continue": False, "stopReason": str(answer.get("stopReason", ""))})
    if isinstance(answer.get("systemMessage"), str):
        output["systemMessage"] = answer["systemMessage"]
