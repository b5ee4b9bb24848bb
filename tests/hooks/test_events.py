"""Which events there are and which handlers a matcher picks: Claude Code's rules."""

from __future__ import annotations

import pytest

from cowork.hooks.events import EVENTS, matches

# reference/claude-code-formats.md section 1: the field a matcher looks at, None where matchers are ignored.
FIELDS = {
    "SessionStart": "source",
    "UserPromptSubmit": None,
    "PreToolUse": "tool_name",
    "PostToolUse": "tool_name",
    "Notification": "notification_type",
    "Stop": None,
    "SubagentStop": "agent_type",
    "PreCompact": "trigger",
    "SessionEnd": "reason",
}


def test_each_event_is_matched_on_its_own_field() -> None:
    assert EVENTS == FIELDS


@pytest.mark.parametrize("matcher", [None, "", "*"])
@pytest.mark.parametrize("subject", ["Bash", "mcp__memory__read", ""])
def test_no_matcher_and_a_star_match_everything(matcher: str | None, subject: str) -> None:
    assert matches(matcher, subject)


TABLE = [
    # plain words are exact names, one or a list
    ("Bash", "Bash", True),
    ("Bash", "BashOutput", False),
    ("Bash", "bash", False),
    ("Edit|Write", "Write", True),
    ("Edit|Write", "Edit", True),
    ("Edit|Write", "MultiEdit", False),
    ("Edit,Write", "Write", True),
    ("Edit , Write | Bash", "Write", True),
    ("Edit|Write", "Edit|Write", False),
    ("mcp__memory", "mcp__memory", True),
    ("mcp__memory", "mcp__memory__read", False),
    ("code-reviewer", "code-reviewer", True),
    ("my agent", "my agent", True),
    (" ", "Bash", False),
    # any other character makes it a regular expression that may match anywhere
    ("mcp__memory__.*", "mcp__memory__read", True),
    ("mcp__.*__write", "mcp__files__write_all", True),
    ("Note.*", "NotebookEdit", True),
    ("ote.", "NotebookEdit", True),
    ("^Bash$", "Bash", True),
    ("^Bash$", "BashOutput", False),
    ("(Edit|Write)$", "MultiEdit", True),
    (".*", "", True),
    ("Bash(git:*)", "Bash", False),  # not permission-rule syntax
]


@pytest.mark.parametrize(("matcher", "subject", "expected"), TABLE)
def test_a_matcher_is_a_list_of_names_or_an_unanchored_expression(matcher: str, subject: str, expected: bool) -> None:
    assert matches(matcher, subject) is expected


@pytest.mark.parametrize("matcher", ["(", "[", "*Bash", "a{2,1}"])
def test_an_expression_that_does_not_compile_is_an_error(matcher: str) -> None:
    with pytest.raises(ValueError, match="is not a regular expression"):
        matches(matcher, "Bash")
