"""Answers to forms, by the name of the form. A form that is not here is answered by what the prompt holds."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from cowork.models.extract import Reading
from cowork.models.rehearsal import hierarchy, panel, redblue
from cowork.models.rehearsal.debate import open_
from cowork.models.rehearsal.positions import LABEL, position

Fill = Callable[[Reading, int], str]


def _remark(reading: Reading, seed: int) -> str:
    held = position(reading, seed)
    point = held.points[0].text if held.points else "the material says nothing that bears on the task"
    return f"{LABEL}\n\n" + json.dumps({"remark": f'Settle what this means for your side: "{point}"'}, ensure_ascii=False)


FORMS: Mapping[str, Fill] = {
    "remark": _remark,
    "lenses": panel.lenses,
    "opinion": panel.opinion,
    "crossing": panel.crossing,
    "recommendation": panel.recommendation,
    "build": open_,
    "attacks": redblue.attacks,
    "checks": redblue.checks,
    "patch": redblue.patch,
    "plan": hierarchy.plan,
    "replan": hierarchy.replan,
    "part": hierarchy.part,
    "inspection": hierarchy.inspection,
    "whole": hierarchy.whole,
}
