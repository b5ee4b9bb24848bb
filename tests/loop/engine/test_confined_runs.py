"""Whole runs in a sandbox: agents and the checks of their work run inside it, or the run does not begin."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.core.sandboxing.world import bwrap, bwrap_works
from tests.loop.whole import DONE, Scene, scene
from tests.support import ROOT, Ran


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A scene whose script lies where it may be read and counted from inside, and a bwrap on the PATH where there is one."""
    shop = scene(tmp_path, monkeypatch)
    shop.script = tmp_path / "agent" / "script.json"
    shop.script.parent.mkdir()
    monkeypatch.setenv("COWORK_FAKE_AGENT", str(shop.script))
    monkeypatch.setenv("COWORK_FAKE_AGENT_LOG", str(shop.script.with_name("log")))
    if program := bwrap():
        monkeypatch.setenv("PATH", f"{Path(program).parent}{os.pathsep}{os.environ['PATH']}")
    return shop


def confined(shop: Scene, *argv: str) -> Ran | None:
    """A run in a sandbox; None on a machine that can make none, where it has to be refused."""
    (shop.root / "outside").mkdir()
    paths = ("--allow-path", str(shop.script.parent), "--read-path", str(ROOT), "--read-path", str(shop.root / "outside"))
    ran = shop.run(*argv, "--sandbox", "auto", *paths)
    if bwrap_works():
        return ran
    assert (ran.code, ran.document["error"]["code"]) == (7, "sandbox.unavailable")
    return None


def test_without_one_nothing_is_begun(shop: Scene, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.calls({"say": DONE})
    monkeypatch.setenv("PATH", str(shop.root / "bin"))

    ran = shop.run("Do it.", "--sandbox", "auto")

    assert (ran.code, ran.document["error"]["code"]) == (7, "sandbox.unavailable")
    assert not (home / "sessions").exists()
    assert not shop.script.with_name("log").exists()


def test_agents_and_checks_work_inside(shop: Scene, home: Path) -> None:
    outside = shop.root / "outside" / "file"
    shop.calls(
        {"run": f"! (echo x > {outside})", "write": {"path": "made", "text": "made\n"}, "say": DONE},
        {"say": DONE},
    )

    ran = confined(shop, "Do it.", "--check", f"! test -e {home}/sessions", "--check", "test -e made")
    if ran is None:
        return

    assert (ran.code, [check["status"] for check in shop.of("check.completed")]) == (0, [0, 0])
    assert not outside.exists()
    assert (shop.project / "made").read_text() == "made\n"


def test_an_agent_that_writes_outside_fails(shop: Scene) -> None:
    outside = shop.root / "outside" / "file"
    shop.calls({"run": f"echo x > {outside}", "say": DONE})

    ran = confined(shop, "Do it.", "--on-error", "abort")
    if ran is None:
        return

    assert (ran.code, ran.document["error"]["code"]) == (1, "loop.aborted")
    assert not outside.exists()


def test_what_others_would_follow_ends_the_run(shop: Scene) -> None:
    """A link in the place of a file that editors and git read: whoever looks into the project would follow it."""
    shop.calls({"run": "ln -s /etc .vscode", "say": DONE})

    ran = confined(shop, "Do it.")
    if ran is None:
        return

    assert (ran.code, ran.document["data"]["reason"]) == (1, "tampered")
    assert f"{shop.project}/.vscode" in ran.document["data"]["message"]
    assert "completion.accepted" not in shop.kinds


def test_each_task_has_a_sandbox_around_its_own_tree(shop: Scene) -> None:
    shop.tasks("T-1", "T-2")
    peek = f'test -z "$(ls {shop.project})" || ! test -w {shop.project}'
    shop.calls(
        {"task": "T-1", "run": peek, "write": {"path": "1.txt", "text": "1"}, "say": DONE},
        {"task": "T-2", "run": peek, "write": {"path": "2.txt", "text": "2"}, "say": DONE},
    )

    ran = confined(shop, "--tasks", "prd.json", "--parallel", "2", "--check", "test -e README")
    if ran is None:
        return

    assert (ran.code, ran.document["data"]["unmerged"]) == (0, [])
    assert {"1.txt", "2.txt"} <= set(shop.git("ls-files").splitlines())
    shop.require_nothing_left()
