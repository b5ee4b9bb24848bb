"""Open pull requests: who waits for whom, what fails, what conflicts, what is left lying."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cowork.twins.evidence import gh
from cowork.twins.evidence.findings import Fact, Findings
from cowork.twins.evidence.look import Look
from cowork.twins.evidence.wording import age, hours_since, listed, many, moment, names_in, number, text

MOST = 60
STALE_HOURS = 48.0
"""From when on a pull request without activity is stale: the default of the skill `twin-pr-triage`."""
LARGE_LINES = 400
"""More changed lines than one review takes in: Cohen, *Best Kept Secrets of Peer Code Review* (2006), on 200 to 400 lines."""
_FIELDS = (
    "number", "title", "author", "isDraft", "createdAt", "updatedAt", "additions", "deletions", "changedFiles",
    "reviewDecision", "reviewRequests", "statusCheckRollup", "mergeable", "labels", "baseRefName", "url",
)  # fmt: skip
_PASSED = {"SUCCESS", "NEUTRAL", "SKIPPED"}
_FAILED = {"ERROR", "FAILURE", "CANCELLED", "TIMED_OUT", "ACTION_REQUIRED", "STARTUP_FAILURE"}
_RISK = {
    "failing": 4,
    "security": 3,
    "conflicts": 3,
    "large": 2,
    "changes requested": 1,
    "stale": 1,
    "unreviewed": 1,
    "ready": 0,
}
_SECURITY = re.compile(r"\b(?:security|vulnerabilit\w*|CVE-\d+-\d+|GHSA(?:-\w{4}){3})\b", re.I)


@dataclass(frozen=True)
class _Pull:
    """A pull request as far as a queue needs it. What GitHub or this gh did not say is None."""

    number: int
    title: str
    author: str
    draft: bool
    open_hours: float | None
    idle_hours: float | None
    added: int | None
    deleted: int | None
    files: int | None
    decision: str
    waits_for: list[str]
    checks: str
    failing: list[str]
    mergeable: str
    labels: list[str]
    base: str
    url: str

    @property
    def traits(self) -> list[str]:
        """What makes it urgent."""
        found = {
            "failing": self.checks == "failing",
            "security": any(_SECURITY.search(words) for words in (self.title, *self.labels)),
            "conflicts": self.mergeable == "CONFLICTING",
            "large": (self.added or 0) + (self.deleted or 0) > LARGE_LINES,
            "changes requested": self.decision == "CHANGES_REQUESTED",
            "stale": self.idle_hours is not None and self.idle_hours >= STALE_HOURS,
            "unreviewed": self.decision == "REVIEW_REQUIRED",
            "ready": self.decision == "APPROVED"
            and self.checks in ("passing", "none")
            and self.mergeable != "CONFLICTING"
            and not self.draft,
        }
        return [name for name, holds in found.items() if holds]

    @property
    def risk(self) -> int:
        """The weight of its traits, 0 to 15."""
        return sum(_RISK[trait] for trait in self.traits)


def collect(look: Look) -> Findings:
    """Open pull requests, riskiest first, among equals the one without activity for longest; drafts last. Raises GhFailed."""
    gh.need_repository(look)
    answer = gh.ask(look, ("pr", "list", "--state", "open", "--limit", str(MOST + 1)), _FIELDS, needed=("number", "title"))
    pulls = [_pull(item, look.now) for item in answer.items[:MOST]]
    pulls.sort(key=lambda pull: (pull.draft, -pull.risk, -(pull.idle_hours or 0), pull.number))
    left_out = [f"pull requests beyond the newest {MOST}"] if len(answer.items) > MOST else []
    left_out += [f"{listed(answer.missing)}: this gh does not tell"] if answer.missing else []
    return Findings(_summary(pulls), tuple(map(_fact, pulls)), _figures(pulls), left_out=tuple(left_out))


def _pull(item: dict[str, Any], now: datetime) -> _Pull:
    checks, failing = _checks(item["statusCheckRollup"]) if "statusCheckRollup" in item else ("unknown", [])
    author = item.get("author")
    return _Pull(
        number=number(item.get("number")),
        title=text(item.get("title")),
        author=text(author.get("login"), 60) if isinstance(author, dict) else "",
        draft=item.get("isDraft") is True,
        open_hours=hours_since(moment(item.get("createdAt")), now),
        idle_hours=hours_since(moment(item.get("updatedAt")), now),
        added=number(item["additions"]) if "additions" in item else None,
        deleted=number(item["deletions"]) if "deletions" in item else None,
        files=number(item["changedFiles"]) if "changedFiles" in item else None,
        decision=text(item.get("reviewDecision"), 40),
        waits_for=names_in(item.get("reviewRequests"), "login", "slug", "name"),
        checks=checks,
        failing=failing,
        mergeable=text(item.get("mergeable"), 40),
        labels=names_in(item.get("labels"), "name"),
        base=text(item.get("baseRefName"), 60),
        url=text(item.get("url"), 200),
    )


def _checks(rollup: Any) -> tuple[str, list[str]]:
    """The state of all checks (`none` without any), and the names of those that fail: check runs and commit statuses."""
    if not isinstance(rollup, list) or not rollup:
        return "none", []
    failing, pending = [], False
    for check in rollup:
        if not isinstance(check, dict):
            continue
        state = check.get("state") or (check.get("conclusion") if check.get("status") == "COMPLETED" else check.get("status"))
        if state in _FAILED:
            failing += names_in([check], "name", "context") or ["a check without a name"]
        elif state not in _PASSED:
            pending = True
    return ("failing" if failing else "pending" if pending else "passing"), failing


def _fact(pull: _Pull) -> Fact:
    parts = [f"{age(pull.open_hours)} old", f"no activity for {age(pull.idle_hours)}"]
    parts[1] += " (stale)" if "stale" in pull.traits else ""
    if pull.added is not None and pull.deleted is not None:
        parts.append(f"+{pull.added} -{pull.deleted}" + (f" in {many(pull.files, 'file')}" if pull.files is not None else ""))
    if "ready" in pull.traits:
        parts.append("ready to merge")
    if pull.decision:
        parts.append(pull.decision.replace("_", " ").lower())
    if pull.waits_for:
        parts.append(f"waits for {listed(pull.waits_for)}")
    parts.append(f"checks failing: {listed(pull.failing)}" if pull.failing else f"checks {pull.checks}")
    if pull.mergeable == "CONFLICTING":
        parts.append(f"conflicts with {pull.base or 'its base'}")
    if pull.labels:
        parts.append(f"labels {listed(pull.labels)}")
    words = f"#{pull.number}{' (draft)' if pull.draft else ''} {pull.title} by {pull.author or 'nobody known'}: " + "; ".join(
        parts
    )
    return Fact(words, {**vars(pull), "traits": pull.traits, "risk": pull.risk})


def _figures(pulls: list[_Pull]) -> dict[str, Any]:
    traits = Counter(trait for pull in pulls for trait in pull.traits)
    return {
        "open": len(pulls),
        "drafts": sum(pull.draft for pull in pulls),
        "approved": sum(pull.decision == "APPROVED" for pull in pulls),
        "pending": sum(pull.checks == "pending" for pull in pulls),
        "oldest_hours": max((pull.open_hours for pull in pulls if pull.open_hours is not None), default=None),
        **{name.replace(" ", "_"): traits[name] for name in _RISK},
    }


def _summary(pulls: list[_Pull]) -> str:
    if not pulls:
        return "no open pull requests"
    figures = _figures(pulls)
    told = {
        "failing": "with failing checks",
        "conflicts": "with conflicts",
        "security": "about security",
        "ready": "ready to merge",
        "stale": f"without activity for {STALE_HOURS:g} h or more",
        "unreviewed": "waiting for a review",
        "drafts": "drafts" if figures["drafts"] != 1 else "draft",
    }
    parts = [f"{figures[name]} {words}" for name, words in told.items() if figures[name]]
    return f"{many(len(pulls), 'open pull request')}{': ' if parts else ''}{', '.join(parts)}"
