"""A fleet of 10,000 twins with 30,000 tasks: what is due, activating, listing, and claims by eight processes at once."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cowork.core.clock import millis, rfc3339
from cowork.twins.activation import activate
from cowork.twins.store import due, roles
from cowork.twins.store.opening import reading, writing
from cowork.twins.store.roles import insert
from tests.support import FakeClock
from tests.twins.samples import add_numbered, task, twin

TWINS, TASKS, FEW = 10_000, 3, 100
PROCESSES, CLAIMS = 8, 10_000
ROUNDS = 5
NOW = datetime(2026, 1, 31, 8, 5, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)

CLAIM = """
import sys
from cowork.core.errors import Conflict
from cowork.twins.store import claims, due
from cowork.twins.store.opening import writing
now, begin, count = map(int, sys.argv[1:])
waiting = due.due(now)
print("ready", flush=True)
sys.stdin.readline()
mine = []
for found in (waiting + waiting)[begin:begin + count]:
    try:
        taken = claims.take(found.twin_id, now, lambda *_: None, tasks=found.tasks, requests=found.requests)
    except Conflict:
        continue
    with writing() as connection:
        for task_id, moment in taken.tasks:
            claims.close_task(connection, taken, task_id, moment, now)
        claims.close(connection, taken, "done", now, {})
    mine += [f"{found.twin_id} {task_id} {moment}" for task_id, moment in taken.tasks]
print(len(mine), *mine, sep="\\n")
"""


def main() -> int:
    """Print the figures; returns 1 when a budget is broken or a claim was lost or made twice."""
    broken = False
    with tempfile.TemporaryDirectory() as base:
        os.environ["COWORK_HOME"] = str(Path(base) / "fleet")
        _fleet(TWINS)
        now = millis(NOW)
        broken |= _told("due, few of 30,000", _median(lambda: len(due.due(now))), 0.05, FEW)
        broken |= _told("due, all of 30,000", _median(lambda: len(due.due(millis(LATER) + 10**9))), 0.075, TWINS)
        broken |= _told("clock put right, nothing to do", _median(lambda: due.mend_clock(now)), 0.05, 0)
        listed = _median(lambda: _process("twin", "list", "--json"))
        broken |= _told("twin list --json, 10,000", listed, 1.0, TWINS)
        broken |= _told(
            "twin show --json, of 10,000", _median(lambda: _process("twin", "show", "twin-a-9000", "--json")), 1.0, 0
        )
        _work_done()
        for words in (("board",), ("tasks",), ("tasks", "--all"), ("results", "list", "--limit", "10000")):
            took = _median(lambda words=words: _process("twin", *words, "--json"))  # type: ignore[misc]
            broken |= _told(f"twin {' '.join(words)}"[:33], took, 1.0, 0)
        whole = ("twin", "results", "list", "--format", "md", "--limit", "10000", "--json")
        broken |= _told("10,000 results as Markdown", _median(lambda: _process(*whole)), 2.5, 0)
        broken |= _told("doctor, 10,000", _once(lambda: _process("doctor", "--json")), None, 0)
        broken |= _told("activating 1,000 beside 10,000", _once(_thousand), 3.0, 1000)
        os.environ["COWORK_HOME"] = str(Path(base) / "empty")
        broken |= _told("activating 1,000", _once(_thousand), 3.0, 1000)
        os.environ["COWORK_HOME"] = str(Path(base) / "claims")
        broken |= _claims()
    return int(broken)


def _fleet(count: int, tasks: int = TASKS, *, all_due: bool = False) -> None:
    """Twins with tasks, of which a few are due, or all."""
    made = []
    for number in range(count):
        at = NOW if all_due or number < FEW else LATER + timedelta(seconds=number)
        own = tuple(task(f"task-{index}", index, due_at=rfc3339(at)) for index in range(tasks))
        made.append(twin("twin-a", id=f"id-{number}", tasks=own, created_at=rfc3339(NOW), anchor_at=rfc3339(NOW)))
    add_numbered(made)


def _work_done() -> None:
    """Ten thousand results, and fifty thousand requests of one twin that are over."""
    with writing() as connection:
        columns = "id twin_id task_id due_ms kind title status made_by text evidence claims notes beat_id session_id created_ms"
        made = insert("results", columns.split())
        said = ("proactive", "t", "done", "evidence", "x" * 3000, "[]", "[]", "[]", "", "")
        rows = [(f"r{index}", f"id-{index}", "task-0", 0, *said, millis(NOW) + index) for index in range(TWINS)]
        connection.executemany(made, rows)
        columns = "id twin_id kind title text priority state due_ms wake_ms attempt beat_id result_id created_ms updated_ms"
        over = ("id-0", "task", "t", "x" * 2000, 2, "done", None, 0, 1, "", "", 0)
        connection.executemany(insert("requests", columns.split()), [(f"q{index}", *over, index) for index in range(50_000)])


def _thousand() -> int:
    return activate("software-engineer", FakeClock(NOW), count=1000)[0].count


def _claims() -> bool:
    """Eight processes do all there is, a quarter of it tried by two; whether a task was lost or done twice."""
    _fleet(CLAIMS // TASKS, all_due=True)
    expected = CLAIMS // TASKS * TASKS
    with writing() as connection:  # the rest of ten thousand
        for number in range(CLAIMS - expected):
            roles.write(connection, twin(f"rest-{number}", tasks=(task("task-0", due_at=rfc3339(NOW)),)))
    share = -(-(CLAIMS // TASKS + CLAIMS - expected) // PROCESSES)
    children = [
        subprocess.Popen(
            [sys.executable, "-c", CLAIM, str(millis(NOW)), str(number * share), str(share + share // 4)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(PROCESSES)
    ]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    started = time.perf_counter()
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    answers = [child.communicate()[0].splitlines() for child in children]
    took = time.perf_counter() - started
    claimed = [line for answer in answers for line in answer[1:]]
    with reading() as connection:
        assert connection is not None
        stored = connection.execute("SELECT COUNT(*) FROM claims").fetchone()[0]
    shares = ", ".join(answer[0] for answer in answers)
    print(f"{'claiming 10,000 with 8 processes':34}{took:9.2f}s   shares: {shares}")
    twice, lost = len(claimed) - len(set(claimed)), CLAIMS - len(set(claimed))
    print(f"{'':34}{twice} twice, {lost} lost, {stored} stored")
    return bool(twice or lost or stored != CLAIMS)


def _process(*argv: str) -> int:
    done = subprocess.run([str(Path(sys.executable).parent / "cowork"), *argv], capture_output=True, check=False)
    return int((json.loads(done.stdout)["data"] or {}).get("count", 0)) if argv[:2] == ("twin", "list") else 0


def _once(work: Callable[[], int]) -> tuple[float, int]:
    started = time.perf_counter()
    found = work()
    return time.perf_counter() - started, found


def _median(work: Callable[[], int]) -> tuple[float, int]:
    rounds = [_once(work) for _ in range(ROUNDS)]
    return statistics.median(seconds for seconds, _ in rounds), rounds[-1][1]


def _told(what: str, measured: tuple[float, int], budget: float | None, expected: int) -> bool:
    """Print a figure; whether its budget is broken, or the answer is not the expected one."""
    seconds, found = measured
    print(f"{what:34}{seconds * 1000:8.1f}ms{'' if budget is None else f'{budget * 1000:8.0f}'}")
    assert found == expected, f"{what}: {found}, not {expected}"
    return budget is not None and seconds > budget


if __name__ == "__main__":
    sys.exit(main())
