"""Drafts: the text that goes with an answer, its versions, and what stands against each of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from cowork.patterns.answers import Answer, body, normalise
from cowork.patterns.results import SEVERITIES, Finding, FindingStatus, Version
from cowork.patterns.reviewing import CHECK, Point
from cowork.patterns.table import Table

_MOST_EVIDENCE = 4_000


def text_of(answer: Answer) -> str:
    """The draft in a reply: the text before its JSON, or the answer where that is all there is."""
    return body(answer.text) or answer.answer


def differs(before: Answer, after: Answer) -> bool:
    """Whether a reply brings another draft. One that lost the text brings none, whatever its JSON says."""
    if body(before.text) and not body(after.text):
        return False
    return text_of(before) != text_of(after) or normalise(before.answer) != normalise(after.answer)


@dataclass
class Draft:
    """A version: who wrote it when, what the check has against it, and the ids of the findings that stand against it."""

    round: int
    seat: str
    answer: Answer
    failure: str | None
    score: float | None = None
    held: set[str] = field(default_factory=set)
    approved_by: list[str] = field(default_factory=list)

    @property
    def passes(self) -> bool:
        """Whether the check has nothing against it."""
        return self.failure is None


class Drafts:
    """The versions in the order in which they were written, and the findings by their id."""

    def __init__(self, table: Table, *, checked: bool = True) -> None:
        self._table = table
        self._checked = checked
        self.all: list[Draft] = []
        self.findings: dict[str, Finding] = {}

    @property
    def latest(self) -> Draft:
        """The version that is worked on."""
        return self.all[-1]

    @property
    def open(self) -> list[Finding]:
        """The findings that the latest version has not been shown to meet."""
        return [finding for finding in self.findings.values() if finding.status in ("open", "accepted")]

    @property
    def against_latest(self) -> list[Finding]:
        """The findings that are known to stand against the latest version."""
        return [finding for label, finding in self.findings.items() if label in self.latest.held]

    async def write(self, round_number: int, seat: str, answer: Answer) -> bool:
        """Put a version on record and have it checked. False when it is no other draft than the latest.

        It takes up what was open; whether it meets that is for others to say.
        """
        if self.all:
            answer = self._restored(answer)
            if not differs(self.latest.answer, answer):
                return False
        self.mark((finding.id for finding in self.open), "accepted")
        self._table.hear(round_number, seat, answer)
        failure = await self._table.check(text_of(answer)) if self._checked else None
        self.all.append(Draft(round_number, seat, answer, failure))
        if failure is not None:
            claim, evidence = "the draft fails its check", failure[-_MOST_EVIDENCE:]
            self.findings[CHECK] = Finding(CHECK, CHECK, round_number, "critical", claim, evidence, "make it pass", "open")
            self.latest.held.add(CHECK)
        elif CHECK in self.findings:
            self.mark([CHECK], "fixed")
        return True

    def _restored(self, answer: Answer) -> Answer:
        """A rewrite with the lines that its writer got scrubbed, and left alone, as they were: a draft may be about models."""
        before, scrubbed = self.latest.answer, self._table.scrubbed
        given: dict[str, list[str]] = {}
        for line in text_of(before).split("\n"):
            given.setdefault(scrubbed(line), []).append(line)
        lines = answer.text.split("\n")
        kept = {
            line for line, count in Counter(lines).items() if count == len(given.get(line, ()))
        }  # else it is not known which
        text = "\n".join(given[line].pop(0) if line in kept else line for line in lines)
        return replace(answer, text=text, answer=before.answer if answer.answer == scrubbed(before.answer) else answer.answer)

    def settle(self, labels: Collection[str]) -> None:
        """Of what was open, these no longer stand; the others are now known to stand against the latest version."""
        self.mark(labels, "fixed")
        self.latest.held = (self.latest.held | {finding.id for finding in self.open}) - set(labels)

    def hold(self, round_number: int, seat: str, points: Iterable[Point]) -> None:
        """Put findings against the latest version on record."""
        for point in points:
            label = f"f{len(self.findings.keys() - {CHECK}) + 1}"
            self.findings[label] = Finding(
                label, seat, round_number, point.severity, point.claim, point.quote, point.fix, "open"
            )
            self.latest.held.add(label)

    def mark(self, labels: Iterable[str], status: FindingStatus, note: str = "") -> None:
        """Change what became of findings."""
        for label in labels:
            self.findings[label] = replace(self.findings[label], status=status, note=note)

    def worst(self, draft: Draft) -> int:
        """How severe the worst is that stands against a version; 0 when nothing is known to."""
        return max((SEVERITIES.index(self.findings[label].severity) + 1 for label in draft.held), default=0)

    def shown(self, findings: Iterable[Finding] | None = None) -> dict[str, Any]:
        """The latest version, and findings or what is open, for another seat: without any name."""
        scrubbed, answer = self._table.scrubbed, self.latest.answer
        described = [
            {
                "id": finding.id,
                "severity": finding.severity,
                "claim": scrubbed(finding.claim),
                "evidence": scrubbed(finding.evidence),
                "fix": scrubbed(finding.fix),
                "status": finding.status,
                "note": scrubbed(finding.note),
            }
            for finding in (self.open if findings is None else findings)
        ]
        return {"draft": scrubbed(text_of(answer)), "summary": scrubbed(answer.answer), "findings": described}

    def versions(self, chosen: Draft) -> tuple[Version, ...]:
        """All versions, the one that is returned marked."""
        return tuple(
            Version(draft.round, draft.seat, draft.answer.answer, text_of(draft.answer), draft.score, draft is chosen)
            for draft in self.all
        )

    def ledger(self, chosen: Draft) -> tuple[Finding, ...]:
        """What became of the findings, as seen from the version that is returned: what stands against it is open."""
        later = {label for draft in self.all[self.all.index(chosen) + 1 :] for label in draft.held}
        return tuple(
            replace(finding, status="open")
            if label in chosen.held and finding.status != "rejected"
            else replace(finding, note="held against a later draft, which is not returned")
            if label in later
            else finding
            for label, finding in self.findings.items()
        )
