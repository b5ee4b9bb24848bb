"""Runs of CI: what fails now and since when, what is flaky, what grows slower."""

from __future__ import annotations

from typing import Any

import pytest

from cowork.twins.evidence.ci_runs import collect
from cowork.twins.evidence.findings import Findings
from cowork.twins.evidence.gh import GhFailed
from cowork.twins.evidence.look import Look
from tests.twins.evidence.fake_gh import FakeGh, before, fake_gh, look

__all__ = ["fake_gh", "look"]


def run(id: int, hours: float, conclusion: str = "success", seconds: float = 60, **more: Any) -> dict[str, Any]:
    start = before(hours=hours)
    return {
        "databaseId": id, "workflowDatabaseId": 7, "workflowName": "CI", "name": "CI", "displayTitle": f"Change {id}",
        "headBranch": "main", "headSha": f"{id:040x}", "event": "push", "status": "completed", "conclusion": conclusion,
        "attempt": 1, "createdAt": start, "startedAt": start, "updatedAt": before(hours=hours, seconds=-seconds),
        "url": f"https://github.com/acme/shop/actions/runs/{id}", **more,
    }  # fmt: skip


def told(look: Look, fake_gh: FakeGh, on_main: list[Any], anywhere: list[Any] | None = None) -> Findings:
    fake_gh.answers("repo-view", {"defaultBranchRef": {"name": "main"}})
    fake_gh.answers("run-list-branch", on_main)
    fake_gh.answers("run-list", on_main if anywhere is None else anywhere)
    return collect(look)


def test_what_fails_on_the_default_branch_and_since_when(look: Look, fake_gh: FakeGh) -> None:
    found = told(look, fake_gh, [run(4, 1, "failure"), run(3, 5, "failure"), run(2, 9), run(1, 20, "failure")])
    assert [fact.text for fact in found.facts] == [
        "CI fails on main since 5 h ago: 2 runs in a row, the latest at 00000000 (Change 4)"
    ]
    assert found.summary == "4 runs of CI: 1 of 1 workflow failing on main"
    assert "--branch=main" in fake_gh.argv("run-list-branch")


def test_what_never_passed_may_have_failed_for_longer(look: Look, fake_gh: FakeGh) -> None:
    found = told(look, fake_gh, [run(2, 1, "timed_out"), run(1, 30, "startup_failure")])
    assert "since 30 h ago or longer" in found.facts[0].text


def test_cancelled_and_running_ones_give_no_verdict(look: Look, fake_gh: FakeGh) -> None:
    running = run(5, 0.1, "", status="in_progress")
    found = told(look, fake_gh, [running, run(4, 1, "cancelled"), run(3, 2, "action_required"), run(2, 3)])
    assert found.figures["failing"] == 0
    assert found.figures["runs"] == 1


def test_a_fork_whose_branch_has_the_same_name_does_not_count(look: Look, fake_gh: FakeGh) -> None:
    found = told(look, fake_gh, [run(2, 1, "failure", event="pull_request"), run(1, 3)])
    assert found.figures["failing"] == 0


def test_flaky_is_what_failed_and_passed_on_one_commit(look: Look, fake_gh: FakeGh) -> None:
    same = {"headSha": "abcdef0123" * 4, "headBranch": "topic", "event": "pull_request"}
    anywhere = [
        run(3, 2, **same),
        run(2, 3, "failure", **same),
        run(1, 4, attempt=2, workflowDatabaseId=8, workflowName="Docs"),
    ]
    found = told(look, fake_gh, [], anywhere)
    assert [fact.text for fact in found.facts] == [
        "CI failed and passed on the same commit: abcdef01",
        "Docs passed when run again: 00000000",
    ]
    assert (found.figures["flaky"], found.figures["passed_again"]) == (1, 1)


def test_different_commits_or_workflows_are_not_flaky(look: Look, fake_gh: FakeGh) -> None:
    same = {"headSha": "a" * 40}
    found = told(look, fake_gh, [run(3, 2, **same), run(2, 3, "failure", **same, workflowDatabaseId=8, workflowName="Docs")])
    assert found.figures["flaky"] == 0


def test_growing_slower_is_told_by_medians(look: Look, fake_gh: FakeGh) -> None:
    runs = [run(id, 20 - id, seconds=300 if id > 5 else 100) for id in range(10, 0, -1)]
    found = told(look, fake_gh, runs)
    assert [fact.text for fact in found.facts] == ["CI grows slower: 5 min 0 s (median of the last 5), 1 min 40 s before"]


def test_a_little_slower_and_what_was_run_again_is_not_told(look: Look, fake_gh: FakeGh) -> None:
    ids = range(10, 0, -1)
    assert told(look, fake_gh, [run(id, 20 - id, seconds=1000 + 10 * id) for id in ids]).facts == ()
    assert told(look, fake_gh, [run(id, 20 - id, seconds=1 + id) for id in ids]).facts == ()
    again = [run(id, 20 - id, seconds=300 if id > 5 else 100, attempt=2 if id > 5 else 1) for id in ids]
    assert told(look, fake_gh, again).figures["slower"] == 0


def test_an_older_gh_does_not_tell_of_attempts(look: Look, fake_gh: FakeGh) -> None:
    for command in ("run-list", "run-list-branch"):
        fields = "\n".join(f"  {name}" for name in run(1, 1) if name != "attempt")
        fake_gh.refuses(command, "attempt", f'Unknown JSON field: "attempt"\nAvailable fields:\n{fields}')
    found = told(look, fake_gh, [run(1, 1, "failure")])
    assert found.figures["failing"] == 1
    assert found.left_out == ("attempt: this gh does not tell",)


def test_an_empty_repository_has_no_branch(look: Look, fake_gh: FakeGh) -> None:
    fake_gh.answers("repo-view", {"defaultBranchRef": {"name": ""}})
    with pytest.raises(GhFailed, match="no branch yet"):
        collect(look)


def test_no_runs_is_said_so(look: Look, fake_gh: FakeGh) -> None:
    assert told(look, fake_gh, []).summary == "no runs of CI that ended"


def test_hostile_names_stay_on_a_line_and_odd_members_are_passed_over(look: Look, fake_gh: FakeGh) -> None:
    odd = run(
        2, 1, "failure", workflowName="x\x1b[1m\n" * 2000, displayTitle="\u202e" * 5000, attempt="2", workflowDatabaseId=None
    )
    found = told(look, fake_gh, [odd, {}, {"status": "completed", "conclusion": "failure", "createdAt": "yesterday"}])
    assert len(found.facts) == 1
    assert found.facts[0].text.isprintable()
    assert len(found.facts[0].text) < 400
