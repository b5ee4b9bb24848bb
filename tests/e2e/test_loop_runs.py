"""Working loops as people run them: in the background, watched, told of, and steered from other terminals."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from tests.loop.provider_server import provider
from tests.loop.repository.repositories import written
from tests.loop.whole import DONE, PATIENCE_S, Scene, scene
from tests.support import PROGRAM, alive, run_here

AGENT = ("--agent", "fake-agent")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return scene(tmp_path, monkeypatch)


def held(shop: Scene, *then: dict[str, Any]) -> None:
    """The agent's first call says something, and ends once somebody writes to the pipe `go`."""
    shop.fifo("begun", "go")
    waits = {"run": f"echo > {shop.root}/begun; cat {shop.root}/go"}
    shop.calls({"do": [{"say": "I look at it.\nIt is long."}, waits, {"say": "Half."}]}, *then)


def begun(shop: Scene) -> None:
    (shop.root / "begun").read_text()


def let_go(shop: Scene) -> None:
    (shop.root / "go").write_text("")


class TestInTheBackground:
    def test_it_is_watched_followed_paused_and_gone_on_with_and_the_watcher_ends_as_it_does(self, shop: Scene) -> None:
        held(shop, {"write": {"path": "made", "text": "x"}, "say": DONE})
        ran = shop.program("loop", "run", "Do it.", *AGENT, "--detach", "--json")
        assert (ran.code, ran.data["status"]) == (0, "detached")
        begun(shop)
        session = ran.data["session_id"]
        watching = shop.started("loop", "watch", session, "--all", "--stream")
        following = shop.started("loop", "logs", session, "--follow")

        with watching as watcher, following as follower:
            assert shop.program("loop", "pause").code == 0
            let_go(shop)
            assert shop.program("loop", "pause", "--wait", "--json").data["state"] == "paused"
            assert shop.program("loop", "status", "--json").data["state"] == "paused"
            assert shop.program("loop", "resume", session, "--json").data["status"] == "continued"
            watched, _ = watcher.communicate(timeout=PATIENCE_S)
            followed, _ = follower.communicate(timeout=PATIENCE_S)

        kinds = [json.loads(line)["type"] for line in watched.splitlines()]
        assert (watcher.returncode, kinds[0], kinds[-2:]) == (0, "run.started", ["run.completed", "result"])
        assert {"run.paused", "run.continued", "iteration.completed"} <= set(kinds)
        assert "I look at it." in followed and "Half." in followed and "Done." in followed
        assert (shop.project / "made").exists()

    def test_it_is_stopped_and_the_watcher_says_that_it_is_pending(self, shop: Scene) -> None:
        held(shop)
        shop.program("loop", "run", "Do it.", *AGENT, "--detach")
        begun(shop)

        with shop.started("loop", "watch", "--json") as watcher:
            assert shop.program("loop", "stop", "--json").code == 0
            let_go(shop)
            out, _ = watcher.communicate(timeout=PATIENCE_S)

        assert (watcher.returncode, json.loads(out)["data"]["reason"]) == (8, "stopped")

    def test_it_outlives_its_terminal(self, shop: Scene) -> None:
        """The shell's whole session is hung up on, as when its window is closed."""
        held(shop, {"say": DONE})
        controller, terminal = pty.openpty()
        words = [str(PROGRAM), "loop", "run", "Do it.", *AGENT, "--detach"]
        with subprocess.Popen(words, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True) as process:
            os.close(terminal)
            assert process.wait(PATIENCE_S) == 0
        begun(shop)
        os.close(controller)
        with pytest.raises(ProcessLookupError):
            os.killpg(process.pid, signal.SIGHUP)  # nobody of that session is left
        let_go(shop)

        assert shop.program("loop", "watch").code == 0
        assert shop.kinds[-1] == "run.completed"

    def test_what_cannot_begin_is_said_at_once(self, shop: Scene, home: Path) -> None:
        ran = shop.program("loop", "run", "Do it.", "--agent", "nobody", "--detach", "--json")

        assert (ran.code, ran.document["error"]["code"]) == (3, "loop.no_such_agent")
        assert not (home / "sessions").exists()


