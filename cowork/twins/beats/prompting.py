"""The one prompt of a heartbeat: requests first, then tasks by priority, each whole; then evidence, and what is remembered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from secrets import token_hex

from cowork.core.clock import rfc3339
from cowork.core.text import one_line, printable
from cowork.prompts import templates
from cowork.prompts.builder import CHARACTERS_A_TOKEN
from cowork.prompts.fences import share
from cowork.twins.beats.jobs import Job
from cowork.twins.evidence.findings import Evidence
from cowork.twins.recalling import recall
from cowork.twins.store import results
from cowork.twins.twin import Twin

MOST_BEFORE = 1500
"""Characters of a task's last result that its next run is shown."""


@dataclass(frozen=True)
class Material:
    """What a twin is given for its jobs. `evidence` are lines by collector and status; `ids` are all it may cite."""

    evidence: tuple[tuple[Evidence, tuple[str, ...]], ...]
    workspace: Path
    recalled: str
    previous: tuple[tuple[str, str], ...]
    ids: frozenset[str]


def material(
    twin: Twin, jobs: Sequence[Job], evidence: Sequence[Evidence], workspace: Path, *, evidence_tokens: int, memory_tokens: int
) -> Material:
    """Everything beside the jobs themselves. `previous` is of each task what it came to the last time, and when.

    Evidence that is longer than so many tokens is cut fairly: of every collector the most urgent facts stay. What is
    remembered is chosen for the jobs and the evidence, within a budget of its own.
    """
    before = results.latest(twin.id, [job.id for job in jobs if job.kind == "proactive"])
    previous = tuple((f"{task}, {at}", _beginning(printable(text))) for task, at, text in before)
    lines = [_lines(item) for item in evidence]
    given = tuple(zip(evidence, _fitted(lines, evidence_tokens * CHARACTERS_A_TOKEN), strict=True))
    ids = frozenset(line[1 : line.index("]")] for _, found in given for line in found if line.startswith("["))
    work = [text for job in jobs for text in (job.title, job.text, job.prompt)]
    told = recall(twin.id, "\n".join([*work, *(line for _, found in given for line in found)]), budget_tokens=memory_tokens)
    return Material(given, workspace, told.text, previous, ids | {item.id for item in told.items})


def prompt(jobs: Sequence[Job], given: Material, now: datetime) -> str:
    """The prompt as one text. It says that somebody waits only where somebody asked at once."""
    requests = [job for job in jobs if job.kind != "proactive"]
    tasks = [job for job in jobs if job.kind == "proactive"]
    return templates.render(
        "twins/heartbeat.j2",
        kind="request" if any(job.waited_for for job in jobs) else "heartbeat",
        now=rfc3339(now),
        workspace=str(given.workspace),
        nonce=token_hex(6),  # nobody can close a tag without it
        requests=[
            {"id": job.id, "heading": job.heading, "title": job.title, "text": job.text, "due": job.due} for job in requests
        ],
        tasks=[{"id": job.id, "name": job.title, "prompt": job.prompt, "evidence": list(job.collectors)} for job in tasks],
        evidence=[{"collector": item.collector, "status": item.status, "lines": list(lines)} for item, lines in given.evidence],
        recalled=given.recalled,
        previous=[{"name": one_line(name, 120), "text": text} for name, text in given.previous],
        count=len(jobs),
        first=jobs[0].id,
        example=min(given.ids, default="git-activity.1"),
    )


def _beginning(text: str) -> str:
    return text if len(text) <= MOST_BEFORE else f"{text[:MOST_BEFORE].rstrip()} ..."


def _lines(evidence: Evidence) -> list[str]:
    if evidence.status == "unavailable":
        hint = f"; the cheapest way to have it: {evidence.hint}" if evidence.hint else ""
        return [f"[{evidence.collector}.0] not available: {evidence.reason}{hint}"]
    lines = [f"[{item.id}] {printable(item.text)}" for item in evidence.items]
    more = evidence.items_total - (len(evidence.items) - 1)
    if more > 0:
        lines.append(f"({more} more are not shown)")
    if evidence.status == "partial":
        lines.append(f"(left out: {evidence.reason})")
    return lines


def _fitted(texts: Sequence[list[str]], room: int) -> list[tuple[str, ...]]:
    """What there is room for, of each text its fair share."""
    sizes = [sum(map(len, lines)) for lines in texts]
    fitted = []
    for number, lines in enumerate(texts):
        own = share(sizes[number:], room)
        room -= own
        fitted.append(_within(lines, own))
    return fitted


def _within(lines: Sequence[str], room: int) -> tuple[str, ...]:
    """The first lines that fit, the summary in any case."""
    kept: list[str] = []
    for line in lines:
        if kept and sum(map(len, kept)) + len(line) > room:
            return (*kept, f"({len(lines) - len(kept)} more do not fit here)")
        kept.append(line)
    return tuple(kept)
