"""The main job, as the installed program: a debate over real HTTP or as a rehearsal, recorded whatever happens."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cowork.sessions import journal
from tests.loop.provider_server import Provider, provider
from tests.support import PROGRAM, ROOT, Ran, run_program

PAPER = ROOT / "docs" / "adr" / "0002-sessions-in-files-twins-in-a-database.md"
TASK = "Should sessions live in files or in a database?"
CANARY = "sk-canary-7f3a9b"
TERMINAL = {"run.completed", "run.degraded", "run.failed", "run.interrupted"}


def start(server: Provider, *argv: str) -> Ran:
    return run_program("loop", "start", TASK, "--pattern", "debate", *argv, env=keys(server))


def keys(server: Provider) -> dict[str, str]:
    return {"GROQ_API_KEY": CANARY, "GROQ_BASE_URL": server.url, "CEREBRAS_API_KEY": CANARY, "CEREBRAS_BASE_URL": server.url}


def says(answer: str) -> str:
    return json.dumps({"answer": answer, "confidence": 0.8, "reason": f"reason for {answer}"})


def debaters(body: dict[str, Any], _number: int) -> str:
    """Two debaters that disagree, told apart by their model, and a judge that prefers files."""
    prompt = body["messages"][-1]["content"]
    if "Two reviewers, A and B" in prompt:
        before_b = prompt.split('side="B"')[0].split('side="A"')[1]
        return json.dumps({"winner": "A" if "files" in before_b else "B", "confidence": 0.9, "reason": "supported"})
    return says("files" if body["model"] == "one" else "database")


SEATS = ["--seat", "first=groq/one", "--seat", "second=groq/two", "--seat", "judge=cerebras/three"]


def the_session(home: Path) -> Path:
    (found,) = (home / "sessions").iterdir()
    return found


def kinds(session: Path) -> list[str]:
    return [event["type"] for event in journal.read(session / "journal.jsonl")]


def test_a_debate_between_real_models_is_answered_judged_and_priced(home: Path) -> None:
    with provider(debaters) as server:
        ran = start(server, *SEATS, "--json")
    data = ran.data
    assert (ran.code, data["status"], data["answer"], data["rehearsal"]) == (0, "completed", "files", False)
    assert (data["verdict"]["outcome"], data["verdict"]["decided_by"]) == ("majority", "judge")
    assert data["round0"] == [{"answer": "files", "seats": ["first"]}, {"answer": "database", "seats": ["second"]}]
    assert data["calls"] == {
        "made": 6, "most": 6, "fewest": 2, "formula": "2(1+R) + 2", "repairs": 0, "retries": 0,
        "extra": 0, "worked": "2(1+1) + 2",
    }  # fmt: skip
    assert data["depth"] == {"made": 3, "most": 3}
    assert data["tokens"] == {"input": 60, "output": 30, "source": "reported"}
    assert data["cost"] == {"usd": None, "known": False, "cap": None}  # no price is known, and that is said
    assert len(server.requests) == 6
    assert ran.document["warnings"] == []


def test_what_was_said_is_in_the_journal_the_projection_and_the_log(home: Path) -> None:
    with provider(debaters) as server:
        start(server, *SEATS)
    session = the_session(home)
    events = journal.read(session / "journal.jsonl")
    assert events[0]["type"] == "run.started"
    assert [event["type"] for event in events].count("call.completed") == 6
    assert [kind for kind in kinds(session) if kind in TERMINAL] == ["run.completed"]
    assert json.loads((session / "session.json").read_text())["result"]["answer"] == "files"
    log = (session / "output" / "0001.log").read_text()
    assert {line.split("]")[0] for line in log.splitlines()} == {"[first", "[second", "[judge"}


def test_no_key_reaches_stdout_stderr_or_the_session(home: Path) -> None:
    with provider(debaters) as server:
        ran = start(server, *SEATS, "--json", "-vv")
    kept = b"".join(path.read_bytes() for path in the_session(home).rglob("*") if path.is_file())
    assert CANARY not in ran.out + ran.err + kept.decode()


def test_seats_see_no_names_of_models_or_providers() -> None:
    with provider(debaters) as server:
        start(server, *SEATS)
    sent = " ".join(message["content"] for body in server.requests for message in body["messages"])
    assert not [name for name in ("groq", "cerebras", "first=", "second=") if name in sent.casefold()]


def test_one_model_on_two_seats_is_warned_about() -> None:
    with provider(debaters) as server:
        ran = start(server, "--seat", "a=groq/one", "--seat", "b=groq/one", "--seat", "judge=groq/one", "--json")
    assert [warning["code"] for warning in ran.document["warnings"]] == ["loop.same_model"]


def test_a_lost_seat_makes_the_result_degraded_and_exit_9_with_the_result() -> None:
    with provider(lambda body, number: 401 if body["model"] == "two" else debaters(body, number)) as server:
        ran = start(server, *SEATS, "--json")
    assert (ran.code, ran.document["error"]["code"]) == (9, "loop.degraded")
    assert (ran.data["status"], ran.data["answer"]) == ("degraded", "files")
    assert [seat["state"] for seat in ran.data["seats"]] == ["ok", "unavailable", "unasked"]
    assert "401" in ran.data["problems"][0] or "failing" in ran.data["problems"][0]


def test_no_answer_at_all_is_exit_7() -> None:
    with provider(lambda _body, _number: 402) as server:
        ran = start(server, *SEATS, "--json")
    assert (ran.code, ran.document["error"]["code"]) == (7, "loop.failed")
    assert {seat["state"] for seat in ran.data["seats"]} == {"out_of_funds", "unasked"}


def test_a_degraded_run_is_shown_as_such_later() -> None:
    with provider(lambda body, number: 401 if body["model"] == "two" else debaters(body, number)) as server:
        start(server, *SEATS)
    assert run_program("loop", "list", "--json").data["items"][0]["status"] == "degraded"
    assert run_program("loop", "show", "--json").data["result"]["problems"]


@pytest.mark.parametrize(
    ("number", "code", "status"),
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "interrupted")],
)
def test_a_signal_ends_the_run_in_order(home: Path, number: int, code: int, status: str) -> None:
    with provider(debaters, hold=True) as server:
        process = _in_the_middle(server)
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
    assert process.returncode == code, err
    assert json.loads(out)["error"]["exit"] == code
    session = the_session(home)
    assert [kind for kind in kinds(session) if kind in TERMINAL] == ["run.interrupted"]
    assert json.loads((session / "session.json").read_text())["status"] == status
    assert run_program("loop", "list", "--json").data["items"][0]["status"] == status


def test_a_run_in_progress_is_listed_as_running_and_a_killed_one_as_interrupted(home: Path) -> None:
    with provider(debaters, hold=True) as server:
        process = _in_the_middle(server)
        assert run_program("loop", "list", "--json").data["items"][0]["status"] == "running"
        process.kill()
        process.communicate(timeout=20)
    listed = run_program("loop", "list", "--json").data["items"][0]
    assert (listed["status"], listed["task"]) == ("interrupted", TASK)
    log = (the_session(home) / "output" / "0001.log").read_text()
    assert log.startswith("[")  # what had arrived is on disk


def test_the_stream_holds_the_journal_and_ends_with_the_result(home: Path) -> None:
    with provider(debaters) as server:
        events = start(server, *SEATS, "--stream").events
    assert events[:-1] == journal.read(the_session(home) / "journal.jsonl")
    assert events[-1]["data"]["data"]["answer"] == "files"


def test_a_stream_that_nobody_reads_any_more_ends_the_run_and_leaves_it_to_be_resumed(home: Path) -> None:
    with provider(debaters, hold=True) as server:
        command = [str(PROGRAM), "loop", "start", TASK, "--pattern", "debate", *SEATS, "--stream"]
        process = subprocess.Popen(command, env=os.environ | keys(server), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert process.stdout is not None and process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        server.release.set()
        assert (process.wait(20), process.stderr.read()) == (141, b"")
        process.stderr.close()
    assert [kind for kind in kinds(the_session(home)) if kind in TERMINAL] == ["run.interrupted"]
    assert run_program("loop", "list", "--json").data["items"][0]["status"] == "interrupted"


def test_a_rate_limit_is_waited_for_once_and_announced() -> None:
    def limited(body: dict[str, Any], number: int) -> str | int:
        return 429 if number == 1 else debaters(body, number)

    with provider(limited) as server:
        ran = start(server, *SEATS, "--stream")
    retried = [event["data"] for event in ran.events if event["type"] == "call.retrying"]
    assert [event["reason"] for event in retried] == ["provider.rate_limited"]
    assert ran.events[-1]["data"]["data"]["calls"]["retries"] == 1


# Rehearsal


def rehearse(*argv: str) -> Ran:
    return run_program("loop", "start", TASK, "--pattern", "debate", "--context", str(PAPER), *argv)


def test_without_a_key_the_debate_is_a_rehearsal_that_says_so_everywhere(home: Path) -> None:
    ran = rehearse("--json")
    data = ran.data
    assert (ran.code, data["rehearsal"], data["cost"]) == (0, True, {"usd": 0.0, "known": True, "cap": None})
    assert ran.document["warnings"][0]["code"] == "provider.rehearsal"
    assert all(statement["text"].startswith("[rehearsal:") for statement in data["statements"])
    assert run_program("loop", "list", "--json").data["items"][0]["rehearsal"] is True
    assert "rehearsal" in run_program("loop", "show").out


def test_a_rehearsal_depends_on_seed_and_material_alone() -> None:
    def essence(*argv: str) -> Any:
        data = rehearse("--json", *argv).data
        return [data[key] for key in ("answer", "verdict", "round0", "statements", "calls", "tokens")]

    assert essence() == essence()
    assert essence() != essence("--seed", "1")


def test_the_demo_runs_the_whole_protocol() -> None:
    data = rehearse("--json").data
    assert data["calls"]["made"] == data["calls"]["most"] == 6
    assert data["verdict"]["decided_by"] == "judge"
    paper = " ".join(PAPER.read_text().split())
    quotes = [
        line[3:].split('" (')[0] for item in data["statements"] for line in item["text"].splitlines() if line[:3] == '- "'
    ]
    assert quotes
    assert all(quote in paper for quote in quotes)


# Input that is refused before a session exists


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("missing.md", None, "context.missing"),
        ("binary.bin", b"\x00\x01\x02", "context.binary"),
        ("latin.txt", "caf\xe9".encode("latin-1"), "context.binary"),
        ("big.txt", b"a" * (2 * 1024 * 1024 + 1), "context.too_large"),
    ],
)
def test_a_context_file_that_cannot_be_used_is_exit_4_and_named(
    home: Path, tmp_path: Path, name: str, content: bytes | None, code: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    ran = rehearse("--context", str(path), "--json")
    assert (ran.code, ran.document["error"]["code"]) == (4, code)
    assert str(path) in ran.document["error"]["message"]
    assert not home.exists()


@pytest.mark.parametrize(
    ("argv", "exit", "code"),
    [
        (["--pattern", "debat"], 3, "pattern.not_found"),
        (["--seat", "first=opena"], 3, "provider.not_found"),
        (["--seat", "first"], 4, "loop.bad_seat"),
        (["--seat", "a=rehearsal", "--seat", "b=rehearsal", "--seat", "c=rehearsal"], 4, "loop.too_many_seats"),
        (["--seat", "first=sambanova"], 4, "provider.no_model"),
        (["--rounds", "4"], 2, "loop.bad_option"),
        (["--pattern", "devil", "--rounds", "0"], 2, "loop.bad_option"),
        (["--rounds", "-1"], 2, "loop.bad_option"),
        (["--layers", "2"], 2, "loop.bad_option"),
        (["--seats", "9"], 4, "loop.bad_seat_count"),
        (["--with", "thinkin"], 4, "loop.bad_step"),
        (["--max-calls", "5"], 4, "loop.budget_too_small"),
    ],
)
def test_a_run_that_cannot_be_seated_is_refused_before_it_starts(home: Path, argv: list[str], exit: int, code: str) -> None:
    ran = rehearse(*argv, "--json")
    assert (ran.code, ran.document["error"]["code"]) == (exit, code)
    assert not home.exists()


def test_an_empty_task_is_refused() -> None:
    ran = run_program("loop", "start", "  ", "--json")
    assert (ran.code, ran.document["error"]["code"]) == (4, "loop.empty_task")


def test_a_seat_without_a_key_fails_by_name_before_it_starts(home: Path) -> None:
    ran = rehearse("--seat", "first=openai", "--json")
    assert not home.exists()
    assert ran.code == 7
    assert ran.document["error"]["code"] == "provider.auth"
    assert "OPENAI_API_KEY" in ran.document["error"]["hint"]


def _in_the_middle(server: Provider) -> subprocess.Popen[str]:
    """The program, waiting for the rest of an answer that has begun."""
    process = subprocess.Popen(
        [str(PROGRAM), "loop", "start", TASK, "--pattern", "debate", *SEATS, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **keys(server)},
    )
    assert server.asked.wait(30), "the server was never asked"
    return process