class TestTelling:
    @pytest.fixture
    def address(self, httpserver: HTTPServer, home: Path) -> HTTPServer:
        httpserver.expect_request("/told", method="POST").respond_with_data("")
        home.mkdir()
        (home / "config.yaml").write_text(f'notify_urls: ["json://127.0.0.1:{httpserver.port}/told"]\n')
        return httpserver

    @pytest.mark.parametrize(
        ("calls", "argv", "end"),
        [
            ([{"say": DONE}], (), "completed"),
            ([{"say": "Half."}], ("--max-iterations", "1"), "limit"),
            ([{"say": "<blocked>Which one?</blocked>"}], (), "blocked"),
            ([{"rate_limit": {"in_s": 4000}}], ("--on-rate-limit", "exit"), "rate-limited"),
            ([{"crash": "KILL"}], ("--on-error", "abort"), "aborted"),
            ([{"crash": "KILL"}], ("--on-error", "skip"), "failed"),
            ([{"run": "echo '{' > ../project/prd.json", "say": "Half."}], ("--tasks", "prd.json"), "failed"),
        ],
    )
    def test_of_every_end(
        self, shop: Scene, address: HTTPServer, calls: list[dict[str, Any]], argv: tuple[str, ...], end: str
    ) -> None:
        shop.calls(*calls)
        if argv[:1] == ("--tasks",):
            shop.tasks("T-1")

        shop.run(*(argv if "--tasks" in argv else ("Do it.", *argv)))

        (told,) = [json.loads(request.data) for request, _ in address.log]
        assert told["title"].startswith(f"cowork loop {end}: ")
        assert shop.session.session_id in told["message"]

    def test_nobody_where_that_is_not_wanted(self, shop: Scene, address: HTTPServer) -> None:
        shop.calls({"say": DONE})

        assert shop.run("Do it.", "--no-notify").code == 0
        assert address.log == []

    def test_of_a_signal_too(self, shop: Scene, address: HTTPServer) -> None:
        held(shop)
        with shop.started("loop", "run", "Do it.", *AGENT, "--json") as process:
            begun(shop)
            process.terminate()
            out, _ = process.communicate(timeout=PATIENCE_S)

        assert (process.returncode, json.loads(out)["data"]["status"]) == (143, "interrupted")
        assert [json.loads(request.data)["title"] for request, _ in address.log] == ["cowork loop interrupted: Do it."]


class TestCommitting:
    def test_with_a_message_of_ones_own(self, shop: Scene) -> None:
        shop.tasks({"id": "T-1", "title": "Say $(touch evil) `x` {{taskId}}", "labels": ["bug"]})
        shop.calls({"write": {"path": "made", "text": "x"}, "say": DONE})

        template = "{{taskType}}({{taskId}}): {{taskTitle}}\n\nBy {{agentName}} in {{sessionId}}. {{unknown}}"
        ran = shop.run("--tasks", "prd.json", "--auto-commit", "--commit-message", template)

        subject, body = shop.git("log", "-1", "--format=%s%x00%b").split("\0")
        assert (ran.code, ran.data["commits"]) == (0, 1)
        assert subject == "fix(T-1): Say $(touch evil) `x` {{taskId}}"
        assert body.startswith(f"By fake-agent in {shop.session.session_id}. {{{{unknown}}}}")
        assert shop.git("status", "--porcelain", "--", ":!.cowork") == ""

    def test_that_a_hook_refuses_it_is_noted_and_stops_nothing(self, shop: Scene) -> None:
        hook = shop.project / ".git" / "hooks" / "pre-commit"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\necho the linter says no\nexit 1\n")
        hook.chmod(0o755)
        shop.calls({"write": {"path": "made", "text": "x"}, "say": DONE})

        ran = shop.run("Do it.", "--auto-commit")

        assert (ran.code, ran.data["commits"]) == (0, 0)
        (failed,) = shop.of("task.commit_failed")
        assert "the linter says no" in failed["message"]
        assert shop.git("log", "--format=%s") == "begin"

    def test_nothing_new_is_no_commit_and_no_failure(self, shop: Scene) -> None:
        shop.calls({"say": DONE})

        ran = shop.run("Do it.", "--auto-commit")

        assert (ran.code, ran.data["commits"], shop.of("task.committed", "task.commit_failed")) == (0, 0, [])


