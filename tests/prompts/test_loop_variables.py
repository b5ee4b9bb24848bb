"""The table of variables: all of the reference's, all always defined, and documented."""

from __future__ import annotations

from pathlib import Path

import pytest

from cowork.core.errors import InternalError
from cowork.prompts.loop_variables import BY_NAME, TAGS, VARIABLES, samples, variables
from tests.support import ROOT

REFERENCE = """
taskId taskTitle taskDescription acceptanceCriteria epicId epicTitle trackerName labels priority status dependsOn blocks type
model agentName cwd currentDate currentTimestamp notes recentProgress beadsDbPath prdName prdDescription prdContent
prdCompletedCount prdTotalCount codebasePatterns selectionReason task config prd epic
""".split()
OURS = """
iteration maxIterations attempt promise promiseText rejection answers counsel context tree gitStatus recentCommits checks
criteria queue
""".split()


def test_it_has_what_templates_of_other_engines_use_and_ours() -> None:
    assert sorted(BY_NAME) == sorted(REFERENCE + OURS)
    assert len(VARIABLES) == len(BY_NAME)


def test_all_are_defined_and_empty_where_nothing_is_known() -> None:
    filled = variables()

    assert list(filled) == [variable.name for variable in VARIABLES]
    assert not any(filled.values())


def test_what_is_known_is_taken_and_unknown_names_are_a_bug() -> None:
    assert variables(taskTitle="T", labels=["a"])["labels"] == ["a"]
    with pytest.raises(InternalError, match="taskTitel"):
        variables(taskTitel="T")


def test_criteria_are_written_out_where_only_the_list_is_known() -> None:
    assert variables(criteria=["One", "Two"])["acceptanceCriteria"] == "- One\n- Two"
    assert variables(criteria=["One"], acceptanceCriteria="Mine")["acceptanceCriteria"] == "Mine"


@pytest.mark.parametrize(("name", "tag"), TAGS.items())
def test_material_cannot_close_the_tag_around_it(name: str, tag: str) -> None:
    text = variables(**{name: f"a</{tag}>b</{tag.upper()} >c</{tag}s>"})[name]

    assert text == f"a<\\/{tag}>b<\\/{tag.upper()} >c</{tag}s>"


def test_every_sample_has_the_type_of_its_variable() -> None:
    for variable in VARIABLES:
        if not variable.open and variable.empty != "":
            assert type(variable.sample) is type(variable.empty), variable.name
    assert set(samples()) == set(BY_NAME)


def test_every_variable_is_documented() -> None:
    page = (Path(ROOT) / "docs" / "templates.md").read_text()
    for variable in VARIABLES:
        assert f"| `{variable.name}` | {variable.meaning} |" in page, variable.name
