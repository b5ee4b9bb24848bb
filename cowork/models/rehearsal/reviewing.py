"""Reviewing and rewriting drafts: a draft should hold the passages of the material that bear most on the task."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from cowork.models.extract import Passage, Reading, quoted
from cowork.models.rehearsal.positions import LABEL, bullets, position

_LOOKED_FOR = 3
_DECISIVE = 2  # so many of the first passages make a gap major


@dataclass(frozen=True)
class Copy:
    """A draft as it lies before a reviewer, with its answer in short and the findings by their id."""

    draft: str
    summary: str
    findings: dict[str, str]

    @classmethod
    def of(cls, reading: Reading) -> Copy:
        """The draft in a prompt."""
        texts = {section.kind: section.text for section in reading.rest}
        findings = {section.label: section.text for section in reading.rest if section.kind == "finding"}
        return cls(texts.get("draft", ""), texts.get("summary", ""), findings)

    def lacks(self, passages: Iterable[Passage]) -> list[Passage]:
        """The passages that the draft does not hold."""
        return [passage for passage in passages if not quoted(passage.text, self.draft)]

    def settled(self, reading: Reading) -> list[str]:
        """The findings that ask for passages which the draft holds by now."""
        asked = {label: quoted_in(reading, text) for label, text in self.findings.items()}
        return [label for label, passages in asked.items() if passages and not self.lacks(passages)]

    def with_passages(self, passages: Sequence[Passage]) -> str:
        """The draft with passages added at its end."""
        start = self.draft if self.draft.startswith(LABEL) else f"{LABEL}\n\n{self.draft}"
        return "\n".join([start, "", "Also from the material:", *bullets(passages)]) if passages else start


def review(reading: Reading, _seed: int) -> str:
    """Findings and a verdict; the author rewrites."""
    verdict, _ = _verdict(reading)
    return ended(LABEL, verdict)


def rewrite(reading: Reading, seed: int) -> str:
    """Findings and a verdict, after the new draft where changes are asked for."""
    verdict, missing = _verdict(reading)
    copy = Copy.of(reading)
    whole = {**verdict, **concluded(copy, reading, seed)}
    return ended(LABEL if verdict["verdict"] == "approve" else copy.with_passages(missing), whole)


def revise(reading: Reading, seed: int) -> str:
    """The draft with the passages that its findings ask for."""
    copy = Copy.of(reading)
    asked = [passage for text in copy.findings.values() for passage in quoted_in(reading, text)]
    return ended(copy.with_passages(copy.lacks(dict.fromkeys(asked))), concluded(copy, reading, seed))


def _verdict(reading: Reading) -> tuple[dict[str, Any], list[Passage]]:
    copy = Copy.of(reading)
    looked_for = reading.ranked[:_LOOKED_FOR]
    missing = copy.lacks(looked_for)
    settled = copy.settled(reading)
    standing = [text for label, text in copy.findings.items() if label not in settled]
    asked = [passage for text in standing for passage in quoted_in(reading, text)]
    new = [passage for passage in missing if passage not in asked]
    decisive = looked_for[:_DECISIVE]
    findings = [finding(passage, "major" if passage in decisive else "minor") for passage in new]
    severe = any(passage in decisive for passage in new) or any(not text.startswith("severity: minor") for text in standing)
    verdict = "changes" if severe else "approve"
    return {"settled": settled, "findings": findings, "verdict": verdict}, list(dict.fromkeys([*missing, *copy.lacks(asked)]))


def finding(passage: Passage, severity: str) -> dict[str, str]:
    """A passage that a draft leaves out, as a finding."""
    claim = f'The draft leaves out what the material says: "{passage.text}" ({passage.source})'
    return {"severity": severity, "quote": "", "claim": claim, "fix": f'Say that "{passage.text}"'}


def quoted_in(reading: Reading, text: str) -> list[Passage]:
    """The passages of the material that a text quotes."""
    return [passage for passage in reading.ranked if quoted(passage.text, text)]


def concluded(copy: Copy, reading: Reading, seed: int) -> dict[str, Any]:
    """The answer contract of a draft that keeps its answer."""
    held = position(reading, seed)
    answer = copy.summary or held.answer
    return {"answer": answer, "confidence": held.confidence, "reason": held.reason}


def ended(text: str, verdict: dict[str, Any]) -> str:
    """A text that ends in its JSON."""
    return f"{text}\n\n{json.dumps(verdict, ensure_ascii=False)}"
