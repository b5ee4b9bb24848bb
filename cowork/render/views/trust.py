"""Trust in projects, for a person."""

from __future__ import annotations

from typing import Any

from cowork.render.screen import Screen

_WORDS = {
    "trusted": "trusted",
    "untrusted": "not trusted",
    "changed": "changed since it was trusted",
    "nothing_to_trust": "nothing in it runs or allows anything",
}
_KINDS = {
    "hook": "hook",
    "hooks_off": "hooks off",
    "mcp_server": "MCP server",
    "connector": "connector",
    "allow_rule": "allowed without asking",
    "allowed_tools": "allowed when used",
    "shell_substitution": "shell",
    "unreadable": "cannot be read",
}


def answer(data: Any, screen: Screen) -> None:
    """A project with everything its files may do; or the list of trusted ones."""
    if data.path is None:
        _listing(data, screen)
        return
    screen.title(data.path, _WORDS.get(data.status, data.status or ""))
    if data.changed:
        screen.section("Changed since it was trusted")
        for name in data.changed:
            screen.raw(f"  {name}")
    if data.powers:
        screen.section("What its files run or allow")
        screen.table(
            ("WHAT", "FILE", "EXACTLY"), [(_KINDS.get(item.kind, item.kind), item.file, item.text) for item in data.powers]
        )
    for step in data.plan:
        screen.text(f"{'would ' if data.dry_run else ''}{step.action}: {step.target} {step.detail}".rstrip())


def _listing(data: Any, screen: Screen) -> None:
    if not data.items:
        screen.text("No directory is trusted.")
        return
    rows = [(item.path, item.status, item.trusted_at, item.digest[:12]) for item in data.items]
    screen.table(("DIRECTORY", "NOW", "TRUSTED AT", "DIGEST"), rows)
