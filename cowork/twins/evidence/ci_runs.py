"""Runs of CI on GitHub: what fails on the default branch and since when, what is flaky, what grows slower."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from cowork.twins.evidence import gh
from cowork.twins.evidence.findings import Fact, Findings
from cowork.twins.evidence.look import Look
from cowork.twins.evidence.wording import age, duration, hours_since, listed, many, moment, number, text

MOST = 100
SLOWER = 1.2
"""By how much the median of the later runs has to exceed that of the earlier ones to be told."""
_LEAST_SECONDS = 15.0
_HALF = 5
_FIELDS = (
    "databaseId", "workflowDatabaseId", "workflowName", "name", "displayTitle", "headBranch", "headSha", "event", "status",
    "conclusion", "attempt", "createdAt", "startedAt", "updatedAt", "url",
)  # fmt: skip
_FAILED = {"failure", "timed_out", "startup_failure"}
_OF_FORKS = {"pull_request", "pull_request_target"}
"""Events whose branch may be somebody else's of the same name."""


@dataclass(frozen=True)
class _Run:
    """A run that ended with a verdict."""

    id: int
    workflow: str
    key: object
    title: str
    branch: str
    commit: str
    event: str
    failed: bool
    attempt: int
    at: datetime
    seconds: float
    url: str


def collect(look: Look) -> Findings:
    """Workflows that fail on the default branch, then flaky ones, then those that grow slower. Raises GhFailed.

    Flaky: on one commit and for one event it failed and passed, in different runs or in different attempts of one.
    """
    gh.need_repository(look)
    branch = _default_branch(look)
    there = gh.ask(look, ("run", "list", "--limit", str(MOST), f"--branch={branch}"), _FIELDS, needed=("status", "conclusion"))
    anywhere = gh.ask(look, ("run", "list", "--limit", str(MOST)), _FIELDS)
    of_default = _runs(item for item in there.items if item.get("event") not in _OF_FORKS)
    every = list({run.id: run for run in (*_runs(anywhere.items), *of_default)}.values())
    failing, flaky, slower = _failing(of_default, look.now, branch), _flaky(every), _slower(of_default)
    figures = {
        "default_branch": branch,
        "runs": len(every),
        "workflows": len({run.key for run in of_default}),
        "failing": len(failing),
        "flaky": sum(bool(fact.data["commits"]) for fact in flaky),
        "passed_again": sum(bool(fact.data["passed_again"]) for fact in flaky),
        "slower": len(slower),
    }
    left_out = [f"runs beyond the latest {MOST}"] if len(anywhere.items) >= MOST else []
    left_out += [f"{listed(anywhere.missing)}: this gh does not tell"] if anywhere.missing else []
    return Findings(_summary(figures), (*failing, *flaky, *slower), figures, left_out=tuple(left_out))


def _default_branch(look: Look) -> str:
    answer = gh.ask(look, ("repo", "view"), ("defaultBranchRef",)).items
    ref = answer[0].get("defaultBranchRef") if answer else None
    name = ref.get("name") if isinstance(ref, dict) else None
    if not isinstance(name, str) or not name:
        raise gh.GhFailed("no_repository", "the repository on GitHub has no branch yet", "git push -u origin HEAD")
    return name


def _runs(items: Iterable[dict[str, Any]]) -> list[_Run]:
    """The runs that passed or failed, latest first; skipped, cancelled and neutral ones say nothing, nor do those that wait."""
    found = []
    for item in items:
        at = moment(item.get("createdAt"))
        verdict = item.get("conclusion")
        if at is None or item.get("status") != "completed" or verdict not in {"success", *_FAILED}:
            continue
        name = text(item.get("workflowName"), 80) or text(item.get("name"), 80) or "a workflow without a name"
        start, end = moment(item.get("startedAt")) or at, moment(item.get("updatedAt")) or at
        found.append(
            _Run(
                id=number(item.get("databaseId")),
                workflow=name,
                key=item.get("workflowDatabaseId") or name,
                title=text(item.get("displayTitle"), 80),
                branch=text(item.get("headBranch"), 80),
                commit=text(item.get("headSha"), 40),
                event=text(item.get("event"), 40),
                failed=verdict in _FAILED,
                attempt=number(item.get("attempt")) or 1,
                at=at,
                seconds=max(0.0, (end - start).total_seconds()),
                url=text(item.get("url"), 200),
            )
        )
    return sorted(found, key=lambda run: (run.at, run.id), reverse=True)


