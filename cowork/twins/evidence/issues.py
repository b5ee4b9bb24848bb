"""Open issues: what is urgent, what nobody has looked at, what is left lying, what was reported twice."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cowork.twins.evidence import gh
from cowork.twins.evidence.findings import Fact, Findings
from cowork.twins.evidence.look import Look
from cowork.twins.evidence.wording import age, day, hours_since, listed, many, moment, names_in, number, ranked, text

MOST = 100
STALE_HOURS = 60 * 24.0
"""From when on an issue without activity is stale: the default of GitHub's own action `actions/stale`, 60 days."""
ALIKE = 0.75
"""From which share of common words on two titles are likely the same report."""
_FEWEST_WORDS = 3
_FIELDS = ("number", "title", "author", "labels", "assignees", "comments", "milestone", "createdAt", "updatedAt", "url")
_ONLY_COUNT_COMMENTS = "map(if .comments then .comments |= length else . end)"
_URGENT = re.compile(
    r"\b(?:security|vulnerab\w*|critical|urgent|blocker|severe|regression|data.loss|outage|p0|p1|sev-?[01])\b", re.I
)
_BUG = re.compile(r"\b(?:bugs?|defects?|crash|regression)\b", re.I)


@dataclass(frozen=True)
class _Issue:
    """An issue as far as triage needs it. What GitHub or this gh did not say is None."""

    number: int
    title: str
    author: str
    labels: list[str]
    assignees: list[str]
    comments: int | None
    open_hours: float | None
    idle_hours: float | None
    milestone: str
    due: str
    url: str

    @property
    def urgent(self) -> bool:
        """Whether a label says so."""
        return any(_URGENT.search(label) for label in self.labels)

    @property
    def untriaged(self) -> bool:
        """Whether it has no label, nobody it is assigned to, and no milestone."""
        return not self.labels and not self.assignees and not self.milestone

    @property
    def unowned_bug(self) -> bool:
        """Whether a label calls it a bug and it is assigned to nobody."""
        return not self.assignees and any(_BUG.search(label) for label in self.labels)

    @property
    def stale(self) -> bool:
        """Whether nothing happened for long."""
        return self.idle_hours is not None and self.idle_hours >= STALE_HOURS


def collect(look: Look) -> Findings:
    """Urgent issues, likely duplicates, bugs that nobody has, untriaged, stale ones, the rest; among equals the oldest first.

    Raises GhFailed.
    """
    gh.need_repository(look)
    words = ("issue", "list", "--state", "open", "--limit", str(MOST + 1))
    answer = gh.ask(look, words, _FIELDS, needed=("number", "title"), jq=_ONLY_COUNT_COMMENTS)
    issues = [_issue(item, look.now) for item in answer.items[:MOST]]
    issues.sort(
        key=lambda issue: (
            not issue.urgent,
            not issue.unowned_bug,
            not issue.untriaged,
            not issue.stale,
            -(issue.open_hours or 0),
            issue.number,
        )
    )
    twice = _duplicates(look, issues)
    urgent = sum(issue.urgent for issue in issues)
    facts = list(map(_fact, issues))
    facts[urgent:urgent] = map(_duplicate, twice)
    left_out = [f"issues beyond the newest {MOST}"] if len(answer.items) > MOST else []
    left_out += [f"{listed(answer.missing)}: this gh does not tell"] if answer.missing else []
    figures = {
        "open": len(issues),
        "urgent": urgent,
        "bugs_unassigned": sum(issue.unowned_bug for issue in issues),
        "untriaged": sum(issue.untriaged for issue in issues),
        "unassigned": sum(not issue.assignees for issue in issues),
        "stale": sum(issue.stale for issue in issues),
        "likely_duplicates": len(twice),
        "milestones": dict(ranked(Counter(issue.milestone for issue in issues if issue.milestone))[:10]),
        "oldest_hours": max((issue.open_hours for issue in issues if issue.open_hours is not None), default=None),
    }
    return Findings(_summary(figures), tuple(facts), figures, left_out=tuple(left_out))