def test_what_models_deliberate_reaches_the_agent(shop: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over real HTTP: in every iteration a table answers, and its answer is in what the agent is told."""
    shop.calls({"match": "Use a sorted list", "say": "Half."}, {"match": "Use a sorted list", "say": DONE})
    answer = json.dumps({"answer": "Use a sorted list", "confidence": 0.9, "reason": "simple"})
    with provider(lambda body, number: answer) as server:
        monkeypatch.setenv("GROQ_API_KEY", "k")
        monkeypatch.setenv("GROQ_BASE_URL", server.url)
        seats = ("--seat", "first=groq/one", "--seat", "second=groq/two", "--seat", "judge=groq/three")
        ran = shop.run("Do it.", "--every-iteration", "--pattern", "debate", *seats)

    assert (ran.code, ran.data["iterations"]) == (0, 2)
    assert len(shop.of("counsel.given")) == 2
    assert any("Do it." in message["content"] for body in server.requests for message in body["messages"])


def test_a_task_may_name_its_pattern(shop: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.tasks({"id": "T-1", "title": "first", "pattern": "debate"}, "T-2")
    shop.calls({"task": "T-1", "match": "Use a sorted list", "say": DONE}, {"task": "T-2", "say": DONE})
    answer = json.dumps({"answer": "Use a sorted list", "confidence": 0.9, "reason": "simple"})
    with provider(lambda body, number: answer) as server:
        monkeypatch.setenv("GROQ_API_KEY", "k")
        monkeypatch.setenv("GROQ_BASE_URL", server.url)
        ran = shop.run("--tasks", "prd.json")

    assert (ran.code, [given["task"] for given in shop.of("counsel.given")]) == (0, ["T-1"])
    assert len(server.requests) >= 2


class TestWhatAUserMeets:
    def test_one_document_on_success_and_on_failure(self, shop: Scene) -> None:
        shop.calls({"say": DONE})
        good = shop.program("loop", "run", "Do it.", *AGENT, "--json").document
        shop.calls({"say": "Half."})
        bad = shop.program("loop", "run", "Do it.", *AGENT, "--max-iterations", "1", "--json").document

        assert (good["ok"], good["data"]["status"], good["error"]) == (True, "completed", None)
        assert (bad["ok"], bad["data"]["status"], bad["error"]["exit"]) == (False, "limit", 8)
        assert good["data"].keys() == bad["data"].keys()

    def test_a_stream_has_what_is_said_live_and_ends_with_the_result(self, shop: Scene) -> None:
        held(shop, {"say": DONE})
        with shop.started("loop", "run", "Do it.", *AGENT, "--stream") as process:
            begun(shop)
            assert process.stdout is not None
            lines = iter(process.stdout)
            heard = next(json.loads(line) for line in lines if '"agent.output"' in line)
            let_go(shop)  # it was heard while the agent was at work
            rest = [json.loads(line) for line in lines]
            process.wait(PATIENCE_S)

        assert "I look at it." in heard["data"]["text"]
        assert [event["type"] for event in rest][-2:] == ["run.completed", "result"]
        assert (process.returncode, rest[-1]["data"]["ok"]) == (0, True)

    @pytest.mark.parametrize(
        ("argv", "code", "words"),
        [
            ((), 3, "there is no task, and no file of tasks"),
            (("",), 2, "there is no task"),
            (("x", "--tasks", "prd.json"), 2, "there is a task in words and a file of tasks"),
            (("x", "--parallel", "2"), 2, "--parallel needs several tasks"),
            (("x", "--agent", "claud"), 3, "there is no agent 'claud'"),
            (("x", "--pattern", "debate"), 2, "--pattern means nothing without --every-iteration"),
            (("x", "--promise", "<x>"), 2, "a promise is one short line"),
            (("x", "--max-itterations", "3"), 2, "--max-iterations"),
            (("x", "--max-time", "0"), 2, "--max-time"),
            (("x", "--template", "nope"), 3, "nope"),
        ],
    )
    def test_what_is_wrong_is_said_in_three_lines_before_a_session_exists(
        self, shop: Scene, home: Path, argv: tuple[str, ...], code: int, words: str
    ) -> None:
        shop.calls({"say": DONE})
        with_agent = argv if "--agent" in argv else (*argv, *AGENT)

        ran = run_here("loop", "run", *with_agent)

        assert (ran.code, ran.out) == (code, "")
        assert ran.err.startswith("error: ")
        assert "hint:" in ran.err
        assert words in ran.err
        assert not (home / "sessions").exists()

    def test_its_end_is_told_to_people_with_what_to_do_next(self, shop: Scene) -> None:
        shop.calls({"say": "<blocked>Which one?</blocked>"})
        ran = shop.program("loop", "run", "Do it.", *AGENT)

        assert ran.code == 8
        assert "Which one?" in ran.err
        assert f"cowork loop answer {shop.session.session_id}" in ran.err

    def test_no_process_of_it_is_left(self, shop: Scene) -> None:
        shop.calls({"spawn": {"pid_file": "pids", "apart": True}, "say": DONE})

        assert shop.program("loop", "run", "Do it.", *AGENT).code == 0
        assert not alive(int((shop.project / "pids").read_text()))


def test_edits_of_the_user_in_the_project_itself_are_theirs(shop: Scene) -> None:
    """Without worktrees the agent works where the user does: what is not committed stays, and goes into the task's commit."""
    written(shop.project, {"mine": "mine\n"})
    shop.calls({"write": {"path": "made", "text": "x"}, "say": DONE})

    assert shop.run("Do it.").code == 0
    assert (shop.project / "mine").read_text() == "mine\n"
    assert shop.git("log", "--format=%s") == "begin"
