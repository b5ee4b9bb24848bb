"""The installed program: killed, interrupted, out of money, and read by people and programs."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import threading
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

from tests.loop.bench.sums import SEATS, answers, keyed, write_sums
from tests.loop.provider_server import provider
from tests.support import PROGRAM, run_program

OPTIONS = [word for seat in SEATS for word in ("--seat", seat)] + ["--baseline-seat", "cerebras/alone"]
STOPPED_AT = 11  # the third question to the single model: no other call is under way then


def begin(path: str) -> subprocess.Popen[bytes]:
    command = [str(PROGRAM), "bench", "run", path, "--pattern", "debate", "--parallel", "1", "--json", *OPTIONS]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(os.environ))


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize(("number", "code"), [(signal.SIGKILL, -9), (signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped_in_the_middle_it_goes_on_with_the_rest(
    number: signal.Signals, code: int, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    path, reached, go_on = write_sums(4), threading.Event(), threading.Event()

    def rule(body: dict[str, Any], number_of: int) -> str:
        if number_of == STOPPED_AT and not reached.is_set():
            reached.set()
            go_on.wait(30)
        return answers(body, number_of)

    with provider(rule) as server:
        keyed(monkeypatch, server)
        program = begin(path)
        assert reached.wait(30)
        program.send_signal(number)
        out, _ = program.communicate(timeout=30)
        assert program.returncode == code
        if number != signal.SIGKILL:
            document = json.loads(out)
            assert document["error"]["hint"].startswith("go on where it stood with: cowork bench resume ")
            assert (document["data"]["status"], document["data"]["done"] > 0) == ("interrupted", True)
        (journal,) = home.glob("sessions/*/journal.jsonl")
        kept = sum(b'"type":"call.completed"' in line for line in journal.read_bytes().splitlines())
        go_on.set()
        server.requests.clear()
        ran = run_program("bench", "resume", "--json")
    assert (ran.code, ran.data["status"], ran.data["done"]) == (0, "completed", 12)
    assert (kept > 0, len(server.requests)) == (True, ran.data["calls"] - kept)


def test_a_bench_is_shown_as_numbers_table_and_picture(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    path = write_sums(6)
    with provider(answers) as server:
        keyed(monkeypatch, server)
        ran = run_program("bench", "run", path, "--pattern", "debate", *OPTIONS, "--output", "out")
    assert ran.code == 0, ran.err
    assert "100.0% (61.0% to 100.0%)" in ran.out
    assert "no difference shown" in ran.out
    assert "debate on q3: right, 6 calls" in ran.err
    assert "better" not in ran.out
    rows = rows_of(run_program("bench", "show", "--csv", "-").out)
    assert (len(rows), rows == rows_of(Path("out/rows.csv").read_bytes().decode())) == (18, True)
    shown = run_program("bench", "show", "--plot", "p.svg", "--csv", "r.csv", "--json").data
    assert shown["files"] == ["r.csv", "p.svg"]
    assert Path("p.svg").read_text() == Path("out/accuracy.svg").read_text()
    assert ElementTree.parse("p.svg").getroot().tag.endswith("svg")
    assert json.loads(Path("out/report.json").read_text())["arms"] == shown["arms"]
    listed = run_program("session", "list", "--json").data["items"]
    assert [(item["kind"], item["status"], item["what"]) for item in listed] == [
        ("bench", "completed", "solo, debate, debate@equal-calls")
    ]
    assert run_program("loop", "list", "--json").data["count"] == 0


def test_out_of_its_budget_it_ends_with_8_and_what_it_has(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    path = write_sums(6)
    with provider(answers) as server:
        keyed(monkeypatch, server)
        ran = run_program(
            "bench", "run", path, "--pattern", "debate", *OPTIONS, "--max-calls", "25", "--output", "out", "--json"
        )
    assert (ran.code, ran.document["error"]["code"]) == (8, "bench.budget_spent")
    assert 0 < ran.data["done"] < ran.data["runs"]
    assert len(rows_of(Path("out/rows.csv").read_bytes().decode())) == ran.data["done"]


def test_a_plan_names_arms_calls_and_cost_and_asks_nobody(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    path = write_sums(6)
    with provider(answers) as server:
        keyed(monkeypatch, server)
        ran = run_program("bench", "run", path, "--pattern", "debate", *OPTIONS, "--dry-run", "--json")
    assert (server.requests, home.exists()) == ([], False)
    assert (ran.data["calls"], ran.data["usd"], ran.data["runs"]) == (6 * (1 + 6 + 6), None, 18)
    steps = {step["target"]: step["detail"] for step in ran.data["plan"]}
    assert steps["debate"].startswith("2 to 6 calls a question (2(1+R) + 2 = 2(1+1) + 2)")
    assert steps["debate@equal-calls"].startswith("as many calls as debate makes, at most 6")
    assert "no price is known for cerebras/alone" in steps["unknown"]


def test_a_rehearsal_says_so_and_is_compared_with_nobody(home: Path) -> None:
    path = write_sums(2)
    ran = run_program("bench", "run", path, "--pattern", "debate", "--provider", "rehearsal", "--json")
    assert (ran.code, ran.data["rehearsal"], ran.data["usd"]) == (0, True, 0.0)
    assert [arm["difference"] for arm in ran.data["arms"]] == [None, None, None]
    assert ran.data["cautions"][0]["code"] == "bench.rehearsal"
    assert "solo (rehearsal)" in run_program("bench", "show").out


def test_a_bad_file_is_refused_with_its_line(home: Path) -> None:
    Path("bad.jsonl").write_text('{"question": "a?", "answer": "b"}\n{"question": "c?"}\n')
    ran = run_program("bench", "run", "bad.jsonl", "--json")
    assert (ran.code, ran.document["error"]["code"]) == (4, "bench.bad_question")
    assert ran.document["error"]["message"] == "bad.jsonl:2: it needs 'answer', or 'answers'"
    assert not home.exists()
