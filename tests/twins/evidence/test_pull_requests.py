"""Open pull requests: the riskiest first, and why."""

from __future__ import annotations

from typing import Any

import pytest

from cowork.twins.evidence.look import Look
from cowork.twins.evidence.pull_requests import MOST, collect
from tests.twins.evidence.fake_gh import FakeGh, before, fake_gh, look

__all__ = ["fake_gh", "look"]


def pull(number: int, **more: Any) -> dict[str, Any]:
    return {
        "number": number, "title": f"Change {number}", "author": {"login": "ana", "is_bot": False}, "isDraft": False,
        "createdAt": before(hours=10), "updatedAt": before(hours=1), "additions": 10, "deletions": 2, "changedFiles": 2,
        "reviewDecision": "", "reviewRequests": [], "statusCheckRollup": None, "mergeable": "MERGEABLE", "labels": [],
        "baseRefName": "main", "url": f"https://github.com/acme/shop/pull/{number}", **more,
    }  # fmt: skip


def check(name: str, conclusion: str, status: str = "COMPLETED") -> dict[str, Any]:
    return {"__typename": "CheckRun", "name": name, "workflowName": "CI", "status": status, "conclusion": conclusion}


RED = [check("lint", "SUCCESS"), check("test", "FAILURE"), {"__typename": "StatusContext", "context": "cla", "state": "ERROR"}]


def test_the_riskiest_comes_first_and_drafts_last(look: Look, fake_gh: FakeGh) -> None:
    fake_gh.answers(
        "pr-list",
        [
            pull(1),
            pull(2, isDraft=True, statusCheckRollup=RED),
            pull(3, updatedAt=before(hours=48), reviewDecision="REVIEW_REQUIRED"),
            pull(4, mergeable="CONFLICTING"),
            pull(5, statusCheckRollup=RED),
            pull(6, updatedAt=before(hours=47)),
        ],
    )
    found = collect(look)
    assert [fact.data["number"] for fact in found.facts] == [5, 4, 3, 6, 1, 2]
    assert found.summary == (
        "6 open pull requests: 2 with failing checks, 1 with conflicts, 1 without activity for 48 h or more, "
        "1 waiting for a review, 1 draft"
    )


def test_updates_about_security_come_early_and_what_is_approved_is_ready(look: Look, fake_gh: FakeGh) -> None:
    green = [check("test", "SUCCESS")]
    fake_gh.answers(
        "pr-list",
        [
            pull(1, reviewDecision="APPROVED", statusCheckRollup=green),
            pull(2, title="Bump x from 1 to 2 (CVE-2026-1234)"),
            pull(3, labels=[{"name": "security"}]),
            pull(4, reviewDecision="APPROVED", statusCheckRollup=RED),
            pull(5, reviewDecision="APPROVED", statusCheckRollup=green, mergeable="CONFLICTING"),
        ],
    )
    found = collect(look)
    assert [fact.data["number"] for fact in found.facts] == [4, 2, 3, 5, 1]
    assert [fact.data["number"] for fact in found.facts if "ready" in fact.data["traits"]] == [1]
    assert "ready to merge; approved" in found.facts[-1].text
    assert "2 about security, 1 ready to merge" in found.summary


def test_a_fact_tells_what_a_reviewer_needs(look: Look, fake_gh: FakeGh) -> None:
    fake_gh.answers(
        "pr-list",
        [
            pull(
                7,
                createdAt=before(days=5),
                updatedAt=before(days=3),
                additions=390,
                deletions=20,
                reviewDecision="CHANGES_REQUESTED",
                reviewRequests=[
                    {"__typename": "User", "login": "bo"},
                    {"__typename": "Team", "name": "T", "slug": "acme/core"},
                ],
                statusCheckRollup=RED,
                mergeable="CONFLICTING",
                labels=[{"name": "bug"}],
            )
        ],
    )
    fact = collect(look).facts[0]
    assert fact.text == (
        "#7 Change 7 by ana: 5 d old; no activity for 3 d (stale); +390 -20 in 2 files; changes requested; "
        "waits for bo, acme/core; checks failing: test, cla; conflicts with main; labels bug"
    )
    assert fact.data["traits"] == ["failing", "conflicts", "large", "changes requested", "stale"]
    assert (fact.data["open_hours"], fact.data["idle_hours"]) == (120.0, 72.0)


@pytest.mark.parametrize(
    ("rollup", "state"),
    [
        (None, "none"),
        ([], "none"),
        ([check("a", "SUCCESS"), check("b", "SKIPPED")], "passing"),
        ([check("a", "SUCCESS"), check("b", "", "IN_PROGRESS")], "pending"),
        ([check("a", "CANCELLED"), check("b", "", "QUEUED")], "failing"),
        ([{"context": "ci", "state": "PENDING"}], "pending"),
    ],
)
def test_checks_have_one_state_together(look: Look, fake_gh: FakeGh, rollup: Any, state: str) -> None:
    fake_gh.answers("pr-list", [pull(1, statusCheckRollup=rollup)])
    assert collect(look).facts[0].data["checks"] == state


def test_none_is_said_so(look: Look, fake_gh: FakeGh) -> None:
    fake_gh.answers("pr-list", [])
    assert collect(look).summary == "no open pull requests"


def test_more_than_are_read_is_said(look: Look, fake_gh: FakeGh) -> None:
    fake_gh.answers("pr-list", [pull(number) for number in range(1, MOST + 2)])
    found = collect(look)
    assert len(found.facts) == found.figures["open"] == MOST
    assert found.left_out == (f"pull requests beyond the newest {MOST}",)
    assert str(MOST + 1) in fake_gh.argv("pr-list")


@pytest.mark.parametrize("title", ["a\x1b[2Jb\nc\x00", "[red]x[/red] `rm`", "y" * 10_000, "\ud800\u202e", "\r\n\r\n"])
def test_hostile_titles_stay_on_a_line(look: Look, fake_gh: FakeGh, title: str) -> None:
    fake_gh.answers("pr-list", [pull(1, title=title, author={"login": title}, labels=[{"name": title}])])
    fact = collect(look).facts[0]
    assert len(fact.text) < 600
    assert all(character.isprintable() for character in fact.text + fact.data["title"] + fact.data["author"])


def test_members_of_an_unknown_kind_are_passed_over(look: Look, fake_gh: FakeGh) -> None:
    odd = dict.fromkeys(pull(1), 3.5) | {"labels": [1, {"name": None}], "statusCheckRollup": [7, {}], "author": None}
    fake_gh.answers("pr-list", [odd, {}])
    found = collect(look)
    assert found.figures["open"] == 2
    assert "unknown old" in found.facts[0].text


def test_what_this_gh_does_not_tell_is_not_made_up(look: Look, fake_gh: FakeGh) -> None:
    fake_gh.refuses(
        "pr-list", "statusCheckRollup", 'Unknown JSON field: "statusCheckRollup"\nAvailable fields:\n  number\n  title'
    )
    fake_gh.answers("pr-list", [{"number": 1, "title": "a"}])
    found = collect(look)
    assert "+0" not in found.facts[0].text
    assert "checks unknown" in found.facts[0].text
    assert "this gh does not tell" in found.left_out[0]
