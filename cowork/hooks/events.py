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
    except re.error as error:
        raise ValueError(f"matcher {matcher!r} is not a regular expression: {error}") from error
