"""Many handlers, one answer: a block beats everything, then deny over defer over ask over allow."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from cowork.hooks.decision import merge
from cowork.hooks.records import Ran


def said(answer: Any, code: int = 0, stderr: str = "", command: str = "hook") -> Ran:
    return Ran(command, code, answer if isinstance(answer, str) else json.dumps(answer), stderr)


def permission(decision: Any, reason: str | None = None, **more: Any) -> dict[str, Any]:
    specific = {"hookEventName": "PreToolUse", "permissionDecision": decision, **more}
    return {"hookSpecificOutput": specific | ({} if reason is None else {"permissionDecisionReason": reason})}


def specific(*runs: Ran, event: str = "PreToolUse") -> dict[str, Any]:
    """The merged hookSpecificOutput without the event's name, after checking that nothing blocked."""
    merged = merge(event, list(runs))
    assert merged.exit_code == 0, merged.errors
    output = dict((merged.output or {}).get("hookSpecificOutput", {"hookEventName": event}))
    assert output.pop("hookEventName") == event
    return output


def test_nobody_said_anything() -> None:
    for runs in ([], [said("")], [said("   \n")]):
        merged = merge("PreToolUse", runs)
        assert (merged.exit_code, merged.output, merged.errors) == (0, None, [])


# --- exit codes


def test_exit_2_blocks_with_what_the_hook_wrote_to_stderr() -> None:
    merged = merge("PreToolUse", [said("", 2, "not here\n")])

    assert (merged.exit_code, merged.output, merged.errors) == (2, None, ["not here"])


def test_exit_2_blocks_even_when_the_hook_is_silent() -> None:
    assert merge("PreToolUse", [said("", 2, command="guard")]).errors == ["blocked by hook: guard"]


def test_exit_2_blocks_even_with_json_that_allows() -> None:
    merged = merge("PreToolUse", [said(permission("allow"), 2, "no")])

    assert (merged.exit_code, merged.output, merged.errors) == (2, None, ["no"])


def test_exit_2_with_a_reason_in_json_blocks_with_that_reason() -> None:
    assert merge("PreToolUse", [said(permission("deny", "too risky"), 2, "noise")]).errors == ["too risky"]
    assert merge("Stop", [said({"decision": "block", "reason": "go on"}, 2, "noise")]).errors == ["go on"]


def test_exit_2_of_one_hook_blocks_whatever_the_others_say() -> None:
    allow, block = said(permission("allow")), said("", 2, "no")
    for runs in itertools.permutations([allow, block, allow]):
        merged = merge("PreToolUse", list(runs))
        assert (merged.exit_code, merged.output, merged.errors) == (2, None, ["no"])


@pytest.mark.parametrize("code", [1, 3, 126, 127, 255, -9])
def test_other_exit_codes_are_reported_and_do_not_block(code: int) -> None:
    merged = merge("PreToolUse", [said("", code, "oops\n", command="hook")])

    assert (merged.exit_code, merged.output, merged.errors) == (0, None, [f"hook failed with {code}: hook: oops"])


def test_json_decides_whatever_the_exit_code() -> None:
    assert specific(said(permission("deny", "no"), 1)) == {"permissionDecision": "deny", "permissionDecisionReason": "no"}


def test_a_time_out_is_reported_and_does_not_block() -> None:
    merged = merge("PreToolUse", [Ran("slow", -9, "", "", timed_out=True), said(permission("ask"))])

    assert merged.exit_code == 0
    assert merged.errors == ["hook timed out: slow"]
    assert merged.output == {"hookSpecificOutput": {"hookEventName": "PreToolUse", "permissionDecision": "ask"}}


# --- permission decisions

STRICTNESS = ["allow", "ask", "defer", "deny"]


@pytest.mark.parametrize("decisions", list(itertools.product(STRICTNESS, repeat=2)))
def test_the_stricter_decision_wins_with_its_own_reason(decisions: tuple[str, str]) -> None:
    winner = max(decisions, key=STRICTNESS.index)

    assert specific(*(said(permission(decision, f"because {decision}")) for decision in decisions)) == {
        "permissionDecision": winner,
        "permissionDecisionReason": f"because {winner}",
    }


def test_a_stricter_decision_without_a_reason_does_not_borrow_one() -> None:
    assert specific(said(permission("allow", "all fine")), said(permission("deny"))) == {"permissionDecision": "deny"}


def test_of_equal_decisions_the_first_gives_the_reason() -> None:
    assert (
        specific(said(permission("deny", "first")), said(permission("deny", "second")))["permissionDecisionReason"] == "first"
    )


@pytest.mark.parametrize(("old", "new"), [("block", "deny"), ("approve", "allow")])
def test_before_a_tool_the_deprecated_words_mean_the_new_ones(old: str, new: str) -> None:
    assert specific(said({"decision": old, "reason": "r"})) == {"permissionDecision": new, "permissionDecisionReason": "r"}


