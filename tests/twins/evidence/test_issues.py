"""Open issues: what triage needs to see first."""

from __future__ import annotations

from typing import Any

import pytest

from cowork.twins.evidence.gh import GhFailed
from cowork.twins.evidence.issues import MOST, collect
from cowork.twins.evidence.look import Look
from tests.twins.evidence.fake_gh import FakeGh, before, fake_gh, look

__all__ = ["fake_gh", "look"]

TRIAGED = {"labels": [{"name": "enhancement"}], "assignees": [{"login": "bo"}]}


def issue(number: int, **more: Any) -> dict[str, Any]:
    return {
        "number": number, "title": f"Wish {number}", "author": {"login": "ana"}, "labels": [], "assignees": [], "comments": 0,
        "milestone": None, "createdAt": before(days=10), "updatedAt": before(days=1), "url": f"https://github.com/x/{number}",
        **more,
    }  # fmt: skip


def test_urgent_then_duplicates_then_untriaged_then_stale(look: Look, fake_gh: FakeGh) -> None:
    fake_gh.answers(
        "issue-list",
        [
            issue(1, **TRIAGED),
            issue(2, **TRIAGED, createdAt=before(days=90), updatedAt=before(days=61)),
            issue(3),
            issue(4, labels=[{"name": "P0: security"}]),
            issue(5, **TRIAGED, title="Crash when the cart is empty"),
            issue(6, **TRIAGED, title="crash when the CART is empty!"),
        ],
    )
    found = collect(look)
    assert [(fact.data["kind"], fact.data["number"]) for fact in found.facts] == [
        ("issue", 4), ("duplicate", 6), ("issue", 3), ("issue", 2), ("issue", 1), ("issue", 5), ("issue", 6),
    ]  # fmt: skip
    assert found.facts[1].data["of"] == 5
    assert found.summary == (
        "6 open issues: 1 urgent by label, 1 untriaged, 1 without activity for 60 days or more, 1 likely duplicate"
    )
    assert found.figures["unassigned"] == 2


def test_a_fact_tells_who_and_how_long(look: Look, fake_gh: FakeGh) -> None:
    fake_gh.answers("issue-list", [issue(9, **TRIAGED, comments=1, updatedAt=before(days=70), createdAt=before(days=80))])
    assert collect(look).facts[0].text == (
        "#9 Wish 9 by ana: 80 d old; stale: no activity for 70 d; labels enhancement; assigned to bo; 1 comment"
    )


def test_a_bug_that_nobody_has_comes_before_what_is_stale_and_a_milestone_is_told(look: Look, fake_gh: FakeGh) -> None:
    sprint = {"title": "Sprint 31", "dueOn": "2026-03-06T08:00:00Z", "number": 3}
    bug = [{"name": "bug"}]
    fake_gh.answers(
        "issue-list",
        [
            issue(1, **TRIAGED, createdAt=before(days=90), updatedAt=before(days=61)),
            issue(2, labels=bug, assignees=[{"login": "bo"}]),
            issue(3, labels=bug, milestone=sprint),
            issue(4, **TRIAGED, milestone={"title": "Later", "dueOn": None}),
        ],
    )
    found = collect(look)
    assert [fact.data["number"] for fact in found.facts] == [3, 1, 2, 4]
    assert "; milestone Sprint 31, due 2026-03-06" in found.facts[0].text
    assert "; milestone Later" in found.facts[3].text
    assert found.summary == (
        "4 open issues: 1 bug that nobody has, 1 without activity for 60 days or more, milestones Later (1), Sprint 31 (1)"
    )


def test_titles_that_share_some_words_are_no_duplicates(look: Look, fake_gh: FakeGh) -> None:
    titles = ["Crash when the cart is empty", "Crash when the list is long", "The cart is slow"]
    fake_gh.answers("issue-list", [issue(number, title=title) for number, title in enumerate(titles)])
    assert collect(look).figures["likely_duplicates"] == 0


def test_short_titles_are_no_duplicates(look: Look, fake_gh: FakeGh) -> None:
    fake_gh.answers("issue-list", [issue(1, title="It crashes"), issue(2, title="it crashes"), issue(3, title="")])
    assert collect(look).figures["likely_duplicates"] == 0


def test_comments_are_counted_by_gh_itself(look: Look, fake_gh: FakeGh) -> None:
    fake_gh.answers("issue-list", [issue(1, comments=12), issue(2, comments=[{"body": "x"}]), issue(3, comments=None)])
    assert sorted(str(fact.data["comments"]) for fact in collect(look).facts) == ["1", "12", "None"]
    assert "--jq" in fake_gh.argv("issue-list")


def test_disabled_issues_are_a_reason(look: Look, fake_gh: FakeGh) -> None:
    fake_gh.fails("issue-list", 1, "the 'acme/shop' repository has disabled issues")
    with pytest.raises(GhFailed, match="disabled issues"):
        collect(look)


def test_none_is_said_so_and_too_many_too(look: Look, fake_gh: FakeGh) -> None:
    fake_gh.answers("issue-list", [])
    assert collect(look).summary == "no open issues"
    fake_gh.answers("issue-list", [issue(number) for number in range(MOST + 1)])
    assert collect(look).left_out == (f"issues beyond the newest {MOST}",)


def test_hostile_titles_stay_on_a_line(look: Look, fake_gh: FakeGh) -> None:
    hostile = "a\x1b]0;x\x07 b\n" + "word " * 3000
    fake_gh.answers("issue-list", [issue(1, title=hostile), issue(2, title=hostile, milestone={"title": hostile})])
    found = collect(look)
    assert found.figures["likely_duplicates"] == 1
    assert all(fact.text.isprintable() and len(fact.text) < 600 for fact in found.facts)
