"""Hierarchical decomposition: the engine delegates from a plan it has checked, and holes stay visible."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from cowork.patterns.hierarchy import PATTERN, hierarchy, price
from cowork.patterns.protocol import Question
from cowork.patterns.results import PatternResult
from tests.models.prompts import ELSEWHERE, NOTES, TASK
from tests.patterns.dividing import DIAMOND, WORKERS, Replies, all_lost_on, fails, inspects, planned, replies, seats, task
from tests.patterns.rehearsed import rehearse
from tests.patterns.seats import Said, Script, lost, says, setup


def play(said: Replies, table: dict[str, list[str]] | None = None, **options: int | bool) -> tuple[PatternResult, Script]:
    script = Script(said)
    return asyncio.run(hierarchy(script, setup(PATTERN, table or seats(), **options))), script


def status(result: PatternResult) -> dict[str, str]:
    return {outcome.id: outcome.status for outcome in result.tasks}


def views(script: Script, step: str) -> dict[str, Any]:
    return {question.item: question.view for question in script.asked if question.step == step}


# The protocol


def test_what_the_planner_would_not_divide_is_one_call_and_its_own_answer() -> None:
    said = replies('{"atomic": true, "answer": "42", "confidence": 0.9, "reason": "small"}')
    result, script = play(said, seats(verified=True))
    assert (result.calls, result.depth, len(script.asked)) == (1, 1, price(setup(PATTERN, seats())).fewest_calls)
    assert (result.outcome, result.decided_by, result.answer) == ("unanimous", "writer", "42")
    assert result.states["wes"] == "not_needed"


@pytest.mark.parametrize("verified", [False, True])
@pytest.mark.parametrize("workers", [1, 2, 4])
def test_a_full_run_makes_the_calls_and_depth_of_the_formula_of_its_plan(workers: int, verified: bool) -> None:
    result, script = play(replies(), seats(workers, verified=verified))
    calls, depth = 2 + 4 * (1 + verified), 2 + 3 * (1 + verified)
    assert (result.calls, len(script.asked), result.depth, result.extra_calls) == (calls, calls, depth, 0)
    assert f"the plan has K=4 tasks on L=3 levels: 2 + 4(1+{int(verified)}) = {calls} calls, depth {depth}" in result.notes
    priced = price(setup(PATTERN, seats(workers, verified=verified), tasks=4))
    assert (priced.most_calls, result.depth <= priced.depth) == (calls, True)
    assert "K at most 4 until the plan is known" in priced.formula


@pytest.mark.parametrize("verified", [False, True])
@pytest.mark.parametrize("branches", [1, 2, 3, 8])
def test_two_levels_cost_what_a_tree_costs(branches: int, verified: bool) -> None:
    plan = planned(*(task(f"t{number}") for number in range(branches)))
    result, _ = play(replies(plan), seats(verified=verified), levels=2, tasks=branches)
    leaves = branches**2
    inner = (leaves - 1) // (branches - 1) if branches > 1 else 2
    assert result.calls == leaves * (1 + verified) + 2 * inner
    assert result.calls == price(setup(PATTERN, seats(verified=verified), levels=2, tasks=branches)).most_calls
    assert result.depth == 2 * 2 + 1 + verified
    assert (len(result.tasks), result.outcome) == (leaves, "unanimous")


def test_tasks_of_a_level_are_asked_together_and_only_after_what_they_wait_for() -> None:
    _, script = play(replies())
    assert [question.item for question in script.asked if question.step == "hierarchy_work"] == ["a", "b", "c", "d"]
    shown = views(script, "hierarchy_work")
    assert [part["id"] for part in shown["d"]["parts"]] == ["b", "c"]
    assert shown["a"]["parts"] == []
    assert shown["b"]["parts"] == [{"id": "a", "goal": "do it", "text": "Some thoughts."}]


def test_a_worker_sees_its_task_and_nothing_of_the_others() -> None:
    _, script = play(replies())
    assert set(views(script, "hierarchy_work")["a"]) == {"id", "goal", "inputs", "acceptance", "parts", "rejected"}


def test_the_verifier_sees_the_result_and_what_it_was_to_be() -> None:
    _, script = play(replies(), seats(verified=True))
    shown = views(script, "hierarchy_verify")["a"]
    assert (shown["goal"], shown["acceptance"], shown["text"]) == ("do it", "seen", "Some thoughts.")


def test_the_integrator_gets_every_part_and_no_holes_where_there_are_none() -> None:
    result, script = play(replies())
    view = views(script, "hierarchy_integrate")[""]
    assert ([part["id"] for part in view["parts"]], view["holes"]) == (["a", "b", "c", "d"], [])
    assert (result.outcome, result.answer, result.votes_for, result.votes_of) == ("unanimous", "whole by ivy", 4, 4)
    assert "no verifier checked the parts" in result.notes


def test_divided_tasks_are_put_together_before_the_whole() -> None:
    def plan(question: Question) -> str:
        return planned(task("a"), task("b", "a")) if question.view["part"] is None else planned(task("x"), task("y", "x"))

    result, script = play(replies(plan), levels=2)
    shown = views(script, "hierarchy_integrate")
    assert [part["id"] for part in shown["a"]["parts"]] == ["a.x", "a.y"]
    assert [part["id"] for part in shown[""]["parts"]] == ["a", "b"]
    assert [part["id"] for part in views(script, "hierarchy_work")["b.x"]["parts"]] == ["a.x", "a.y"]
    assert (result.calls, result.depth) == (2 + 2 + 2 + 4, 4 + 4)
    assert "the plan has K=4 tasks on L=4 levels: 2 + 2 + 2 + 4(1+0) = 10 calls, depth 8" in result.notes


def test_a_task_that_the_planner_does_not_divide_stays_whole() -> None:
    def plan(question: Question) -> str:
        if question.view["part"] is None:
            return planned(task("a"), task("b"))
        return planned(task("x")) if question.item == "a" else '{"atomic": true, "answer": "small", "confidence": 1}'

    result, _ = play(replies(plan), levels=2)
    assert set(status(result)) == {"a.x", "b"}
    assert (result.calls, result.depth, result.outcome) == (2 + 2 + 1 + 2, 5, "unanimous")


# Plans that are wrong


def test_a_wrong_plan_goes_back_once_with_the_exact_problem() -> None:
    said = {**replies(planned(task("a", "b"), task("b", "a"))), ("pat", "repair"): DIAMOND}
    result, script = play(said)
    repair = next(question for question in script.asked if question.repair)
    assert repair.view["problem"] == "tasks wait for each other in a circle: a -> b -> a"
    assert (result.outcome, result.states["pat"], result.calls, result.repairs) == ("unanimous", "repaired", 6, 1)


def test_a_plan_that_is_wrong_twice_leaves_the_planners_seat_alone() -> None:
    wrong = planned(task("a", "z"))
    said = {**replies(wrong), ("pat", "repair"): wrong, ("pat", "hierarchy_alone"): says("alone pat")}
    result, script = play(said)
    assert (result.outcome, result.answer, result.calls, result.extra_calls) == ("degraded", "alone pat", 1, 1)
    assert [question.step for question in script.asked] == ["hierarchy_plan", "hierarchy_plan", "hierarchy_alone"]
    assert "there was no plan: pat answered alone" in result.notes
    assert result.tasks == ()


def test_a_planner_that_is_lost_leaves_a_worker_alone() -> None:
    result, _ = play({**replies(lost("pat")), ("wes", "hierarchy_alone"): lost("wes")})
    assert (result.outcome, result.answer) == ("degraded", "alone wyn")


def test_nobody_at_all_is_a_failure() -> None:
    said = {**replies(lost("pat")), **{(worker, "hierarchy_alone"): lost(worker) for worker in WORKERS}}
    result, _ = play(said)
    assert (result.outcome, result.answer) == ("failed", None)


# Tasks that fail


def test_a_rejected_task_is_tried_once_by_another_worker_who_learns_why_beside_the_formula() -> None:
    result, script = play({**replies(), ("vic", "hierarchy_verify"): inspects(["b"])}, seats(verified=True))
    again = next(question for question in script.asked if question.item == "b, again")
    first = next(question for question in script.asked if question.item == "b")
    assert again.seat != first.seat
    assert again.view["rejected"] == {"text": "Some thoughts.", "why": "on b"}
    assert (result.calls, result.depth, result.extra_calls, result.outcome) == (10, 8, 2, "unanimous")


def test_a_lost_task_is_tried_once_by_another_worker_and_the_result_is_degraded() -> None:
    result, script = play({**replies(), ("wes", "hierarchy_work"): fails("a")})
    assert [question.seat for question in script.asked if question.view.get("id") == "a"] == ["wes", "wyn"]
    assert (result.outcome, status(result)["a"], result.extra_calls) == ("degraded", "done", 1)


def test_a_worker_that_was_lost_is_not_the_first_choice_for_a_second_try() -> None:
    plan = planned(task("a"), task("b"))
    said = {**replies(plan), ("wes", "hierarchy_work"): lost("wes"), ("wyn", "hierarchy_work"): lost("wyn")}
    result, _ = play(said, seats(3))
    assert {outcome.seat for outcome in result.tasks} == {"wim"}


def test_one_worker_alone_has_nobody_to_hand_over_to() -> None:
    result, script = play({**replies(), ("wes", "hierarchy_work"): fails("d")}, seats(1))
    assert (status(result)["d"], result.extra_calls) == ("failed", 1)  # the planner, who plans nothing anew
    assert script.steps("wes") == ["hierarchy_work"] * 4


def test_what_waits_for_a_failed_task_is_blocked_and_the_integrator_learns_of_the_holes() -> None:
    result, script = play({**replies(), **all_lost_on("b")})
    assert status(result) == {"a": "done", "b": "failed", "c": "done", "d": "blocked"}
    view = views(script, "hierarchy_integrate")[""]
    assert [part["id"] for part in view["parts"]] == ["a", "c"]
    assert [(hole["id"], hole["why"]) for hole in view["holes"]] == [
        ("b", "failed: nobody delivered it"),
        ("d", "blocked: waits for b"),
    ]
    assert (result.outcome, result.votes_for, result.votes_of) == ("degraded", 2, 4)
    assert "2 of 4 tasks are holes: b (failed), d (blocked)" in result.notes


def test_a_task_rejected_twice_is_a_hole_even_though_nobody_was_lost() -> None:
    result, _ = play({**replies(), ("vic", "hierarchy_verify"): inspects(["d", "d, again"])}, seats(verified=True))
    assert (result.problems, result.outcome, result.votes_for) == ((), "degraded", 3)
    assert status(result)["d"] == "rejected"
    assert result.tasks[-1].answer == ""


def test_the_planner_may_plan_anew_once_beside_the_formula() -> None:
    def replan(question: Question) -> str:
        assert [part["id"] for part in question.view["done"]] == ["a", "c"]
        assert [hole["id"] for hole in question.view["holes"]] == ["b", "d"]
        return planned(task("b", "a", goal="smaller"), task("d", "b", "c"), task("e"))

    def work(question: Question) -> str:
        if question.view["id"] == "b" and question.round == 0:
            raise lost(question.seat)
        return says(f"{question.view['id']} by {question.seat}")

    said = {**replies(), **{(worker, "hierarchy_work"): work for worker in WORKERS}, ("pat", "hierarchy_replan"): replan}
    result, _ = play(said)
    assert status(result) == dict.fromkeys("abcde", "done")
    assert (result.calls, result.depth, result.rounds) == (2 + 3, 2 + 2, 1)  # d was never tried the first time
    assert result.extra_calls == 1 + 1 + 3
    assert result.outcome == "degraded"
    assert "planned anew: b, d, e" in result.notes


def test_a_hole_that_the_new_plan_leaves_out_stays_one() -> None:
    said = {**replies(), **all_lost_on("b"), ("pat", "hierarchy_replan"): planned(task("e", "a"))}
    result, _ = play(said)
    assert status(result) == {"a": "done", "b": "failed", "c": "done", "d": "blocked", "e": "done"}


def test_a_new_plan_is_held_to_the_cap_and_to_what_exists_as_the_first_one() -> None:
    for wrong in (planned(*(task(name) for name in "bdefg")), planned(task("b", "z")), planned(task("a"))):
        said = {**replies(), **all_lost_on("b"), ("pat", "hierarchy_replan"): wrong, ("pat", "repair"): wrong}
        result, _ = play(said, tasks=4)
        assert "what failed was not planned anew" in result.notes
        assert (result.states["pat"], set(status(result))) == ("invalid", set("abcd"))


@pytest.mark.parametrize("replan", [planned(), lost("pat")])
def test_without_a_new_plan_the_holes_stay(replan: Said) -> None:
    result, _ = play({**replies(), **all_lost_on("b"), ("pat", "hierarchy_replan"): replan})
    assert "what failed was not planned anew" in result.notes
    assert result.outcome == "degraded"


def test_nothing_done_is_a_failure_and_nobody_is_asked_to_put_it_together() -> None:
    result, script = play({**replies(), **all_lost_on("a")})
    assert (result.outcome, result.answer, result.votes_for) == ("failed", None, 0)
    assert script.steps("ivy") == []


def test_without_the_verifier_results_count_as_not_verified() -> None:
    result, _ = play({**replies(), ("vic", "hierarchy_verify"): lost("vic")}, seats(verified=True))
    assert (result.outcome, result.tasks[0].status, result.tasks[0].note) == (
        "degraded",
        "done",
        "not verified: the verifier was lost",
    )


def test_the_second_integrator_takes_over() -> None:
    result, _ = play({**replies(), ("ivy", "hierarchy_integrate"): lost("ivy")}, seats(integrators=2))
    assert (result.outcome, result.answer, result.extra_calls) == ("degraded", "whole by ian", 1)


def test_without_any_integrator_the_parts_stand_side_by_side() -> None:
    result, _ = play({**replies(), ("ivy", "hierarchy_integrate"): lost("ivy")})
    assert (result.outcome, result.decided_by, result.answer) == ("degraded", "nobody", None)
    assert result.document.count("## do it\n\nSome thoughts.") == 4


def test_a_part_of_two_levels_that_nobody_put_together_goes_on_as_its_parts() -> None:
    def integrate(question: Question) -> str:
        if question.item == "t0":
            raise lost("ivy")
        return says("whole")

    plan = planned(task("t0"), task("t1"))
    result, script = play({**replies(plan), ("ivy", "hierarchy_integrate"): integrate}, levels=2)
    assert [part["id"] for part in views(script, "hierarchy_integrate")[""]["parts"]] == ["t1", "t0.t0", "t0.t1"]
    assert result.outcome == "degraded"


def test_names_of_models_do_not_travel() -> None:
    plan = planned(*(task(name, *deps, goal="ask acme-7") for name, deps in (("a", ""), ("b", "a"))))
    said = {**replies(plan), ("wes", "hierarchy_work"): "As acme-7, done. " + says("acme-7 did it")}
    script = Script({**said, ("vic", "hierarchy_verify"): '{"accepted": false, "why": "acme-7 is wrong"}'})
    asyncio.run(hierarchy(script, replace(setup(PATTERN, seats(verified=True)), names=("acme-7",))))
    assert "acme-7" not in str([question.view for question in script.asked])


# With the real templates


@pytest.mark.parametrize("levels", [1, 2])
@pytest.mark.parametrize(("material", "calls"), [(NOTES, {1: 8, 2: 26}), (ELSEWHERE, {1: 1, 2: 1})])
def test_rehearsal_plans_works_and_integrates_to_the_end(material: str, calls: dict[int, int], levels: int) -> None:
    result, asked = rehearse(PATTERN, seats(verified=True), TASK, material, levels=levels)
    assert (result.outcome, result.problems, result.repairs, result.calls) == ("unanimous", (), 0, calls[levels])
    assert all(TASK in prompt for prompt in asked.prompts.values())
