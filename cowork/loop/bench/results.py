"""What the `bench` verbs answer."""

from __future__ import annotations

from dataclasses import dataclass

from cowork.core.plan import Step


@dataclass(frozen=True)
class Row:
    """One arm on one question, once.

    `outcome` is the pattern's: unanimous, majority, undecided, no_consensus, degraded or failed. `calls` are the answers that
    models gave, repairs and stand-ins included; `formula_calls` those of the protocol alone. `unreached` counts questions that
    nobody could be reached for: such a run is made again when the bench is resumed. `usd` is null when it is not
    known, `seconds` when part of it was on record from an earlier run.
    """

    arm: str
    question: str
    repeat: int
    outcome: str
    answer: str | None
    right: bool
    calls: int
    formula_calls: int
    retries: int
    unreached: int
    input_tokens: int
    output_tokens: int
    tokens_source: str
    usd: float | None
    seconds: float | None
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Share:
    """A share with its 95 % interval."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class Latency:
    """Seconds from question to answer, over the runs that were made in one piece."""

    runs: int
    median_s: float
    p95_s: float


@dataclass(frozen=True)
class Difference:
    """Accuracy minus that of `against`, on the same questions, with its 95 % interval.

    `only_this` and `only_other` count the runs in which just one of the two was right. `finding` is `no difference shown`
    when the interval covers zero, else `the interval leaves out zero`. `questions_needed` is how many questions would show
    the difference that was seen in four of five benches, null when none was seen.
    """

    against: str
    questions: int
    estimate: float
    low: float
    high: float
    only_this: int
    only_other: int
    finding: str
    questions_needed: int | None
    method: str


@dataclass(frozen=True)
class ArmReport:
    """One arm. `kind`: pattern, preset, solo (one model asked once) or equal_calls (one model asked as often as `against`).

    An undecided or failed run counts as wrong. `difference` is null where there is nothing to compare with, and for a
    rehearsal, which is no model.
    """

    name: str
    kind: str
    pattern: str
    seats: tuple[str, ...]
    rehearsal: bool
    against: str | None
    runs: int
    questions: int
    right: int
    undecided: int
    degraded: int
    failed: int
    accuracy: Share | None
    calls: int
    calls_per_run: float | None
    input_tokens: int
    output_tokens: int
    tokens_source: str
    usd: float | None
    latency: Latency | None
    difference: Difference | None


@dataclass(frozen=True)
class Caution:
    """Something a reader of the numbers must know."""

    code: str
    message: str


@dataclass(frozen=True)
class BenchReport:
    """A bench so far, or with `dry_run` the plan of one.

    `status`: planned, running, completed, degraded, failed, interrupted or limit. `done` of `runs` are made; `rows` holds
    them. `usd` is what everything cost, null when a price or count is unknown. `csv` is the table, where it was asked for.
    """

    bench_id: str | None
    status: str
    source: str
    questions: int
    repeats: int
    rehearsal: bool
    done: int
    runs: int
    calls: int
    tokens: int
    usd: float | None
    max_usd: float | None
    arms: tuple[ArmReport, ...]
    cautions: tuple[Caution, ...]
    rows: tuple[Row, ...]
    dry_run: bool
    plan: tuple[Step, ...]
    files: tuple[str, ...] = ()
    csv: str = ""
    path: str | None = None


@dataclass(frozen=True)
class BenchItem:
    """A bench in a list."""

    bench_id: str
    status: str
    source: str
    arms: tuple[str, ...]
    questions: int
    done: int
    runs: int
    rehearsal: bool
    created_at: str
    updated_at: str


@dataclass(frozen=True)
class BenchList:
    """Benches, newest first."""

    items: tuple[BenchItem, ...]
    count: int
