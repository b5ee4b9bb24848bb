"""Rendering a skill as a model would receive it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cowork.core.errors import InvalidInput, NotFound
from cowork.prompts import places
from cowork.prompts.skill import render_skill
from tests.core.installation import install
from tests.formats.samples import MANIFEST, changed
from tests.registry.places import write
from tests.support import run_here


@pytest.fixture(autouse=True)
def one_pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation with the sample pack, whose prompt has a placeholder too many."""
    document = changed(MANIFEST, "skills.0.prompt", "Do {{what}} {{how}}, {{times}} times, aloud: {{loud}}; {{other}}")
    install(tmp_path, monkeypatch).write("packs/mine/cowork.plugin.json", document)


def test_the_prompt_comes_with_the_value_of_every_parameter() -> None:
    rendered, notices = render_skill("my-skill", {"what": "it", "times": "3", "loud": "yes"})

    assert (rendered.skill, rendered.pack) == ("my-skill", "my-pack")
    assert rendered.parameters == {"what": "it", "how": "well", "times": 3, "loud": True}
    assert rendered.prompt == "Do it well, 3 times, aloud: true; {{other}}"
    assert [(notice.code, notice.message) for notice in notices] == [
        ("skill.unknown_placeholder", "my-skill: '{{other}}' is not a parameter and stays as it is")
    ]


def test_a_value_is_never_taken_for_a_placeholder() -> None:
    rendered, _ = render_skill("my-skill", {"what": "{{how}} {{loud}}"})

    assert rendered.prompt.startswith("Do {{how}} {{loud}} well, ")


@pytest.mark.parametrize(
    ("name", "directory"), [("my-skill", "my-skill"), ("..", "skill"), ("a:b/../c", "a-b-..-c"), ("ä", "ä")]
)
def test_the_places_of_a_skill_are_its_own_and_one_of_the_project(name: str, directory: str, tmp_path: Path) -> None:
    head: Any = {"id": name, "file": str(tmp_path / "pack" / "cowork.plugin.json")}
    artifacts = tmp_path / "work" / ".cowork" / "artifacts"

    assert places.of_skill(head) == {
        "baseDir": str(tmp_path / "pack"),
        "artifactDir": str(artifacts / directory),
        "workspaceArtifactDir": str(artifacts),
    }
    assert not artifacts.exists()


def test_parameters_are_checked() -> None:
    with pytest.raises(InvalidInput, match="'what' is required"):
        render_skill("my-skill", {})


def test_an_unknown_skill_is_not_found() -> None:
    with pytest.raises(NotFound, match="there is no skill 'my-skil'") as caught:
        render_skill("my-skil", {})

    assert caught.value.hint == "did you mean 'my-skill'?"


def test_a_skill_file_is_rendered_with_arguments_and_runs_nothing(tmp_path: Path) -> None:
    directory = tmp_path / "work" / ".claude" / "skills" / "tidy"
    write(directory / "SKILL.md", "---\ndescription: x\narguments: what\n---\n$what $1 in ${CLAUDE_SKILL_DIR}\n!`touch $0`\n")
    ran = run_here("skill", "render", "tidy", "--arguments", "'a b' c", "--json")
    assert ran.data["prompt"] == f"a b c in {directory}\n!`touch 'a b'`"
    assert not (tmp_path / "work" / "a b").exists()
    assert "$what" in run_here("skill", "render", "tidy", "--json").data["prompt"]


def test_a_prompt_with_parameters_takes_no_arguments() -> None:
    ran = run_here("skill", "render", "my-skill", "--arguments", "x", "--json")
    assert (ran.code, ran.document["error"]["code"]) == (4, "skill.takes_parameters")