def test_a_deprecated_block_is_not_outvoted_by_a_new_allow() -> None:
    for runs in itertools.permutations([said({"decision": "block", "reason": "no"}), said(permission("allow"))]):
        merged = merge("PreToolUse", list(runs))
        assert merged.output == {
            "hookSpecificOutput": {
                "hookEventName": "PreToolUse",
                "permissionDecision": "deny",
                "permissionDecisionReason": "no",
            }
        }


def test_a_changed_input_is_passed_on_with_or_without_a_decision() -> None:
    clean = {"command": "ls"}
    assert specific(said(permission("allow", updatedInput=clean))) == {"permissionDecision": "allow", "updatedInput": clean}

    alone = {"hookSpecificOutput": {"hookEventName": "PreToolUse", "updatedInput": clean}}
    assert specific(said(alone)) == {"updatedInput": clean}
    assert specific(said(permission("ask")), said(alone)) == {"permissionDecision": "ask", "updatedInput": clean}


def test_a_changed_result_is_passed_on() -> None:
    answer = {"hookSpecificOutput": {"hookEventName": "PostToolUse", "updatedToolOutput": {"stdout": "***"}}}

    assert specific(said(answer), event="PostToolUse") == {"updatedToolOutput": {"stdout": "***"}}


# --- answers that cannot be used

MALFORMED = {
    "cut off": '{"decision": "bl',
    "two documents": "{} {}",
    "nested without end": '{"a":' * 100_000,
    "another event's name": {"hookSpecificOutput": {"hookEventName": "PostToolUse", "permissionDecision": "deny"}},
    "no event's name": {"hookSpecificOutput": {"permissionDecision": "deny"}},
    "nothing specific": {"hookSpecificOutput": []},
    "an unknown permission": permission("perhaps"),
    "a permission that is a list": permission([]),
    "a permission that is an object": permission({}),
    "a permission of true": permission(True),
    "an unknown decision": {"decision": "refuse"},
    "a decision that is a list": {"decision": ["block"]},
    "a changed input that is a text": permission("allow", updatedInput="ls"),
}


@pytest.mark.parametrize("answer", MALFORMED.values(), ids=MALFORMED)
def test_a_decision_that_cannot_be_read_blocks(answer: Any) -> None:
    merged = merge("PreToolUse", [said(permission("allow")), said(answer, command="guard")])

    assert (merged.exit_code, merged.output) == (2, None)
    assert len(merged.errors) == 1
    assert merged.errors[0].startswith("hook answered with a decision that cannot be used (")
    assert merged.errors[0].endswith("): guard")


# --- context


@pytest.mark.parametrize("event", ["SessionStart", "UserPromptSubmit"])
def test_plain_output_is_context_where_it_counts(event: str) -> None:
    assert specific(said("remember this\n"), event=event) == {"additionalContext": "remember this"}


@pytest.mark.parametrize(
    "event", ["PreToolUse", "PostToolUse", "Stop", "SubagentStop", "PreCompact", "SessionEnd", "Notification"]
)
def test_plain_output_is_nothing_elsewhere(event: str) -> None:
    merged = merge(event, [said("chatter"), said("[1]"), said('"text"')])

    assert (merged.exit_code, merged.output, merged.errors) == (0, None, [])


def test_plain_output_of_a_failed_hook_is_no_context() -> None:
    assert merge("SessionStart", [said("half a", 1)]).output is None


def test_contexts_are_joined_in_the_order_of_the_hooks() -> None:
    structured = {"hookSpecificOutput": {"hookEventName": "UserPromptSubmit", "additionalContext": "two"}}

    assert specific(said("one"), said(structured), said("three"), event="UserPromptSubmit") == {
        "additionalContext": "one\ntwo\nthree"
    }


def test_context_comes_beside_a_decision() -> None:
    assert specific(said(permission("ask", additionalContext="c"))) == {"permissionDecision": "ask", "additionalContext": "c"}


# --- the rest of the protocol


@pytest.mark.parametrize("event", ["Stop", "UserPromptSubmit", "PostToolUse", "SubagentStop", "PreCompact"])
def test_a_block_by_json_is_passed_to_the_host_with_the_first_reason(event: str) -> None:
    merged = merge(
        event, [said({"decision": "approve"}), said({"decision": "block", "reason": "a"}), said({"decision": "block"})]
    )

    assert (merged.exit_code, merged.output) == (0, {"decision": "block", "reason": "a"})


def test_one_hook_can_end_the_run() -> None:
    merged = merge("Stop", [said({"continue": True}), said({"continue": False, "stopReason": "enough"})])

    assert merged.output == {"continue": False, "stopReason": "enough"}


