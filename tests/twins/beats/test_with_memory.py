"""Heartbeats with what the twin remembers: what was wrong once is told the next time, and may be cited."""

from __future__ import annotations

from pathlib import Path

import pytest

from cowork.twins import knowledge
from cowork.twins.judging import judge
from cowork.twins.remembering import remember
from tests.agent.scripted_model import turn
from tests.twins.beating import beat, minutes, only, stored
from tests.twins.beats.test_with_a_model import BOTH, SPEAKER, model

__all__ = ["model"]


def test_a_correction_learned_by_feedback_is_in_the_next_prompt_and_may_be_cited(workspace: Path, clock, model) -> None:
    stored(workspace, clock)
    server = model([turn(BOTH)])
    first = only(beat(clock, speaker=SPEAKER)).results[0]
    learned = judge(first.id, "bad", "Bob left the company.", clock, dry_run=False).memory
    owner = knowledge.add("app.py", "owned-by", "Ada", clock, dry_run=False).fact
    assert learned
    said = f"Nobody broke it [memory.{learned.id}].\n\nAda mends it [fact.{owner.id}].\n\nNobody cares [memory.x]."
    told = f"# task: first\n{said}\n\n# task: second\nQuiet [git-activity.0]."
    later = model([turn(told)])
    minutes(clock, 60)

    result = only(beat(clock, speaker=SPEAKER)).results[0]

    lines = later.requests[0].prompt.splitlines()
    assert "remembered" not in server.requests[0].prompt
    at = lines.index(f"[memory.{learned.id}] correction: Bob left the company.")
    assert lines[at - 1].startswith("<remembered-")
    assert lines[at + 1 : at + 2] == [f"[fact.{owner.id}] app.py owned-by Ada"]
    assert [claim.verified for claim in result.claims] == [True, True, False]


def test_without_a_budget_a_model_is_told_nothing_of_it(workspace: Path, clock, model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COWORK_TWIN_MEMORY_TOKENS", "0")
    stored(workspace, clock)
    remember("twin-a", "Bob left the company.", clock, dry_run=False)
    server = model([turn(BOTH)])

    beat(clock, speaker=SPEAKER)

    assert "Bob left" not in server.requests[0].prompt
