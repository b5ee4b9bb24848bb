"""Answers to forms, by the name of the form. A form that is not here is answered by what the prompt holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cowork.models.extract import Reading
from cowork.models.rehearsal import steps, voting

Fill = Callable[[Reading, int], str]

FORMS: Mapping[str, Fill] = {
    "remark": steps.remark,
    "plan_notes": steps.plan,
    "notes": steps.notes,
    "step_review": steps.review,
    "ranking": voting.rank,
    "stance": voting.stand,
    "synthesis": voting.synthesise,
    "merged": voting.write,
}