def test_messages_to_the_user_are_joined() -> None:
    assert merge("Stop", [said({"systemMessage": "a"}), said({"systemMessage": "b"})]).output == {"systemMessage": "a\nb"}


def test_what_nobody_knows_is_left_out() -> None:
    assert merge("Stop", [said({"suppressOutput": True, "novelty": 1})]).output is None


# --- what our own agent reads


def test_a_block_has_its_reason_whoever_gave_it() -> None:
    for run, reason in (
        (said("", 2, "not here\n"), "not here"),
        (said(permission("deny", "too risky")), "too risky"),
        (said(permission("deny")), "blocked by a hook"),
        (said({"decision": "block", "reason": "no"}), "no"),
        (said("{"), "hook answered with a decision that cannot be used"),
        (Ran("x", 126, "", "", problem="too long"), "hook could not be run: x: too long"),
    ):
        merged = merge("PreToolUse", [said(permission("allow", updatedInput={"a": 1})), run])
        assert merged.blocked
        assert merged.reason.startswith(reason)
        assert merged.updated_input is None


@pytest.mark.parametrize("event", ["Stop", "SubagentStop", "UserPromptSubmit", "PostToolUse", "PreCompact"])
def test_a_block_by_json_is_a_block_for_our_agent_too(event: str) -> None:
    merged = merge(event, [said({"decision": "block", "reason": "go on"})])

    assert (merged.blocked, merged.reason, merged.decision) == (True, "go on", None)


@pytest.mark.parametrize("event", ["SessionStart", "SessionEnd", "Notification"])
def test_where_nothing_can_be_blocked_nothing_is(event: str) -> None:
    assert not merge(event, [said("", 2, "no"), said({"decision": "block"}), said("{")]).blocked


@pytest.mark.parametrize("decision", ["allow", "ask", "defer"])
def test_what_is_not_denied_is_not_blocked_and_says_what_it_is(decision: str) -> None:
    merged = merge("PreToolUse", [said(permission(decision, "r"))])

    assert (merged.blocked, merged.decision, merged.decision_reason) == (False, decision, "r")


def test_before_a_tool_whoever_ends_the_run_stops_that_tool() -> None:
    merged = merge("PreToolUse", [said(permission("allow")), said({"continue": False, "stopReason": "enough"})])

    assert (merged.blocked, merged.reason, merged.halt, merged.halt_reason) == (True, "enough", True, "enough")
    assert merged.output == {
        "continue": False,
        "stopReason": "enough",
        "hookSpecificOutput": {
            "hookEventName": "PreToolUse",
            "permissionDecision": "deny",
            "permissionDecisionReason": "enough",
        },
    }


def test_elsewhere_ending_the_run_blocks_nothing() -> None:
    merged = merge("Stop", [said({"continue": False})])

    assert (merged.blocked, merged.halt) == (False, True)


def test_of_several_changed_inputs_the_last_counts_and_the_conflict_is_told() -> None:
    one, two = said(permission("allow", updatedInput={"a": 1})), said(permission("allow", updatedInput={"a": 2}))

    merged = merge("PreToolUse", [one, two])
    assert merged.updated_input == {"a": 2}
    assert merged.errors == ["several hooks change the input of the tool in different ways; the last one counts"]
    assert merge("PreToolUse", [one, one]).errors == []


@pytest.mark.parametrize(
    "answer",
    [
        {"permissionDecision": "deny"},
        {"updatedInput": {"command": "ls"}},
        {"continue": "false"},
        {"continue": None},
    ],
)
def test_a_decision_in_the_wrong_place_or_of_the_wrong_kind_blocks(answer: Any) -> None:
    assert merge("PreToolUse", [said(answer)]).blocked


def test_a_permission_where_there_is_none_to_give_blocks() -> None:
    answer = {"hookSpecificOutput": {"hookEventName": "UserPromptSubmit", "permissionDecision": "deny"}}

    assert merge("UserPromptSubmit", [said(answer)]).blocked


def test_a_mark_before_the_json_does_not_hide_the_decision() -> None:
    assert merge("PreToolUse", [said("\ufeff" + json.dumps(permission("deny", "no")))]).reason == "no"


def test_no_text_is_longer_than_a_model_can_bear() -> None:
    long = "x" * 50_000
    merged = merge("PreToolUse", [said(permission("ask", long, additionalContext=long)), said({"systemMessage": long})])
    ended = merge("Stop", [said({"continue": False, "stopReason": long}), said("", 2, long)])

    texts = [merged.decision_reason, *merged.contexts, *merged.messages, ended.halt_reason, ended.reason]
    assert [len(text) for text in texts] == [10_000] * 5


def test_a_time_out_with_the_code_of_a_block_is_no_block() -> None:
    assert not merge("PreToolUse", [Ran("slow", 2, "", "", timed_out=True)]).blocked
