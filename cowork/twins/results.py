"""What twins produced, as stored and as the verbs answer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from cowork.core.text import one_line
from cowork.twins.evidence.findings import Evidence

Kind = Literal["proactive", "task", "mention", "wake", "ask", "skill"]
"""A task of the template; what somebody assigned, mentioned, woke it for, asked at once, or a skill it ran."""

MadeBy = Literal["model", "rehearsal", "evidence"]
Status = Literal["done", "degraded", "failed"]
_BOTTOM_LINE = 320
_LEAD = re.compile(r"^(?:[-*]|\d+[.)])?\s*(?:bottom line\s*[:.]?\s*)?", re.IGNORECASE)
"""How a line may begin that says what came of it."""


@dataclass(frozen=True)
class Claim:
    """A statement of an answer with the ids it cites. `verified`: they are ids of evidence, memory or facts it was given."""

    text: str
    cites: tuple[str, ...]
    verified: bool


@dataclass(frozen=True)
class Delivery:
    """Whether a result reached an address: waiting, sent, failed (for good) or skipped (the same was sent before)."""

    address: str
    status: str
    attempts: int
    problem: str
    next_at: str | None
    sent_at: str | None


@dataclass(frozen=True)
class Result:
    """One result of a twin. `task` is the task's id, or that of the request.

    `made_by`: a model, rehearsal, or evidence alone. `degraded`: something was missing, which `notes` name; `failed`: nothing
    came of it. `text` is Markdown in which claims without evidence are marked. `verdict` is the feedback it got: good or bad.
    """

    id: str
    twin: str
    task: str
    kind: Kind
    title: str
    status: Status
    made_by: MadeBy
    text: str
    evidence: tuple[Evidence, ...]
    claims: tuple[Claim, ...]
    notes: tuple[str, ...]
    due_at: str
    created_at: str
    beat_id: str
    session_id: str
    verdict: str | None = None
    deliveries: tuple[Delivery, ...] = ()

    @property
    def unverified(self) -> int:
        """How many claims rest on nothing it was given."""
        return sum(not claim.verified for claim in self.claims)


@dataclass(frozen=True)
class ResultItem:
    """A result in a list. `claims` and `unverified` count; `bottom_line` is its first line."""

    id: str
    twin: str
    task: str
    kind: Kind
    title: str
    status: Status
    made_by: MadeBy
    bottom_line: str
    claims: int
    unverified: int
    verdict: str | None
    created_at: str


@dataclass(frozen=True)
class ResultList:
    """Results, newest first; `total` is how many there are with those beyond the limit.

    `text` are the whole results as one text, where a format was asked for.
    """

    items: tuple[ResultItem, ...]
    count: int
    total: int
    text: str | None = None


def bottom_line(text: str) -> str:
    """The first line of a text that says something: no heading, no remark on how it was made, no emphasis."""
    for line in text.splitlines():
        bare = line.strip().lstrip("#").strip()
        if bare and not line.lstrip().startswith(("#", "_", "|", "```", "---")):
            return one_line(_LEAD.sub("", bare.replace("**", "")) or bare, _BOTTOM_LINE)
    return one_line(text, _BOTTOM_LINE)
