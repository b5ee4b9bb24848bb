"""Answers to forms, by the name of the form. A form that is not here is answered by what the prompt holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cowork.models.extract import Reading
from cowork.models.rehearsal import hierarchy, objecting, panel, redblue, reviewing, scoring, steps, voting
from cowork.models.rehearsal.debate import open_

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
    "review": reviewing.review,
    "rewrite": reviewing.rewrite,
    "revision": reviewing.revise,
    "critique": scoring.critique,
    "objections": objecting.object_,
    "replies": objecting.reply,
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
