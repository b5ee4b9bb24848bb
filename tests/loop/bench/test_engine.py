"""A bench against a real server whose right answers are known."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cowork.core import settings
from cowork.core.errors import Conflict, Degraded, InvalidInput, LimitReached, Unavailable
from cowork.loop.bench import engine
from cowork.loop.bench.arms import Asked
from cowork.loop.bench.pages import list_benches, show_bench
from cowork.loop.bench.request import prepare
from cowork.loop.bench.results import ArmReport, BenchReport
from cowork.loop.budget import NO_BUDGET, Budget
from cowork.sessions import journal, places
from tests.loop.bench.sums import SEATS, answers, asked, keyed, numbers, shaky_is_right, write_sums
from tests.loop.provider_server import provider
from tests.support import FakeClock

DEBATE = Asked(patterns=("debate",), seats=SEATS, baseline_seat="cerebras/alone")


def start(
    count: int, wanted: Asked = DEBATE, *, repeats: int = 1, parallel: int = 1, budget: Budget = NO_BUDGET
) -> BenchReport:
    loaded = settings.load()
    path = write_sums(count)
    bench, _ = prepare(path, wanted, loaded, limit=None, repeats=repeats, parallel=parallel, budget=budget)
    return engine.start(bench, loaded, FakeClock())


def resume(budget: Budget | None = None) -> BenchReport:
    return engine.resume("last", settings.load(), FakeClock(), budget=budget)


def arm(report: BenchReport, name: str) -> ArmReport:
    return next(item for item in report.arms if item.name == name)


def the_journal() -> Path:
    (place,) = places.of_kind("bench")
    return place.journal


def calls_of_debate(number: int) -> int:
    """Two openings where the two agree, else two rebuttals and a judgement in both orders on top."""
    return 2 if shaky_is_right(number) else 6


@pytest.fixture(autouse=True)
def home_for_all(home: Path) -> None:
    """Sessions of a test are its own."""


def test_accuracy_is_the_share_of_questions_that_were_answered_right(monkeypatch: pytest.MonkeyPatch) -> None:
    with provider(answers) as server:
        keyed(monkeypatch, server)
        report = start(9)
    assert (report.status, report.done, report.runs) == ("completed", 27, 27)
    debate, alone = arm(report, "debate"), arm(report, "solo")
    assert (debate.right, debate.runs, alone.right, alone.runs) == (9, 9, 6, 9)
    assert debate.accuracy and alone.accuracy
    assert (debate.accuracy.estimate, round(debate.accuracy.low, 3), debate.accuracy.high) == (1.0, 0.701, 1.0)
    assert (round(alone.accuracy.low, 3), round(alone.accuracy.high, 3)) == (0.354, 0.879)


def test_one_model_is_asked_as_often_as_the_pattern_really_asked_on_that_question(monkeypatch: pytest.MonkeyPatch) -> None:
    with provider(answers) as server:
        keyed(monkeypatch, server)
        report = start(6)
        calls = Counter((body["model"] == "alone", asked(body)) for body in server.requests)
    for number in numbers(6):
        assert calls[False, number] == calls_of_debate(number)
        assert calls[True, number] == 1 + calls_of_debate(number)  # alone once, and as often as the debate
    assert arm(report, "debate").calls == arm(report, "debate@equal-calls").calls == 4 * 2 + 2 * 6


def test_a_repair_counts_as_a_call_that_the_single_model_gets_too(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = ["sure"]

    def rule(body: dict[str, Any], number: int) -> str:
        if body["model"] in broken:
            broken.remove(body["model"])
            return "no object"
        if "no object" in body["messages"][-1]["content"]:  # the repair shows what was said, not the question
            return '{"answer": "2", "confidence": 0.8, "reason": ""}'
        return answers(body, number)

    with provider(rule) as server:
        keyed(monkeypatch, server)
        report = start(1)
    rows = {row.arm: row for row in report.rows}
    assert (rows["debate"].formula_calls, rows["debate"].calls, rows["debate@equal-calls"].calls) == (2, 3, 3)


def test_the_difference_is_paired_and_says_when_it_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with provider(answers) as server:
        keyed(monkeypatch, server)
        few, many = start(6), start(60)
    small, large = arm(few, "debate").difference, arm(many, "debate").difference
    assert small and large
    assert (small.only_this, small.only_other, small.finding) == (2, 0, "no difference shown")
    assert small.low < 0 < small.high
    assert (large.only_this, large.only_other, large.finding) == (20, 0, "the interval leaves out zero")
    assert {"bench.few_questions", "bench.not_shown"} <= {caution.code for caution in few.cautions}
    assert not {"bench.few_questions", "bench.not_shown"} & {caution.code for caution in many.cautions}


def test_an_undecided_run_is_wrong_and_shown_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    seats = (*SEATS[:2], "judge=cerebras/blind")  # it prefers whatever it is shown first, so its two verdicts differ
    with provider(answers) as server:
        keyed(monkeypatch, server)
        report = start(3, replace(DEBATE, seats=seats))
    debate = arm(report, "debate")
    assert (debate.right, debate.undecided, debate.failed, debate.runs) == (2, 1, 0, 3)


def test_cost_and_tokens_are_those_of_the_calls_and_unknown_stays_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    with provider(answers) as server:
        keyed(monkeypatch, server)
        report = start(2)
        made = len(server.requests)
    assert (report.calls, report.tokens, report.usd) == (made, made * 15, None)
    assert arm(report, "debate").usd is None


def test_cut_after_any_line_it_ends_alike_and_asks_only_what_is_not_on_record(monkeypatch: pytest.MonkeyPatch) -> None:
    with provider(answers) as server:
        keyed(monkeypatch, server)
        whole = start(3)
        in_all = len(server.requests)
        lines = the_journal().read_bytes().splitlines(keepends=True)
        for cut in range(2, len(lines)):
            the_journal().write_bytes(b"".join(lines[:cut]))
            server.requests.clear()
            resumed = resume()
            answered = sum(b'"type":"call.completed"' in line for line in lines[:cut])
            assert len(server.requests) == in_all - answered, f"cut after line {cut}"
            assert _told(resumed) == _told(whole), f"cut after line {cut}"
    assert journal.read(the_journal())[-1]["type"] == "run.completed"


def _told(report: BenchReport) -> list[Any]:
    return [(row.arm, row.question, row.outcome, row.answer, row.right, row.calls, row.input_tokens) for row in report.rows]


def test_a_run_that_was_answered_in_two_pieces_has_no_latency(monkeypatch: pytest.MonkeyPatch) -> None:
    with provider(answers) as server:
        keyed(monkeypatch, server)
        start(1)
        lines = the_journal().read_bytes().splitlines(keepends=True)
        cut = next(number for number, line in enumerate(lines, 1) if b"debate#1#1" in line and b"call.completed" in line)
        the_journal().write_bytes(b"".join(lines[:cut]))
        report = resume()
    assert {row.arm: row.seconds for row in report.rows}["debate"] is None
    assert arm(report, "debate").latency is None
    assert arm(report, "solo").latency is not None


def test_lost_runs_are_a_degraded_bench_and_only_they_are_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = True

    def rule(body: dict[str, Any], number: int) -> str | int:
        return 400 if broken and body["model"] == "sure" and asked(body) == 2 else answers(body, number)

    with provider(rule) as server:
        keyed(monkeypatch, server)
        with pytest.raises(Degraded) as error:
            start(3)
        lost: BenchReport = error.value.data
        assert (lost.status, arm(lost, "debate").degraded + arm(lost, "debate").failed) == ("degraded", 1)
        assert "bench.lost_runs" in {caution.code for caution in lost.cautions}
        server.requests.clear()
        broken = False
        report = resume()
        models = Counter((body["model"], asked(body)) for body in server.requests)
    assert report.status == "completed"
    assert set(models) <= {("sure", 2), ("alone", 2)}
    assert arm(report, "debate").calls == arm(report, "debate@equal-calls").calls
    with pytest.raises(Conflict, match="complete"):
        resume()


def test_answers_that_are_no_use_are_a_result_and_not_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def rule(body: dict[str, Any], number: int) -> str:
        return "no object at all" if body["model"] == "alone" else answers(body, number)

    with provider(rule) as server:
        keyed(monkeypatch, server)
        report = start(3)
    alone = arm(report, "solo")
    assert (report.status, alone.failed, alone.runs, alone.right) == ("completed", 3, 3, 0)
    assert alone.calls == 2 * 3  # each was given one chance to repair its answer
    assert "bench.lost_runs" in {caution.code for caution in report.cautions}


def test_it_stops_when_nobody_answers_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    with provider(lambda _body, _number: 401) as server:
        keyed(monkeypatch, server)
        with pytest.raises(Unavailable) as error:
            start(40)
        assert len(server.requests) < 30
    assert (error.value.code, error.value.data.status) == ("bench.hopeless", "failed")


def test_the_budget_is_kept_and_what_is_left_is_made_with_a_higher_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with provider(answers) as server:
        keyed(monkeypatch, server)
        with pytest.raises(LimitReached) as error:
            start(6, budget=Budget(calls=25), parallel=4)
        first = len(server.requests)
        stopped: BenchReport = error.value.data
        assert first <= 25
        assert (error.value.code, stopped.status, 0 < stopped.done < stopped.runs) == ("bench.budget_spent", "limit", True)
        with pytest.raises(LimitReached):
            resume()  # the former cap still holds, and what was spent counts
        assert len(server.requests) <= 25
        report = resume(Budget(calls=200))
        assert len(server.requests) == report.calls == 4 * (1 + 2 + 2) + 2 * (1 + 6 + 6)
    assert report.status == "completed"


def test_a_budget_without_room_for_one_run_is_refused_before_anything_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with provider(answers) as server:
        keyed(monkeypatch, server)
        with pytest.raises(InvalidInput, match="too small for one run of debate") as error:
            start(3, budget=Budget(calls=4))
        assert (error.value.code, server.requests) == ("loop.budget_too_small", [])
    assert not list(places.places())


def test_repeats_are_runs_and_the_question_stays_the_unit(monkeypatch: pytest.MonkeyPatch) -> None:
    with provider(answers) as server:
        keyed(monkeypatch, server)
        report = start(6, repeats=3)
    debate = arm(report, "debate")
    assert (debate.runs, debate.questions, debate.difference and debate.difference.questions) == (18, 6, 6)
    assert debate.accuracy == arm(start_once(monkeypatch), "debate").accuracy


def start_once(monkeypatch: pytest.MonkeyPatch) -> BenchReport:
    with provider(answers) as server:
        keyed(monkeypatch, server)
        return start(6)


def test_runs_at_the_same_time_give_what_runs_in_turn_give(monkeypatch: pytest.MonkeyPatch) -> None:
    with provider(answers) as server:
        keyed(monkeypatch, server)
        assert _told(start(9, parallel=6)) == _told(start(9))


def test_a_key_that_is_closed_for_one_run_is_closed_for_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    with provider(lambda _body, _number: 402) as server:
        keyed(monkeypatch, server)
        with pytest.raises(Unavailable):
            start(4, Asked(patterns=("solo",), seats=("a=groq/m",), baseline=False))
        assert len(server.requests) == 1  # the account has no credit, and nobody asks it again


def test_a_bench_can_be_read_while_it_is_not_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    with provider(answers) as server:
        keyed(monkeypatch, server)
        start(2)
    lines = the_journal().read_bytes().splitlines(keepends=True)
    half = next(number for number, line in enumerate(lines, 1) if b"bench.answered" in line)
    the_journal().write_bytes(b"".join(lines[:half]))
    page, (listed, notices) = show_bench("last"), list_benches()
    assert (page.status, page.done, page.runs) == ("interrupted", 1, 6)
    assert (listed.items[0].done, listed.items[0].runs, notices) == (1, 6, ())
    assert arm(page, "debate@equal-calls").accuracy is None
