"""The program itself, told to end or killed in the middle of a heartbeat: what it began is due again, and done once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cowork.core.clock import SystemClock, from_millis, millis
from cowork.twins.beats import waking
from cowork.twins.store import claims, due, results, roles, servers
from cowork.twins.store.opening import reading
from tests.agent.scripted_model import Hold, Script, ScriptedModel, call, scripted_model, turn
from tests.core.killing import Point, run_until
from tests.support import PROGRAM, gone
from tests.twins.beating import setup
from tests.twins.samples import task, twin

SAID = "# task: one\nDone."


def now() -> int:
    return millis(SystemClock().now())


def stored(name: str = "twin-a", **changes) -> None:
    moment = from_millis(now() - 1000)
    tasks = (task("one", due_at=moment, evidence=()),)
    roles.add(twin(name, anchor_at=moment, tasks=tasks, workspace=os.getcwd(), **changes))


@contextmanager
def program(model: ScriptedModel, *words: str) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, **model.environment("anthropic")}
    argv = [str(PROGRAM), "twin", *words, "--provider", "anthropic", "--json"]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def holding(hold: Hold) -> Script:
    return lambda _request: turn(SAID, hold=hold)


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def beat_again() -> int:
    """What the next heartbeat does, and how many results there are then."""
    waking.wake(waking.Wish(), setup(SystemClock()), jobs=1)  # type: ignore[arg-type]
    assert due.due(now()) == []
    return results.listed().total


def test_killed_while_the_model_speaks_the_next_heartbeat_does_it_again_and_once() -> None:
    stored()
    hold = Hold()
    with scripted_model(holding(hold)) as model, program(model, "beat") as process:
        hold.wait()
        assert [item.twin for item in servers.at_work(now())] == ["twin-a"]
        process.kill()
        process.wait()
        assert servers.at_work(now()) == []
        assert results.listed().total == 0

        assert beat_again() == 1
    with reading() as connection:
        assert connection.execute("SELECT state, attempt FROM claims").fetchall() == [("done", 2)]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=["SIGTERM", "Ctrl-C"])
def test_told_to_end_it_gives_back_at_once_and_leaves_no_process(number: int, code: int, tmp_path: Path) -> None:
    for name in ("twin-a", "twin-b"):
        stored(name, allow_rules=("Bash",))
    tool = call("Bash", command=f"sh -c 'echo $$ > {tmp_path}/$$.pid; exec sleep 100'")
    with scripted_model(lambda _request: turn("", tool)) as model, program(model, "beat") as process:
        until(lambda: len(list(tmp_path.glob("*.pid"))) == 2)
        process.send_signal(number)
        out, _ = process.communicate(timeout=20)

    assert process.returncode == code
    assert json.loads(out)["error"]["hint"] == "what was not finished is due again"
    assert all(gone(int(path.stem)) for path in tmp_path.glob("*.pid"))
    assert [item.name for item in due.due(now())] == ["twin-a", "twin-b"]
    with reading() as connection:
        assert connection.execute("SELECT COUNT(*) FROM leases").fetchone() == (0,)
        assert connection.execute("SELECT COUNT(*) FROM claims").fetchone() == (0,)


def test_a_scheduler_that_is_told_to_end_lets_what_runs_come_to_its_end() -> None:
    stored()
    hold = Hold()
    with scripted_model(holding(hold)) as model, program(model, "serve") as process:
        hold.wait()
        assert len(servers.running(now())) == 1
        process.terminate()
        time.sleep(0.2)
        assert process.poll() is None
        hold.release()
        out, _ = process.communicate(timeout=20)

    data = json.loads(out)["data"]
    assert (process.returncode, data["beats"], data["cut_off"]) == (0, 1, 0)
    assert results.listed().items[0].made_by == "model"
    assert servers.running(now()) == []


def test_told_twice_it_cuts_off_and_gives_back() -> None:
    stored()
    hold = Hold()
    with scripted_model(holding(hold)) as model, program(model, "serve") as process:
        hold.wait()
        process.terminate()
        time.sleep(0.2)
        process.terminate()
        out, _ = process.communicate(timeout=20)

    data = json.loads(out)["data"]
    assert (process.returncode, data["beats"], data["cut_off"]) == (0, 0, 1)
    assert [item.name for item in due.due(now())] == ["twin-a"]
    assert results.listed().total == 0


def test_two_schedulers_never_do_the_same_and_one_that_is_killed_is_replaced() -> None:
    for name in ("twin-a", "twin-b"):
        stored(name)
    hold = Hold()
    with (
        scripted_model(holding(hold)) as model,
        program(model, "serve", "--jobs", "1") as first,
        program(model, "serve", "--jobs", "1") as second,
    ):
        until(lambda: len(servers.at_work(now())) == 2)
        assert len(servers.running(now())) == 2
        assert {item.owner.split("|")[1] for item in servers.at_work(now())} == {str(first.pid), str(second.pid)}
        first.kill()
        first.wait()
        hold.release()
        until(lambda: results.listed().total == 2)
        second.terminate()
        second.communicate(timeout=20)

    assert second.returncode == 0
    assert due.due(now()) == []
    with reading() as connection:
        assert sorted(connection.execute("SELECT state, attempt FROM claims").fetchall()) == [("done", 1), ("done", 2)]


BEAT = """
from tests.twins.serving.test_program import SystemClock, setup, waking
armed()
waking.wake(waking.Wish(), setup(SystemClock()), jobs=1)
"""


@pytest.mark.parametrize("count", [6, 20, 40, 60, 80, 100])
def test_killed_at_any_statement_of_a_heartbeat_there_is_one_result_after_the_next(count: int) -> None:
    stored()

    killed = run_until(Point("c_call", "Connection.execute", count), BEAT)

    assert killed or results.listed().total == 1
    assert beat_again() == 1
    assert claims.running("id-of-twin-a") == {}
