"""Panel, red and blue, and hierarchy measured: statistical seats through the real patterns, against exact theory.

Shares are compared within Wilson 95 % intervals, with fixed seeds. They say that the protocols do what they are meant to;
of real models they say nothing. M11 to M18 are the names these checks have in this project's plan.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings

from cowork.core.ids import seeded
from cowork.patterns import hierarchy, panel, redblue
from cowork.patterns.intervals import wilson
from cowork.patterns.protocol import Question
from cowork.patterns.results import PatternResult
from cowork.patterns.setup import Pattern
from tests.patterns import attacking, dividing, paneling
from tests.patterns.dividing import can_be_carried_out, graphs, planned, task
from tests.patterns.faults import Timed
from tests.patterns.seats import Said, Script, lost, says, setup

Replies = dict[tuple[object, ...], Said]
Roles = dict[str, list[str]]


def runs(
    pattern: Pattern, roles: Roles, count: int, seats: Callable[[str], Mapping[tuple[object, ...], Said]], **options: int | bool
) -> list[PatternResult]:
    """As many runs on one event loop, each with a seed and with seats of its own."""

    async def play() -> list[PatternResult]:
        found = []
        for number in range(count):
            seed = f"measured-{number}"
            found.append(await pattern.run(Script(seats(seed)), replace(setup(pattern, roles, **options), seed=seed)))
        return found

    return asyncio.run(play())


def chance(probability: float, *about: object) -> bool:
    """A draw that depends on what it is about alone."""
    return random.Random(seeded(*about)).random() < probability


# M17: what red finds, and what a verifier lets pass

BUGS = 7


def attackers(count: int, detection: float, seed: str) -> Replies:
    """Each finds each of the planted bugs with the same chance, and one fault that nobody can mend, so no round is quiet."""

    def attack(question: Question) -> str:
        found = [f"bug {bug}" for bug in range(BUGS) if chance(detection, seed, question.key, bug)]
        return attacking.attacks("cannot be mended", *found)

    return {**attacking.replies(count), **{(red, "redblue_attack"): attack for red in attacking.REDS[:count]}}


@pytest.mark.parametrize(("reds", "rounds"), [(1, 1), (2, 1), (1, 3), (2, 2), (3, 2), (6, 4)])
def test_m17_bugs_found_follow_the_number_of_independent_looks(reds: int, rounds: int) -> None:
    detection = 0.2
    results = runs(
        redblue.PATTERN,
        attacking.seats(reds),
        80 if reds == 6 else 150,
        lambda seed: attackers(reds, detection, seed),
        rounds=rounds,
    )
    found = sum(finding.claim.startswith("bug") for result in results for finding in result.findings)
    assert all(result.calls == 1 + rounds * (reds + 2) for result in results)
    assert 1 - (1 - detection) ** (reds * rounds) in wilson(found, BUGS * len(results))


def test_m17_a_first_round_that_finds_nothing_ends_it_and_costs_what_later_ones_would_have_found() -> None:
    detection, reds, rounds = 0.1, 2, 3

    def seats(seed: str) -> Replies:
        def attack(question: Question) -> str:
            return attacking.attacks(*(f"bug {bug}" for bug in range(BUGS) if chance(detection, seed, question.key, bug)))

        return {**attacking.replies(reds), **{(red, "redblue_attack"): attack for red in attacking.REDS[:reds]}}

    results = runs(redblue.PATTERN, attacking.seats(reds), 250, seats, rounds=rounds)
    missed = (1 - detection) ** reds
    later = 1 - missed ** (rounds - 1)
    expected = (1 - missed) + (missed - missed**BUGS) * later
    assert expected in wilson(sum(len(result.findings) for result in results), BUGS * len(results))
    assert missed**BUGS in wilson(sum(result.outcome == "unanimous" for result in results), len(results))


@pytest.mark.parametrize("care", [0.6, 0.9])
def test_m17_false_findings_are_rejected_at_the_rate_of_the_verifier(care: float) -> None:
    def seats(seed: str) -> Replies:
        def attack(question: Question) -> str:
            return attacking.attacks("cannot be mended", *(f"false {question.seat} {question.round} {n}" for n in range(3)))

        def verify(question: Question) -> str:
            def verdict(item: dict[str, str]) -> str:
                false = item["claim"].startswith("false")
                return "rejected" if false and chance(care, seed, question.round, item["claim"]) else "reproduced"

            return attacking.verifies(verdict)(question)

        said = {**attacking.replies(), ("vic", "redblue_verify"): verify}
        return {**said, **{(red, "redblue_attack"): attack for red in attacking.REDS[:2]}}

    results = runs(redblue.PATTERN, attacking.seats(), 100, seats, rounds=2)
    false = [finding for result in results for finding in result.findings if finding.claim.startswith("false")]
    assert len(false) == 100 * 2 * 2 * 3
    assert care in wilson(sum(finding.status == "rejected" for finding in false), len(false))
    assert all(result.outcome == "no_consensus" for result in results)  # one fault is always open


# M18: what a hierarchy gets done

SHAPES = {
    "wide": [("a",), ("b",), ("c",), ("d",)],
    "chain": [("a",), ("b", "a"), ("c", "b")],
    "diamond": [("a",), ("b", "a"), ("c", "a"), ("d", "b", "c")],
}


def tried(shape: str, skill: float, seed: str, *, by_loss: bool, anew: bool = False) -> Replies:
    """Workers of whom each try succeeds with the same chance: it is lost, or wrong and seen to be wrong, otherwise."""
    plan = planned(*(task(*names) for names in SHAPES[shape]))

    def work(question: Question) -> str:
        good = chance(skill, seed, question.key)
        if by_loss and not good:
            raise lost(question.seat)
        return f"{'good' if good else 'bad'}\n{says('done')}"

    def verify(question: Question) -> str:
        return json.dumps({"accepted": question.view["text"].startswith("good"), "why": "looked"})

    def replan(question: Question) -> str:
        missing = {hole["id"] for hole in question.view["holes"]}
        return planned(*(task(*names) for names in SHAPES[shape] if names[0] in missing)) if anew else planned()

    said = {**dividing.replies(plan), ("vic", "hierarchy_verify"): verify, ("pat", "hierarchy_replan"): replan}
    return {**said, **{(worker, "hierarchy_work"): work for worker in dividing.WORKERS}}


def whole(results: Sequence[PatternResult]) -> int:
    return sum(result.votes_for == result.votes_of for result in results)


@pytest.mark.parametrize("by_loss", [False, True])
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("shape", SHAPES)
def test_m18_a_plan_succeeds_when_every_task_does_in_its_tries(shape: str, workers: int, by_loss: bool) -> None:
    skill, tries, tasks = 0.7, min(workers, 2), len(SHAPES[shape])
    roles = dividing.seats(workers, verified=not by_loss)
    results = runs(hierarchy.PATTERN, roles, 250, lambda seed: tried(shape, skill, seed, by_loss=by_loss))
    assert (1 - (1 - skill) ** tries) ** tasks in wilson(whole(results), len(results))
    assert all(result.outcome in ("degraded", "failed") for result in results if result.votes_for < result.votes_of)


def test_m18_a_new_plan_of_the_same_tasks_gives_them_their_tries_again() -> None:
    skill = 0.5
    results = runs(
        hierarchy.PATTERN, dividing.seats(verified=True), 250, lambda seed: tried("wide", skill, seed, by_loss=False, anew=True)
    )
    assert (1 - (1 - skill) ** 4) ** 4 in wilson(whole(results), len(results))


def test_m18_without_a_verifier_wrong_parts_pass_and_the_result_says_that_nobody_looked() -> None:
    results = runs(hierarchy.PATTERN, dividing.seats(), 20, lambda seed: tried("wide", 0.5, seed, by_loss=False))
    assert whole(results) == len(results)
    assert all("no verifier checked the parts" in result.notes for result in results)


@settings(max_examples=60)
@given(graphs())
def test_m18_a_plan_that_cannot_be_carried_out_reaches_no_worker(graph: list[tuple[str, list[str]]]) -> None:
    plan = planned(*(task(name, *deps) for name, deps in graph))
    script = Script({**dividing.replies(plan), ("pat", "repair"): plan, ("pat", "hierarchy_alone"): says("alone")})
    result = asyncio.run(hierarchy.hierarchy(script, setup(hierarchy.PATTERN, dividing.seats())))
    good = can_be_carried_out(graph, 8)
    assert any(question.step == "hierarchy_work" for question in script.asked) == good
    assert (result.outcome, result.answer) == (("unanimous", "whole by ivy") if good else ("degraded", "alone"))


# M11: calls are the formula's, and the depth is the longest chain of calls that wait for each other


def timed(pattern: Pattern, said: Replies, roles: Roles, **options: int | bool) -> tuple[PatternResult, Timed]:
    script = Timed(said)
    return asyncio.run(pattern.run(script, setup(pattern, roles, **options))), script


def assert_exact(result: PatternResult, script: Timed, calls: int, depth: int) -> None:
    assert (result.calls, len(script.asked), result.extra_calls, result.repairs) == (calls, calls, 0, 0)
    assert (result.depth, script.ticks) == (depth, depth)


@pytest.mark.parametrize("rounds", range(4))
@pytest.mark.parametrize("experts", [2, 3, 5, 8])
@pytest.mark.parametrize("writer", [0, 1])
def test_m11_panel(experts: int, rounds: int, writer: int) -> None:
    roles = paneling.seats(experts, written=bool(writer))
    result, script = timed(panel.PATTERN, paneling.replies(experts), roles, rounds=rounds)
    assert_exact(result, script, writer + experts * (1 + rounds) + 1, writer + 1 + rounds + 1)


@pytest.mark.parametrize("rounds", range(1, 5))
@pytest.mark.parametrize("reds", range(1, 7))
def test_m11_redblue(reds: int, rounds: int) -> None:
    result, script = timed(redblue.PATTERN, attacking.replies(reds), attacking.seats(reds), rounds=rounds)
    assert_exact(result, script, 1 + rounds * (reds + 1 + 1), 1 + 3 * rounds)


@pytest.mark.parametrize("verified", [0, 1])
@pytest.mark.parametrize("tasks", range(1, 9))
@pytest.mark.parametrize("chained", [False, True])
def test_m11_hierarchy(tasks: int, verified: int, chained: bool) -> None:
    names = [f"t{number}" for number in range(tasks)]
    plan = planned(*(task(name, *(names[at - 1 : at] if chained else ())) for at, name in enumerate(names)))
    result, script = timed(hierarchy.PATTERN, dividing.replies(plan), dividing.seats(3, verified=bool(verified)))
    longest = tasks if chained else 1
    assert_exact(result, script, 2 + tasks * (1 + verified), 2 + longest * (1 + verified))


@pytest.mark.parametrize("branches", [2, 3, 4])
def test_m11_hierarchy_of_two_levels(branches: int) -> None:
    plan = planned(*(task(f"t{number}") for number in range(branches)))
    result, script = timed(hierarchy.PATTERN, dividing.replies(plan), dividing.seats(3), levels=2)
    assert_exact(result, script, branches**2 + 2 * (branches**2 - 1) // (branches - 1), 2 * 2 + 1)
