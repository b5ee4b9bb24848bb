"""The verb `cowork loop run`: the agents that users test their loops with, as programs, in a real repository."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from cowork.sessions import places
from tests.fake_agent.running import install
from tests.loop.engine.driving import Ended, held_to
from tests.support import ROOT, Ran, gone, run_here

NASTY = 'Say "it\'s" `now` $(touch pwned) ${HOME} \\n\n\n\tÄnderung „groß“ 日本語 🙂\n--flag=1 | cat; exit 3'
FAKE = ("--agent", "fake-agent", "--retry-delay-ms", "0")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository, the fake agent on the PATH, and a script for it."""
    install(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("COWORK_FAKE_AGENT", str(tmp_path / "script.json"))
    path = tmp_path / "project"
    path.mkdir()
    (path / "README").write_text("shop\n")
    for words in (["init", "-q"], ["add", "-A"], ["-c", "user.name=u", "-c", "user.email=u@e", "commit", "-qm", "begin"]):
        subprocess.run(["git", *words], cwd=path, check=True)
    monkeypatch.chdir(path)
    return path


def script(project: Path, *calls: dict[str, Any]) -> None:
    (project.parent / "script.json").write_text(json.dumps({"calls": list(calls)}))


def loop(*argv: str, verb: str = "run") -> Ran:
    ran = run_here("loop", verb, *argv, "--json")
    held_to(places.of_kind("loop")[0])
    return ran


def started(*argv: str) -> subprocess.Popen[str]:
    """The verb in a process of its own."""
    words = [sys.executable, "-c", "from cowork.__main__ import program; program()", "loop", "run", *argv, "--json"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def appears(path: Path) -> None:
    """Wait for a file."""
    end = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < end, f"{path} does not appear"
        time.sleep(0.01)


def test_a_prompt_reaches_the_agent_verbatim(project: Path) -> None:
    script(project, {"say": "All done.\n\n{{promise}}"})
    template = project.parent / "plain.hbs"
    template.write_text("{{taskDescription}}\n{{promise}}")
    ran = loop(NASTY, *FAKE, "--template", str(template))
    assert ran.code == 0, ran.out
    place = places.of_kind("loop")[0]
    assert (place.outputs / "0001.prompt.md").read_text() == f"{NASTY}\n<promise>COMPLETE</promise>\n"
    assert not (project / "pwned").exists()


def test_the_agent_sees_every_sign_of_it(project: Path) -> None:
    script(project, {"match": re.escape(NASTY), "say": "I read it.\n\n{{promise}}"})
    assert loop(NASTY, *FAKE).code == 0


def test_three_tasks_with_a_dependency_are_worked_through(project: Path) -> None:
    (project / "prd.json").write_text(json.dumps({"name": "Shop", "tasks": [
        {"id": "T-1", "title": "Tables"},
        {"id": "T-2", "title": "Page", "dependencies": ["T-1"]},
        {"id": "T-3", "title": "Mail"}]}))  # fmt: skip
    script(
        project,
        {"task": "T-1", "tool": {"name": "Bash", "result": "<promise>COMPLETE</promise>"}, "say": "Not yet."},
        {"task": "T-1", "write": {"path": "tables.sql", "text": "x"}, "say": "Tables are there.\n\n{{promise}}"},
        {"task": "T-3", "write": {"path": "mail.py", "text": "x"}, "say": "Mail is there.\n\n{{promise}}"},
        {"task": "T-2", "write": {"path": "page.py", "text": "x"}, "say": "<blocked>Dark or light?</blocked>"},
        {"task": "T-2", "match": "Answer: Light", "say": "Page is there.\n\n{{promise}}"},
    )
    ran = loop(*FAKE, "--require-diff", "--check", "test -e tables.sql")
    assert (ran.code, ran.document["error"]["code"]) == (8, "loop.blocked")
    assert [(task["id"], task["status"]) for task in ran.data["tasks"]] == [
        ("T-1", "done"),
        ("T-2", "blocked"),
        ("T-3", "done"),
    ]
    session = ran.data["session_id"]
    assert run_here("loop", "answer", session, "T-2", "Light").code == 0
    ran = loop(session, verb="resume")
    assert (ran.code, ran.data["status"], ran.data["iterations"], ran.data["done"]) == (0, "completed", 5, 3)
    assert all(task["status"] == "done" for task in json.loads((project / "prd.json").read_text())["tasks"])


@pytest.mark.parametrize("flag", [("--max-iterations=3",), ("--max-iterations", "3")], ids=["equals", "space"])
def test_a_flag_with_an_equals_sign_is_one_without(project: Path, flag: tuple[str, ...]) -> None:
    script(project, {"repeat": "always", "say": "Call {{call}}: more to do."})
    ran = loop("Do it", *FAKE, *flag)
    assert (ran.code, ran.data["iterations"], ran.data["max_iterations"]) == (8, 3, 3)


def test_a_promise_with_a_failing_exit_code_counts_once(project: Path) -> None:
    script(project, {"do": [{"say": "Done.\n\n{{promise}}"}, {"exit": {"code": 3, "result": True}}]}, {"say": "asked again"})
    ran = loop("Do it", *FAKE)
    assert (ran.code, ran.data["iterations"], ran.data["done"]) == (0, 1, 1)


def test_a_promise_before_the_final_message_is_none(project: Path) -> None:
    script(project, {"do": [{"say": "{{promise}}"}, {"say": "No, one test is red."}]}, {"say": "Now.\n\n{{promise}}"})
    assert loop("Do it", *FAKE).data["iterations"] == 2


def test_a_rate_limit_with_nobody_to_stand_in_exits_as_asked(project: Path, home: Path) -> None:
    home.mkdir()
    (home / "config.yaml").write_text("rate_limit_max_retries: 0\n")
    script(project, {"rate_limit": {"in_s": 7200}}, {"say": "Done.\n\n{{promise}}"})
    ran = loop("Do it", *FAKE, "--on-rate-limit", "exit")
    assert (ran.code, ran.document["error"]["code"], ran.data["iterations"]) == (7, "loop.rate_limited", 0)
    assert loop("last", verb="resume").code == 7


def test_a_login_that_is_missing_is_no_retry(project: Path) -> None:
    script(project, {"auth_failure": "Invalid API key · Please run /login"})
    ran = loop("Do it", *FAKE)
    assert (ran.code, ran.data["reason"], ran.data["iterations"]) == (1, "no_agent", 0)


def test_a_crash_is_a_failure_that_is_tried_again(project: Path) -> None:
    script(project, {"crash": "KILL"}, {"say": "Done.\n\n{{promise}}"})
    ran = loop("Do it", *FAKE)
    assert (ran.code, ran.data["iterations"], ran.data["tasks"][0]["attempts"]) == (0, 2, 1)


def test_an_agent_that_hangs_is_cut_off(project: Path) -> None:
    script(project, {"hang": {}}, {"say": "Done.\n\n{{promise}}"})
    ran = loop("Do it", *FAKE, "--iteration-timeout", "0.7")
    assert (ran.code, ran.data["iterations"]) == (0, 2)


def test_a_cap_on_money_ends_it(project: Path) -> None:
    script(project, {"repeat": "always", "usd": 0.4, "say": "Call {{call}}."})
    ran = loop("Do it", *FAKE, "--max-cost", "1")
    assert (ran.code, ran.data["reason"], ran.data["cost"]["usd"]) == (8, "cost", pytest.approx(1.2))


def test_what_was_done_is_committed_where_that_is_asked_for(project: Path) -> None:
    subprocess.run(["git", "config", "user.name", "u"], cwd=project, check=True)
    subprocess.run(["git", "config", "user.email", "u@e"], cwd=project, check=True)
    script(project, {"write": {"path": "a.txt", "text": "a"}, "say": "Done.\n\n{{promise}}"})
    ran = loop("Write a", *FAKE, "--auto-commit", "--commit-message", "{{taskType}}: {{taskTitle}}")
    assert (ran.code, ran.data["commits"]) == (0, 1)
    log = subprocess.run(["git", "log", "-1", "--format=%s", "--name-only"], cwd=project, capture_output=True, text=True)
    assert log.stdout.split("\n")[0] == "chore: Write a"
    assert "a.txt" in log.stdout


def test_that_it_cannot_be_committed_stops_nothing(project: Path) -> None:
    hook = project / ".git" / "hooks" / "pre-commit"
    hook.write_text("#!/bin/sh\necho no >&2\nexit 1\n")
    hook.chmod(0o755)
    script(project, {"write": {"path": "a.txt", "text": "a"}, "say": "Done.\n\n{{promise}}"})
    ran = loop("Write a", *FAKE, "--auto-commit")
    assert (ran.code, ran.data["commits"]) == (0, 0)
    assert Ended(places.of_kind("loop")[0], None, None).of("task.commit_failed")  # type: ignore[arg-type]


def test_a_dry_run_writes_nothing_and_says_what_would_be(project: Path, home: Path) -> None:
    before = sorted(str(path) for path in project.rglob("*") if ".git/" not in str(path))
    argv = ["Do it", *FAKE, "--check", "make test", "--require-diff", "--max-time", "60", "--nonce", "--dry-run"]
    ran = run_here("loop", "run", *argv, "--json")
    assert (ran.code, ran.data["status"], ran.data["session_id"], ran.data["dry_run"]) == (0, "planned", None, True)
    steps = {(step["action"], step["target"]) for step in ran.data["plan"]}
    assert {
        ("work", "task"),
        ("agent", "fake-agent"),
        ("check", "make test"),
        ("check", "a change"),
        ("limit", "time"),
    } <= steps
    assert not home.exists()
    assert sorted(str(path) for path in project.rglob("*") if ".git/" not in str(path)) == before


@pytest.mark.parametrize(
    ("argv", "code", "error"),
    [
        ((), 3, "tasks.no_file"),
        (("  ",), 2, "loop.empty_task"),
        (("x", "--tasks", "prd.json"), 2, "loop.two_tasks"),
        (("x", "--agent", "nobody"), 3, "loop.no_such_agent"),
        (("x", "--promise", "a\nb"), 2, "loop.bad_promise"),
        (("x", "--promise", "<b>"), 2, "loop.bad_promise"),
        (("x", "--record", "a", "--replay", "a"), 2, "loop.bad_option"),
        (("x", "--parallel", "2"), 2, "loop.bad_option"),
        (("x", "--check", " "), 2, "loop.bad_option"),
        (("x", "--promise", ""), 2, "loop.bad_option"),
        (("x", "--allow", "Bash("), 4, "tool.bad_rule"),
        (("x", "--allow", "Bash", *FAKE), 2, "loop.bad_option"),
        (("x", "--seat", "judge=rehearsal"), 2, "loop.bad_option"),
        (("x", "--commit-message", "m"), 2, "loop.bad_option"),
        (("x", "--allow-path", "a"), 2, "loop.bad_option"),
        (("x", "--record", "nowhere/a"), 4, "loop.no_directory"),
        (("x", "--max-iterations", "-1"), 2, None),
        (("x", "--max-time", "0"), 2, None),
        (("x", "--max-iterations", "many"), 2, None),
        (("x", "--stagnation", "1"), 2, None),
        (("x", "--on-error", "panic"), 2, None),
    ],
)
def test_what_makes_no_sense_is_refused_before_a_session_exists(
    project: Path, home: Path, argv: tuple[str, ...], code: int, error: str | None
) -> None:
    more = () if "--agent" in argv else ("--agent", "rehearsal")
    ran = run_here("loop", "run", *argv, *more, "--json")
    assert ran.code == code, ran.out
    assert error is None or ran.document["error"]["code"] == error
    assert not (home / "sessions").exists()


def test_a_key_of_the_file_of_tasks_that_nobody_knows_is_a_warning(project: Path) -> None:
    (project / "odd.json").write_text('{"tasks": [{"id": "a", "title": "A", "prioritty": 1}]}')
    ran = run_here("loop", "run", "--tasks", "odd.json", "--agent", "rehearsal", "--dry-run", "--json")
    assert (ran.code, "prioritty" in json.dumps(ran.document["warnings"])) == (0, True)


def test_a_template_that_cannot_be_read_is_refused_before_a_session_exists(project: Path, home: Path) -> None:
    (project / "mine.hbs").write_text("{{#if task}} and no end")
    for more in ((), ("--dry-run",)):
        ran = run_here("loop", "run", "x", "--agent", "rehearsal", "--template", "./mine.hbs", *more, "--json")
        assert (ran.code, ran.document["error"]["code"]) == (4, "template.syntax")
    assert not (home / "sessions").exists()


def test_events_come_as_a_stream_with_what_is_said_live(project: Path) -> None:
    script(project, {"say": "Done.\n\n{{promise}}"})
    ran = run_here("loop", "run", "Do it", *FAKE, "--stream")
    kinds = [event["type"] for event in ran.events]
    assert ran.code == 0
    assert kinds[0] == "run.started"
    assert kinds[-2:] == ["run.completed", "result"]
    assert "agent.output" in kinds
    assert ran.events[-1]["data"]["data"]["status"] == "completed"


def test_another_process_stops_it_and_a_third_goes_on(project: Path) -> None:
    script(
        project,
        {"run": "touch began; while [ ! -e go ]; do sleep 0.02; done", "say": "More to do."},
        {"say": "Done.\n\n{{promise}}"},
    )
    with started("Do it", *FAKE) as running:
        appears(project / "began")
        assert run_here("loop", "stop", "--json").data["changed"]
        (project / "go").touch()
        out, _ = running.communicate(timeout=30)
    assert (running.returncode, json.loads(out)["error"]["code"]) == (8, "loop.stopped")
    held_to(places.of_kind("loop")[0])
    assert loop("last", verb="resume").data["iterations"] == 2


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)])
def test_a_signal_ends_it_and_all_it_started(project: Path, number: int, code: int) -> None:
    script(project, {"do": [{"spawn": "pids"}, {"run": "touch began"}, {"hang": {}}]})
    with started("Do it", *FAKE) as running:
        appears(project / "began")
        running.send_signal(number)
        running.communicate(timeout=30)
    assert running.returncode == code
    assert all(gone(int(pid)) for pid in (project / "pids").read_text().split())
    held_to(places.of_kind("loop")[0])
    assert Ended(places.of_kind("loop")[0], None, None).kinds[-1] == "run.interrupted"  # type: ignore[arg-type]


def test_a_template_that_never_says_how_to_end_is_warned_of(tmp_path: Path) -> None:
    (tmp_path / "mine.hbs").write_text("Do {{taskTitle}} with {{nobodyKnows}}.")
    ran = run_here(
        "loop", "run", "Do it.", "--agent", "rehearsal", "--template", str(tmp_path / "mine.hbs"), "--dry-run", "--json"
    )
    assert ran.code == 0
    assert {item["code"] for item in ran.document["warnings"]} >= {"template.no_promise", "template.unknown_variable"}
