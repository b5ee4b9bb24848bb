"""Objecting to an answer and replying: what speaks against it is what the material says for another option."""

from __future__ import annotations

from cowork.models.extract import Passage, Reading, choose_option, options_in, passages
from cowork.models.rehearsal.positions import LABEL, bullets
from cowork.models.rehearsal.reviewing import Copy, concluded, ended, quoted_in

_MOST = 2


def object_(reading: Reading, seed: int) -> str:
    """The passages that bear most on the task from the seed's point of view and that the answer passes over."""
    copy = Copy.of(reading)
    raised = [passage for text in copy.findings.values() for passage in quoted_in(reading, text)]
    against = [passage for passage in copy.lacks(_against(reading, copy.summary, seed)) if passage not in raised][:_MOST]
    objections = [
        {
            "severity": "major" if number == 0 else "minor",
            "claim": f'The answer passes over what the material says: "{passage.text}" ({passage.source})',
            "test": f'Does the answer still hold if "{passage.text}"?',
        }
        for number, passage in enumerate(against)
    ]
    lines = [LABEL, "", "Against the answer:", *bullets(against)] if against else [LABEL, "", "No material objection."]
    return ended("\n".join(lines), {"objections": objections})


def reply(reading: Reading, seed: int) -> str:
    """Accepted is what bears on the task as much as anything that the answer rests on; it is added to the answer."""
    copy = Copy.of(reading)
    held = [passage for passage in reading.ranked if passage not in copy.lacks(reading.ranked)]
    bar = min((passage.score for passage in held), default=0.0)
    replies, taken = [], list[Passage]()
    for label, text in copy.findings.items():
        asked = quoted_in(reading, text)
        right = bool(asked) and max(passage.score for passage in asked) >= bar
        taken += asked if right else []
        reason = "It bears on the task as much as what the answer rests on." if right else "The answer rests on more than that."
        replies.append({"id": label, "verdict": "accept" if right else "reject", "reason": reason})
    added = copy.lacks(dict.fromkeys(taken))
    return ended(copy.with_passages(added), {"replies": replies, **concluded(copy, reading, seed)})


def _against(reading: Reading, answer: str, seed: int) -> list[Passage]:
    """What speaks for another option than the answer; where there are no options, what bears on the task."""
    found = passages(reading, seed)
    others = tuple(option for option in options_in(reading.task) if option.casefold() != answer.strip().casefold())
    if not others or len(others) == len(options_in(reading.task)):
        return found
    speaking = [choose_option((option,), found, seed)[2] for option in others]
    return [passage for group in speaking for passage in group]
