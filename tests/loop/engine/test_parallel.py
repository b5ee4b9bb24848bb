"""Independent tasks side by side, each in a worktree of its own, merged one at a time: over real repositories and agents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.loop.whole import DONE, Scene, scene

BOTH = ("--tasks", "prd.json", "--parallel", "2", "--max-time", "60")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return scene(tmp_path, monkeypatch)


def writes(task: str, name: str, text: str, **more: Any) -> dict[str, Any]:
    return {"task": task, "do": [{"write": {"path": name, "text": text}}, {"say": DONE}], **more}


def test_independent_tasks_overlap_in_time_each_in_its_own_tree(shop: Scene) -> None:
    """Each of the two opens a pipe that only the other one opens at its other end: one after the other they never would."""
    shop.tasks("T-1", "T-2")
    shop.fifo("one", "two")
    shop.calls(
        {"task": "T-1", "run": f"echo > {shop.root}/one; cat {shop.root}/two", "write": {"path": "1.txt"}, "say": DONE},
        {"task": "T-2", "run": f"cat {shop.root}/one; echo > {shop.root}/two", "write": {"path": "2.txt"}, "say": DONE},
    )

    ran = shop.run(*BOTH)

    assert (ran.code, ran.data["status"], ran.data["unmerged"]) == (0, "completed", [])
    where = {call["task"]: call["cwd"] for call in shop.asked()}
    assert len(set(where.values())) == 2 and str(shop.project) not in where.values()
    assert shop.git("ls-files").splitlines() == ["1.txt", "2.txt", "README", "prd.json"]
    assert shop.kinds.count("merge.completed") == 2
    assert shop.statuses() == {"T-1": "done", "T-2": "done"}
    shop.require_nothing_left()


def test_a_task_begins_with_what_the_tasks_before_it_made(shop: Scene) -> None:
    shop.tasks("T-1", {"id": "T-2", "title": "second", "dependencies": ["T-1"]})
    shop.calls(
        writes("T-1", "base.txt", "base\n"),
        {"task": "T-2", "run": "cp base.txt copy.txt", "say": DONE},
    )

    ran = shop.run(*BOTH)

    assert ran.code == 0
    assert [call["task"] for call in shop.asked()] == ["T-1", "T-2"]
    assert (shop.project / "copy.txt").read_text() == "base\n"
    shop.require_nothing_left()


def test_a_conflict_is_told_to_the_agent_which_resolves_it(shop: Scene) -> None:
    shop.tasks("T-1", "T-2")
    shop.fifo("one", "two")
    shop.calls(
        {"task": "T-1", "run": f"echo > {shop.root}/one; cat {shop.root}/two", "write": {"path": "README", "text": "1\n"}, "say": DONE},
        {"task": "T-2", "run": f"cat {shop.root}/one; echo > {shop.root}/two", "write": {"path": "README", "text": "2\n"}, "say": DONE},
        {"match": "conflicts with main in README", "run": "git merge main || true; echo both > README; git commit -qam resolved", "say": DONE},
    )

    ran = shop.run(*BOTH)

    assert (ran.code, ran.data["unmerged"]) == (0, [])
    (failed,) = shop.of("merge.failed")
    assert (failed["reason"], failed["files"]) == ("conflict", ["README"])
    assert (shop.project / "README").read_text() == "both\n"
    shop.require_nothing_left()


def test_a_conflict_that_stays_is_no_success_and_nothing_of_it_is_lost(shop: Scene) -> None:
    shop.tasks("T-1", "T-2")
    shop.fifo("one", "two")
    shop.calls(
        {"task": "T-1", "run": f"echo > {shop.root}/one; cat {shop.root}/two", "write": {"path": "README", "text": "1\n"}, "say": DONE},
        {"task": "T-2", "run": f"cat {shop.root}/one; echo > {shop.root}/two", "write": {"path": "README", "text": "2\n"}, "say": DONE},
        otherwise={"say": DONE},
    )

    ran = shop.run(*BOTH, "--max-attempts", "2")

    assert (ran.code, ran.document["error"]["code"]) == (9, "loop.unfinished")
    data = ran.document["error"]["details"]
    assert shop.kinds.count("merge.failed") == 2
    print(ran.out)
    assert 0
