"""An agent at work against the scripted model: the program in this process, a workspace, and what came of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.agent.scripted_model import Script, ScriptedModel, scripted_model
from tests.support import Ran, run_here

AGENT = ("agent", "run", "general-purpose")


def work(
    monkeypatch: pytest.MonkeyPatch, script: Script, *argv: str, style: str = "anthropic", verb: tuple[str, ...] = AGENT
) -> tuple[Ran, ScriptedModel]:
    """Run a verb with `--json`; the model answers by the script."""
    with scripted_model(script) as model:
        for name, value in model.environment(style).items():
            monkeypatch.setenv(name, value)
        ran = run_here(*verb, *argv, "--json")
    return ran, model


def journal(home: Path) -> list[dict[str, Any]]:
    """The events of the only session."""
    (path,) = (home / "sessions").glob("*/journal.jsonl")
    return [json.loads(line) for line in path.read_text().splitlines()]


def verdicts(ran: Ran) -> list[tuple[str, str, str]]:
    """(tool, verdict, who decided) of every call."""
    return [(call["tool"], call["verdict"], call["by"]) for call in ran.data["tool_calls"]]


def results(model: ScriptedModel) -> list[str]:
    """What the model was told of its calls, in the last request."""
    return [text for _, text, _ in model.requests[-1].results]
