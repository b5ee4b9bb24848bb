"""Whole runs recorded and had again: without their agents, with the same answers, changes, limits and end."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.loop.repository.repositories import git
from tests.loop.whole import DONE, Scene, scene
from tests.support import Ran, run_here

AGENTS = ("--agent", "fake-agent")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return scene(tmp_path, monkeypatch)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "calls.jsonl"


def copied(shop: Scene) -> Path:
    """The project as it is before the run that is recorded."""
    copy = shop.root / "copy"
    shutil.copytree(shop.project, copy, symlinks=True)
    return copy


def record(shop: Scene, file: Path, *argv: str) -> Ran:
    return run_here("loop", "run", *argv, "--record", str(file), "--json")


def again(shop: Scene, copy: Path, file: Path, monkeypatch: pytest.MonkeyPatch, *argv: str) -> Ran:
    """The same run in the copy, where no agent is to be had."""
    monkeypatch.chdir(copy)
    monkeypatch.delenv("COWORK_FAKE_AGENT")
    (shop.root / "bin" / "cowork-fake-agent").unlink(missing_ok=True)
    return run_here("loop", "run", *argv, "--replay", str(file), "--json")


def files(place: Path) -> dict[str, bytes]:
    found = (path for path in place.rglob("*") if path.is_file() and not {".git", ".cowork"} & set(path.parts))
    return {str(path.relative_to(place)): path.read_bytes() for path in found}


def gist(ran: Ran) -> dict[str, Any]:
    """What of a report is the same when the run is had again."""
    data = ran.document["data"]
    return {name: data[name] for name in ("status", "reason", "iterations", "tokens", "done", "output", "unmerged")}


def test_many_iterations_come_again_with_all_that_they_changed(
    shop: Scene, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.calls(
        {"write": {"path": "a/one.txt", "text": "1\n"}, "say": "One."},
        {"append": {"path": "a/one.txt", "text": "2\n"}, "run": "head -c 3000 /dev/urandom > noise", "say": "Two."},
        {"delete": "README", "say": DONE},
    )
    copy = copied(shop)

    first = record(shop, file, "Do it.", *AGENTS)
    second = again(shop, copy, file, monkeypatch, "Do it.")

    assert (first.code, second.code) == (0, 0)
    assert gist(second) == gist(first)
    assert files(copy) == files(shop.project)
    assert "README" not in files(copy)
    assert second.data["agents"] == ["fake-agent"]
    assert [answer["message"] for answer in shop.of("agent.completed")] == [
        "One.",
        "Two.",
        "Done.\n<promise>COMPLETE</promise>",
    ]


@pytest.fixture
def impatient(home: Path) -> tuple[str, ...]:
    """Two agents of different names that hand every limit over to the loop."""
    home.mkdir()
    entry = "{plugin: fake-agent, rate_limit_handling: {enabled: false}}"
    (home / "config.yaml").write_text(f"agents:\n  one: {entry}\n  other: {entry}\n")
    return ("--agent", "one", "--fallback", "other")


def test_a_limit_comes_again_and_who_stood_in(
    shop: Scene, file: Path, impatient: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.calls({"rate_limit": {"in_s": 4000}}, {"write": {"path": "one.txt", "text": "1\n"}, "say": DONE})
    copy = copied(shop)

    first = record(shop, file, "Do it.", *impatient)
    switched = shop.of("agent.limited", "agent.switched")
    second = again(shop, copy, file, monkeypatch, "Do it.")

    assert (first.code, second.code) == (0, 0)
    assert [event.get("after") for event in shop.of("agent.limited", "agent.switched")] == [None, "other"]
    assert [event.get("after") for event in switched] == [None, "other"]
    assert files(copy) == files(shop.project)


def test_nobody_is_waited_for_who_is_not_asked(
    shop: Scene, file: Path, impatient: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.calls({"rate_limit": {"in_s": 0.1}}, {"write": {"path": "one.txt", "text": "1\n"}, "say": DONE})
    copy = copied(shop)
    assert record(shop, file, "Do it.", *impatient[:2]).code == 0
    calls = [json.loads(line) for line in file.read_text().splitlines()]
    calls[0]["error"]["retry_after"] = 4000
    file.write_text("".join(json.dumps(call) + "\n" for call in calls))

    second = again(shop, copy, file, monkeypatch, "Do it.")

    assert second.code == 0
    assert shop.of("agent.limited")[0]["wait_s"] == 4000
    assert files(copy) == files(shop.project)


def test_over_a_resumption_the_rest_comes_again(shop: Scene, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.calls(*({"write": {"path": f"{n}.txt", "text": n}, "say": f"Did {n}."} for n in "123"), {"say": DONE})
    copy = copied(shop)
    assert record(shop, file, "Do it.", *AGENTS, "--max-iterations", "2").code == 8
    assert run_here("loop", "resume", "--max-iterations", "9").code == 0

    assert again(shop, copy, file, monkeypatch, "Do it.", "--max-iterations", "2").code == 8
    assert set(files(copy)) == {"README", "1.txt", "2.txt"}
    second = run_here("loop", "resume", "--max-iterations", "9", "--json")

    assert (second.code, second.data["iterations"]) == (0, 4)
    assert files(copy) == files(shop.project)


def test_tasks_side_by_side_come_again_whatever_their_order(shop: Scene, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the recording the agent of T-2 waits until that of T-1 has begun its second iteration; nothing makes it wait again."""
    shop.tasks("T-1", "T-2")
    shop.fifo("second")
    shop.calls(
        {"task": "T-1", "write": {"path": "1.txt", "text": "half\n"}, "say": "Half."},
        {"task": "T-2", "run": f"cat {shop.root}/second", "write": {"path": "2.txt", "text": "2\n"}, "say": "Half, too."},
        {"task": "T-1", "run": f"echo > {shop.root}/second", "append": {"path": "1.txt", "text": "whole\n"}, "say": DONE},
        {"task": "T-2", "append": {"path": "2.txt", "text": "whole\n"}, "say": DONE},
    )
    copy = copied(shop)
    argv = ("--tasks", "prd.json", "--parallel", "2")

    first = record(shop, file, *argv, *AGENTS)
    second = again(shop, copy, file, monkeypatch, *argv)

    assert (first.code, second.code) == (0, 0)
    assert files(copy) == files(shop.project)
    assert (copy / "1.txt").read_text() == "half\nwhole\n"
    assert git(copy, "worktree", "list").count("\n") == 0


