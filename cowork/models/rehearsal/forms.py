"""Answers to forms, by the name of the form. A form that is not here is answered by what the prompt holds."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from cowork.models.extract import Reading
from cowork.models.rehearsal import objecting, reviewing, scoring
from cowork.models.rehearsal.positions import LABEL, position

Fill = Callable[[Reading, int], str]


def _remark(reading: Reading, seed: int) -> str:
    return _form(reading, seed, "remark", "Settle what this means for your side")


def _plan_notes(reading: Reading, seed: int) -> str:
    return _form(reading, seed, "plan", "Begin with what bears most on the task")


def _notes(reading: Reading, seed: int) -> str:
    return _form(reading, seed, "notes", "This bears most on the task")


def _form(reading: Reading, seed: int, key: str, words: str) -> str:
    held = position(reading, seed)
    points = "; ".join(f'"{point.text}" ({point.source})' for point in held.points) or "nothing in the material"
    return f"{LABEL}\n\n" + json.dumps({key: f"{words}: {points}"}, ensure_ascii=False)


def _step_review(reading: Reading, seed: int) -> str:
    """Approved when the result rests on a passage of the material."""
    shown = "\n".join(section.text for section in reading.rest if section.kind in ("candidate", "draft"))
    _, held = reading.support(shown)
    answers = {passage.text for passage in held}
    bearing = [passage.text for passage in position(reading, seed).points if passage.text not in answers]
    findings = [] if held or not bearing else [f'It does not say what it makes of this: "{bearing[0]}"']
    verdict = {"verdict": "changes" if findings else "approve", "findings": findings}
    return f"{LABEL}\n\n" + json.dumps(verdict, ensure_ascii=False)


FORMS: Mapping[str, Fill] = {
    "remark": _remark,
    "plan_notes": _plan_notes,
    "notes": _notes,
    "step_review": _step_review,
    "review": reviewing.review,
    "rewrite": reviewing.rewrite,
    "revision": reviewing.revise,
    "critique": scoring.critique,
    "objections": objecting.object_,
    "replies": objecting.reply,
}
