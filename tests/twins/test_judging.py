"""Feedback on results, and what twins learn from it."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from cowork.core.clock import SystemClock
from cowork.core.errors import InvalidInput, NotFound
from cowork.twins import judging
from cowork.twins.judging import judge
from cowork.twins.memory import Verdict
from cowork.twins.recalling import memory_of, recall
from cowork.twins.remembering import forget, remember
from cowork.twins.store import opening, results
from tests.support import FakeClock, run_here
from tests.twins.remembered import known, result, saved
from tests.twins.test_remembering import in_step


@pytest.fixture(autouse=True)
def judged() -> None:
    """Two results of a twin; r2 is the newer one."""
    saved(known(), result("r1"), result("r2", created_at="2026-01-31T09:05:00.000Z"))


def learned() -> list[tuple[str, str, str]]:
    return [(item.kind, item.text, item.source) for item in memory_of("twin-a").items]


@pytest.mark.parametrize(("verdict", "kind"), [("bad", "correction"), ("good", "preference")])
def test_from_a_verdict_with_a_reason_a_twin_learns(clock: FakeClock, verdict: Verdict, kind: str) -> None:
    done = judge("r1", verdict, "It was merged\nalready.", clock, dry_run=False)

    assert learned() == [(kind, "It was merged already.", "feedback r1")]
    assert (done.verdict, done.before, done.why) == (verdict, None, "It was merged already.")
    assert done.memory == memory_of("twin-a").items[0]
    assert results.find("r1").verdict == verdict
    assert in_step()


def test_a_verdict_without_a_reason_is_only_a_verdict(clock: FakeClock) -> None:
    done = judge("last", "good", "", clock, dry_run=False)

    assert (done.result_id, done.memory) == ("r2", None)
    assert results.find("r2").verdict == "good"
    assert learned() == []


def test_a_new_verdict_takes_the_place_of_the_old_one_and_of_what_was_learned(clock: FakeClock) -> None:
    judge("r1", "bad", "It was merged.", clock, dry_run=False)

    done = judge("r1", "good", "Short is right.", clock, dry_run=False)

    assert (done.before, done.verdict) == ("bad", "good")
    assert [step.action for step in done.plan] == ["judge", "forget", "remember"]
    assert learned() == [("preference", "Short is right.", "feedback r1")]
    judge("r1", "bad", "", clock, dry_run=False)
    assert (results.find("r1").verdict, learned()) == ("bad", [])
    assert in_step()


def test_a_verdict_can_be_taken_back_with_what_was_learned_from_it(clock: FakeClock) -> None:
    remember("twin-a", "It was merged.", clock, kind="correction", dry_run=False)
    judge("r1", "bad", "It was merged.", clock, dry_run=False)

    done = judge("r1", None, "", clock, dry_run=False)

    assert (done.before, done.verdict, results.find("r1").verdict) == ("bad", None, None)
    assert learned() == [("correction", "It was merged.", "remember")]  # what was told stays
    assert judge("r1", None, "", clock, dry_run=False).plan[0].detail == "it has no verdict"


def test_saying_the_same_again_changes_nothing(clock: FakeClock) -> None:
    first = judge("r1", "bad", "It was merged.", clock, dry_run=False)
    clock.advance(60)

    again = judge("r1", "bad", "It was merged.", clock, dry_run=False)

    assert [step.action for step in again.plan] == ["keep"]
    assert again.memory == first.memory


def test_saying_again_what_was_forgotten_teaches_it_again(clock: FakeClock) -> None:
    first = judge("r1", "bad", "It was merged.", clock, dry_run=False)
    assert first.memory
    forget([first.memory.id], dry_run=False)
    assert results.find("r1").verdict == "bad"  # forgetting is no acquittal

    judge("r1", "bad", "It was merged.", clock, dry_run=False)

    assert learned() == [("correction", "It was merged.", "feedback r1")]


def test_a_dry_run_says_what_would_be_learned_and_writes_nothing(clock: FakeClock) -> None:
    done = judge("r1", "bad", "It was merged.", clock, dry_run=True)

    assert [(step.action, step.detail) for step in done.plan] == [("judge", "bad"), ("remember", "correction: It was merged.")]
    assert (results.find("r1").verdict, learned()) == (None, [])


@pytest.mark.parametrize(("name", "why", "code"), [("r", "", "result.ambiguous"), ("x", "", "result.not_found")])
def test_a_result_that_is_not_clear_gets_no_verdict(clock: FakeClock, name: str, why: str, code: str) -> None:
    with pytest.raises((NotFound, InvalidInput)) as caught:
        judge(name, "bad", why, clock, dry_run=False)

    assert caught.value.code == code


def test_a_reason_with_a_secret_is_refused_with_its_verdict(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVICE_TOKEN", "hunter2hunter2")

    with pytest.raises(InvalidInput) as caught:
        judge("r1", "bad", "not hunter2hunter2", clock, dry_run=False)

    assert caught.value.code == "memory.secret"
    assert results.find("r1").verdict is None


def test_a_correction_is_the_first_thing_that_is_recalled_next(clock: FakeClock) -> None:
    remember("twin-a", "Pull requests are squashed.", clock, dry_run=False)
    before = recall("id-of-twin-a", "pull requests", budget_tokens=800)

    judge("r1", "bad", "Leave out drafts.", clock, dry_run=False)

    after = recall("id-of-twin-a", "pull requests", budget_tokens=800)
    assert [item.text for item in before.items] == ["Pull requests are squashed."]
    assert [item.text for item in after.items] == ["Leave out drafts.", "Pull requests are squashed."]
    assert after.text.startswith(f"[{after.items[0].id}] correction: Leave out drafts.\n")


def state() -> tuple[str | None, list[tuple[str, str, str]]]:
    return results.find("r1").verdict, learned()


def test_a_process_killed_at_any_point_leaves_verdict_memory_and_index_in_step(clock: FakeClock) -> None:
    judge("r1", "good", "Short is right.", clock, dry_run=False)
    before, after = state(), ("bad", [("correction", "It was merged.", "feedback r1")])
    outcomes = set()
    for count in range(1, 200):
        killed = killed_at(count)
        found = state()
        assert found in (before, after)
        assert in_step()
        outcomes.add((killed, found == after))
        if not killed:
            break
        if found == after:
            judge("r1", "good", "Short is right.", clock, dry_run=False)
    assert outcomes == {(True, False), (True, True), (False, True)}


def killed_at(count: int) -> bool:
    """Change the verdict in a process that kills itself before its `count`-th call of the database. Whether it came so far."""
    child = os.fork()
    if child == 0:
        left = [count]

        def watch(_frame: object, event: str, called: object) -> None:
            if event == "c_call" and getattr(called, "__qualname__", "") in ("Connection.execute", "Connection.close"):
                left[0] -= 1
                if not left[0]:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.setprofile(watch)
        try:
            judge("r1", "bad", "It was merged.", SystemClock(), dry_run=False)
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def test_a_verdict_goes_with_its_result_and_what_was_learned_stays(clock: FakeClock) -> None:
    judge("r1", "bad", "It was merged.", clock, dry_run=False)

    with opening.writing() as connection:
        connection.execute("DELETE FROM results WHERE id = 'r1'")

    with opening.reading() as connection:
        assert connection is not None
        assert connection.execute("SELECT COUNT(*) FROM feedback").fetchone() == (0,)
    assert learned() == [("correction", "It was merged.", "feedback r1")]


def test_the_last_of_several_results_of_a_heartbeat_is_said(clock: FakeClock) -> None:
    of = known("twin-b")
    moment = "2026-01-31T10:05:00.000Z"
    saved(of, *(result(name, title=f"Title {name}", beat_id="b1", created_at=moment) for name in ("s1", "s2", "s3")))
    message = "the last was Title s1 (s1); of the same heartbeat: Title s2 (s2), Title s3 (s3)"

    for words in (["feedback", "last", "--good", "--dry-run"], ["results", "show", "last"]):
        ran = run_here("twin", *words, "--json")
        assert ran.document["warnings"] == [{"code": "result.others", "message": message}]
    assert run_here("twin", "results", "show", "s2", "--json").document["warnings"] == []
    assert judging.beside("r2") == ()
