"""Commits by area and author, in real repositories."""

from __future__ import annotations

from pathlib import Path

import pytest

from cowork.twins.evidence.areas import areas
from tests.twins.evidence.histories import History, evidence, texts


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "r")


def test_recent_commits_are_counted_by_area_and_by_author(history: History) -> None:
    history.commit("Too old", {"src/old.py": "x\n" * 50}, days_ago=30)
    history.commit("Begin", {"src/a.py": "1\n2\n", "docs/a.md": "1\n"}, days_ago=5)
    history.commit("More", {"src/a.py": "1\n3\n4\n", "README": "x\n"}, days_ago=2, author="Grace Hopper")
    history.commit("Again", {"src/b.py": "1\n"}, days_ago=1)

    found = evidence(history.root, "git-activity")

    assert found.summary == "3 commits by 2 people in the last 14 days: +7 -1 lines in 4 files"
    assert texts(found)[:5] == [
        "area src: 3 commits by 2 people, +5 -1, last 1 day ago; most often src/a.py (2), src/b.py (1)",
        "area (top level): 1 commit by 1 person, +1 -0, last 2 days ago; README",
        "area docs: 1 commit by 1 person, +1 -0, last 5 days ago; docs/a.md",
        "author Ada: 2 commits in src (2), docs (1), +4 -0, last 1 day ago: Again",
        "author Grace Hopper: 1 commit in (top level) (1), src (1), +3 -1, last 2 days ago: More",
    ]
    assert found.commit == history.git("rev-parse", "HEAD")
    figures = {"commits": 3, "authors": 2, "merges": 0, "bot_commits": 0, "files": 4, "added": 7, "removed": 1, "recent": True}
    assert figures.items() <= found.figures.items()


def test_every_commit_is_told_with_its_files(history: History) -> None:
    commit = history.commit("Begin", {"a": "1\n", "b": "1\n"}, days_ago=5)
    history.commit("Nothing at all", days_ago=1)

    told = texts(evidence(history.root, "git-activity"))

    assert f"{commit[:10]} 2026-01-26 Ada: Begin (+2 -0 in 2 files: a, b)" in told
    assert any(text.endswith("2026-01-30 Ada: Nothing at all (no files)") for text in told)


def test_merges_and_programs_stand_apart(history: History) -> None:
    history.commit("Begin", {"a": "1\n"}, days_ago=5)
    history.git("checkout", "-q", "-b", "side")
    history.commit("Bump x", {"b": "1\n"}, days_ago=4, author="dependabot[bot]")
    history.git("checkout", "-q", "main")
    history.git("merge", "-q", "--no-ff", "-m", "Merge side", "side", days_ago=3)

    found = evidence(history.root, "git-activity")

    assert found.summary.startswith("1 commit by 1 person in the last 14 days, beside 1 merge and 1 commit of programs: +1 -0")
    assert "programs: 1 commit by dependabot[bot] (1); the last: Bump x" in texts(found)


@pytest.mark.parametrize(
    ("author", "program"),
    [
        ("renovate[bot]", True), ("github-actions", True), ("release-bot", True), ("Snyk bot", True),
        ("Abbot", False), ("Robot Jones", False), ("Botond", False), ("Talbot", False),
    ],
)  # fmt: skip
def test_programs_are_told_from_people_by_name(history: History, author: str, program: bool) -> None:
    history.commit("Begin", {"a": "1\n"}, days_ago=1, author=author)

    assert evidence(history.root, "git-activity").figures["bot_commits"] == program


def test_one_person_with_two_names_is_one_person_where_a_mailmap_says_so(history: History) -> None:
    history.write({".mailmap": "Ada Lovelace <ada@example.org> <countess@example.org>\nAda Lovelace <ada@example.org>\n"})
    history.commit("Begin", {"a": "1\n"}, days_ago=2)
    history.commit("More", {"a": "2\n"}, days_ago=1, author="Countess")

    found = evidence(history.root, "git-activity")
    assert found.figures["authors"] == 1
    assert any(text.startswith("author Ada Lovelace: 2 commits") for text in texts(found))


def test_branches_that_wait_are_told_once(history: History) -> None:
    history.commit("Begin", {"a": "1\n"}, days_ago=9)
    history.git("branch", "merged")
    history.git("checkout", "-q", "-b", "feature/x")
    history.commit("Half of it", {"b": "1\n"}, days_ago=7)
    history.commit("Other half", {"b": "2\n"}, days_ago=6, author="Grace")
    history.git("update-ref", "refs/remotes/origin/feature/x", "feature/x")
    history.git("checkout", "-q", "main")

    found = evidence(history.root, "git-activity")
    branches = [text for text in texts(found) if text.startswith("branch ")]
    assert branches == ["branch feature/x: 2 commits that HEAD has not, last 6 days ago by Grace: Other half"]


def test_a_quiet_repository_says_since_when(history: History) -> None:
    history.commit("Begin", {"a": "1\n"}, days_ago=500)
    history.commit("End", {"a": "2\n"}, days_ago=400)

    found = evidence(history.root, "git-activity")
    assert found.summary == (
        "2 commits by 1 person in the last 2 commits, since 2024-09-18: +2 -1 lines in 1 file"
        " (nothing in the last two weeks; the last commit was 400 days ago)"
    )


def test_no_text_of_a_repository_is_markup_or_drives_a_terminal(history: History) -> None:
    history.commit("[red]\x1b[31m \u202e", {"a\nb": "1\n"}, days_ago=1, author="Eve \x1b]0;x\x07")

    found = evidence(history.root, "git-activity")
    assert all(text.isprintable() for text in [found.summary, *texts(found)])
    assert any("; a b" in text for text in texts(found))


def test_without_commits_or_git_there_is_none(history: History, tmp_path: Path) -> None:
    assert evidence(history.root, "git-activity").reason == "the repository has no commits yet"
    (tmp_path / "plain").mkdir()
    found = evidence(tmp_path / "plain", "git-activity")
    assert (found.status, found.reason) == ("unavailable", "this is not a git repository")


def test_a_directory_that_holds_nearly_all_is_told_of_by_its_directories() -> None:
    paths = ["src/a/1", "src/a/2", "src/b/1", "src/top", "README"]
    assert [areas(paths)(path) for path in paths] == ["src/a", "src/a", "src/b", "src", "(top level)"]
    assert [areas(["src/a", "src/b"])(path) for path in ("src/a", "docs/x")] == ["src", "docs"]
