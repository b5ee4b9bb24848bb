"""Independent tasks side by side, each in a worktree of its own, merged one at a time: over real repositories and agents."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.loop.repository.repositories import git
from tests.loop.whole import DONE, PATIENCE_S, Scene, killed, scene

BOTH = ("--tasks", "prd.json", "--parallel", "2", "--max-time", "60")
RESOLVE = {"run": "git merge main || true; echo both > README; git commit -qam resolved"}
Step = dict[str, Any]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return scene(tmp_path, monkeypatch)


def write(path: str, text: str) -> Step:
    return {"write": {"path": path, "text": text}}


def call(task: str, *steps: Step, say: str = DONE) -> Step:
    """A call for a task that does these steps and says that it is done."""
    return {"task": task, "do": [*steps, {"say": say}]}


def both(shop: Scene, one: list[Step], two: list[Step], *then: Step, **more: Any) -> None:
    """Tasks T-1 and T-2. Each opens a pipe that only the other one opens at its other end: one after the other they never
    would, and both have begun before either ends.
    """
    shop.fifo("one", "two")
    begin = [{"run": f"echo > {shop.root}/one; cat {shop.root}/two"}, {"run": f"cat {shop.root}/one; echo > {shop.root}/two"}]
    shop.calls(call("T-1", begin[0], *one), call("T-2", begin[1], *two), *then, **more)


def test_independent_tasks_overlap_in_time_each_in_its_own_tree(shop: Scene) -> None:
    shop.tasks("T-1", "T-2")
    both(shop, [write("1.txt", "1")], [write("2.txt", "2")])

    ran = shop.run(*BOTH)

    assert (ran.code, ran.data["status"], ran.data["unmerged"]) == (0, "completed", [])
    where = {call["task"]: call["cwd"] for call in shop.asked()}
    assert len(set(where.values())) == 2
    assert str(shop.project) not in where.values()
    assert shop.git("ls-files").splitlines() == ["1.txt", "2.txt", "README", "prd.json"]
    assert shop.kinds.count("merge.completed") == 2
    assert shop.statuses() == {"T-1": "done", "T-2": "done"}
    shop.require_nothing_left()


def test_a_task_begins_with_what_the_tasks_before_it_made(shop: Scene) -> None:
    shop.tasks("T-1", {"id": "T-2", "title": "second", "dependencies": ["T-1"]})
    shop.calls(call("T-1", write("base.txt", "base\n")), call("T-2", {"run": "cp base.txt copy.txt"}))

    ran = shop.run(*BOTH)

    assert ran.code == 0
    assert [call["task"] for call in shop.asked()] == ["T-1", "T-2"]
    assert (shop.project / "copy.txt").read_text() == "base\n"
    shop.require_nothing_left()


def test_a_conflict_is_told_to_the_agent_which_resolves_it(shop: Scene) -> None:
    shop.tasks("T-1", "T-2")
    told = {"match": "conflicts with main in README", "do": [RESOLVE, {"say": DONE}]}
    both(shop, [write("README", "1\n")], [write("README", "2\n")], told)

    ran = shop.run(*BOTH)

    assert (ran.code, ran.data["unmerged"]) == (0, [])
    (failed,) = shop.of("merge.failed")
    assert (failed["reason"], failed["files"]) == ("conflict", ["README"])
    assert (shop.project / "README").read_text() == "both\n"
    shop.require_nothing_left()


def test_after_a_conflict_was_resolved_the_run_goes_on_with_the_tasks_that_waited_for_it(shop: Scene) -> None:
    shop.tasks("T-1", "T-2", {"id": "T-3", "title": "third", "dependencies": ["T-1", "T-2"]})
    told = {"match": "conflicts with main in README", "do": [RESOLVE, {"say": DONE}]}
    both(shop, [write("README", "1\n")], [write("README", "2\n")], told, call("T-3", {"run": "cp README copy"}))

    ran = shop.run(*BOTH, "--require-diff")

    assert (ran.code, ran.data["done"], ran.data["unmerged"]) == (0, 3, [])
    assert (shop.project / "copy").read_text() == "both\n"
    shop.require_nothing_left()


def test_a_conflict_that_stays_is_no_success_and_nothing_of_it_is_lost(shop: Scene) -> None:
    shop.tasks("T-1", "T-2")
    both(shop, [write("README", "1\n")], [write("README", "2\n")], otherwise={"say": DONE})

    ran = shop.run(*BOTH, "--max-attempts", "2")

    document = ran.document
    assert (ran.code, document["error"]["code"]) == (9, "loop.unfinished")
    (left,) = document["data"]["unmerged"]
    assert (left["reason"], left["files"]) == ("conflict", ["README"])
    won = (shop.project / "README").read_text()
    assert {won, shop.git("show", f"{left['branch']}:README") + "\n"} == {"1\n", "2\n"}
    assert shop.statuses()[left["task"]] != "done"


def test_what_passes_alone_and_fails_merged_is_not_merged(shop: Scene) -> None:
    shop.tasks("T-1", "T-2")
    mend = {"run": "for x in a b; do test ! -e $x || git mv $x c; done"}
    told = {"match": r"merged with main it fails: .*! test -e a", "do": [mend, {"say": DONE}]}
    both(shop, [write("a", "a")], [write("b", "b")], told)

    ran = shop.run(*BOTH, "--check", "! test -e a || ! test -e b")

    assert (ran.code, ran.data["unmerged"]) == (0, [])
    assert [failed["reason"] for failed in shop.of("merge.failed")] == ["checks"]
    assert len({"a", "b", "c"} & set(shop.git("ls-files").splitlines())) == 2
    assert shop.git("log", "--first-parent", "--format=%s").count("Merge ") == 2
    shop.require_nothing_left()


def test_what_is_unfinished_when_a_limit_ends_the_run_is_kept_named_and_gone_on_with(shop: Scene) -> None:
    shop.tasks("T-1", "T-2")
    half = {"run": "echo 1 > half.txt; git add -A; git commit -qm half; echo 2 > rest.txt"}
    shop.calls(
        call("T-1", half, say="Half of it."),
        call("T-2", write("2.txt", "2")),
        call("T-1", {"run": "cat half.txt rest.txt > whole.txt"}),
    )

    ran = shop.run(*BOTH, "--max-iterations", "2")

    data = ran.document["data"]
    assert (ran.code, data["status"], data["done"]) == (8, "limit", 1)
    (left,) = data["unmerged"]
    assert (left["task"], left["reason"]) == ("T-1", "unfinished")
    place = Path(left["message"].partition("1 commits wait there, and 1 changed files in ")[2])
    assert (place / "rest.txt").read_text() == "2\n"
    assert left["branch"] in shop.branches()
    assert not (shop.project / "half.txt").exists()

    again = shop.program("loop", "resume", "--max-iterations", "9", "--json")

    assert (again.code, again.data["unmerged"]) == (0, [])
    assert (shop.project / "whole.txt").read_text() == "1\n2\n"
    shop.require_nothing_left()


@pytest.mark.parametrize("argv", [(), ("--dry-run",), ("--detach",)])
def test_a_dirty_tree_is_refused_before_anything_is_begun(shop: Scene, home: Path, argv: tuple[str, ...]) -> None:
    shop.tasks("T-1", "T-2")
    (shop.project / "README").write_text("mine\n")
    (shop.project / "new").write_text("mine, too\n")

    ran = shop.run(*BOTH, *argv)

    assert (ran.code, ran.document["error"]["code"]) == (5, "loop.dirty_tree")
    assert ran.document["error"]["details"]["files"] == ["README", "new"]
    assert not list((home / "sessions").glob("*"))
    assert (shop.project / "README").read_text() == "mine\n"


def test_where_there_is_no_repository_it_is_refused(shop: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = shop.root / "bare"
    (bare / ".cowork").mkdir(parents=True)
    (bare / "prd.json").write_text(shop.tasks("T-1", "T-2").read_text())
    monkeypatch.chdir(bare)

    ran = shop.run(*BOTH)

    assert (ran.code, ran.document["error"]["code"]) == (4, "loop.no_repository")


def test_what_the_user_edits_meanwhile_is_kept_and_the_task_waits_for_them(shop: Scene) -> None:
    """Nobody but them can make room: no agent is asked again and again, and the run goes on with what it can."""
    shop.tasks("T-1", {"id": "T-2", "title": "second", "dependencies": ["T-1"]})
    shop.calls(
        call("T-1", {"run": f"echo mine >> {shop.project}/README"}, write("1.txt", "1")),
        {"match": "committed", **call("T-1")},
        call("T-2", write("2.txt", "2")),
    )

    ran = shop.run(*BOTH)

    document = ran.document
    assert (ran.code, document["error"]["code"]) == (8, "loop.blocked")
    assert "the project has changes that are not committed: README" in document["error"]["details"]["cause"]
    assert (shop.project / "README").read_text() == "shop\nmine\n"
    assert [left["reason"] for left in document["data"]["unmerged"]] == ["refused"]
    assert len(shop.asked()) == 1

    shop.git("commit", "-qam", "mine")
    assert shop.program("loop", "answer", "last", "I have committed it.").code == 0
    again = shop.program("loop", "resume", "--json")

    assert (again.code, again.data["unmerged"]) == (0, [])
    assert (shop.project / "README").read_text() == "shop\nmine\n"
    assert {"1.txt", "2.txt"} <= set(shop.git("ls-files").splitlines())
    shop.require_nothing_left()


def test_finished_tasks_and_their_file_are_committed(shop: Scene) -> None:
    shop.tasks("T-1", {"id": "T-2", "title": "second", "labels": ["bug"]})
    both(shop, [write("1.txt", "1")], [write("2.txt", "2")])

    ran = shop.run(*BOTH, "--auto-commit", "--commit-message", "{{taskType}}: {{taskId}} {{taskTitle}}")

    assert ran.code == 0
    assert shop.git("status", "--porcelain", "--", ":!.cowork") == ""
    committed = json.loads(shop.git("show", "HEAD:prd.json"))
    assert [task["status"] for task in committed["tasks"]] == ["done", "done"]
    subjects = shop.git("log", "--no-merges", "--format=%s", "--", "1.txt", "2.txt").splitlines()
    assert sorted(subjects) == ["chore: T-1 Make T-1", "fix: T-2 second"]
    shop.require_nothing_left()


@pytest.mark.parametrize("tasks", ["prd.json", "../prd.json"])
def test_a_project_in_a_part_of_the_repository(shop: Scene, monkeypatch: pytest.MonkeyPatch, tasks: str) -> None:
    part = shop.project / "part"
    (part / ".cowork").mkdir(parents=True)
    (part / "code").write_text("code\n")
    shop.tasks("T-1", "T-2", name=str(Path("part", tasks)))
    shop.git("add", "part/code")
    shop.git("commit", "-qm", "a part")
    both(shop, [{"run": "test -e code"}, write("1.txt", "1")], [{"run": "test -e code"}, write("2.txt", "2")])
    monkeypatch.chdir(part)

    ran = shop.run("--tasks", tasks, *BOTH[2:])

    assert (ran.code, ran.data["unmerged"]) == (0, [])
    assert {"part/1.txt", "part/2.txt"} <= set(shop.git("ls-files").splitlines())
    assert {Path(call["cwd"]).name for call in shop.asked()} == {"part"}
    shop.require_nothing_left()


@pytest.fixture
def working(shop: Scene) -> Iterator[tuple[Scene, subprocess.Popen[str]]]:
    """A run whose two agents have both begun, have each written something, and wait to be let go on."""
    shop.tasks("T-1", "T-2")
    shop.fifo("begun-1", "begun-2", "go-1", "go-2")
    for task in "1", "2":
        (shop.root / f"wait-{task}").write_text(f"echo > {shop.root}/begun-{task}; cat {shop.root}/go-{task}\n")
    shop.calls(
        *(call(f"T-{n}", write(f"{n}.txt", n), {"run": f". {shop.root}/wait-{n}"}) for n in "12"),
        {"repeat": "always", "run": "cat [12].txt > again.$FAKE_TASK", "say": DONE},
    )
    with shop.started("loop", "run", *BOTH, "--agent", "fake-agent", "--json") as process:
        for task in "12":
            (shop.root / f"begun-{task}").read_text()
        yield shop, process


def let_go(shop: Scene) -> None:
    for task in "12":
        (shop.root / f"go-{task}").write_text("")


def test_a_stop_lets_all_of_them_finish(working: tuple[Scene, subprocess.Popen[str]]) -> None:
    shop, process = working
    assert shop.program("loop", "stop").code == 0
    let_go(shop)

    out, _ = process.communicate(timeout=PATIENCE_S)

    data = json.loads(out)["data"]
    assert (process.returncode, data["status"], data["reason"]) == (8, "interrupted", "stopped")
    assert shop.kinds.count("task.completed") == 2
    shop.require_nothing_left()


def test_a_cancel_ends_all_of_them_and_keeps_what_they_made(working: tuple[Scene, subprocess.Popen[str]]) -> None:
    shop, process = working
    assert shop.program("loop", "cancel").code == 0

    out, _ = process.communicate(timeout=PATIENCE_S)

    data = json.loads(out)["data"]
    assert (process.returncode, data["status"]) == (1, "aborted")
    assert [left["task"] for left in data["unmerged"]] == ["T-1", "T-2"]
    assert len(shop.worktrees()) == 2


def test_a_pause_waits_for_all_of_them_and_a_resume_goes_on(working: tuple[Scene, subprocess.Popen[str]]) -> None:
    shop, process = working
    tasks = json.loads((shop.project / "prd.json").read_text())
    tasks["tasks"].append({"id": "T-3", "title": "third"})
    (shop.project / "prd.json").write_text(json.dumps(tasks))
    assert shop.program("loop", "pause").code == 0
    let_go(shop)
    paused = shop.program("loop", "pause", "--wait", "--json")
    assert (paused.data["state"], shop.statuses()) == ("paused", {"T-1": "done", "T-2": "done", "T-3": None})

    assert shop.program("loop", "resume", "--json").data["status"] == "continued"

    process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    shop.require_nothing_left()


def test_killed_amid_the_work_of_two_it_goes_on_with_both(working: tuple[Scene, subprocess.Popen[str]]) -> None:
    shop, process = working
    killed(process)

    again = shop.program("loop", "resume", "--json")

    assert (again.code, again.data["unmerged"]) == (0, [])
    assert {"1.txt", "2.txt", "again.T-1", "again.T-2"} <= set(shop.git("ls-files").splitlines())
    assert [event["iteration"] for event in shop.of("iteration.completed")] in ([1, 2], [2, 1])
    shop.require_nothing_left()


def test_killed_amid_a_merge_it_is_merged_once(shop: Scene) -> None:
    """The check blocks when it is run for the second time: on the merged tree."""
    shop.tasks("T-1", "T-2")
    shop.fifo("merging", "never")
    check = shop.root / "check"
    check.write_text(f"test -e {shop.root}/once || {{ touch {shop.root}/once; exit 0; }}\n")
    with check.open("a") as more:
        more.write(f"test ! -p {shop.root}/merging || {{ echo > {shop.root}/merging; cat {shop.root}/never; }}\n")
    shop.calls(call("T-1", write("1.txt", "1")), call("T-2", write("2.txt", "2")))
    one = ("--tasks", "prd.json", "--parallel", "2", "--check", f"sh {check}", "--agent", "fake-agent")
    with shop.started("loop", "run", *one) as process:
        (shop.root / "merging").read_text()
        killed(process)
    (shop.root / "merging").unlink()

    again = shop.program("loop", "resume", "--json")

    assert (again.code, again.data["unmerged"]) == (0, [])
    assert shop.git("log", "--first-parent", "--format=%s").count("Merge ") == 2
    assert [call["task"] for call in shop.asked()].count("T-1") == 1
    assert git(shop.project, "status", "--porcelain", "--", ":!.cowork", ":!prd.json") == ""
    shop.require_nothing_left()


def test_what_an_interrupt_leaves_is_named_also_when_it_comes_twice(working: tuple[Scene, subprocess.Popen[str]]) -> None:
    shop, process = working
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)

    out, _ = process.communicate(timeout=PATIENCE_S)

    data = json.loads(out)["data"]
    assert process.returncode in (130, 143)
    assert [(left["task"], left["reason"]) for left in data["unmerged"]] == [("T-1", "unfinished"), ("T-2", "unfinished")]
    assert shop.kinds[-3:] == ["merge.failed", "merge.failed", "run.interrupted"]


def test_what_an_error_leaves_is_named(working: tuple[Scene, subprocess.Popen[str]]) -> None:
    shop, process = working
    (shop.project / "prd.json").write_text("{")
    let_go(shop)

    process.communicate(timeout=PATIENCE_S)

    assert process.returncode == 4
    assert shop.kinds[-1] == "run.failed"
    assert {left["task"] for left in shop.of("merge.failed")} == {"T-1", "T-2"}


def test_what_is_left_is_named_once_however_often_it_is_gone_on_with(shop: Scene) -> None:
    shop.tasks("T-1", "T-2")
    both(shop, [write("README", "1\n")], [write("README", "2\n")], otherwise={"say": DONE})
    assert shop.run(*BOTH, "--max-attempts", "2").code == 9

    again = shop.program("loop", "resume", "--again", "--max-iterations", "4", "--json")

    assert [left["reason"] for left in again.document["data"]["unmerged"]] == ["conflict"]
