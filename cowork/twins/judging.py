"""Saying whether a result was good, which a twin learns from."""

from __future__ import annotations

import dataclasses
from sqlite3 import Connection

from cowork.core.clock import Clock, millis, rfc3339
from cowork.core.errors import Conflict
from cowork.core.outcome import Notice
from cowork.core.plan import Step
from cowork.core.text import one_line
from cowork.policy import gate
from cowork.policy.actions import Action
from cowork.twins.memory import LONGEST_TEXT, Feedback, Memory, MemoryKind, Verdict
from cowork.twins.results import Result
from cowork.twins.store import feedback, memories, results
from cowork.twins.store.feedback import Given
from cowork.twins.store.opening import changing
from cowork.twins.told import Told

_LEARNED: dict[Verdict, MemoryKind] = {"bad": "correction", "good": "preference"}

_MOST_NAMED = 5


def verdict_of(*, good: bool, bad: bool) -> Verdict | None:
    """The verdict that somebody gives; None for none."""
    return "good" if good else "bad" if bad else None


def judge(name: str, verdict: Verdict | None, why: str, clock: Clock, *, dry_run: bool) -> Feedback:
    """Say that a result was good or bad, or with None take that back. What was said before is replaced.

    With a reason the twin learns from it: a correction from a bad result, a preference from a good one.
    Raises `result.not_found`, `result.ambiguous`, `memory.*`, policy and database errors.
    """
    reason = Told("memory").line(why, LONGEST_TEXT, "the reason") if why else ""
    result = results.find(name)
    gate.require(Action("twin feedback", what=result.id), dry_run=dry_run)
    now = clock.now()
    lesson = _lesson(result, verdict, reason, rfc3339(now))
    with changing(dry_run=dry_run) as connection:
        before = feedback.given(connection, result.id) if connection else None
        if connection is None or before is None:
            raise Conflict("result.gone", f"result '{result.id}' was removed", hint="see: cowork twin results")
        known = memories.from_source(connection, before.twin_id, _source(result))
        settled = (before.verdict, before.why) == (verdict, reason) and _said(known) == _said(lesson)
        learned = known if settled else lesson
        if not settled and not dry_run:
            feedback.put(connection, result.id, verdict, reason, millis(now))
            learned = _learn(connection, before, known, lesson, millis(now))
    plan = _plan(result, verdict, before, known, None if settled else lesson, settled)
    return Feedback(result.id, result.twin, result.title, verdict, reason, before.verdict, learned, dry_run, plan)


def beside(result_id: str) -> tuple[Notice, ...]:
    """Told where `last` was one of several of a heartbeat: which it was, and which it was not. Raises as `judge`."""
    result = results.find(result_id)
    others = results.of_beat(result.beat_id, but=result.id)
    if not others:
        return ()
    listed = ", ".join(f"{one_line(title, 60)} ({other})" for other, title in others[:_MOST_NAMED])
    more = ", ..." if len(others) > _MOST_NAMED else ""
    what = f"the last was {one_line(result.title, 60)} ({result.id}); of the same heartbeat: {listed}{more}"
    return (Notice("result.others", what),)


def _learn(connection: Connection, before: Given, known: Memory | None, lesson: Memory | None, now: int) -> Memory | None:
    """Put what is to be learned in the place of what was learned."""
    memories.remove(connection, [known] if known else [])
    if lesson is None:
        return None
    return memories.add(connection, before.twin_id, lesson.kind, lesson.text, lesson.source, now)


def _source(result: Result) -> str:
    return f"feedback {result.id}"


def _lesson(result: Result, verdict: Verdict | None, why: str, now: str) -> Memory | None:
    """What is to be learned from a verdict, without an id; None without a reason."""
    if verdict is None or not why:
        return None
    return Memory("", result.twin, _LEARNED[verdict], why, _source(result), now)


def _said(memory: Memory | None) -> Memory | None:
    return dataclasses.replace(memory, id="", created_at="") if memory else None


def _plan(
    result: Result, verdict: Verdict | None, before: Given, known: Memory | None, lesson: Memory | None, settled: bool
) -> tuple[Step, ...]:
    if settled:
        return (Step("keep", result.id, f"it is {verdict} already" if verdict else "it has no verdict"),)
    steps = [Step("judge", result.id, verdict) if verdict else Step("clear", result.id, f"it was {before.verdict}")]
    if known:
        steps.append(Step("forget", f"memory.{known.id}", f"{known.kind}: {known.text}"))
    if lesson:
        steps.append(Step("remember", lesson.twin, f"{lesson.kind}: {lesson.text}"))
    return tuple(steps)
