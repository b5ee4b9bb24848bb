"""Hooks as files, written for one test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cowork.hooks.dispatch import Hooks
from cowork.hooks.records import Source


def command(text: str, **more: Any) -> dict[str, Any]:
    """A command handler."""
    return {"type": "command", "command": text, **more}


def group(*handlers: Any, matcher: str | None = None) -> dict[str, Any]:
    """A matcher with its handlers."""
    return {"hooks": list(handlers)} | ({} if matcher is None else {"matcher": matcher})


def document(event: str, *handlers: Any, matcher: str | None = None) -> dict[str, Any]:
    """The document of a hooks file with one event."""
    return {"hooks": {event: [group(*handlers, matcher=matcher)]}}


def written(path: Path, content: Any) -> str:
    """A JSON file with its directories; returns its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(path)


def hooks(tmp_path: Path, event: str, *handlers: Any, origin: str = "user", matcher: str | None = None, **more: Any) -> Hooks:
    """A session with the handlers of one event, in a source of the given origin."""
    source = Source(str(tmp_path / "hooks.json"), origin, document=document(event, *handlers, matcher=matcher))
    return Hooks([source], project=tmp_path, **more)


def answer(**specific: Any) -> str:
    """A line of shell that answers PreToolUse with JSON."""
    said = json.dumps({"hookSpecificOutput": {"hookEventName": "PreToolUse", **specific}})
    return f"cat <<'END'\n{said}\nEND"


BASH = {"tool_name": "Bash", "tool_input": {"command": "ls"}}
