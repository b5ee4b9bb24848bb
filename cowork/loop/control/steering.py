"""Telling a run what to do, from any other process: pause, stop, cancel; and answering what its agents ask."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Literal

from cowork.core.clock import Clock
from cowork.core.errors import Conflict, InvalidInput, NotFound
from cowork.core.plan import Step
from cowork.core.text import did_you_mean, one_line
from cowork.loop.control.folding import Fold
from cowork.loop.control.following import Follower
from cowork.loop.control.inbox import answered, post
from cowork.loop.control.page import LoopPage
from cowork.policy import gate
from cowork.policy.actions import Action
from cowork.sessions.places import Workplace

Steer = Literal["pause", "resume", "stop", "cancel"]
Abort = Callable[[Workplace], object]
_DONE = {
    "pause": "it pauses once the iteration under way is over",
    "resume": "it goes on",
    "stop": "it ends once the iteration under way is over",
    "cancel": "it ends at once; what the iteration under way has done stays in the files",
}


@dataclass(frozen=True)
class Steered:
    """A run that was told something. `status` and `state` are those after it, and after waiting when that was asked for;
    `changed` is false when it was so already.
    """

    session_id: str
    wish: str
    status: str
    state: str
    changed: bool
    waited: bool
    dry_run: bool
    plan: tuple[Step, ...]


@dataclass(frozen=True)
class Answered:
    """An answer that waits for the run, and for its next resumption when nobody runs it: `alive`."""

    session_id: str
    task: str
    question: str
    answer: str
    alive: bool
    dry_run: bool
    plan: tuple[Step, ...]


async def steer(
    place: Workplace, wish: Steer, clock: Clock, *, wait: bool = False, dry_run: bool = False, abort: Abort | None = None
) -> Steered:
    """Ask the process that runs a session for something; with `wait`, return when it is so.

    A session that nobody runs, and that has no end, can only be cancelled, by `abort`. Raises `session.finished`,
    `session.not_running` and `loop.one_shot` (Conflict), `policy.*`, and what reading the journal raises.
    """
    follower = Follower(place)
    follower.catch_up()
    before = follower.page(clock)
    by_hand = _require_steerable(before, wish, abort if follower.fold.status is None else None)
    gate.require(Action(f"loop {wish}", what=place.session_id), dry_run=dry_run)
    already = not by_hand and _is_so(wish, follower.fold)
    plan = (Step("leave it" if already else wish, place.session_id, "it is so already" if already else _DONE[wish]),)
    if not dry_run and not already:
        if by_hand and abort:
            abort(place)
        else:
            post(place, wish)
    if wait and not dry_run:
        await _wait(follower, wish, clock)
    follower.catch_up()
    after = follower.page(clock)
    waited = wait and not dry_run
    return Steered(place.session_id, wish, after.status, after.state, not already, waited, dry_run, plan)


def answer(place: Workplace, task: str | None, text: str, clock: Clock, *, dry_run: bool = False) -> Answered:
    """Answer what an agent asked about a task, by default the only one that waits for an answer.

    Raises `loop.nothing_asked`, `session.finished` (Conflict), `loop.which_question`, `loop.bad_request`, `task.not_found`.
    """
    follower = Follower(place)
    follower.catch_up()
    page = follower.page(clock)
    if page.status == "completed":
        raise _finished(page)
    chosen = _asked(page, task, answered(place))
    if not text.strip():
        raise InvalidInput("loop.bad_request", "the answer is empty", hint="say something")
    gate.require(Action("loop answer", what=place.session_id), dry_run=dry_run)
    if not dry_run:
        post(place, "answer", task=chosen, text=text)
    alive = page.lock == "held"
    plan = [Step("answer", chosen, one_line(text, 100))]
    if not alive:
        plan.append(Step("keep", place.session_id, f"until somebody goes on with it: cowork loop resume {place.session_id}"))
    question = follower.fold.questions[chosen]
    return Answered(place.session_id, chosen, question, text, alive, dry_run, tuple(plan))


def _require_steerable(page: LoopPage, wish: Steer, abort: Abort | None) -> bool:
    """Whether it has to be done here, for nobody runs the session."""
    session = page.session_id
    if page.lock == "held":
        if page.mode == "pattern":
            raise Conflict(
                "loop.one_shot",
                f"session {session} is one run of a pattern: it cannot be told anything",
                hint="end it with Ctrl-C where it runs" + (f", or: kill {page.worker.pid}" if page.worker else ""),
            )
        return False
    if page.status == "completed" or (page.status == "aborted" and wish == "cancel"):
        raise _finished(page)
    if wish == "cancel" and abort is not None and page.mode == "loop":
        return True
    raise Conflict(
        "session.not_running",
        f"nobody runs session {session}: it is {page.status}",
        hint=f"go on with it: cowork loop resume {session}",
        details={"session": session, "status": page.status},
    )


def _finished(page: LoopPage) -> Conflict:
    return Conflict(
        "session.finished",
        f"session {page.session_id} is over: {page.status}",
        hint=f"see what came of it with: cowork loop show {page.session_id}",
    )


def _is_so(wish: Steer, fold: Fold) -> bool:
    if wish == "pause":
        return fold.state in ("pausing", "paused")
    return wish == "resume" and fold.state == "running"


async def _wait(follower: Follower, wish: Steer, clock: Clock) -> None:
    reached = await follower.until(clock, lambda fold: fold.status is not None or _reached(wish, fold))
    if wish in ("pause", "resume"):
        if not reached or follower.fold.status is not None:
            raise _finished(follower.page(clock))
        return
    await follower.until(clock, lambda _fold: False)  # it has let go of its locks: somebody else may go on at once


def _reached(wish: Steer, fold: Fold) -> bool:
    return fold.state == {"pause": "paused", "resume": "running"}.get(wish)


def _asked(page: LoopPage, task: str | None, settled: Collection[str]) -> str:
    """The task that is meant; `settled` are those whose answer the run has not taken yet."""
    open_ones = [question.task for question in page.questions if question.task not in settled]
    if page.questions and (not open_ones or task in settled):
        hint = f"watch it go on: cowork loop watch {page.session_id}"
        if page.lock != "held":
            hint = f"it waits for: cowork loop resume {page.session_id}"
        what = f"the question about {one_line(task or page.questions[0].task, 100)} was answered"
        raise Conflict("loop.nothing_asked", what, hint=hint)
    if not open_ones:
        raise Conflict(
            "loop.nothing_asked",
            f"no agent of session {page.session_id} waits for an answer",
            hint=f"see how it stands with: cowork loop status {page.session_id}",
        )
    if task is None and len(open_ones) > 1:
        hint = f"name one of: {', '.join(one_line(name, 60) for name in open_ones[:9])}"
        raise InvalidInput("loop.which_question", f"{len(open_ones)} tasks wait for an answer", hint=hint)
    if task is not None and task not in open_ones:
        hint = did_you_mean(task, open_ones, f"one of: {', '.join(one_line(name, 60) for name in open_ones[:9])}")
        raise NotFound("task.not_found", f"task '{task}' does not wait for an answer", hint=hint)
    return task or open_ones[0]
