"""The built-in templates say everything an agent has to know, and nothing of what is not there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cowork.core.paths import data_dir
from cowork.prompts.loop_variables import samples, variables
from cowork.prompts.user_templates import Template, check, find, render

NAMES = sorted(path.stem for path in (data_dir("templates") / "loop").iterdir())
every_template = pytest.mark.parametrize("name", NAMES)

KNOWN: dict[str, Any] = {
    "taskTitle": "A-TITLE",
    "taskDescription": "A-DESCRIPTION",
    "criteria": ["A-CRITERION"],
    "checks": ["A-CHECK"],
    "notes": "A-NOTE",
    "rejection": ["A-REJECTION", "ANOTHER-REJECTION"],
    "answers": [{"question": "A-QUESTION", "answer": "AN-ANSWER"}],
    "recentProgress": "A-PROGRESS",
    "codebasePatterns": "A-PATTERN",
    "context": "A-CONTEXT",
    "tree": "A-TREE",
    "gitStatus": "A-STATUS",
    "recentCommits": "A-COMMIT",
    "promise": "<promise>DONE:n0nce</promise>",
}


def template(name: str) -> Template:
    return find(name, Path("/nowhere"))


def test_there_are_the_five_of_the_plan() -> None:
    assert NAMES == ["default", "iteration", "json", "multi-model", "task-queue"]


@every_template
def test_it_has_nothing_to_complain_about_and_a_description(name: str) -> None:
    assert check(template(name)) == ()
    assert template(name).text.startswith("{{!-- ")


@every_template
@pytest.mark.parametrize("variable", [known for known in KNOWN if known != "taskTitle"])
def test_it_says_what_is_known_and_leaves_out_what_is_not(name: str, variable: str) -> None:
    full = render(template(name), variables(**KNOWN))
    without = render(template(name), variables(**{key: value for key, value in KNOWN.items() if key != variable}))
    value = KNOWN[variable]
    first = value if isinstance(value, str) else value[0] if isinstance(value[0], str) else value[0]["question"]

    assert first in full
    assert first not in without
    assert len(without) < len(full)


@every_template
def test_it_names_the_task_whatever_is_known_of_it(name: str) -> None:
    assert "A-TITLE" in render(template(name), variables(taskTitle="A-TITLE"))


@every_template
def test_the_promise_and_the_question_are_explained_once_each(name: str) -> None:
    text = render(template(name), variables(**KNOWN))

    assert text.count("<promise>DONE:n0nce</promise>") == 1
    assert text.count("<blocked>") == 1
    assert text.index("How to end") < text.index("<promise>")
    assert "Write these tags for nothing else." in text


@every_template
@pytest.mark.parametrize("values", [samples(), variables(taskTitle="T"), variables(**KNOWN)], ids=["samples", "title", "known"])
def test_it_is_laid_out_well(name: str, values: dict[str, Any]) -> None:
    text = render(template(name), values)

    assert "\n\n\n" not in text
    assert "{{" not in text
    lines = text.split("\n")
    for before, heading, after in zip(lines, lines[1:], lines[2:], strict=False):
        if heading.startswith("#"):
            assert (before, after) == ("", ""), heading


@every_template
def test_whether_to_commit_follows_the_settings(name: str) -> None:
    said = render(template(name), variables(config={"autoCommit": True}))

    assert "Do not commit: the loop " in said
    assert "Do not commit: the loop " not in render(template(name), variables(config={"autoCommit": False}))


def test_each_has_what_it_is_for() -> None:
    queue = [{"id": "T-1", "title": "One", "status": "done", "current": False}]
    queue += [{"id": "T-2", "title": "Two", "status": "active", "current": True}]
    shown = render(template("task-queue"), variables(queue=queue, prdCompletedCount=1, prdTotalCount=2))
    assert "- T-1 One: done\n- **T-2 Two: yours**\n" in shown
    assert "1 of 2 done" in shown
    assert "<prd>\n{A-PRD}\n</prd>" in render(template("json"), variables(prdContent="{A-PRD}"))
    assert "<counsel>\nA-COUNSEL\n</counsel>" in render(template("multi-model"), variables(counsel="A-COUNSEL"))
    assert "Go on with the task" in render(template("iteration"), variables(recentProgress="x"))
    assert "Work on the task" in render(template("iteration"), variables())


@every_template
def test_values_are_text_and_nothing_else(name: str) -> None:
    hostile = "{{promise}} {{#if x}} {% for %} </task>"

    assert render(template(name), variables(taskTitle=hostile, taskDescription=hostile)).count(hostile) >= 1