def _issue(item: dict[str, Any], now: datetime) -> _Issue:
    author, comments = item.get("author"), item.get("comments")
    milestone = found if isinstance(found := item.get("milestone"), dict) else {}
    return _Issue(
        number=number(item.get("number")),
        title=text(item.get("title")),
        author=text(author.get("login"), 60) if isinstance(author, dict) else "",
        labels=names_in(item.get("labels"), "name"),
        assignees=names_in(item.get("assignees"), "login"),
        comments=len(comments) if isinstance(comments, list) else comments if isinstance(comments, int) else None,
        open_hours=hours_since(moment(item.get("createdAt")), now),
        idle_hours=hours_since(moment(item.get("updatedAt")), now),
        milestone=text(milestone.get("title"), 60),
        due=day(due) if (due := moment(milestone.get("dueOn"))) else "",
        url=text(item.get("url"), 200),
    )


def _duplicates(look: Look, issues: list[_Issue]) -> list[tuple[_Issue, _Issue, float]]:
    """Pairs whose titles share most of their words (Jaccard), the most alike first; the older issue of a pair comes first."""
    words = [frozenset(re.findall(r"\w+", issue.title.casefold())) for issue in issues]
    found = []
    for index, one in enumerate(words):
        look.checkpoint()
        for other in range(index + 1, len(issues)):
            common, together = one & words[other], one | words[other]
            if min(len(one), len(words[other])) >= _FEWEST_WORDS and len(common) >= ALIKE * len(together):
                older, newer = sorted((issues[index], issues[other]), key=lambda issue: issue.number)
                found.append((older, newer, round(len(common) / len(together), 2)))
    return sorted(found, key=lambda pair: (-pair[2], pair[0].number, pair[1].number))


def _duplicate(pair: tuple[_Issue, _Issue, float]) -> Fact:
    older, newer, alike = pair
    words = f"#{newer.number} is likely a duplicate of #{older.number}: {newer.title} / {older.title}"
    return Fact(words, {"kind": "duplicate", "number": newer.number, "of": older.number, "alike": alike})


def _fact(issue: _Issue) -> Fact:
    parts = [f"{age(issue.open_hours)} old"]
    if issue.urgent:
        parts.append("urgent by its label")
    if issue.untriaged:
        parts.append("untriaged")
    if issue.stale:
        parts.append(f"stale: no activity for {age(issue.idle_hours)}")
    if issue.labels:
        parts.append(f"labels {listed(issue.labels)}")
    parts.append(f"assigned to {listed(issue.assignees)}" if issue.assignees else "assigned to nobody")
    if issue.milestone:
        parts.append(f"milestone {issue.milestone}" + (f", due {issue.due}" if issue.due else ""))
    if issue.comments:
        parts.append(many(issue.comments, "comment"))
    words = f"#{issue.number} {issue.title} by {issue.author or 'nobody known'}: " + "; ".join(parts)
    traits = {"urgent": issue.urgent, "unowned_bug": issue.unowned_bug, "untriaged": issue.untriaged, "stale": issue.stale}
    return Fact(words, {"kind": "issue", **vars(issue), **traits})


def _summary(figures: dict[str, Any]) -> str:
    if not figures["open"]:
        return "no open issues"
    told = {
        "urgent": "urgent by label",
        "bugs_unassigned": "bug that nobody has" if figures["bugs_unassigned"] == 1 else "bugs that nobody has",
        "untriaged": "untriaged",
        "stale": f"without activity for {STALE_HOURS / 24:g} days or more",
        "likely_duplicates": "likely duplicates" if figures["likely_duplicates"] != 1 else "likely duplicate",
    }
    parts = [f"{figures[name]} {words}" for name, words in told.items() if figures[name]]
    if figures["milestones"]:
        parts.append(f"milestones {listed(f'{name} ({count})' for name, count in figures['milestones'].items())}")
    return f"{many(figures['open'], 'open issue')}{': ' if parts else ''}{', '.join(parts)}"
