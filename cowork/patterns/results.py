"""What a pattern ends with: one vocabulary for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from cowork.patterns.answers import Answer, body
from cowork.patterns.protocol import SeatState

Outcome = Literal["unanimous", "majority", "undecided", "no_consensus", "degraded", "failed"]
"""unanimous: every seat asked stands behind the answer. majority: more than half of them do. undecided: whoever had to
decide did not. no_consensus: the rounds, or the votes, ended without a majority. degraded: a seat was lost, so the result
is not the full one. failed: there is no answer."""
DecidedBy = Literal[
    "agreement",  # they said so independently
    "concession",  # one side took the other's answer
    "vote",
    "plurality",  # the most votes, of less than half
    "judge",
    "tie_break",
    "review",  # the reviewers approved
    "score",  # the best of several versions
    "writer",  # a seat whose role it is to conclude: writer, moderator, integrator
    "nobody",
]
TieBreak = Literal["confidence", "pairwise", "last_places", "tie_break_seat", "hash"]
Severity = Literal["minor", "major", "critical"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
FindingStatus = Literal["open", "accepted", "rejected", "confirmed", "unconfirmed", "fixed", "regressed"]
TaskStatus = Literal["done", "failed", "rejected", "blocked"]


@dataclass(frozen=True)
class Statement:
    """What a seat said in a round; round 0 is blind."""

    round: int
    seat: str
    answer: str
    confidence: float
    reason: str
    text: str

    @classmethod
    def of(cls, round_number: int, seat: str, answer: Answer) -> Statement:
        """The statement that `answer` makes."""
        return cls(round_number, seat, answer.answer, answer.confidence, answer.reason, answer.text)


@dataclass(frozen=True)
class Ballot:
    """A verdict or a ranking, with the labels that were shown translated back to seats.

    `order` is the order shown, `ranking` the order given, best first, empty for a verdict; `winner` is null for a tie.
    """

    judge: str
    order: tuple[str, ...]
    winner: str | None
    confidence: float
    reason: str
    ranking: tuple[str, ...] = ()


@dataclass(frozen=True)
class Vote:
    """An answer given in the blind round, and by whom."""

    answer: str
    seats: tuple[str, ...]


@dataclass(frozen=True)
class BestSingle:
    """What the best single seat said on its own: the blind answer given with the highest confidence."""

    seat: str
    answer: str
    confidence: float


@dataclass(frozen=True)
class Dissent:
    """A seat that does not stand behind the answer, and why."""

    seat: str
    answer: str
    reason: str


@dataclass(frozen=True)
class Finding:
    """Something that is held against a draft, and what became of it. `place` is where in the draft it is.

    `evidence` is the passage at fault, what a check said, or the test that would decide an objection.
    """

    id: str
    seat: str
    round: int
    severity: Severity
    claim: str
    evidence: str
    fix: str
    status: FindingStatus
    note: str = ""
    place: str = ""


@dataclass(frozen=True)
class Version:
    """A draft; `score` is the critic's from 0 to 1, null when there is none; `chosen` marks the one returned."""

    round: int
    seat: str
    answer: str
    text: str
    score: float | None
    chosen: bool


@dataclass(frozen=True)
class TaskOutcome:
    """A task of a plan, who worked on it, and how it ended. `level` counts the tasks it had to wait for."""

    id: str
    goal: str
    deps: tuple[str, ...]
    level: int
    seat: str
    status: TaskStatus
    answer: str
    note: str


@dataclass(frozen=True)
class Coverage:
    """A lens of a panel, a question it had to answer, and whether its expert did."""

    lens: str
    question: str
    seat: str | None
    covered: bool


@dataclass(frozen=True)
class PatternResult:
    """How a pattern ended. `votes_for` of `votes_of` seats stand behind `answer`, counted over the seats asked.

    `document` is the text that goes with the answer: a draft, a merged solution; empty when the answer is all there is.
    `calls` and `depth` are those of the protocol; `repairs` and `extra_calls` came on top. `substitutes` names the model that
    answered for a seat.
    """

    outcome: Outcome
    decided_by: DecidedBy
    answer: str | None
    reason: str
    confidence: float | None
    votes_for: int
    votes_of: int
    statements: tuple[Statement, ...]
    ballots: tuple[Ballot, ...]
    rounds: int
    calls: int
    depth: int
    repairs: int
    states: Mapping[str, SeatState]
    problems: tuple[str, ...]
    extra_calls: int = 0
    document: str = ""
    tie_broken_by: TieBreak | None = None
    substitutes: Mapping[str, str] | None = None
    round0: tuple[Vote, ...] = ()
    best_single: BestSingle | None = None
    dissent: tuple[Dissent, ...] = ()
    findings: tuple[Finding, ...] = ()
    versions: tuple[Version, ...] = ()
    tasks: tuple[TaskOutcome, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ending:
    """What a protocol decides about its end; `Table.result` adds what the table knows.

    `text` is the document where it is more than what came with the answer, or where there is no answer.
    """

    outcome: Outcome
    decided_by: DecidedBy
    answer: Answer | None
    reason: str
    votes_for: int
    votes_of: int
    tie_broken_by: TieBreak | None = None
    text: str = ""

    @property
    def document(self) -> str:
        """`text`, else the text of the answer without its JSON."""
        return self.text or (body(self.answer.text) if self.answer else "")
