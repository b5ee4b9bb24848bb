"""`loop task graph`: what waits for what, in layers that could be worked on side by side; for Graphviz and Mermaid too."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cowork.core.outcome import Notice
from cowork.core.text import one_line
from cowork.loop.tasks.graph import layers
from cowork.loop.tasks.pages import TaskItem, items_of
from cowork.loop.tasks.reading import look
from cowork.loop.tasks.task import SYMBOLS

GraphFormat = Literal["text", "dot", "mermaid"]
_WIDE = 60
_COLOURS = {"dim": "gray"}


@dataclass(frozen=True)
class Edge:
    """`task` depends on `needs`."""

    task: str
    needs: str


@dataclass(frozen=True)
class Layer:
    """Tasks that depend on earlier layers only. `number` counts from 1."""

    number: int
    items: tuple[TaskItem, ...]
    count: int


@dataclass(frozen=True)
class TaskGraph:
    """The graph of a file's tasks. `text` is the source for the format that was asked for, empty for text."""

    path: str
    format: str
    layers: tuple[Layer, ...]
    edges: tuple[Edge, ...]
    text: str


def draw(path: Path, format: GraphFormat) -> tuple[TaskGraph, tuple[Notice, ...]]:
    """The graph of the tasks in a file. Raises as `reading.read` does."""
    tasks, notices = look(path)
    items = {item.id: item for item in items_of(tasks, {})}
    levels = tuple(
        Layer(number, tuple(items[task.id] for task in layer), len(layer))
        for number, layer in enumerate(layers(tasks.tasks), 1)
    )
    edges = tuple(Edge(task.id, name) for task in tasks.tasks for name in task.dependencies)
    draw_ = {"dot": _dot, "mermaid": _mermaid}.get(format)
    return TaskGraph(str(path), format, levels, edges, draw_(items, edges) if draw_ else ""), notices


def _dot(items: dict[str, TaskItem], edges: tuple[Edge, ...]) -> str:
    names = {name: f"t{number}" for number, name in enumerate(items, 1)}
    lines = ["digraph tasks {", "  rankdir=LR;", "  node [shape=box];"]
    for name, item in items.items():
        label = _label(item).replace("\\", "\\\\").replace('"', '\\"')
        colour = SYMBOLS[item.status][1]
        lines.append(f'  {names[name]} [label="{label}", color={_COLOURS.get(colour, colour)}];')
    lines += [f"  {names[edge.needs]} -> {names[edge.task]};" for edge in edges]
    return "\n".join([*lines, "}"]) + "\n"


def _mermaid(items: dict[str, TaskItem], edges: tuple[Edge, ...]) -> str:
    names = {name: f"t{number}" for number, name in enumerate(items, 1)}
    lines = ["flowchart LR"]
    lines += [f'  {names[name]}["{_entities(_label(item))}"]' for name, item in items.items()]
    lines += [f"  {names[edge.needs]} --> {names[edge.task]}" for edge in edges]
    return "\n".join(lines) + "\n"


def _label(item: TaskItem) -> str:
    return f"{SYMBOLS[item.status][0]} {one_line(item.id, 40)}: {one_line(item.title, _WIDE)}"


def _entities(text: str) -> str:
    """Text as Mermaid takes it: whatever could be its own syntax, or HTML, as an entity."""
    return "".join(c if c.isalnum() or c in " -_.,:/✓→✗○·!–" else f"#{ord(c)};" for c in text)
