"""Attacking, verifying and patching a draft, by the passages of the material that it holds or leaves out."""

from __future__ import annotations

import json

from cowork.models.extract import Passage, Reading, passages, quoted
from cowork.models.rehearsal.positions import LABEL, position

_ATTACKS = 2


def attacks(reading: Reading, seed: int) -> str:
    """The passages that bear most on the task from this point of view, and that the draft leaves out."""
    draft, known = _draft(reading), _text(reading, "claim")
    missing = [passage for passage in passages(reading, seed) if not quoted(passage.text, draft + known)]
    findings = [
        {
            "claim": f'The draft leaves out: "{passage.text}"',
            "place": passage.source,
            "severity": "major" if number == 0 else "minor",
            "repro": "Search the draft for that sentence.",
        }
        for number, passage in enumerate(missing[:_ATTACKS])
    ]
    return f"{LABEL}\n\n" + json.dumps({"findings": findings}, ensure_ascii=False)


def checks(reading: Reading, _seed: int) -> str:
    """Reproduces a claim that names a passage the draft does not hold, and rejects one whose passage it does."""
    draft, verdicts = _draft(reading), []
    for section in reading.rest:
        if section.kind == "finding":
            named = _named(reading, section.text)
            missing = [passage for passage in named if not quoted(passage.text, draft)]
            verdict = "reproduced" if missing else "rejected" if named else "unclear"
            why = "The draft does not hold it." if missing else "The draft holds it." if named else "It names no passage."
            verdicts.append({"id": section.label, "verdict": verdict, "why": why})
    return f"{LABEL}\n\n" + json.dumps({"verdicts": verdicts}, ensure_ascii=False)


def patch(reading: Reading, seed: int) -> str:
    """The draft with the passages added that were found missing."""
    added: list[str] = []
    patches = []
    for section in reading.rest:
        if section.kind == "finding":
            named = _named(reading, section.text)
            added += [f'- "{passage.text}" ({passage.source})' for passage in named]
            patches.append(
                {"id": section.label, "how": "Added the passage." if named else "Left as it is: it names no passage."}
            )
    held = position(reading, seed)
    said = {"patches": patches, "answer": held.answer, "confidence": held.confidence, "reason": held.reason}
    return "\n".join([_draft(reading), *dict.fromkeys(added), "", json.dumps(said, ensure_ascii=False)])


def _draft(reading: Reading) -> str:
    return _text(reading, "draft")


def _text(reading: Reading, kind: str) -> str:
    return "\n".join(section.text for section in reading.rest if section.kind == kind)


def _named(reading: Reading, claim: str) -> list[Passage]:
    return [passage for passage in reading.ranked if quoted(passage.text, claim)]
