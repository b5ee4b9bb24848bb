"""The work of one heartbeat, once it is claimed: evidence, a prompt, an answer or a digest, and results."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cowork.agent.parts import Part
from cowork.agent.recorder import OnEvent
from cowork.agent.results import AgentRun
from cowork.core.clock import Clock, from_millis, rfc3339
from cowork.core.errors import CoworkError
from cowork.core.paths import project_dir
from cowork.core.settings import Settings
from cowork.core.text import storable
from cowork.models.limiter import Limiter
from cowork.twins.beats import asking, prompting
from cowork.twins.beats.answers import taken_apart
from cowork.twins.beats.asking import Speaker
from cowork.twins.beats.citations import checked
from cowork.twins.beats.digest import digest
from cowork.twins.beats.jobs import Job
from cowork.twins.beats.threads import Pool, beside
from cowork.twins.evidence.collecting import Ending, collect
from cowork.twins.evidence.findings import Evidence
from cowork.twins.results import MadeBy, Result, Status
from cowork.twins.store import ids
from cowork.twins.store.attempts import MOST_ATTEMPTS
from cowork.twins.store.leases import Taken
from cowork.twins.twin import Twin

NO_MODEL = "no model is configured, so none was asked"


@dataclass(frozen=True)
class Setup:
    """What all heartbeats of a process share. `speaker` None: no model is asked, whatever there is.

    `later` is given what may be done once the answer is out: deliveries, which take time and change nothing about it.
    """

    clock: Clock
    settings: Settings
    limiter: Limiter
    speaker: Speaker | None
    emit: OnEvent
    verb: str = "twin beat"
    later: Callable[[Callable[[], None]], None] = lambda call: call()


@dataclass(frozen=True)
class Answer:
    """What a model said, if one was asked: its run, how it stands, and what is to be noted."""

    text: str
    run: AgentRun | None
    made_by: MadeBy
    why: str
    failed: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Worked:
    """The results of a heartbeat, and the answer they come from."""

    results: tuple[Result, ...]
    answer: Answer


async def work(twin: Twin, taken: Taken, jobs: Sequence[Job], setup: Setup, parts: Sequence[Part] = ()) -> Worked:
    """Do the jobs that were claimed. What goes wrong with evidence or model is in the results; other errors are raised."""
    workspace = Path(twin.workspace) if twin.workspace else project_dir()
    doing = [job for job in jobs if job.id not in taken.given_up]
    names = list(dict.fromkeys(name for job in doing for name in job.collectors))
    setup.emit("evidence.started", {"twin": twin.name, "collectors": names})
    evidence = await _collected(names, workspace, setup) if names else ()
    setup.emit("evidence.collected", {"twin": twin.name, "seconds": round(sum(item.seconds for item in evidence), 3)})
    evidence_tokens, memory_tokens = setup.settings["twin_evidence_tokens"], setup.settings["twin_memory_tokens"]
    material = prompting.material(
        twin, doing, evidence, workspace, evidence_tokens=evidence_tokens, memory_tokens=memory_tokens
    )
    answer = await _answer(twin, doing, material, workspace, setup, parts) if doing else Answer("", None, "evidence", "")
    answer = replace(answer, text=storable(answer.text), why=storable(answer.why), notes=tuple(map(storable, answer.notes)))
    said = taken_apart(answer.text, [job.id for job in doing])
    now = rfc3339(setup.clock.now())
    made = [_result(job, answer, said.get(job.id), evidence, material.ids) for job in doing]
    made += [_given_up(job) for job in jobs if job.id in taken.given_up]
    session_id = (answer.run.session_id or "") if answer.run else ""
    results = tuple(
        replace(result, twin=twin.name, beat_id=taken.beat_id, session_id=session_id, created_at=now) for result in made
    )
    return Worked(results, answer)


async def _collected(names: Sequence[str], workspace: Path, setup: Setup) -> tuple[Evidence, ...]:
    """The evidence. Who is cancelled waits for no collector: each is told to end."""
    ending = Ending()
    try:
        return await beside(Pool.EVIDENCE, collect, names, workspace, setup.clock, ending=ending)
    except asyncio.CancelledError:
        ending.end()
        raise


async def _answer(
    twin: Twin, jobs: Sequence[Job], material: prompting.Material, workspace: Path, setup: Setup, parts: Sequence[Part]
) -> Answer:
    if setup.speaker is None:
        return Answer("", None, "evidence", "no model was to be asked")
    try:
        target = asking.target(twin, setup.speaker, setup.settings)
        if target is None:
            return Answer("", None, "evidence", NO_MODEL)
        prompt = prompting.prompt(jobs, material, setup.clock.now())
        request = asking.prepare(twin, prompt, setup.speaker, setup.settings, workspace, verb=setup.verb, parts=parts)
        setup.emit("model.started", {"twin": twin.name, "model": target.label})
        run = await asking.speak(request, setup.clock, setup.limiter, setup.emit)
    except CoworkError as error:
        partial = error.data if isinstance(error.data, AgentRun) else None
        why = f"the model gave no whole answer ({error.message})"
        made_by: MadeBy = "rehearsal" if partial and partial.rehearsal else "model"
        text = (partial.output or "").strip() if partial else ""
        return Answer(text, partial, made_by if text else "evidence", why, failed=True, notes=(why,))
    made_by = "rehearsal" if run.rehearsal else "model"
    text = (run.output or "").strip()
    if not text:
        why = "the model said nothing"
        return Answer("", run, "evidence", why, failed=True, notes=(why,))
    return Answer(text, run, made_by, "", notes=tuple(notice.message for notice in asking.told(request)))


def _result(job: Job, answer: Answer, said: str | None, evidence: Sequence[Evidence], known: frozenset[str]) -> Result:
    own = tuple(sorted((item for item in evidence if item.collector in job.collectors), key=_order(job)))
    notes = (*answer.notes, *(f"{item.collector}: {item.reason}" for item in own if item.status == "unavailable"))
    if said is None:
        why = answer.why or "the model said nothing of this task"
        status: Status = "degraded" if answer.failed or not answer.why else "done"
        return _made(job, status, "evidence", digest(job.title, own, why), own, notes if answer.why else (why, *notes))
    text, claims = checked(said, known)
    result = _made(job, "degraded" if answer.failed else "done", answer.made_by, text, own, notes)
    return replace(result, claims=claims)


def _order(job: Job) -> Callable[[Evidence], int]:
    """Evidence in the order in which the task names its collectors."""
    return lambda item: job.collectors.index(item.collector)


def _given_up(job: Job) -> Result:
    why = f"it was begun {MOST_ATTEMPTS} times and never came to its end; it is not begun again for this time"
    return _made(job, "failed", "evidence", f"# {job.title}\n\nNot done: {why}.", (), (why,))


def _made(
    job: Job, status: Status, made_by: MadeBy, text: str, evidence: tuple[Evidence, ...], notes: tuple[str, ...]
) -> Result:
    return Result(
        id=ids.proposed("results"),
        twin="",
        task=job.id,
        kind=job.kind,
        title=job.title,
        status=status,
        made_by=made_by,
        text=storable(text),
        evidence=evidence,
        claims=(),
        notes=notes,
        due_at=from_millis(job.due_ms),
        created_at="",
        beat_id="",
        session_id="",
    )
