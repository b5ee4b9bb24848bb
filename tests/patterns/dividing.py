"""Plans, and the scripted seats that work on them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st

from cowork.patterns.protocol import Question
from tests.patterns.seats import Said, lost, says

IDS = [f"t{number}" for number in range(8)]


def planned(*tasks: dict[str, Any], **fields: Any) -> str:
    return json.dumps({"tasks": list(tasks), **fields})


def task(name: str, *deps: str, goal: str = "do it", seat_class: str = "") -> dict[str, Any]:
    return {"id": name, "goal": goal, "inputs": [], "deps": list(deps), "acceptance": "seen", "seat_class": seat_class}


Replies = dict[tuple[object, ...], Said]
WORKERS = ["wes", "wyn", "wim", "wil"]
DIAMOND = planned(task("a"), task("b", "a"), task("c", "a"), task("d", "b", "c"))


def seats(workers: int = 2, *, verified: bool = False, integrators: int = 1) -> dict[str, list[str]]:
    verifier = ["vic"] if verified else []
    return {"planner": ["pat"], "worker": WORKERS[:workers], "verifier": verifier, "integrator": ["ivy", "ian"][:integrators]}


def inspects(reject: Sequence[str] = ()) -> Callable[[Question], str]:
    """A verifier that rejects these tasks, by the item of the question."""
    return lambda question: json.dumps({"accepted": question.item not in reject, "why": f"on {question.item}"})


def replies(plan: Said = DIAMOND) -> Replies:
    found: Replies = {("pat", "hierarchy_plan"): plan, ("pat", "hierarchy_replan"): planned()}
    for worker in WORKERS:
        found[worker, "hierarchy_work"] = lambda question: says(f"{question.view['id']} by {question.seat}")
        found[worker, "hierarchy_alone"] = says(f"alone {worker}")
    found["vic", "hierarchy_verify"] = inspects()
    found |= {(seat, "hierarchy_integrate"): lambda question: says(f"whole by {question.seat}") for seat in ("ivy", "ian")}
    return found


def fails(*items: str) -> Callable[[Question], str]:
    """A worker that is lost on these tasks."""

    def work(question: Question) -> str:
        if question.item in items:
            raise lost(question.seat)
        return says(f"{question.view['id']} by {question.seat}")

    return work


def all_lost_on(*items: str) -> Replies:
    return {(worker, "hierarchy_work"): fails(*items, *(f"{item}, again" for item in items)) for worker in WORKERS}


@st.composite
def graphs(draw: st.DrawFn) -> list[tuple[str, list[str]]]:
    """Random graphs of up to ten tasks whose names may repeat and whose edges may lead anywhere."""
    names = draw(st.lists(st.sampled_from([*IDS, "t8", "t9"]), min_size=1, max_size=10))
    known = st.sampled_from([*names, "ghost"])
    return [(name, draw(st.lists(known, max_size=3))) for name in names]


def can_be_carried_out(graph: list[tuple[str, list[str]]], most: int) -> bool:
    """The definition, by removing tasks that wait for nothing until none is left."""
    waits = {name: set(deps) for name, deps in graph}
    if len(waits) != len(graph) or len(graph) > most or any(dep not in waits for deps in waits.values() for dep in deps):
        return False
    while waits:
        free = {name for name, deps in waits.items() if not deps}
        if not free:
            return False
        waits = {name: deps - free for name, deps in waits.items() if name not in free}
    return True
