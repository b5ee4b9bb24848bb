"""What waits for what: cycles, an order in which everything can be done, and what can be done side by side."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence

from cowork.loop.tasks.task import Task

MOST_CYCLES = 20


def cycles(needs: Mapping[str, Sequence[str]]) -> list[tuple[str, ...]]:
    """Rings of ids that wait for each other, each from its first id of the file on; at most MOST_CYCLES, no id in two of them.

    Ids that depend on themselves, or on what does not exist, are not looked at: these are mistakes of their own.
    """
    edges = {name: [other for other in others if other in needs and other != name] for name, others in needs.items()}
    place = {name: number for number, name in enumerate(edges)}
    found: list[tuple[str, ...]] = []
    left = _knotted(edges)
    while left and len(found) < MOST_CYCLES:
        ring = _ring(left)
        turn = ring.index(min(ring, key=place.__getitem__))
        found.append((*ring[turn:], *ring[:turn]))
        rest = {name: others for name, others in left.items() if name not in ring}
        left = _knotted({name: [other for other in others if other in rest] for name, others in rest.items()})
    return found


def _knotted(edges: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """What is left when everything that waits for nobody is taken away again and again, in the order of the file."""
    left = {name: len(others) for name, others in edges.items()}
    waiting: dict[str, list[str]] = {name: [] for name in edges}
    for name, others in edges.items():
        for other in others:
            waiting[other].append(name)
    free = [name for name, count in left.items() if not count]
    while free:
        done = free.pop()
        del left[done]
        for name in waiting[done]:
            left[name] -= 1
            if not left[name]:
                free.append(name)
    return {name: [other for other in edges[name] if other in left] for name in left}


def _ring(edges: Mapping[str, Sequence[str]]) -> list[str]:
    """The ring that one comes to from the first id, where every id leads on to another."""
    path: dict[str, int] = {}
    at = next(iter(edges))
    while at not in path:
        path[at] = len(path)
        at = edges[at][0]
    return list(path)[path[at] :]


def order(tasks: Sequence[Task]) -> tuple[Task, ...]:
    """The tasks so that each comes after what it depends on; where there is a choice, by priority and then as in the file.

    There must be no cycle: what is in one, or waits for one, is left out. Dependencies that do not exist do not count.
    """
    place = {task.id: number for number, task in enumerate(tasks)}
    left = {task.id: sum(name in place for name in set(task.dependencies)) for task in tasks}
    waiting = dependents(tasks)
    free = [(task.priority, place[task.id]) for task in tasks if not left[task.id]]
    heapq.heapify(free)
    found = []
    while free:
        task = tasks[heapq.heappop(free)[1]]
        found.append(task)
        for name in waiting[task.id]:
            left[name] -= 1
            if not left[name]:
                heapq.heappush(free, (tasks[place[name]].priority, place[name]))
    return tuple(found)


def layers(tasks: Sequence[Task]) -> tuple[tuple[Task, ...], ...]:
    """Tasks that could be done side by side: each layer waits for earlier ones only; inside it, by priority and then file."""
    depth: dict[str, int] = {}
    found: list[list[Task]] = []
    for task in order(tasks):
        depth[task.id] = 1 + max((depth[name] for name in task.dependencies if name in depth), default=-1)
        if depth[task.id] == len(found):
            found.append([])
        found[depth[task.id]].append(task)
    place = {task.id: number for number, task in enumerate(tasks)}
    return tuple(tuple(sorted(layer, key=lambda task: (task.priority, place[task.id]))) for layer in found)


def dependents(tasks: Sequence[Task]) -> dict[str, tuple[str, ...]]:
    """For each id who depends on it, in the order of the file."""
    found: dict[str, list[str]] = {task.id: [] for task in tasks}
    for task in tasks:
        for name in dict.fromkeys(task.dependencies):
            if name in found:
                found[name].append(task.id)
    return {name: tuple(others) for name, others in found.items()}
