"""Benches, for a person."""

from __future__ import annotations

from cowork.core.text import one_line
from cowork.loop.bench.results import ArmReport, BenchList, BenchReport, Difference
from cowork.render.screen import Screen

_BAR = 40


def report(data: BenchReport, screen: Screen) -> None:
    """The numbers of a bench, or the plan of one; the table alone where it was asked for."""
    if data.csv:
        screen.raw(data.csv.replace("\r\n", "\n").rstrip("\n"))
        return
    if data.dry_run:
        screen.title("bench · plan", "nothing is asked, nothing is written")
        screen.table(("STEP", "TARGET", "DETAIL"), [(step.action, step.target, step.detail) for step in data.plan])
        screen.facts({"worst-case cost": _usd(data.usd) if data.usd is not None else "unknown: a price is not known"})
        _cautions(data, screen)
        return
    screen.title(f"bench · {data.status}", "with a rehearsal: no model was asked there" if data.rehearsal else "")
    screen.text(f"{data.questions} question(s) of {data.source}, {data.done} of {data.runs} runs made")
    screen.section("Accuracy, with 95 % Wilson intervals")
    screen.table(("ARM", "RIGHT", "ACCURACY", "0 % to 100 %"), [_accuracy(arm) for arm in data.arms])
    screen.section("What it took")
    headings = ("ARM", "CALLS", "A RUN", "TOKENS", "COST", "MEDIAN", "P95", "UNDECIDED", "DEGRADED", "FAILED", "SEATS")
    screen.table(headings, [_price(arm) for arm in data.arms])
    compared = [(arm, arm.difference) for arm in data.arms if arm.difference is not None]
    if compared:
        screen.section("Difference to one model with as many calls, in points")
        rows = [_difference(arm, found) for arm, found in compared]
        screen.table(("ARM", "DIFFERENCE", "95 %", "ONLY IT", "ONLY THE OTHER", "WHAT IT SHOWS"), rows)
        screen.text(f"method: {compared[0][1].method}")
    _cautions(data, screen)
    screen.blank()
    screen.facts({"bench": data.bench_id, "cost in all": _usd(data.usd), "files": data.files})


def listing(data: BenchList, screen: Screen) -> None:
    """A table of benches."""
    if not data.items:
        screen.text("no benches yet; start one with: cowork bench run QUESTIONS --pattern debate")
        return
    rows = [
        (
            item.bench_id,
            item.status + (" (rehearsal)" if item.rehearsal else ""),
            f"{item.done} of {item.runs}",
            one_line(item.source, 40),
            ", ".join(item.arms),
        )
        for item in data.items
    ]
    screen.table(("BENCH", "STATUS", "RUNS", "QUESTIONS", "ARMS"), rows)


def _accuracy(arm: ArmReport) -> tuple[str, str, str, str]:
    name = arm.name + (" (rehearsal)" if arm.rehearsal else "")
    if arm.accuracy is None:
        return name, "-", "no runs", ""
    share = arm.accuracy
    shown = f"{share.estimate:.1%} ({share.low:.1%} to {share.high:.1%})"
    return name, f"{arm.right} of {arm.runs}", shown, _bar(share.low, share.estimate, share.high)


def _bar(low: float, middle: float, high: float) -> str:
    """The interval as a line and the estimate as a mark on it."""
    first, mark, last = (round(share * (_BAR - 1)) for share in (low, middle, high))
    cells = ["-" if first <= place <= last else "." for place in range(_BAR)]
    cells[mark] = "#"
    return "".join(cells)


def _price(arm: ArmReport) -> tuple[str, ...]:
    tokens = f"{arm.input_tokens + arm.output_tokens}" + ("" if arm.tokens_source == "reported" else f" ({arm.tokens_source})")
    return (
        arm.name,
        str(arm.calls),
        "-" if arm.calls_per_run is None else f"{arm.calls_per_run:.2f}",
        tokens,
        _usd(arm.usd),
        f"{arm.latency.median_s:.2f} s" if arm.latency else "-",
        f"{arm.latency.p95_s:.2f} s" if arm.latency else "-",
        str(arm.undecided),
        str(arm.degraded),
        str(arm.failed),
        ", ".join(arm.seats),
    )


def _difference(arm: ArmReport, found: Difference) -> tuple[str, ...]:
    points = f"{found.estimate * 100:+.1f}"
    interval = f"{found.low * 100:+.1f} to {found.high * 100:+.1f}"
    return arm.name, points, interval, str(found.only_this), str(found.only_other), found.finding


def _cautions(data: BenchReport, screen: Screen) -> None:
    if data.cautions:
        screen.section("Before you believe it")
        screen.bullets(caution.message for caution in data.cautions)


def _usd(value: float | None) -> str:
    return "unknown" if value is None else f"${value:.4f}"
