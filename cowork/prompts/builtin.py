"""The texts that ship with the program: the system prompt, reminders, descriptions of tools. Each is filled once."""

from __future__ import annotations

import re

from cowork.core.errors import InternalError
from cowork.core.paths import data_dir
from cowork.prompts.variables import Surroundings, Variables, fill

PIECES: dict[str, tuple[str, ...]] = {
    "plan-mode": (),
    "todo-stale": ("TURNS", "TODOS"),
    "denied-tool": ("TOOL", "REASON", "RULE"),
    "stop-hook-feedback": ("REASON",),
    "hook-context": ("EVENT", "CONTEXT"),
    "compaction-instruction": ("FOCUS",),
    "compaction-summary": ("SUMMARY",),
    "subagent-task": ("AGENT", "DESCRIPTION", "PROMPT"),
    "subagent-result": ("AGENT", "OUTCOME", "RESULT"),
    "turns-left": ("TURNS",),
    "empty-turn": (),
    "context-file": ("PATH", "TEXT"),
}
"""Reminders by name, with the values each takes."""


def system_prompt(surroundings: Surroundings) -> str:
    """The base system prompt. What the repository says cannot close the tags that mark it as data."""
    values = surroundings.values()
    values["GIT_STATUS"] = values["GIT_STATUS"].replace("</git-status", "<\\/git-status") or "(nothing to report)"
    return fill(_text("prompts/system"), Variables(values)).strip()


def piece(name: str, **values: str | int) -> str:
    """A reminder with its values; they are inserted once and never expanded. Raises `prompt.unknown_piece` (a bug)."""
    if name not in PIECES or set(values) != set(PIECES[name]):
        raise InternalError("prompt.unknown_piece", f"the text '{name}' takes {PIECES.get(name)}, not {sorted(values)}")
    return fill(_text(f"reminders/{name}"), Variables({key: str(value) for key, value in values.items()})).strip()


def reminder(name: str, **values: str | int) -> str:
    """A reminder between the tags that tell a model it comes from the program; no value can close or open such tags."""
    safe = {key: re.sub(r"<(/?)(?=system-reminder)", r"<\\\1", str(value)) for key, value in values.items()}
    return f"<system-reminder>\n{piece(name, **safe)}\n</system-reminder>"


def tool_text(name: str) -> str:
    """What a model is told about a tool. Raises `prompt.unknown_piece` (a bug)."""
    return _text(f"tools/{name}").strip()


def _text(path: str) -> str:
    try:
        return (data_dir("templates") / f"{path}.md").read_text(encoding="utf-8")
    except OSError as error:
        raise InternalError("prompt.unknown_piece", f"there is no text '{path}'", cause=str(error)) from error
