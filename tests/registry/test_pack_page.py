"""`pack show`."""

from __future__ import annotations

import pytest

from cowork.core.errors import NotFound
from cowork.registry.pack_page import ConnectorItem, PackDetail, RoleItem, SlashCommandItem, show_pack
from cowork.registry.skills import SkillItem
from tests.core.installation import Installation
from tests.formats.samples import manifest


def test_a_pack_is_shown_with_everything_but_its_prompts(installation: Installation) -> None:
    installation.write("packs/mine/cowork.plugin.json", manifest())

    assert show_pack("my-pack")[0] == PackDetail(
        name="my-pack",
        display_name="My Pack",
        version="1.0.0",
        description="A pack",
        author="Somebody",
        category="Custom",
        icon="🔧",
        scope="bundled",
        kind="cowork",
        enabled=True,
        state="active",
        required=False,
        rule="default",
        update=None,
        shadows=(),
        path=str(installation.root / "packs" / "mine"),
        keywords=("one", "two"),
        persona_template_id="software-engineer",
        recommended_connectors=("hubspot-mcp",),
        skills=(
            SkillItem(
                id="my-skill",
                name="My Skill",
                description="Does something",
                icon="⚡",
                category="Engineering",
                pack="my-pack",
                scope="builtin",
                enabled=True,
                required=("what",),
                path=str(installation.root / "packs" / "mine" / "cowork.plugin.json"),
                shadowed=False,
                model_invocable=True,
                user_invocable=True,
                warnings=(),
            ),
        ),
        slash_commands=(SlashCommandItem("my-skill", "Do it", "my-skill"),),
        agent_roles=(RoleItem("my-assistant", "My Assistant", "Helps", "🤖", "#6366f1", ("analyze",), "You help."),),
        agents=(),
        commands=(),
        connectors=(ConnectorItem("my-service", "http"),),
        hooks=False,
        try_asking=("Do this",),
        installed=None,
    )


def test_a_pack_that_does_not_exist_is_not_found(installation: Installation) -> None:
    installation.write("packs/mine/cowork.plugin.json", manifest())

    with pytest.raises(NotFound) as caught:
        show_pack("mypack")

    assert (caught.value.code, caught.value.hint) == ("pack.not_found", "did you mean 'my-pack'?")
