"""The verbs around memory, as they are typed and shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import run_here
from tests.twins.remembered import something_remembered


@pytest.mark.parametrize(
    "words",
    [["last"], ["last", "--good", "--bad"], ["last", "why"], ["last", "--clear", "why"], ["last", "--good", "--clear"]],
    ids=" ".join,
)
def test_feedback_takes_one_verdict_and_a_reason_for_it(words: list[str]) -> None:
    something_remembered()

    ran = run_here("twin", "feedback", *words, "--json")

    assert (ran.code, ran.document["error"]["code"]) == (2, "usage.invalid")


def test_what_is_learned_is_shown_with_where_it_is_from_and_what_it_costs() -> None:
    something_remembered()

    done = run_here("twin", "feedback", "r1", "--bad", "It was merged.")

    assert "remember twin-tester: correction: It was merged." in done.out
    page = run_here("twin", "memory", "twin-tester").out
    assert "feedback r1" in page
    assert "about 23 of 800 tokens" in page
    assert page.index("] correction: It was merged.") < page.index("] note: Nobody merges on Friday.")
    data = run_here("twin", "memory", "twin-tester", "--search", "friday", "--json").data
    assert [item["id"] for item in data["items"]] == ["facade"]
    assert data["shown"]["tokens"] == 23
    assert run_here("twin", "feedback", "r1", "--clear").out.splitlines()[1] == "clear r1: it was bad"


def test_facts_alone_lists_them_and_takes_its_option_at_once() -> None:
    something_remembered()

    assert run_here("twin", "facts").out.splitlines()[1].split() == ["facade", "payments", "owned-by", "team-a"]
    assert "no fact is about: docs" in run_here("twin", "facts", "--about", "docs").out


def test_of_a_long_import_the_beginning_is_shown() -> None:
    Path("facts.csv").write_text("".join(f"s{number},r,o\n" for number in range(30)))

    lines = run_here("twin", "facts", "import", "facts.csv", "--dry-run").out.splitlines()

    assert (lines[0], len(lines), lines[-1]) == ("would add facts: s0 r o", 21, "and 10 more")


def test_looking_writes_nothing(home: Path) -> None:
    something_remembered()
    before = {path: path.read_bytes() for path in home.rglob("*")}

    for words in (["memory", "twin-tester"], ["memory", "twin-tester", "--search", "x"], ["facts"], ["facts", "--about", "x"]):
        assert run_here("twin", *words).code == 0
    for words in (["feedback", "r1", "--bad", "x"], ["remember", "twin-tester", "x"], ["forget", "facade"]):
        assert run_here("twin", *words, "--dry-run").code == 0

    assert {path: path.read_bytes() for path in home.rglob("*")} == before


def test_what_is_to_be_remembered_needs_no_quotes() -> None:
    something_remembered()
    assert run_here("twin", "remember", "tester", "We", "squash", "commits.", "--kind", "preference").code == 0
    assert "We squash commits." in run_here("twin", "memory", "tester").out


@pytest.mark.parametrize("group", ["twin facts", "twin results"])
def test_a_group_that_runs_alone_has_the_schema_of_what_it_runs(group: str) -> None:
    alone = run_here("schema", *group.split(), "--json").document["data"]

    assert alone == run_here("schema", *group.split(), "list", "--json").document["data"]
    assert alone["verb"] == f"{group} list"
