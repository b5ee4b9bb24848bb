"""Plans: tasks that wait for each other, checked before any of them is given to anybody."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cowork.patterns.answers import Answer, ContractError, last_object, parse_answer
from cowork.patterns.contracts import CONFIDENCE, TEXT, Contract, schema_of
from cowork.patterns.protocol import Form
from cowork.patterns.values import cut, flag_of, line_of, objects_of, text_of, texts_of

MOST_INPUTS = 8
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}", re.ASCII)


@dataclass(frozen=True)
class Task:
    """A task of a plan: what it is to give, what it needs, which tasks it waits for, and when it is done."""

    id: str
    goal: str
    inputs: tuple[str, ...] = ()
    deps: tuple[str, ...] = ()
    acceptance: str = ""
    seat_class: str = ""


@dataclass(frozen=True)
class Plan:
    """The tasks of a plan, or the planner's own answer where there is nothing to divide."""

    tasks: tuple[Task, ...]
    answer: Answer | None = None


def plan_contract(most: int) -> Contract[Plan]:
    """A plan of at most so many tasks, in which nothing waits for itself, or an answer."""

    def parse(reply: str) -> Plan:
        found = last_object(reply)
        if found.get("atomic") is not None and flag_of(found["atomic"], '"atomic"'):
            if found.get("tasks"):
                raise ContractError('"atomic" is true, and there are tasks; it must be one or the other')
            return Plan((), parse_answer(reply))
        return Plan(_tasks(found, most=most, least=1))

    properties = {"atomic": {"type": "boolean"}, "tasks": _TASKS, "answer": TEXT, "confidence": CONFIDENCE, "reason": TEXT}
    shape = (
        f'{{"atomic": false, "tasks": [{_SHAPE}]}} with 1 to {most} tasks, '
        'or {"atomic": true, "answer": "...", "confidence": 0.0, "reason": "..."}'
    )
    return Contract(Form("plan", schema_of(**properties)), shape, parse)


def replan_contract(most: int, *, done: Collection[str], replaces: Collection[str]) -> Contract[Plan]:
    """Tasks in the place of those that failed; they may wait for what is done. None is an honest plan too."""

    def parse(reply: str) -> Plan:
        return Plan(_tasks(last_object(reply), most=most, least=0, done=done, replaces=replaces))

    return Contract(
        Form("replan", schema_of(tasks=_TASKS), whole=True), f'{{"tasks": [{_SHAPE}]}} with at most {most} tasks', parse
    )


_SHAPE = '{"id": "a", "goal": "...", "inputs": ["..."], "deps": [], "acceptance": "...", "seat_class": "..."}'
_TEXTS = {"type": "array", "items": TEXT}
_TASKS: Mapping[str, Any] = {
    "type": "array",
    "items": schema_of(id=TEXT, goal=TEXT, inputs=_TEXTS, deps=_TEXTS, acceptance=TEXT, seat_class=TEXT),
}


def levels_of(tasks: Sequence[Task]) -> dict[str, int]:
    """How many tasks each must wait for, one after the other. Tasks that wait for each other are left out."""
    levels: dict[str, int] = {}
    names = {task.id for task in tasks}
    left = list(tasks)
    while True:
        ready = [task for task in left if all(dep in levels or dep not in names for dep in task.deps)]
        if not ready:
            return levels
        for task in ready:  # after the loop, so that a level is complete before the next begins
            levels[task.id] = max((levels[dep] + 1 for dep in task.deps if dep in levels), default=0)
        left = [task for task in left if task.id not in levels]


def spread(tasks: Sequence[Task], seats: Sequence[str]) -> dict[str, str]:
    """Who works on what: the tasks of a class one after the other, each to the next seat."""
    classes: dict[str, list[Task]] = {}
    for task in tasks:
        classes.setdefault(task.seat_class, []).append(task)
    dealt = [task for group in classes.values() for task in group]
    return {task.id: seats[number % len(seats)] for number, task in enumerate(dealt)}


def flattened(
    tasks: Sequence[Task], divided: Mapping[str, Sequence[Task]]
) -> tuple[tuple[Task, ...], dict[str, tuple[str, ...]]]:
    """One plan of tasks and what some of them were divided into, and the ids that each task has come to.

    What waits for a divided task waits for all its parts; parts that wait for nothing wait for what the whole waits for.
    """
    parts = {
        task.id: tuple(f"{task.id}.{child.id}" for child in divided[task.id]) if task.id in divided else (task.id,)
        for task in tasks
    }
    flat: list[Task] = []
    for task in tasks:
        before = tuple(part for dep in task.deps for part in parts[dep])
        if task.id not in divided:
            flat.append(replace(task, deps=before))
        for child in divided.get(task.id, ()):
            inner = tuple(f"{task.id}.{dep}" for dep in child.deps)
            flat.append(replace(child, id=f"{task.id}.{child.id}", deps=inner or before))
    return tuple(flat), parts


def _tasks(
    found: Mapping[str, Any], *, most: int, least: int, done: Collection[str] = (), replaces: Collection[str] = ()
) -> tuple[Task, ...]:
    tasks = tuple(_task(item, replaces) for item in objects_of(found.get("tasks"), '"tasks"', most=most, least=least))
    names = [task.id for task in tasks]
    for name in names:
        if names.count(name) > 1:
            raise ContractError(f"two tasks are called {name!r}")
        if name in done:
            raise ContractError(f"the task {name!r} is done already")
    for task in tasks:
        for dep in task.deps:
            if dep not in names and dep not in done:
                raise ContractError(f"the task {task.id!r} waits for {cut(dep, 40)!r}, which is no task of the plan")
    ordered = levels_of(tasks)
    stuck = [name for name in names if name not in ordered]
    if stuck:
        raise ContractError(f"tasks wait for each other in a circle: {_circle(tasks, stuck)}")
    return tasks


def _task(item: Mapping[str, Any], replaces: Collection[str]) -> Task:
    name = line_of(item.get("id"), 'the "id" of a task', most=80)
    if not _ID.fullmatch(name) and name not in replaces:
        raise ContractError(f'the "id" {cut(name, 40)!r} must be letters, digits, - and _, at most 40')
    return Task(
        name,
        text_of(item.get("goal"), f'the "goal" of {name!r}', most=2_000),
        texts_of(item.get("inputs"), f'the "inputs" of {name!r}', most=MOST_INPUTS),
        tuple(dict.fromkeys(texts_of(item.get("deps"), f'the "deps" of {name!r}', most=100))),
        text_of(item.get("acceptance"), f'the "acceptance" of {name!r}', most=2_000, empty=True),
        line_of(item.get("seat_class"), f'the "seat_class" of {name!r}', most=40, empty=True).casefold(),
    )


def _circle(tasks: Sequence[Task], stuck: Sequence[str]) -> str:
    """One circle among tasks of which each waits for another of them."""
    waits = {task.id: next(dep for dep in task.deps if dep in stuck) for task in tasks if task.id in stuck}
    path = [stuck[0]]
    while waits[path[-1]] not in path:
        path.append(waits[path[-1]])
    start = path.index(waits[path[-1]])
    return " -> ".join([*path[start:], path[start]])
