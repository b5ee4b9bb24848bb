"""Whether the first agent works again once it can: its own entry decides before the settings do."""

from __future__ import annotations

from pathlib import Path

import pytest

from cowork.loop.agents.work import AgentSpec
from cowork.loop.engine.book import Book
from cowork.loop.engine.order import RateLimits
from cowork.loop.engine.staffing import Staff
from cowork.loop.engine.state import LoopState, TaskState
from cowork.sessions.journal import Journal
from tests.support import FakeClock


@pytest.mark.parametrize(
    ("entry", "settings", "chosen"),
    [(None, True, "first"), (None, False, "second"), (False, True, "second"), (True, False, "first")],
)
def test_the_entry_of_the_first_agent_comes_before_the_settings(
    tmp_path: Path, entry: bool | None, settings: bool, chosen: str
) -> None:
    own = () if entry is None else (("recover_primary", entry),)
    agents = AgentSpec("first", "command", "claude-code", "opus", own), AgentSpec("second", "command", "codex", "gpt")
    clock = FakeClock()
    book = Book(Journal(tmp_path / "journal.jsonl", clock), LoopState(agent="second"))
    staff = Staff(agents, RateLimits(recover_primary=settings), book, clock)
    found = staff.choose(TaskState("t-1"), None)
    assert found is not None
    assert found.name == chosen
    book.close()
