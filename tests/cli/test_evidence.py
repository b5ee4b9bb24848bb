"""`cowork evidence`: facts about a workspace, on a terminal and for programs."""

from __future__ import annotations

from pathlib import Path

import pytest

from cowork.twins.evidence.collectors import NAMES
from tests.support import run_here
from tests.twins.evidence.histories import History


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> History:
    made = History(tmp_path / "r")
    monkeypatch.chdir(made.root)
    made.commit("Begin", {"a.py": "# TODO: name it\n"}, days_ago=-30)
    return made


def test_the_list_names_every_collector_with_what_it_needs() -> None:
    data = run_here("evidence", "list", "--json").data
    assert [item["name"] for item in data["items"]] == list(NAMES)
    assert run_here("evidence", "list").out.splitlines()[1].split()[:2] == ["git-activity", "git"]


def test_facts_are_numbered_for_a_person_and_have_ids_for_a_program(history: History) -> None:
    page = run_here("evidence", "run", "todo-comments")
    assert page.code == 0
    assert "todo-comments  ok" in page.out
    assert "1  a.py:1 TODO: name it [Ada, " in page.out
    (found,) = run_here("evidence", "run", "todo-comments", "--json").data["items"]
    assert [item["id"] for item in found["items"]] == ["todo-comments.0", "todo-comments.1"]
    assert found["commit"] == history.git("rev-parse", "HEAD")


def test_a_collector_that_cannot_run_is_a_failure_with_its_reason_and_the_evidence(tmp_path: Path) -> None:
    ran = run_here("evidence", "run", "git-activity", "--workspace", str(tmp_path), "--json")
    error = ran.document["error"]
    assert (ran.code, error["code"], error["hint"]) == (7, "evidence.unavailable", "git init, or name another --workspace")
    assert ran.data["items"][0]["status"] == "unavailable"
    page = run_here("evidence", "run", "git-activity", "--workspace", str(tmp_path))
    assert "why: this is not a git repository" in page.err


def test_of_several_those_that_cannot_run_are_warned_about(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    ran = run_here("evidence", "run", "git-activity", "todo-comments", "--workspace", str(tmp_path / "plain"), "--json")
    assert (ran.code, [item["status"] for item in ran.data["items"]]) == (0, ["unavailable", "ok"])
    assert [warning["code"] for warning in ran.document["warnings"]] == ["evidence.unavailable"]


def test_what_was_kept_is_said_to_be_and_can_be_collected_afresh(history: History, home: Path) -> None:
    home.mkdir()
    cached = [
        run_here("evidence", "run", "todo-comments", "--json", *more).data["items"][0]["cached"]
        for more in ([], [], ["--fresh"])
    ]
    assert cached == [False, True, False]
    assert "todo-comments  ok, as of 20" in run_here("evidence", "run", "todo-comments").out


def test_a_person_is_told_once_what_is_not_available_and_those_of_one_reason_together(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    where = ["--workspace", str(tmp_path / "plain")]
    for words in (["git-activity"], ["git-activity", "todo-comments"], ["git-activity", "doc-freshness", "todo-comments"]):
        ran = run_here("evidence", "run", *words, *where)
        assert (ran.out + ran.err).count("this is not a git repository") == 1, ran
    assert "git-activity, doc-freshness: this is not" in ran.out


def test_a_page_shows_the_first_facts_and_how_to_have_the_others(history: History) -> None:
    (history.root / "many.py").write_text("# TODO: x\n" * 30)

    def facts(*words: str) -> int:
        return run_here("evidence", "run", "todo-comments", *words).out.count("TODO: x")

    assert facts() < 20 + 1 <= facts("--limit", "0")
    assert facts("--limit", "3") <= 3
    assert "--limit 0" in run_here("evidence", "run", "todo-comments").out
    (found,) = run_here("evidence", "run", "todo-comments", "--json").data["items"]
    assert len(found["items"]) > 21, "a program is told all"


def test_progress_of_several_goes_to_stderr_and_not_into_json(history: History) -> None:
    ran = run_here("evidence", "run", "todo-comments", "git-activity")
    assert {line.split()[0] for line in ran.err.splitlines()} == {"todo-comments", "git-activity"}
    assert run_here("evidence", "run", "todo-comments", "git-activity", "--json").err == ""


@pytest.mark.parametrize("words", [[], ["--all", "todo-comments"]])
def test_names_or_all_and_not_both(words: list[str]) -> None:
    ran = run_here("evidence", "run", *words, "--json")
    assert (ran.code, ran.document["error"]["code"]) == (2, "usage.invalid")


def test_a_workspace_that_is_not_there_is_not_found() -> None:
    ran = run_here("evidence", "run", "todo-comments", "--workspace", "nowhere", "--json")
    assert (ran.code, ran.document["error"]["code"]) == (3, "evidence.no_workspace")
