"""Plans: what is refused before any task is given to anybody, and the order that a good plan has."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.patterns.answers import ContractError
from cowork.patterns.plans import Task, flattened, levels_of, plan_contract, replan_contract, spread
from tests.patterns.dividing import IDS, can_be_carried_out, graphs, planned, task


@pytest.mark.parametrize(
    ("tasks", "problem"),
    [
        ([], "holds 0 items; 1 are the fewest"),
        ([task(name) for name in "abcd"], "holds 4 items; 3 are the most"),
        ([task("a", "a")], "in a circle: a -> a"),
        ([task("a", "b"), task("b", "c"), task("c", "b")], "in a circle: b -> c -> b"),
        ([task("a", "z")], "'a' waits for 'z', which is no task of the plan"),
        ([task("a"), task("a")], "two tasks are called 'a'"),
        ([task("a", goal="  ")], "the \"goal\" of 'a' must be a text that is not empty"),
        ([task("a.b")], "must be letters, digits"),
        ([task("")], 'the "id" of a task'),
        ([{"id": "a"}], "the \"goal\" of 'a'"),
        (["a"], "number 1 is"),
        ([task("a") | {"deps": "b"}], "the \"deps\" of 'a' must be a list"),
    ],
)
def test_a_plan_that_cannot_be_carried_out_is_refused_with_the_exact_problem(tasks: list[Any], problem: str) -> None:
    with pytest.raises(ContractError) as refused:
        plan_contract(3).parse(planned(*tasks))
    assert problem in str(refused.value)


def test_an_atomic_plan_is_the_planners_own_answer() -> None:
    plan = plan_contract(3).parse('{"atomic": true, "answer": "42", "confidence": 0.9, "reason": "small"}')
    assert (plan.tasks, plan.answer and plan.answer.answer) == ((), "42")


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        ('{"atomic": true, "confidence": 0.9}', '"answer" must be a text'),
        (planned(task("a"), atomic=True, answer="x", confidence=1), "it must be one or the other"),
        (planned(task("a"), atomic="yes"), '"atomic" must be true or false'),
    ],
)
def test_an_atomic_plan_must_be_an_answer_and_nothing_else(reply: str, problem: str) -> None:
    with pytest.raises(ContractError, match=problem):
        plan_contract(3).parse(reply)


def test_a_new_plan_may_wait_for_what_is_done_take_old_names_and_be_empty() -> None:
    contract = replan_contract(2, done=["a"], replaces=["b.x"])
    assert [found.deps for found in contract.parse(planned(task("b.x", "a"), task("c", "b.x"))).tasks] == [("a",), ("b.x",)]
    assert contract.parse(planned()).tasks == ()
    with pytest.raises(ContractError, match="'a' is done already"):
        contract.parse(planned(task("a")))


def test_the_level_of_a_task_is_the_longest_way_to_it() -> None:
    tasks = [Task("a", "g"), Task("b", "g", deps=("a",)), Task("c", "g", deps=("a", "b")), Task("d", "g")]
    assert levels_of(tasks) == {"a": 0, "b": 1, "c": 2, "d": 0}


def test_the_tasks_of_a_class_go_to_different_seats_and_the_load_is_even() -> None:
    kinds = ["code", "text", "code", "text", "code", "data", "text", "data"]
    tasks = [Task(name, "g", seat_class=kind) for name, kind in zip(IDS, kinds, strict=True)]
    seats = spread(tasks, ["w1", "w2", "w3"])
    assert {seats[name] for name, kind in zip(IDS, kinds, strict=True) if kind == "code"} == {"w1", "w2", "w3"}
    load = [list(seats.values()).count(seat) for seat in ("w1", "w2", "w3")]
    assert max(load) - min(load) <= 1


def test_divided_tasks_make_one_plan_in_which_the_whole_waits_as_its_parts_do() -> None:
    tasks = (Task("a", "g"), Task("b", "g", deps=("a",)), Task("c", "g", deps=("b",)))
    flat, parts = flattened(tasks, {"b": [Task("x", "g"), Task("y", "g", deps=("x",))]})
    assert {found.id: found.deps for found in flat} == {"a": (), "b.x": ("a",), "b.y": ("b.x",), "c": ("b.x", "b.y")}
    assert parts == {"a": ("a",), "b": ("b.x", "b.y"), "c": ("c",)}


# M18: plans that cannot be carried out are refused, all of them, and the others are not


@given(graphs(), st.integers(1, 8))
def test_invalid_graphs_are_refused_and_valid_ones_are_ordered(graph: list[tuple[str, list[str]]], most: int) -> None:
    reply = planned(*(task(name, *deps) for name, deps in graph))
    if not can_be_carried_out(graph, most):
        with pytest.raises(ContractError):
            plan_contract(most).parse(reply)
        return
    tasks = plan_contract(most).parse(reply).tasks
    levels = levels_of(tasks)
    assert [found.id for found in tasks] == [name for name, _ in graph]
    assert all(levels[found.id] > levels[dep] for found in tasks for dep in found.deps)


@st.composite
def orders(draw: st.DrawFn) -> list[tuple[str, list[str]]]:
    """Random graphs without a circle."""
    names = draw(st.permutations(IDS))[: draw(st.integers(1, 8))]
    return [(name, draw(st.lists(st.sampled_from(names[:at]), max_size=3)) if at else []) for at, name in enumerate(names)]


@given(orders(), st.data())
def test_one_edge_back_makes_a_good_plan_a_circle_that_is_named(
    graph: list[tuple[str, list[str]]], data: st.DataObject
) -> None:
    assert plan_contract(8).parse(planned(*(task(name, *deps) for name, deps in graph)))
    late = data.draw(st.integers(0, len(graph) - 1))
    early = data.draw(st.integers(0, late))
    path = [(name, [*deps, *([graph[at - 1][0]] if at else [])]) for at, (name, deps) in enumerate(graph)]
    path[early] = (path[early][0], [*path[early][1], path[late][0]])
    with pytest.raises(ContractError, match="in a circle: ") as refused:
        plan_contract(8).parse(planned(*(task(name, *deps) for name, deps in path)))
    circle = str(refused.value).split(": ")[1].split(" -> ")
    waits = dict(path)
    assert circle[0] == circle[-1]
    assert all(after in waits[name] for name, after in itertools.pairwise(circle))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "goal", "deps", "inputs"]), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["tasks", "atomic", "answer", "confidence"]), VALUES))
def test_whatever_comes_back_is_read_or_refused(found: dict[str, Any]) -> None:
    for contract in (plan_contract(3), replan_contract(3, done=["a"], replaces=["b"])):
        try:
            contract.parse(json.dumps(found))
        except ContractError as problem:
            assert str(problem)
