"""What the `loop` verbs answer."""

from __future__ import annotations

from dataclasses import dataclass

from cowork.core.plan import Step


@dataclass(frozen=True)
class Seat:
    """A seat of a run: its role in the pattern, the model that sits there, and how it ended."""

    name: str
    role: str
    provider: str
    model: str
    state: str


@dataclass(frozen=True)
class Said:
    """A statement of a run; round 0 is blind."""

    round: int
    seat: str
    answer: str
    confidence: float
    reason: str
    text: str


@dataclass(frozen=True)
class Vote:
    """An answer given in the blind round, and by whom."""

    answer: str
    seats: tuple[str, ...]


@dataclass(frozen=True)
class JudgeBallot:
    """A judge's verdict in one order; `winner` is a seat, or null for a tie."""

    judge: str
    order: tuple[str, ...]
    winner: str | None
    confidence: float
    reason: str


@dataclass(frozen=True)
class Verdict:
    """How the run was decided. `outcome`: unanimous, majority, undecided, degraded or failed; votes count seats asked."""

    outcome: str
    decided_by: str
    reason: str
    confidence: float | None
    votes_for: int
    votes_of: int
    ballots: tuple[JudgeBallot, ...]


@dataclass(frozen=True)
class Calls:
    """Calls made by the protocol against its formula; repairs and retries came on top."""

    made: int
    most: int
    fewest: int
    formula: str
    repairs: int
    retries: int


@dataclass(frozen=True)
class Depth:
    """The longest chain of calls that waited for each other, against the formula."""

    made: int
    most: int


@dataclass(frozen=True)
class Tokens:
    """Tokens of all calls. `source`: reported, estimated, or unknown when some call did not say."""

    input: int
    output: int
    source: str


@dataclass(frozen=True)
class Cost:
    """Money in USD; null when a price or a count is unknown."""

    usd: float | None
    known: bool


@dataclass(frozen=True)
class LoopRun:
    """A finished run, or with `dry_run` the plan of one."""

    session_id: str | None
    status: str
    pattern: str
    task: str
    rehearsal: bool
    answer: str | None
    verdict: Verdict | None
    round0: tuple[Vote, ...]
    statements: tuple[Said, ...]
    seats: tuple[Seat, ...]
    calls: Calls
    depth: Depth
    tokens: Tokens
    cost: Cost
    seconds: float
    problems: tuple[str, ...]
    dry_run: bool
    plan: tuple[Step, ...]


@dataclass(frozen=True)
class SessionItem:
    """A session in a list. `status`: running, completed, degraded, failed or interrupted."""

    session_id: str
    status: str
    pattern: str
    task: str
    answer: str | None
    rehearsal: bool
    created_at: str
    updated_at: str


@dataclass(frozen=True)
class SessionList:
    """Sessions, newest first."""

    items: tuple[SessionItem, ...]
    count: int


@dataclass(frozen=True)
class SessionDetail:
    """A session with its whole result, null while it runs or when it ended without one."""

    session_id: str
    status: str
    pattern: str
    task: str
    rehearsal: bool
    created_at: str
    updated_at: str
    iteration: int
    events: int
    error: str | None
    path: str
    result: LoopRun | None
