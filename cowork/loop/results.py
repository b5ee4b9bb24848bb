"""What the `loop` verbs answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cowork.core.plan import Step
from cowork.patterns.results import Ballot, BestSingle, Coverage, Dissent, Finding, Statement, TaskOutcome, Version, Vote


@dataclass(frozen=True)
class Seat:
    """A seat of a run: its role in the pattern, the model that sits there, and how it ended.

    `fallbacks` may stand in for the model; `answered_by` names the one that did, null when none had to.
    """

    name: str
    role: str
    provider: str
    model: str
    state: str
    fallbacks: tuple[str, ...] = ()
    answered_by: str | None = None


@dataclass(frozen=True)
class Verdict:
    """How the run was decided.

    `outcome`: unanimous, majority, undecided, no_consensus, degraded or failed; votes count seats asked. `tie_broken_by` names
    the rule that broke a tie, null when there was none.
    """

    outcome: str
    decided_by: str
    reason: str
    confidence: float | None
    votes_for: int
    votes_of: int
    ballots: tuple[Ballot, ...]
    tie_broken_by: str | None = None


@dataclass(frozen=True)
class Calls:
    """Calls made by the protocol against its formula; repairs, retries and calls to stand-ins came on top.

    `worked` is the formula with this run's numbers.
    """

    made: int
    most: int
    fewest: int
    formula: str
    repairs: int
    retries: int
    extra: int = 0
    worked: str = ""


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
    """Money in USD; null when a price or a count is unknown. `cap` is what the run may spend, null when there is no cap."""

    usd: float | None
    known: bool
    cap: float | None = None


@dataclass(frozen=True)
class LoopRun:
    """A finished run, or with `dry_run` the plan of one.

    `document` is the text that goes with the answer, empty when the answer is all there is. `findings`, `versions`, `tasks` and
    `coverage` are what reviews, refinements, hierarchies and panels leave; `notes` say in words what a reader must know. With
    the same `seed` labels and ties are drawn alike.
    """

    session_id: str | None
    status: str
    pattern: str
    task: str
    rehearsal: bool
    answer: str | None
    verdict: Verdict | None
    round0: tuple[Vote, ...]
    statements: tuple[Statement, ...]
    seats: tuple[Seat, ...]
    calls: Calls
    depth: Depth
    tokens: Tokens
    cost: Cost
    seconds: float
    problems: tuple[str, ...]
    dry_run: bool
    plan: tuple[Step, ...]
    document: str = ""
    best_single: BestSingle | None = None
    dissent: tuple[Dissent, ...] = ()
    findings: tuple[Finding, ...] = ()
    versions: tuple[Version, ...] = ()
    tasks: tuple[TaskOutcome, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    notes: tuple[str, ...] = ()
    options: Mapping[str, int | bool] | None = None
    steps: tuple[str, ...] = ()
    seed: int = 0


@dataclass(frozen=True)
class AgentSwitch:
    """One agent took the place of another. `reason`: primary, limited, unusable, stagnation or task."""

    at: str
    before: str
    after: str
    reason: str
