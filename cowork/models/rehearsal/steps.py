"""Plans, notes, remarks and the last review, from the words of the material."""

from __future__ import annotations

import json

from cowork.models.extract import Reading
from cowork.models.rehearsal.positions import LABEL, position


def remark(reading: Reading, seed: int) -> str:
    """What a judge wants settled."""
    return _form(reading, seed, "remark", "Settle what this means for your side")


def plan(reading: Reading, seed: int) -> str:
    """A plan for everybody."""
    return _form(reading, seed, "plan", "Begin with what bears most on the task")


def notes(reading: Reading, seed: int) -> str:
    """A seat's own notes."""
    return _form(reading, seed, "notes", "This bears most on the task")


def review(reading: Reading, seed: int) -> str:
    """Approved when the result rests on a passage of the material."""
    shown = "\n".join(section.text for section in reading.rest if section.kind in ("candidate", "draft"))
    _, held = reading.support(shown)
    answers = {passage.text for passage in held}
    bearing = [passage.text for passage in position(reading, seed).points if passage.text not in answers]
    findings = [] if held or not bearing else [f'It does not say what it makes of this: "{bearing[0]}"']
    verdict = {"verdict": "changes" if findings else "approve", "findings": findings}
    return f"{LABEL}\n\n" + json.dumps(verdict, ensure_ascii=False)


def _form(reading: Reading, seed: int, key: str, words: str) -> str:
    held = position(reading, seed)
    points = "; ".join(f'"{point.text}" ({point.source})' for point in held.points) or "nothing in the material"
    return f"{LABEL}\n\n" + json.dumps({key: f"{words}: {points}"}, ensure_ascii=False)
