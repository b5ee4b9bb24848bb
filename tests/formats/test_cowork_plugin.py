"""`cowork.plugin.json`: every rule with its place, and two readers that agree."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cowork.core.errors import CoworkError, InvalidInput
from cowork.formats.cowork_plugin import project, validate
from cowork.formats.pack import AgentRole, Pack, Skill, SlashCommand
from cowork.formats.parameter import Parameter
from cowork.registry.discovery import read_pack
from tests.formats.samples import MANIFEST, REMOVE, changed, manifest

WHERE = Path("/packs/my-pack/cowork.plugin.json")


def refusal(document: Any) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        validate(document, path=WHERE)
    assert caught.value.code == "pack.manifest_invalid"
    return caught.value


# --- what is accepted


def test_a_full_manifest_is_valid_and_has_no_unknown_keys() -> None:
    assert validate(manifest(), path=WHERE) == []


# The "Minimal Manifest" of spec/plugin-packs.md, shortened in its texts only.
SPEC_MINIMAL = {
    "name": "my-custom-pack",
    "displayName": "My Custom Pack",
    "version": "1.0.0",
    "description": "A custom plugin pack for my workflows",
    "type": "pack",
    "author": "Your Name",
    "icon": "🔧",
    "category": "Custom",
    "skills": [
        {
            "id": "my-skill",
            "name": "My Skill",
            "description": "Does something useful",
            "icon": "⚡",
            "prompt": "Perform the following task:\n\nInput: {{input}}",
            "parameters": [{"name": "input", "type": "string", "description": "The input to process", "required": True}],
            "enabled": True,
        }
    ],
    "agentRoles": [
        {
            "name": "my-assistant",
            "displayName": "My Assistant",
            "description": "A custom assistant for my workflows",
            "icon": "🔧",
            "color": "#6366f1",
            "capabilities": ["analyze", "write", "research"],
            "systemPrompt": "You are a custom assistant. Be helpful and precise.",
        }
    ],
    "tryAsking": ["Analyze this input and give recommendations", "Help me with my custom workflow"],
}


def test_the_specifications_minimal_manifest_is_valid() -> None:
    assert validate(SPEC_MINIMAL, path=WHERE) == []


def test_five_fields_make_a_manifest() -> None:
    least = {key: MANIFEST[key] for key in ("name", "displayName", "version", "description", "type")}

    assert validate(least, path=WHERE) == []
    pack = project(least, scope="personal", directory=Path("/p"))
    assert (pack.icon, pack.category, pack.author, pack.skills, pack.persona_template_id) == ("📦", "Custom", "", (), None)


ACCEPTED = {
    "an empty description": ("description", ""),
    "a pre-release": ("version", "1.0.0-beta.1"),
    "build metadata": ("version", "1.0.0+build.5"),
    "underscores and digits in a name": ("name", "0my_pack"),
    "a namespaced skill id": ("skills.0.id", "codex-security:scan"),
    "an icon that is no emoji": ("icon", "SMB"),
    "no persona": ("personaTemplateId", None),
    "capabilities nobody listed": ("agentRoles.0.capabilities", ["legal-draft"]),
    "connectors with blanks in their names": ("recommendedConnectors", ["Lexis+ Protégé"]),
    "a parameter name in camelCase": ("skills.0.parameters.0.name", "dealSize"),
    "a slash command without a description": ("slashCommands.0", {"name": "x", "skillId": "my-skill"}),
    "a slash command for a skill elsewhere": ("slashCommands.0.skillId", "code-reviewer"),
    "a fraction as default": ("skills.0.parameters.2.default", 99.9),
    "odd options": ("skills.0.parameters.1", {"name": "p", "type": "select", "options": ["$5 & (more)/less", "5"]}),
    "a shell connector": ("connectors.0", {"name": "c", "description": "d", "type": "shell", "shell": {"command": "ls"}}),
    "a script connector": ("connectors.0", {"name": "c", "description": "d", "type": "script", "script": {"body": "1"}}),
}


@pytest.mark.parametrize(("path", "value"), ACCEPTED.values(), ids=ACCEPTED)
def test_what_real_packs_do_is_accepted_by_both_readers(path: str, value: Any) -> None:
    document = changed(MANIFEST, path, value)

    assert validate(document, path=WHERE) == []
    project(document, scope="personal", directory=Path("/p"))


# --- what is refused, and how

RULES = {
    "no name": ("name", REMOVE, "name", "Field required"),
    "upper case in a name": ("name", "MyPack", "name", "match pattern"),
    "a name that climbs": ("name", "../x", "name", "match pattern"),
    "a name with a newline": ("name", "my-pack\n", "name", "match pattern"),
    "an endless name": ("name", "x" * 65, "name", "at most 64"),
    "no display name": ("displayName", REMOVE, "displayName", "Field required"),
    "an empty display name": ("displayName", "", "displayName", "at least 1"),
    "no version": ("version", REMOVE, "version", "Field required"),
    "half a version": ("version", "1.0", "version", "match pattern"),
    "a version with garbage": ("version", "1.0.0garbage", "version", "match pattern"),
    "a version in other digits": ("version", "١.٠.٠", "version", "match pattern"),
    "a number for a version": ("version", 1, "version", "valid string"),
    "no description": ("description", REMOVE, "description", "Field required"),
    "another type": ("type", "tool", "type", "'pack'"),
    "keywords in one text": ("keywords", "a, b", "keywords", "valid list"),
    "a number among the keywords": ("keywords", ["a", 1], "keywords.1", "valid string"),
    "null for an icon": ("icon", None, "icon", "valid string"),
    "a persona that is no text": ("personaTemplateId", 1, "personaTemplateId", "valid string"),
    "try-asking as one text": ("tryAsking", "Do this", "tryAsking", "valid list"),
    "skills as an object": ("skills", {}, "skills", "valid list"),
    "a skill that is a text": ("skills.0", "my-skill", "skills.0", "valid dictionary"),
    "a skill without an id": ("skills.0.id", REMOVE, "skills.0.id", "Field required"),
    "a skill id with a blank": ("skills.0.id", "my skill", "skills.0.id", "match pattern"),
    "a skill id with two colons": ("skills.0.id", "a:b:c", "skills.0.id", "match pattern"),
    "a skill without a prompt": ("skills.0.prompt", "", "skills.0.prompt", "at least 1"),
    "a skill without a description": ("skills.0.description", REMOVE, "skills.0.description", "Field required"),
    "enabled as a text": ("skills.0.enabled", "true", "skills.0.enabled", "valid boolean"),
    "an unknown parameter type": ("skills.0.parameters.0.type", "date", "skills.0.parameters.0.type", "'select'"),
    "a parameter name with a dash": ("skills.0.parameters.0.name", "a-b", "skills.0.parameters.0.name", "match pattern"),
    "required as a number": ("skills.0.parameters.0.required", 1, "skills.0.parameters.0.required", "valid boolean"),
    "a select without options": (
        "skills.0.parameters.1.options",
        [],
        "skills.0.parameters.1",
        "a select parameter needs options",
    ),
    "a default that is no option": (
        "skills.0.parameters.1.default",
        "x",
        "skills.0.parameters.1",
        "'x' is not one of the options",
    ),
    "a number's default in text": ("skills.0.parameters.2.default", "2", "skills.0.parameters.2", "'2' is not a number"),
    "true as a number": ("skills.0.parameters.2.default", True, "skills.0.parameters.2", "True is not a number"),
    "0 as a truth": ("skills.0.parameters.3.default", 0, "skills.0.parameters.3", "0 is not a boolean"),
    "a role without an icon": ("agentRoles.0.icon", REMOVE, "agentRoles.0.icon", "Field required"),
    "a colour by name": ("agentRoles.0.color", "blue", "agentRoles.0.color", "match pattern"),
    "a short colour": ("agentRoles.0.color", "#fff", "agentRoles.0.color", "match pattern"),
    "a role without a display name": ("agentRoles.0.displayName", REMOVE, "agentRoles.0.displayName", "Field required"),
    "a command without a skill": ("slashCommands.0.skillId", REMOVE, "slashCommands.0.skillId", "Field required"),
    "a command with its slash": ("slashCommands.0.name", "/x", "slashCommands.0.name", "match pattern"),
    "an unknown connector": ("connectors.0.type", "ftp", "connectors.0.type", "'http'"),
    "a connector without a name": ("connectors.0.name", REMOVE, "connectors.0.name", "Field required"),
    "a connector whose http is a text": ("connectors.0.http", "GET /", "connectors.0.http", "valid dictionary"),
}


@pytest.mark.parametrize(("path", "value", "place", "rule"), RULES.values(), ids=RULES)
def test_a_broken_rule_is_refused_with_file_place_and_rule(path: str, value: Any, place: str, rule: str) -> None:
    error = refusal(changed(MANIFEST, path, value))

    assert error.message.startswith(f"{WHERE}: {place}: ")
    assert rule in error.message
    assert [problem["path"] for problem in error.details["problems"]] == [place]


@pytest.mark.parametrize("document", [None, [], "text", 5, True])
def test_a_document_that_is_no_object_is_refused(document: Any) -> None:
    assert refusal(document).details["problems"][0]["path"] == "$"


TWICE = {
    "skill id": ("skills", MANIFEST["skills"][0], "skill id 'my-skill' is declared twice"),
    "slash command": ("slashCommands", MANIFEST["slashCommands"][0], "slash command 'my-skill' is declared twice"),
    "agent role": ("agentRoles", MANIFEST["agentRoles"][0], "agent role 'my-assistant' is declared twice"),
}


@pytest.mark.parametrize(("key", "item", "rule"), TWICE.values(), ids=TWICE)
def test_nothing_may_be_declared_twice(key: str, item: Any, rule: str) -> None:
    assert rule in refusal(manifest(**{key: [item, item]})).message


def test_all_problems_are_reported_at_once() -> None:
    document = changed(changed(MANIFEST, "version", "1"), "skills.0.prompt", "")

    error = refusal(document)

    assert [problem["path"] for problem in error.details["problems"]] == ["version", "skills.0.prompt"]
    assert error.cause == "2 problem(s) in the manifest"


def test_unknown_keys_are_kept_and_named_by_their_path() -> None:
    document = changed(MANIFEST, "license", "MIT")
    document = changed(document, "skills.0.metadata", {"deep": {"er": 1}})
    document = changed(document, "skills.0.parameters.1.placeholder", "x")
    document = changed(document, "agentRoles.0.display_name", "not the display name")
    document = changed(document, "connectors.0.retries", 3)

    assert validate(document, path=WHERE) == [
        "license",
        "skills[0].metadata",
        "skills[0].parameters[1].placeholder",
        "agentRoles[0].display_name",
        "connectors[0].retries",
    ]


# --- the projection


def test_the_projection_holds_everything_the_manifest_says() -> None:
    pack = project(manifest(), scope="personal", directory=Path("/p/my-pack"))

    assert pack == Pack(
        name="my-pack",
        display_name="My Pack",
        version="1.0.0",
        description="A pack",
        author="Somebody",
        icon="🔧",
        category="Custom",
        keywords=("one", "two"),
        scope="personal",
        path="/p/my-pack",
        persona_template_id="software-engineer",
        recommended_connectors=("hubspot-mcp",),
        try_asking=("Do this",),
        skills=(
            Skill(
                id="my-skill",
                name="My Skill",
                description="Does something",
                icon="⚡",
                category="Engineering",
                prompt="Do {{what}} {{how}}",
                parameters=(
                    Parameter("what", "string", "What to do", required=True),
                    Parameter("how", "select", "How", default="well", options=("well", "fast")),
                    Parameter("times", "number", "", default=2),
                    Parameter("loud", "boolean", "", default=False),
                ),
                enabled=True,
            ),
        ),
        agent_roles=(AgentRole("my-assistant", "My Assistant", "Helps", "🤖", "#6366f1", ("analyze",), "You help."),),
        slash_commands=(SlashCommand("my-skill", "Do it", "my-skill"),),
        connectors=(MANIFEST["connectors"][0],),
    )


def test_a_skill_takes_its_category_from_the_pack_and_is_enabled_unless_told_otherwise() -> None:
    document = changed(changed(MANIFEST, "skills.0.category", REMOVE), "skills.0.enabled", REMOVE)

    skill = project(document, scope="bundled", directory=Path("/p")).skills[0]

    assert (skill.category, skill.enabled) == ("Custom", True)


# --- the two readers together: docs/adr/0001

JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(), max_size=5), inner, max_size=3),
    max_leaves=6,
)
PATHS = [
    *MANIFEST,
    *(f"skills.0.{key}" for key in MANIFEST["skills"][0]),
    *(f"skills.0.parameters.1.{key}" for key in MANIFEST["skills"][0]["parameters"][1]),
    *(f"agentRoles.0.{key}" for key in MANIFEST["agentRoles"][0]),
    *(f"slashCommands.0.{key}" for key in MANIFEST["slashCommands"][0]),
    *(f"connectors.0.{key}" for key in MANIFEST["connectors"][0]),
    *("skills.0", "skills.0.parameters.0", "agentRoles.0", "slashCommands.0", "connectors.0", "new", "skills.0.new"),
]


@st.composite
def documents(draw: st.DrawFn) -> Any:
    """A manifest with up to three places broken, or any JSON at all."""
    if draw(st.integers(0, 9)) == 0:
        return draw(JUNK)
    document = manifest()
    for path in draw(st.lists(st.sampled_from(PATHS), max_size=3)):
        value = draw(st.just(REMOVE) | JUNK)
        try:
            document = changed(document, path, value)
        except (KeyError, IndexError, TypeError):
            continue  # an earlier break took the place away
    return document


@given(documents())
@settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_file_holds_the_registry_answers_with_a_pack_or_a_typed_error(tmp_path: Path, document: Any) -> None:
    path = tmp_path / "cowork.plugin.json"
    path.write_text(json.dumps(document), encoding="utf-8")

    try:
        validate(json.loads(path.read_text(encoding="utf-8")), path=path)
    except InvalidInput:
        valid = False
    else:
        valid = True
    for scope in ("bundled", "personal", "organization"):
        try:
            pack = read_pack(path, scope, lambda view: view.pack())
        except CoworkError as error:
            assert not valid, f"validate accepts it and project does not: {error.cause}"
            assert error.code == "pack.manifest_invalid"
            assert str(path) in error.message
        else:
            assert isinstance(pack, Pack)
            assert valid or scope == "bundled"  # what we ship is validated by tests/content, not at run time
