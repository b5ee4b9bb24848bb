"""What changed since the last tag, beside what the changelog says of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.twins.evidence.changelog import Entry, find, read
from tests.twins.evidence.histories import History, evidence, texts

LOG = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- Export of orders as\n  CSV (#12)\n\n## 1.2.0 - 2026-01-01\n\n- Old\n"


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "r")


def test_commits_are_grouped_by_their_kinds_where_these_are_used(history: History) -> None:
    history.commit("Begin", {"CHANGELOG.md": LOG}, days_ago=20)
    history.git("tag", "-a", "v1.2.0", "-m", "Release", days_ago=20)
    history.commit("feat(orders): export as CSV (#12)", days_ago=9)
    history.commit("fix: crash of the parser on empty input", days_ago=8, author="Grace")
    history.commit("feat!: drop Python 3.9", days_ago=7)
    history.commit("docs: say more", days_ago=6)

    found = evidence(history.root, "changes-since-tag")

    assert found.summary == (
        "4 commits since the tag v1.2.0 (20 days ago); 1 unreleased entry in CHANGELOG.md"
        "; by the kinds of its commits the next version is a major one"
    )
    told = texts(found)
    assert told[:5] == [
        (
            "2 commits that no unreleased entry seems to speak of, by words and references only: "
            "feat!: drop Python 3.9, fix: crash of the parser on empty input"
        ),
        "feat (features): 2 commits, in orders, 1 of them breaking; last: feat!: drop Python 3.9",
        "fix (fixes): 1 commit; last: fix: crash of the parser on empty input",
        "docs (documents): 1 commit; last: docs: say more",
        "CHANGELOG.md, unreleased: Added: Export of orders as CSV (#12)",
    ]
    assert any(text.endswith("2026-01-24 Ada: BREAKING feat!: drop Python 3.9") for text in told)
    expected = {"tag": "v1.2.0", "commits": 4, "suggested_bump": "major", "untold": 2, "changelog_version": "1.2.0"}
    assert expected.items() <= found.figures.items()


def test_commits_without_kinds_are_told_as_they_are(history: History) -> None:
    history.commit("Begin", {"a": "1"}, days_ago=20)
    history.git("tag", "v1")
    commit = history.commit("Do this", days_ago=9)

    found = evidence(history.root, "changes-since-tag")
    assert found.summary == "1 commit since the tag v1 (20 days ago); no changelog"
    assert texts(found) == ["there is no changelog", f"{commit[:10]} 2026-01-22 Ada: Do this"]
    assert (found.figures["conventional"], found.figures["suggested_bump"]) == (False, None)


def test_a_footer_breaks_too(history: History) -> None:
    history.commit("Begin", {"a": "1"}, days_ago=20)
    history.git("tag", "v1")
    history.git("commit", "-q", "--allow-empty", "-m", "fix: x", "-m", "BREAKING CHANGE: all is new", days_ago=1)

    history.git("commit", "-q", "--allow-empty", "-m", "docs: later", days_ago=0)

    found = evidence(history.root, "changes-since-tag")

    assert found.figures["breaking"] == 1
    subjects = [item.data["subject"] for item in found.items if "subject" in item.data]
    assert subjects[0] == "fix: x", "what breaks something comes before what is newer"


def test_nothing_since_the_tag_is_said(history: History) -> None:
    history.commit("Begin", {"CHANGELOG.md": LOG}, days_ago=20)
    history.git("tag", "1.2.0")

    found = evidence(history.root, "changes-since-tag")
    assert found.summary == "Nothing since the tag 1.2.0 (20 days ago); 1 unreleased entry in CHANGELOG.md"
    assert texts(found)[0] == "CHANGELOG.md has 1 unreleased entry, but nothing was committed"


def test_a_changelog_that_lags_behind_is_told(history: History) -> None:
    history.commit("Begin", {"CHANGES.rst": "1.1\n===\n\n* Old\n"}, days_ago=20)
    history.git("tag", "v1.2")
    history.commit("More", days_ago=1)

    found = evidence(history.root, "changes-since-tag")
    assert texts(found)[:2] == [
        "CHANGES.rst has no part for what is unreleased, though 1 commit came since v1.2",
        "the newest version in CHANGES.rst is 1.1, the last tag is v1.2",
    ]


def test_without_a_tag_it_says_so(history: History) -> None:
    history.commit("Begin", {"CHANGELOG.md": LOG}, days_ago=20)

    found = evidence(history.root, "changes-since-tag")
    assert (found.status, found.figures["tag"]) == ("ok", None)
    assert found.summary == "No tag is reachable from HEAD; 1 commit since the beginning; 1 unreleased entry in CHANGELOG.md"


def test_only_tags_that_lead_to_head_count_the_nearest(history: History) -> None:
    history.commit("One", days_ago=9)
    history.git("tag", "v1")
    history.commit("Two", days_ago=8)
    history.git("tag", "-a", "v2", "-m", "x")
    history.git("branch", "v2")  # the tag is meant
    history.git("checkout", "-q", "-b", "side", "v1")
    history.commit("Elsewhere", days_ago=1)
    history.git("tag", "v9")
    history.git("checkout", "-q", "main")
    history.commit("Three", days_ago=7)

    assert evidence(history.root, "changes-since-tag").summary.startswith("1 commit since the tag v2 (8 days ago)")


def test_a_shallow_clone_without_tags_says_what_it_cannot_know(history: History, tmp_path: Path) -> None:
    history.commit("One", days_ago=9)
    history.git("tag", "v1")
    history.commit("Two", days_ago=8)
    history.git("clone", "-q", "--depth", "1", "--no-tags", f"file://{history.root}", str(tmp_path / "shallow"))

    found = evidence(tmp_path / "shallow", "changes-since-tag")
    assert (found.status, found.reason) == ("partial", "older commits and tags, which were not fetched")


# Changelogs


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("## Unreleased\n- a\n- b\n  more\n\n## 1.0\n- c\n", [("", "a"), ("", "b more")]),
        ("# Log\n## [Unreleased]\n### Fixed\n* a\n### Added\n* b\n## [1.0.0]\n", [("Fixed", "a"), ("Added", "b")]),
        ("Unreleased\n----------\n\n- a\n\n1.0.0\n-----\n\n- b\n", [("", "a")]),
        ("## Unreleased\n- a\n  - below a\n", [("", "a - below a")]),
        ("## Unreleased\n\n## 1.0\n- a\n", []),
        ("## 1.0\n- a\n## Unreleased\n- late\n", None),
        ("", None),
    ],
)
def test_unreleased_entries_are_read(text: str, entries: list[tuple[str, str]] | None) -> None:
    expected = None if entries is None else tuple(Entry(*entry) for entry in entries)
    assert read(text).unreleased == expected


def test_the_newest_version_is_the_first() -> None:
    assert read("## Unreleased\n- needs 3.0\n## v2.1.0-rc.1 (2026-01-01)\n## 2.0\n").newest == "2.1.0-rc.1"


def test_the_changelog_is_the_one_at_the_top() -> None:
    assert find(["docs/CHANGELOG.md", "src/changelog.py", "a/CHANGELOG.md", "NEWS", "CHANGES.rst"]) == "CHANGES.rst"
    assert find(["docs/changelog.md"]) == "docs/changelog.md"
    assert find(["changelog.py"]) is None


@given(st.text(st.sampled_from("#-=* \nUnreleased[]1.0av"), max_size=80))
def test_any_text_is_a_changelog(text: str) -> None:
    found = read(text)
    assert all(entry.text for entry in found.unreleased or ())
