"""The one prompt of a heartbeat: requests first, then tasks by priority, each whole; then evidence, and what is remembered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from secrets import token_hex

from cowork.core.clock import rfc3339
from cowork.core.text import one_line, printable
from cowork.prompts import templates
from cowork.twins.beats.jobs import Job
from cowork.twins.evidence.findings import Evidence
from cowork.twins.store import results
from cowork.twins.twin import Twin

MOST_BEFORE = 1500
"""Characters of a task's last result that its next run is shown."""


@dataclass(frozen=True)
class Material:
    """What a twin is given for its jobs. `ids` are all it may cite, each with its text."""

    evidence: tuple[Evidence, ...]
    workspace: Path
    recalled: str
    previous: tuple[tuple[str, str], ...]
    ids: Mapping[str, str]


def material(twin: Twin, jobs: Sequence[Job], evidence: Sequence[Evidence], workspace: Path) -> Material:
    """Everything beside the jobs themselves. `previous` is of each task what it came to the last time, and when."""
    before = results.latest(twin.id, [job.id for job in jobs if job.kind == "proactive"])
    previous = tuple((f"{task}, {at}", _beginning(printable(text))) for task, at, text in before)
    ids = {f"{found.collector}.0": found.reason for found in evidence if found.status == "unavailable"}
    ids |= {item.id: item.text for found in evidence for item in found.items}
    return Material(tuple(evidence), workspace, "", previous, ids)


def prompt(jobs: Sequence[Job], given: Material, now: datetime, *, asked: bool) -> str:
    """The prompt as one text."""
    requests = [job for job in jobs if job.kind != "proactive"]
    tasks = [job for job in jobs if job.kind == "proactive"]
    return templates.render(
        "twins/heartbeat.j2",
        kind="request" if asked else "heartbeat",
        now=rfc3339(now),
        workspace=str(given.workspace),
        nonce=token_hex(6),  # nobody can close a tag without it
        requests=[
            {"id": job.id, "heading": job.heading, "title": job.title, "text": job.text, "due": job.due} for job in requests
        ],
        tasks=[{"id": job.id, "name": job.title, "prompt": job.prompt, "evidence": list(job.collectors)} for job in tasks],
        evidence=[{"collector": item.collector, "status": item.status, "lines": list(_lines(item))} for item in given.evidence],
        recalled=given.recalled,
        previous=[{"name": one_line(name, 120), "text": text} for name, text in given.previous],
        count=len(jobs),
        first=jobs[0].id,
        example=next(iter(given.ids), "git-activity.1"),
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
