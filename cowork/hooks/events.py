"""Hook events and the field each one's matcher looks at (Claude Code's names)."""

# Event -> the stdin field its matcher is compared with; None where matchers are ignored.
EVENTS: dict[str, str | None] = {
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
# Event -> what a block does there. After a tool it is too late to stop it: the reason goes to the model.
BLOCKS: dict[str, str] = {
    "UserPromptSubmit": "the prompt is not sent",
    "PreToolUse": "the tool does not run",
    "PostToolUse": "the model is told the reason",
    "Stop": "the agent goes on with the reason",
    "SubagentStop": "the subagent goes on with the reason",
    "PreCompact": "nothing is compacted",
}
# What the host fires besides, and cowork does not. Files may hold hooks for them.
OTHERS: dict[str, str | None] = {
    "Setup": "trigger",
    "UserPromptExpansion": "command_name",
    "PermissionRequest": "tool_name",
    "PermissionDenied": "tool_name",
    "PostToolUseFailure": "tool_name",
    "PostToolBatch": None,
    "MessageDisplay": None,
    "SubagentStart": "agent_type",
    "TaskCreated": None,
    "TaskCompleted": None,
    "StopFailure": "error",
    "TeammateIdle": None,
    "InstructionsLoaded": "load_reason",
    "ConfigChange": "source",
    "CwdChanged": None,
    "DirectoryAdded": None,
    "FileChanged": "file_path",
    "WorktreeCreate": None,
    "WorktreeRemove": None,
    "PostCompact": "trigger",
    "Elicitation": "mcp_server_name",
    "ElicitationResult": "mcp_server_name",
}
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_- ,|")


def matches(matcher: str | None, subject: str) -> bool:
    """Claude Code's rule: absent, empty or `*` matches all; plain words are an exact list; anything else is a regex.

    A regular expression that does not compile raises `ValueError`.
    """
    if matcher in (None, "", "*"):
        return True
    if all(character in _PLAIN for character in matcher):
        return subject in [name.strip() for name in matcher.replace(",", "|").split("|")]
    import re

    try:
        return re.search(matcher, subject) is not None
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"matcher {matcher!r} is not a regular expression: {error}") from error


def is_tool_rule(matcher: str | None) -> bool:
    """Whether a matcher has the form `Tool(specifier)`, which the tool rules judge."""
    if matcher is None or not matcher.endswith(")"):
        return False
    name, bracket, _ = matcher.partition("(")
    return bool(bracket) and name.isascii() and name.replace("_", "").replace("-", "").isalnum()
