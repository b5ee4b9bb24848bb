"""Command-line agents on seats: they answer like models, and the subagents they send for are on record."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from cowork.sessions import journal, places
from tests.models.command_line.agents import Agents, installed
from tests.models.command_line.speech import (
    CLAUDE_INIT,
    claude_call,
    claude_end,
    claude_result,
    claude_said,
    claude_text,
    lines,
)
from tests.support import run_here

ANSWER = json.dumps({"answer": "yes", "confidence": 0.8, "reason": "looked"})


@pytest.fixture
def agents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Agents:
    place = tmp_path / "agents"
    place.mkdir()
    return installed(place, monkeypatch)


def test_an_agent_answers_on_a_seat_and_its_subagents_are_journalled(agents: Agents, home: Path) -> None:
    agents.script(
        (
            "say",
            lines(
                CLAUDE_INIT,
                claude_said("m1", claude_call("t1", "Task", subagent_type="scout", description="Look around")),
                claude_result("t1"),
                claude_said("m2", claude_text(ANSWER)),
                claude_end(ANSWER),
            ),
        )
    )
    ran = run_here("loop", "start", "Is it so?", "--seat", "solo=claude-code", "--json")
    assert (ran.code, ran.data["answer"], ran.data["rehearsal"]) == (0, "yes", False), ran
    (place,) = places.of_kind("loop")
    told = [(event["type"], event["data"]) for event in journal.read(place.journal) if event["type"].startswith("subagent.")]
    assert [kind for kind, _ in told] == ["subagent.started", "subagent.ended"]
    assert told[0][1] == {
        "model": "claude-code/default", "id": "t1", "depth": 1, "kind": "scout", "description": "Look around",
    }  # fmt: skip


def test_without_a_key_an_installed_agent_sits_where_nobody_was_named(agents: Agents, home: Path) -> None:
    agents.script(("say", lines(CLAUDE_INIT, claude_said("m2", claude_text(ANSWER)), claude_end(ANSWER))))
    assert not any(name.endswith("_API_KEY") for name in os.environ)
    ran = run_here("loop", "start", "Is it so?", "--json")
    assert (ran.code, ran.data["seats"][0]["provider"]) == (0, "claude-code")
