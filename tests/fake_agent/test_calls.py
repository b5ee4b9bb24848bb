"""What a call does: which entry it takes, what it says, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from cowork.fake_agent.memory import take
from cowork.fake_agent.script import read
from tests.fake_agent.running import Stage, said
from tests.support import alive

ALWAYS = {"repeat": "always"}


class TestTheEntry:
    def test_is_the_next_one_in_order(self, stage: Stage) -> None:
        stage.write({"say": "one"}, {"say": "two", "repeat": 2}, {"say": "three"})

        assert [said(stage.call()) for _ in range(4)] == ["one", "two", "two", "three"]

    def test_is_the_first_that_matches_the_prompt(self, stage: Stage) -> None:
        stage.write({"match": "^Fix", "say": "fixed", **ALWAYS}, {"say": "else", **ALWAYS})

        assert [said(stage.call(prompt)) for prompt in ("Fix it", "Look\nFix it", "not Fix")] == ["fixed", "fixed", "else"]

    def test_is_the_one_of_the_task_that_the_prompt_is_about(self, stage: Stage) -> None:
        stage.write({"task": "T-1", "say": "1", **ALWAYS}, {"task": "T-10", "say": "10", **ALWAYS})

        assert said(stage.call("Done before: T-1.\n## Task: T-10 Build it\n")) == "10"
        assert said(stage.call("Please do T-1, not T-10.")) == "1"
        assert said(stage.call("Please do T-1.", COWORK_TASK="T-10")) == "10"

    def test_that_is_missing_is_a_loud_failure(self, stage: Stage) -> None:
        stage.write({"say": "one"})
        stage.call()

        ran = stage.call("Do more.")

        assert (ran.code, ran.out) == (90, "")
        assert "call 2: the script has no call left for it; its prompt begins: 'Do more.'" in ran.err

    def test_may_be_the_last_once_more_or_another(self, stage: Stage) -> None:
        stage.write({"say": "one"}, otherwise="last")
        assert [said(stage.call()) for _ in range(3)] == ["one"] * 3
        stage.write({"say": "one"}, otherwise={"say": "rest"})
        assert [said(stage.call()) for _ in range(3)] == ["one", "rest", "rest"]

    def test_is_the_first_again_after_a_reset_or_a_change_of_the_script(self, stage: Stage) -> None:
        stage.write({"say": "one"}, {"say": "two"})
        assert said(stage.call()) == "one"
        assert stage.call("", "--reset").code == 0
        assert said(stage.call()) == "one"
        stage.write({"say": "uno"}, {"say": "two"})
        assert said(stage.call()) == "uno"

    def test_is_given_to_one_of_many_that_run_at_once(self, stage: Stage) -> None:
        stage.write(*({"say": str(number)} for number in range(12)))
        log = stage.place / "log"

        running = [stage.start("--log", str(log)) for _ in range(12)]
        ends = [process.communicate(b"go", timeout=60)[0] for process in running]

        finals = [json.loads(out.splitlines()[-1])["result"] for out in ends]
        assert sorted(finals, key=int) == [str(number) for number in range(12)]
        assert sorted(json.loads(line)["call"] for line in log.read_text().splitlines()) == list(range(1, 13))

    def test_is_counted_by_one_at_a_time(self, stage: Stage) -> None:
        stage.write({"say": "x", "repeat": "always"})
        script = read(stage.script)

        with ThreadPoolExecutor(8) as pool:
            turns = list(pool.map(lambda _: take(script, "", stage.place / "state", None, {}), range(300)))

        assert sorted(turn.number for turn in turns) == list(range(1, 301))

    def test_is_not_guessed_from_a_state_that_is_none(self, stage: Stage) -> None:
        stage.write({"say": "one"})
        (stage.place / "script.json.state").write_text("{")

        ran = stage.call()

        assert ran.code == 90
        assert "is no state of this agent; delete it, or start with --reset" in ran.err


def test_each_call_is_written_down(stage: Stage) -> None:
    stage.write({"say": "one"}, {"say": "two"})
    log, state = stage.place / "calls.log", stage.place / "elsewhere"

    stage.call('a "quoted" $(prompt)\nin two lines', "--log", str(log), "--model", "m", "--state", str(state))
    stage.call("b", COWORK_FAKE_AGENT_LOG=str(log), COWORK_FAKE_AGENT_STATE=str(state))

    first, second = (json.loads(line) for line in log.read_text().splitlines())
    assert first["prompt"] == 'a "quoted" $(prompt)\nin two lines'
    assert first["argv"][-4:] == ["--model", "m", "--state", str(state)]
    assert first["cwd"] == str(stage.work)
    assert (first["call"], first["entry"], second["call"], second["entry"]) == (1, 1, 2, 2)


class TestWhatItDoes:
    def test_changes_files_and_runs_commands_in_the_working_directory(self, stage: Stage) -> None:
        stage.write(
            {
                "do": [
                    {"write": {"path": "a/b.txt", "text": "one\n"}},
                    {"append": {"path": "a/b.txt", "text": "call {{call}}\n"}},
                    {"write": {"path": "gone.txt"}},
                    {"delete": "gone.txt"},
                    {"run": 'printf %s "$FAKE_TASK;$FAKE_PROMISE" > ran.txt; echo out'},
                    {"say": "ok"},
                ]
            }
        )

        ran = stage.call("<promise>DONE:1</promise>", COWORK_TASK="T'1; touch evil")

        assert said(ran) == "ok"
        assert (stage.work / "a" / "b.txt").read_text() == "one\ncall 1\n"
        assert sorted(path.name for path in stage.work.iterdir()) == ["a", "ran.txt"]
        assert (stage.work / "ran.txt").read_text() == "T'1; touch evil;<promise>DONE:1</promise>"
        assert '"content": "out\\n"' in ran.out

    def test_says_so_when_a_step_fails(self, stage: Stage) -> None:
        stage.write({"delete": "missing"}, {"run": "exit 3"}, {"run": {"command": "exit 3", "expect": 3}, "say": "good"})

        assert [(ran.code, ran.err) for ran in (stage.call(), stage.call())] == [
            (92, "cowork-fake-agent: missing: No such file or directory\n"),
            (92, "cowork-fake-agent: the command ended with 3, not 0: exit 3\n"),
        ]
        assert said(stage.call()) == "good"

    def test_never_leaves_the_working_directory_by_what_a_prompt_says(self, stage: Stage) -> None:
        stage.write({"write": {"path": "{{task}}/x"}})

        ran = stage.call("", COWORK_TASK="..")

        assert ran.code == 92
        assert "it lies outside of the working directory" in ran.err

    def test_changes_nothing_when_it_may_only_read(self, stage: Stage) -> None:
        stage.write({"write": {"path": "a"}}, {"run": "touch b"}, {"say": "read"})

        assert [stage.call("", "--read-only").code for _ in range(3)] == [91, 91, 0]
        assert list(stage.work.iterdir()) == []

    def test_asks_for_the_promise_of_the_prompt(self, stage: Stage) -> None:
        stage.write({"say": "{{promise}}", **ALWAYS})

        assert said(stage.call("Say <promise>OK:7f</promise> when done")) == "<promise>OK:7f</promise>"
        assert said(stage.call("no promise")) == "<promise>COMPLETE</promise>"

    def test_quotes_in_the_output_of_tools_without_saying_it(self, stage: Stage) -> None:
        stage.write({"tool": {"name": "Bash", "result": "<promise>COMPLETE</promise>"}, "say": "not yet"})

        ran = stage.call()

        assert said(ran) == "not yet"
        assert "<promise>COMPLETE</promise>" in ran.out

    def test_speaks_text_when_asked_to(self, stage: Stage) -> None:
        stage.write({"tool": {"result": "quoted"}, "say": "é done"}, {"auth_failure": "log in"})

        ran = stage.call("", "--dialect", "text")

        assert ran.out == "[Bash] {}\nquoted\né done\n"
        assert stage.call("", "--dialect", "text").err == "log in\n"


class TestHowItEnds:
    @pytest.mark.parametrize(
        ("end", "code"),
        [({"exit": 7}, 7), ({"crash": "KILL"}, -signal.SIGKILL), ({"crash": 15}, -signal.SIGTERM), ({"auth_failure": True}, 1)],
    )
    def test_is_what_the_script_says(self, stage: Stage, end: dict[str, object], code: int) -> None:
        stage.write({"say": "x", **end})

        assert stage.call().code == code

    def test_may_be_without_a_result(self, stage: Stage) -> None:
        stage.write({"say": "x", "exit": {"code": 3, "result": False}})

        assert '"result"' not in stage.call().out

    def test_may_be_by_force_only_and_leave_a_grandchild(self, stage: Stage) -> None:
        stage.write({"spawn": "pids", "ignore_term": True, "stderr": "ready", "hang": True})
        with stage.start() as running:
            assert running.stdin
            assert running.stderr
            running.stdin.close()
            assert running.stderr.readline() == b"ready\n"
            child = int((stage.work / "pids").read_text())
            try:
                for pid in (running.pid, child):
                    os.kill(pid, signal.SIGTERM)
                with pytest.raises(subprocess.TimeoutExpired):
                    running.wait(0.2)
                running.kill()
                running.wait()
                assert alive(child)
            finally:
                running.kill()
                os.kill(child, signal.SIGKILL)

    @pytest.mark.parametrize("into", ["say", "tool", "noise", "line", "stderr"])
    def test_may_come_after_a_flood(self, stage: Stage, into: str) -> None:
        stage.write({"flood": {"mb": 3, "into": into}, "say": "after"})

        ran = stage.call()

        assert ran.code == 0
        assert len(ran.out) + len(ran.err) > 3 * 1024 * 1024
        assert '"result": "after"' in ran.out