def _by_workflow(runs: list[_Run]) -> list[list[_Run]]:
    groups: dict[object, list[_Run]] = defaultdict(list)
    for run in runs:
        groups[str(run.key)].append(run)
    return list(groups.values())


def _failing(runs: list[_Run], now: datetime, branch: str) -> list[Fact]:
    """A fact for each workflow whose latest verdict is a failure, the one that fails for longest first."""
    found = []
    for latest in _by_workflow(runs):
        streak = next((index for index, run in enumerate(latest) if not run.failed), len(latest))
        if streak == 0:
            continue
        first, last = latest[streak - 1], latest[0]
        since = f"since {age(hours_since(first.at, now))} ago" + ("" if streak < len(latest) else " or longer")
        at = f"at {last.commit[:8]} ({last.title})" if last.title else f"at {last.commit[:8]}"
        row = f"{streak} runs in a row, the latest" if streak > 1 else "one run,"
        found.append(
            Fact(
                f"{last.workflow} fails on {text(branch, 80)} {since}: {row} {at}",
                {
                    "kind": "failing", "workflow": last.workflow, "streak": streak, "since": first.at.isoformat(),
                    "commit": last.commit, "url": last.url,
                },
            )
        )  # fmt: skip
    return sorted(found, key=lambda fact: str(fact.data["since"]))


def _flaky(runs: list[_Run]) -> list[Fact]:
    """A fact for each workflow that failed and passed on one commit, the one with most such commits first."""
    found = []
    for group in _by_workflow(runs):
        verdicts: dict[tuple[str, str], list[_Run]] = defaultdict(list)
        for run in group:
            verdicts[run.commit, run.event].append(run)
        both = {commit for (commit, _), seen in verdicts.items() if commit and len({run.failed for run in seen}) == 2}
        rerun = {run.commit for run in group if run.attempt > 1 and not run.failed} - both
        if not both and not rerun:
            continue
        words = []
        if both:
            words.append(f"failed and passed on the same commit: {listed(sorted(commit[:8] for commit in both))}")
        if rerun:
            words.append(f"passed when run again: {listed(sorted(commit[:8] for commit in rerun))}")
        data = {"kind": "flaky", "workflow": group[0].workflow, "commits": sorted(both), "passed_again": sorted(rerun)}
        found.append(Fact(f"{group[0].workflow} {'; '.join(words)}", data))
    return sorted(found, key=lambda fact: (-len(fact.data["commits"]), -len(fact.data["passed_again"]), fact.text))


def _slower(runs: list[_Run]) -> list[Fact]:
    """A fact for each workflow whose last successful runs took clearly longer than the ones before."""
    found = []
    for group in _by_workflow(runs):
        took = [run.seconds for run in group if not run.failed and run.attempt == 1][: 2 * _HALF]
        if len(took) < 2 * _HALF:
            continue
        later, earlier = median(took[:_HALF]), median(took[_HALF:])
        if later < SLOWER * earlier or later - earlier < _LEAST_SECONDS:
            continue
        words = f"{group[0].workflow} grows slower: {duration(later)} (median of the last {_HALF}), {duration(earlier)} before"
        found.append(
            Fact(words, {"kind": "slower", "workflow": group[0].workflow, "seconds": later, "seconds_before": earlier})
        )
    return sorted(found, key=lambda fact: fact.data["seconds_before"] - fact.data["seconds"])


def _summary(figures: dict[str, Any]) -> str:
    if not figures["runs"]:
        return "no runs of CI that ended"
    parts = [
        f"{figures['failing']} of {many(figures['workflows'], 'workflow')} failing on {text(figures['default_branch'], 80)}",
        *([f"{figures['flaky']} flaky"] if figures["flaky"] else []),
        *([f"{figures['slower']} slower than before"] if figures["slower"] else []),
    ]
    return f"{many(figures['runs'], 'run')} of CI: {', '.join(parts)}"
