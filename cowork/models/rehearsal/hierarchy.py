"""Dividing a task by the passages of the material, working on the parts, and putting them together."""

from __future__ import annotations

import json

from cowork.models.extract import Passage, Reading, passages, quoted
from cowork.models.rehearsal.positions import LABEL, Position, bullets, position, with_contract

_TASKS = 3


def plan(reading: Reading, seed: int) -> str:
    """A task for each of the passages that bear most on the task, the last after the others; none when there is but one."""
    goal = _text(reading, "plan")
    found = passages(_about(reading, goal), seed)[: min(_TASKS, _most(reading))]
    if len(found) < 2:
        held = position(_about(reading, goal), seed)
        said = {"atomic": True, "answer": held.answer, "confidence": held.confidence, "reason": held.reason}
        return f"{LABEL}\n\n" + json.dumps(said, ensure_ascii=False)
    tasks = [_task(number, passage) for number, passage in enumerate(found, 1)]
    tasks[-1]["deps"] = [task["id"] for task in tasks[:-1]]
    return f"{LABEL}\n\n" + json.dumps({"atomic": False, "tasks": tasks}, ensure_ascii=False)


def replan(_reading: Reading, _seed: int) -> str:
    """Nothing: it knows no other way."""
    return f"{LABEL}\n\n" + json.dumps({"tasks": []})


def part(reading: Reading, seed: int) -> str:
    """What the material says on the goal of a task."""
    held = position(_about(reading, _text(reading, "plan")), seed)
    return with_contract([LABEL, "", "What the material says on it:", *bullets(held.points)], held)


def inspection(reading: Reading, _seed: int) -> str:
    """Accepts a result that quotes the material."""
    held = [passage for passage in _everything(reading) if quoted(passage.text, _text(reading, "draft"))]
    why = f"It quotes {len(held)} passage(s) of the material." if held else "It quotes nothing of the material."
    return f"{LABEL}\n\n" + json.dumps({"accepted": bool(held), "why": why})


def whole(reading: Reading, seed: int) -> str:
    """The parts one after the other, with the holes, and what the material says on the task."""
    goal = _text(reading, "plan")
    held = position(_about(reading, goal) if goal else reading, seed)
    lines = [LABEL, ""]
    for section in reading.rest:
        if section.kind == "part":
            points = [passage for passage in _everything(reading) if quoted(passage.text, section.text)]
            lines += [f"Part {section.label}:", *bullets(points), ""]
        elif section.kind == "hole":
            lines += [f"Not done: part {section.label}.", ""]
    return with_contract(lines[:-1], Position(held.answer, held.confidence, held.reason, ()))


def _task(number: int, passage: Passage) -> dict[str, object]:
    return {
        "id": f"part-{number}",
        "goal": f'Say what follows from "{passage.text}"',
        "inputs": [passage.source],
        "deps": [],
        "acceptance": "It quotes the material.",
        "seat_class": "text",
    }


def _about(reading: Reading, goal: str) -> Reading:
    return Reading(goal or reading.task, reading.material, "", "", {})


def _everything(reading: Reading) -> list[Passage]:
    """The passages that bear on the task or on the goal of a part."""
    goal = _text(reading, "plan")
    return list(dict.fromkeys([*reading.ranked, *_about(reading, goal).ranked]))


def _text(reading: Reading, kind: str) -> str:
    return "\n".join(section.text for section in reading.rest if section.kind == kind)


def _most(reading: Reading) -> int:
    words = _text(reading, "notes").split()
    return int(words[0]) if words and words[0].isdigit() else 1
