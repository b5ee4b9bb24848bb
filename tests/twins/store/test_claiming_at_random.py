"""Any number of processes that take, renew, finish, give back, are killed or fall asleep, in any order."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from unittest.mock import patch

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cowork.core.clock import from_millis, millis, parsed
from cowork.core.errors import Conflict
from cowork.twins import requesting
from cowork.twins.heartbeat import MINUTE_MS
from cowork.twins.store import claims, due, leases, opening, requests, roles
from cowork.twins.store.leases import LEASE_MS, Taken
from cowork.twins.store.opening import reading
from tests.twins.owners import anybody, finished, played
from tests.twins.samples import task, twin

START = "2026-01-31T08:10:00.000Z"
NOW = millis(parsed(START))
PIDS = (1, 2, 3)
processes = st.sampled_from(PIDS)


class Claiming(RuleBasedStateMachine):
    """One twin with two tasks, and three processes."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.held: dict[int, Taken] = {}
        self.done: list[tuple[str, int]] = []
        self.asked: set[str] = set()
        self.stack = ExitStack()
        self.home = Path(tempfile.mkdtemp(dir="/dev/shm" if os.path.isdir("/dev/shm") else None))
        self.stack.callback(shutil.rmtree, self.home)
        self.stack.enter_context(patch.dict(os.environ, COWORK_HOME=str(self.home)))
        self.owners = self.stack.enter_context(played())

    @initialize()
    def begin(self) -> None:
        tasks = (task("a", due_at=START, frequency_minutes=60), task("b", 2, due_at=START, frequency_minutes=30))
        roles.add(twin(anchor_at=START, interval_minutes=30, tasks=tasks))
        self.twin = roles.twins()[0]

    def teardown(self) -> None:
        """Whoever comes in the end, when all is over, finds everything there is to do, and does it once."""
        self.now += 2 * LEASE_MS
        self.owners.is_now(99)
        leases.reap(self.now)
        for _ in range(20):  # what took its process down is done one by one
            if not (left := due.due(self.now)):
                break
            found = left[0]
            taken = claims.take(found.twin_id, self.now, anybody, tasks=found.tasks, requests=found.requests)
            self._note(taken, [item.task for item in finished(taken, self.now)])
        try:
            assert due.due(self.now) == []
            with reading() as connection:
                assert {item.status for item in requests.read(connection, "1 = 1", [])} <= {"done"}, "none is lost"
            self.once()
        finally:
            self.stack.close()

    @rule(pid=processes)
    def take(self, pid: int) -> None:
        """What a beat does: look, and claim."""
        self.owners.is_now(pid)
        leases.reap(self.now, [self.twin.id] if pid in self.held else ())
        for found in due.due(self.now):
            live = any(leases.is_live(row[0], row[1], self.now) for row in self._leases())
            try:
                taken = claims.take(found.twin_id, self.now, anybody, tasks=found.tasks, requests=found.requests)
            except Conflict as error:
                assert error.code == "twin.busy"
                assert live
            else:
                assert not live
                self.held[pid] = taken

    @precondition(lambda self: self.held)
    @rule(pid=processes)
    def finish(self, pid: int) -> None:
        """All of it is stored, or the lease was lost and nothing is."""
        if taken := self.held.pop(pid, None):
            mine = self._is_mine(taken)
            try:
                found = finished(taken, self.now)
            except Conflict as error:
                assert (error.code, mine) == ("twin.lease_lost", False)
            else:
                assert mine
                self._note(taken, [item.task for item in found])

    @precondition(lambda self: self.held)
    @rule(pid=processes)
    def give_back(self, pid: int) -> None:
        """Told to end."""
        if taken := self.held.pop(pid, None):
            claims.give_back(taken, self.now, "told to end")

    @precondition(lambda self: self.held)
    @rule(pid=processes)
    def renew(self, pid: int) -> None:
        """A process that sleeps does not come here."""
        if taken := self.held.get(pid):
            assert leases.renew(taken, self.now) is self._is_mine(taken)

    @rule(pid=processes)
    def kill(self, pid: int) -> None:
        """And another gets its number."""
        self.owners.kill(pid)
        self.owners.reborn(pid)
        self.held.pop(pid, None)

    @rule(minutes=st.sampled_from((1, 3, 29, 30, 61, 600)))
    def time_passes(self, minutes: int) -> None:
        """Leases that nobody renews are over."""
        self.now += minutes * MINUTE_MS + 1

    @rule(title=st.sampled_from(("one", "two", "three")))
    def ask(self, title: str) -> None:
        """Somebody assigns something."""
        from datetime import UTC, datetime

        moment = datetime.fromtimestamp(self.now / 1000, UTC)
        made = requesting.new(self.twin, "task", title, moment, at_once=True)
        requests.add(self.twin.id, made)
        self.asked.add(made.id)

    @invariant()
    def once(self) -> None:
        """No task is done twice for one due time, and every result is of somebody who had the lease."""
        if hasattr(self, "twin"):
            assert len(self.done) == len(set(self.done))
            with reading() as connection:
                rows = connection.execute("SELECT task_id, due_ms FROM results").fetchall()
                pairs = [(row[0], 0 if row[0] in self.asked else row[1]) for row in rows]
            assert sorted(pairs) == sorted(self.done)

    @invariant()
    def on_the_grid(self) -> None:
        """Due times are heartbeats, however late and however often something was begun."""
        if hasattr(self, "twin"):
            for item in roles.twins()[0].tasks:
                assert item.due_at is not None
                assert (millis(parsed(item.due_at)) - NOW) % (30 * MINUTE_MS) == 0, from_millis(self.now)

    def _note(self, taken: Taken, tasks: list[str]) -> None:
        moments = dict(taken.tasks)
        self.done += [(name, moments.get(name, 0)) for name in tasks]

    def _is_mine(self, taken: Taken) -> bool:
        return any(row[2] == taken.token for row in self._leases())

    def _leases(self) -> list[tuple[str, int, str]]:
        with opening.reading() as connection:
            return connection.execute("SELECT owner, until_ms, token FROM leases").fetchall()


TestClaiming = Claiming.TestCase
TestClaiming.settings = settings(
    max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