def test_the_word_in_the_promise_is_that_of_the_recording(shop: Scene, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.calls({"write": {"path": "one.txt", "text": "1\n"}, "say": DONE})
    copy = copied(shop)
    first = record(shop, file, "Do it.", *AGENTS, "--nonce")
    nonce = shop.events[0]["data"]["order"]["completion"]["nonce"]

    second = again(shop, copy, file, monkeypatch, "Do it.", "--nonce")

    assert (first.code, second.code) == (0, 0)
    assert len(nonce) == 8
    assert shop.events[0]["data"]["order"]["completion"]["nonce"] == nonce


def test_a_recording_that_is_used_up_ends_the_run_and_says_so(shop: Scene, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.calls({"say": "Not yet."}, {"say": DONE})
    copy = copied(shop)
    record(shop, file, "Do it.", *AGENTS, "--max-iterations", "1")

    second = again(shop, copy, file, monkeypatch, "Do it.")

    error = second.document["error"]
    assert (second.code, error["code"]) == (4, "replay.exhausted")
    assert "holds no call left for 2" in error["message"]
    assert [event["reason"] for event in shop.of("run.failed")] == ["replay.exhausted"]


def test_changes_that_do_not_fit_end_the_run_and_change_nothing(
    shop: Scene, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.calls({"append": {"path": "README", "text": "more\n"}, "say": DONE})
    copy = copied(shop)
    record(shop, file, "Do it.", *AGENTS)
    (copy / "README").write_text("quite another project\n")

    second = again(shop, copy, file, monkeypatch, "Do it.")

    assert (second.code, second.document["error"]["code"]) == (5, "replay.does_not_apply")
    assert (copy / "README").read_text() == "quite another project\n"
    assert [event["reason"] for event in shop.of("run.failed")] == ["replay.does_not_apply"]


@pytest.mark.parametrize(("content", "code"), [(None, "replay.unreadable"), ("{}\n", "replay.corrupt")])
def test_what_is_no_recording_is_refused_before_a_session_exists(
    shop: Scene, file: Path, home: Path, content: str | None, code: str
) -> None:
    if content is not None:
        file.write_text(content)

    ran = run_here("loop", "run", "Do it.", "--replay", str(file), "--json")

    assert (ran.code, ran.document["error"]["code"]) == (4, code)
    assert not (home / "sessions").exists()


def test_recording_and_replaying_at_once_is_refused(shop: Scene, file: Path) -> None:
    file.write_text("")
    ran = run_here("loop", "run", "Do it.", *AGENTS, "--record", "x", "--replay", str(file), "--json")

    assert (ran.code, ran.document["error"]["code"]) == (2, "loop.bad_option")
