"""What tests of rules say often: a verdict on a command, and places that exist."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cowork.rules.places import Places
from cowork.rules.restrictions import ToolRestrictions, Verdict

NOWHERE = Places("/nowhere/project", "/nowhere/user", "/nowhere/project")


def places(root: Path) -> Places:
    """A project and a home below a directory of the test's own."""
    for name in ("project", "home"):
        (root / name).mkdir(exist_ok=True)
    return Places(str(root / "project"), str(root / "home"), str(root / "project"))


def ask(tool: str, allow: list[str] | None, deny: list[str] | None = None, at: Places = NOWHERE, **arguments: Any) -> Verdict:
    """The verdict of one layer on a call."""
    return ToolRestrictions.of(allow, deny or []).is_allowed(tool, arguments, at)


def allows(command: str, *rules: str, at: Places = NOWHERE) -> bool:
    """Whether rules allow a Bash command."""
    return ask("Bash", list(rules), at=at, command=command).allowed


def denies(command: str, *rules: str, at: Places = NOWHERE) -> bool:
    """Whether deny rules alone stop a Bash command."""
    return not ask("Bash", None, list(rules), at=at, command=command).allowed
