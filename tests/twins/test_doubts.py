"""What people may set though they hardly mean it: done, and told; what could never be meant is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cowork.core.errors import InvalidInput
from cowork.core.plan import Step
from cowork.twins import doubts
from cowork.twins.activation import activate
from cowork.twins.editing import Edit, edit
from cowork.twins.store import roles
from tests.support import FakeClock, run_here

pytestmark = pytest.mark.usefixtures("installation")


def told(clock: FakeClock, **options: Any) -> list[tuple[str, str]]:
    return [tuple(notice) for notice in activate("tester", clock, **options)[1]]


def told_of_edit(**changes: Any) -> list[tuple[str, str]]:
    return [tuple(notice) for notice in doubts.of_edit(["twin-tester"], Edit(**changes))]


@pytest.mark.parametrize("option", ["model", "provider"])
def test_a_model_and_a_provider_have_a_name(clock: FakeClock, option: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        activate("tester", clock, **{option: ""})  # type: ignore[arg-type]

    assert caught.value.code == "twin.empty"
    assert roles.twins() == []


def test_no_twin_takes_what_another_is_named_by(clock: FakeClock) -> None:
    activate("tester", clock, count=2, display_name="Ada")
    for taken in ("twin-tester", "@twin-tester", "TESTER"):
        with pytest.raises(InvalidInput) as caught:
            edit(["twin-tester-2"], Edit(name=taken), clock, dry_run=True)
        assert caught.value.code == "twin.name_of_another"
        with pytest.raises(InvalidInput):
            activate("tester", clock, display_name=taken)

    edit(["twin-tester"], Edit(name="twin-tester"), clock, dry_run=False)
    assert [twin.display_name for twin in roles.twins()] == ["twin-tester", "Ada 2"]


def test_a_display_name_that_is_in_use_is_told(clock: FakeClock) -> None:
    same = ("twin.same_name", "twin-tester is called 'ADA', too: only their names tell them apart")

    assert told(clock, display_name="Ada") == []
    assert told(clock, display_name=" ADA") == [same]
    assert told(clock) == []
    assert [code for code, _ in told_of_edit(name="Ada")] == ["twin.same_name"]


def test_a_twin_without_a_task_is_told(clock: FakeClock) -> None:
    idle = ("twin.no_tasks", "twin-tester has no task that is on: it does nothing by itself, and works when it is asked")

    assert told(clock, disable=("look",)) == [idle]
    assert told(clock, disable=("look",), enable=("dig",)) == []
    assert told_of_edit(disable=("look",)) == [idle]
    assert told_of_edit(disable=("look",), enable=("dig",)) == []


def test_a_variable_that_is_not_set_is_told(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SET", "json://localhost")
    unset = ("twin.unset_variable", "the variable NOPE is not set here: nothing is delivered there until it is")

    assert told(clock, deliver=("env:NOPE", "env:SET"), deliver_tasks=(("look", "env:NOPE"),)) == [unset]
    assert told_of_edit(deliver=(("", "env:NOPE"), ("", "env:SET"))) == [unset]


def test_words_that_nobody_knows_are_told_with_what_may_be_meant(clock: FakeClock) -> None:
    activate("tester", clock)

    assert told_of_edit(capabilities=("code", "reviw")) == [
        ("twin.unknown_capability", "'reviw' is no capability that cowork knows; did you mean 'review'?")
    ]
    rules = ("Bahs(git push *)", "mcp__github__*", "*", "Agent", "Write(./**)", "Bash(git *)")
    assert told_of_edit(deny=rules) == [
        (
            "twin.unknown_tool",
            "there is no tool 'Bahs', so the rule 'Bahs(git push *)' does nothing; did you mean 'Bash'?",
        )
    ]
    assert told(clock, allow=("Nope",))[0][0] == "twin.unknown_tool"


def test_the_verb_warns_after_what_it_did(clock: FakeClock) -> None:
    activate("tester", clock)

    ran = run_here("twin", "edit", "tester", "--deny", "Nope", "--json")

    assert ran.code == 0
    assert '"twin.unknown_tool"' in ran.out
    assert roles.twins()[0].deny_rules == ("Nope",)


def test_a_workspace_is_a_directory(clock: FakeClock) -> None:
    Path("notes.txt").write_text("")
    for given, message in (("notes.txt", "notes.txt is a file, no directory"), ("nowhere", "there is no directory nowhere")):
        with pytest.raises(InvalidInput, match=message):
            activate("tester", clock, workspace=given)


def test_a_task_is_done_no_more_often_than_its_heartbeat_and_that_is_said(clock: FakeClock) -> None:
    real = "every 90 minutes: not more often than its heartbeat"

    plan = activate("tester", clock, interval=90)[0].plan
    assert plan[1] == Step("enable", "look", real)
    [step] = edit(["tester"], Edit(every=(("look", 30),)), clock, dry_run=True).plan
    assert step.detail == f"60 -> 30 ({real})"
    [step] = edit(["tester"], Edit(every=(("look", 120),)), clock, dry_run=True).plan
    assert step.detail == "60 -> 120"
    assert "90 min (heartbeat; not 60)" in run_here("twin", "show", "tester").out


def test_hints_fit_what_was_asked() -> None:
    assert "--priority look=1" in run_here("twin", "edit", "tester", "--priority", "look=-1").err
    assert "--every look=60" in run_here("twin", "edit", "tester", "--every", "look=often").err
    assert "openai" not in run_here("twin", "activate", "tester", "--provider", "nope").err
    assert "missing argument 'PERSONA'" in run_here("twin", "activate").err


def test_a_purge_says_that_it_removed_and_asks_no_question_where_nobody_is(clock: FakeClock) -> None:
    activate("tester", clock)

    refused = run_here("twin", "deactivate", "tester", "--purge")
    assert refused.code == 2
    assert "not done without a yes: remove twin-tester with everything they did and know\n" in refused.err
    assert "removed twin-tester" in run_here("twin", "deactivate", "tester", "--purge", "--yes").out
