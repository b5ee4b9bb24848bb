"""`skill show`."""

from __future__ import annotations

import pytest

from cowork.core.errors import NotFound
from cowork.formats.parameter import Parameter
from cowork.registry.skill_page import SkillDetail, show_skill
from tests.core.installation import Installation
from tests.formats.samples import changed, manifest


@pytest.fixture(autouse=True)
def one_pack(installation: Installation) -> None:
    commands = [
        {"name": "go", "description": "d", "skillId": "my-skill"},
        {"name": "elsewhere", "description": "d", "skillId": "other"},
        {"name": "run", "skillId": "my-skill"},
    ]
    installation.write("packs/mine/cowork.plugin.json", changed(manifest(), "slashCommands", commands))


def test_a_skill_is_shown_with_its_parameters_its_prompt_and_its_commands(installation: Installation) -> None:
    assert show_skill("my-skill") == SkillDetail(
        id="my-skill",
        name="My Skill",
        description="Does something",
        icon="⚡",
        category="Engineering",
        enabled=True,
        pack="my-pack",
        scope="builtin",
        path=str(installation.root / "packs" / "mine" / "cowork.plugin.json"),
        shadows=(),
        warnings=(),
        parameters=(
            Parameter("what", "string", "What to do", required=True),
            Parameter("how", "select", "How", default="well", options=("well", "fast")),
            Parameter("times", "number", "", default=2),
            Parameter("loud", "boolean", "", default=False),
        ),
        slash_commands=("/go", "/run"),
        prompt="Do {{what}} {{how}}",
    )


@pytest.mark.parametrize(
    ("wanted", "hint"), [("my-skil", "did you mean 'my-skill'?"), ("zzz", "list them with: cowork skill list")]
)
def test_a_skill_that_does_not_exist_is_not_found(wanted: str, hint: str) -> None:
    with pytest.raises(NotFound, match=f"there is no skill '{wanted}'") as caught:
        show_skill(wanted)

    assert (caught.value.code, caught.value.hint, caught.value.details) == ("skill.not_found", hint, {"id": wanted})
