"""Heartbeats that are killed at random: `python -m tests.bench.twin_kills [ROUNDS]`. However often, each is done once."""

from __future__ import annotations

import os
import random
import sys
import tempfile

from cowork.core.clock import SystemClock, from_millis, millis
from cowork.twins.beats import waking
from cowork.twins.store import due, results, roles
from cowork.twins.store.opening import reading
from tests.core.killing import Point, run_until
from tests.twins.beating import setup
from tests.twins.samples import task, twin

BEAT = """
from cowork.core.clock import SystemClock
from cowork.twins.beats import waking
from tests.twins.beating import setup
armed()
waking.wake(waking.Wish(), setup(SystemClock()), jobs=2)
"""


def main(rounds: int, seed: int = 1) -> int:
    """Kill `rounds` heartbeats of two twins at a random statement each, and finish after each; exit 1 on a difference."""
    chosen, killed, before = random.Random(seed), 0, 0
    with tempfile.TemporaryDirectory() as home:
        os.environ["COWORK_HOME"] = home
        for number in range(rounds):
            moment = from_millis(millis(SystemClock().now()) - 1000)
            for name in ("a", "b"):
                tasks = (task("one", due_at=moment, evidence=()), task("two", due_at=moment, evidence=()))
                roles.add(twin(f"twin-{name}{number}", anchor_at=moment, tasks=tasks, workspace=home))
            killed += run_until(Point("c_call", "Connection.execute", chosen.randrange(1, 160)), BEAT)
            waking.wake(waking.Wish(), setup(SystemClock()), jobs=2)  # type: ignore[arg-type]
            total = results.listed(limit=1).total
            left = due.due(millis(SystemClock().now()))
            if total != before + 4 or left:
                print(f"round {number}: {total - before} results, {len(left)} twins left")
                return 1
            before = total
        with reading() as connection:
            assert connection is not None
            again = connection.execute("SELECT COUNT(*) FROM claims WHERE attempt > 1").fetchone()[0]
    print(f"{rounds} heartbeats of two twins, {killed} killed, {again} tasks begun again, {before} results of {before}")
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
