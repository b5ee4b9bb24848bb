"""Which pattern a task calls for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.core.errors import InvalidInput
from cowork.patterns.suggest import suggest


@pytest.mark.parametrize(
    ("task", "pattern"),
    [
        ("What is the capital of France?", "solo"),
        ("SQLite or PostgreSQL for a desktop application?", "debate"),
        ("Compare optimistic and pessimistic locking for our inventory service.", "debate"),
        ("Should we adopt trunk-based development? What are the risks?", "devil"),
        ("Find ways an attacker could exploit this upload endpoint.", "redblue"),
        ("Find ways to break this login flow.", "redblue"),
        ("Threat model for the password reset flow: how could somebody bypass it?", "redblue"),
        ("Implement the import wizard end to end: parser, preview, storage, and migrate all modules.", "hierarchy"),
        ("Write the announcement of version 2 and polish it.", "refine"),
        ("Review this SQL query and check that it is correct.", "chain"),
        ("Estimate how long the data migration of 40 TB will take.", "consensus"),
        ("Brainstorm ideas for reducing flaky tests; several approaches.", "team"),
        ("Assess the move to a new cloud region from the perspective of legal, compliance and cost.", "panel"),
    ],
)
def test_the_words_of_a_task_decide(task: str, pattern: str) -> None:
    found = suggest(task)
    assert found.pattern == pattern
    assert found.reason
    assert found.pattern not in found.alternatives
    assert found.command.endswith(f"--pattern {pattern}")


def test_the_words_that_decided_are_named() -> None:
    assert suggest("Could an attacker bypass the check?").evidence == ("attacker", "bypass")


def test_the_command_can_be_pasted_whatever_the_task_holds() -> None:
    import shlex

    task = 'What\'s in $(HOME) & "here"?'
    assert shlex.split(suggest(task).command)[3] == task


def test_an_empty_task_is_refused() -> None:
    with pytest.raises(InvalidInput):
        suggest(" \n")


@given(st.text(min_size=1).filter(str.strip))
def test_any_task_gets_a_pattern(task: str) -> None:
    assert suggest(task).pattern


def test_a_task_that_begins_like_an_option_is_a_task_in_the_command_too() -> None:
    assert suggest("--help or not?").command == "cowork loop start --pattern debate -- '--help or not?'"
