"""`cowork.plugin.json`: every rule with its place, and two readers that agree."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.core.errors import InvalidInput
from cowork.formats.cowork_plugin import ManifestView, problems, validate
from cowork.formats.parameter import Parameter
from cowork.formats.problem import MOST_PROBLEMS, RULES, Problem
from cowork.registry.entries import Entry, entry_of
from tests.formats.samples import MANIFEST, REMOVE, changed, manifest

WHERE = Path("/packs/my-pack/cowork.plugin.json")


def rules(document: Any) -> list[tuple[str, str, str]]:
    return [(problem.where, problem.rule, problem.severity) for problem in problems(document, WHERE)]


def refusal(document: Any) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        validate(document, path=WHERE)
    assert caught.value.code == "pack.manifest_invalid"
    return caught.value


def read(document: Any) -> Entry:
    """What the registry makes of a manifest."""
    view = ManifestView(document, scope="personal", directory=Path("/p"))
    return entry_of(view, Path("/p/cowork.plugin.json"), [], [])


# --- what is accepted


def test_a_full_manifest_is_valid_and_has_no_unknown_keys() -> None:
    assert validate(manifest(), path=WHERE) == []


# The "Minimal Manifest" of the specification, shortened in its texts only.
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


LEAST = {key: MANIFEST[key] for key in ("name", "displayName", "version", "description", "type")}


def test_five_fields_and_something_to_bring_make_a_manifest() -> None:
    least = {**LEAST, "skills": []}

    assert validate(least, path=WHERE) == []
    head, body = read(least)
    assert (head["icon"], head["category"], head["persona_template_id"]) == ("📦", "Custom", None)
    assert (body["author"], body["skills"]) == ("", [])


@pytest.mark.parametrize("key", ["skills", "skillDirectories", "agentRoles", "connectors", "slashCommands"])
def test_an_empty_list_counts_as_content_and_null_does_not(key: str) -> None:
    assert validate({**LEAST, key: []}, path=WHERE) == []
    assert rules({**LEAST, "metadata": {}}) == [("$", "manifest.no_content", "error")]


def test_an_entry_point_alone_is_content_and_is_never_run() -> None:
    assert rules({**LEAST, "main": "index.js"}) == [("$.main", "manifest.main_ignored", "warning")]
    assert rules({**LEAST, "main": ""})[0][1] == "manifest.no_content"


FULL: dict[str, Any] = {
    "license": "Public-docs adaptation",
    "homepage": "https://example.com",
    "coworkVersion": ">=0.3",
    "configSchema": {"type": "object", "properties": {"key": {"type": "string", "secret": True}}, "required": ["key"]},
    "dependencies": {"left-pad": "^1"},
    "peerDependencies": {},
    "capabilities": {"sendMessage": True},
    "platform": {"os": ["darwin"], "node": ">=18"},
    "scope": "organization",
    "bestFitWorkflows": ["support_ops"],
    "outcomeExamples": ["Fewer tickets"],
    "metadata": {"upstream": {"connectors": {"mcpServers": {"Lexis+ Protégé": {}}}}},
    "skillDirectories": [{"id": "codex-security:scan", "path": "skills/scan", "icon": "🔒", "category": "Security"}],
}
FULL_SKILL: dict[str, Any] = {
    "priority": 10,
    "type": "guideline",
    "source": "managed",
    "filePath": "x.json",
    "requires": {"tools": ["a"], "bins": ["gh"], "anyBins": ["a", "b"], "env": ["K"], "config": [], "os": ["linux"]},
    "install": [{"id": "gh", "kind": "brew", "label": "Install gh", "formula": "gh", "bins": ["gh"]}],
    "invocation": {"userInvocable": False, "disableModelInvocation": True},
    "metadata": {"version": "1", "routing": {"useWhen": "x"}, "anything": [1]},
}


def test_every_field_of_the_format_is_known() -> None:
    document = manifest(**FULL)
    document["skills"][0] |= FULL_SKILL

    assert problems(document, WHERE) == []


ACCEPTED = {
    "an empty description": ("description", ""),
    "a pre-release": ("version", "1.0.0-beta.1"),
    "a version with a tail": ("version", "1.0.0garbage"),
    "arguments of Claude Code in a prompt": (
        "skills.0.prompt",
        "$ARGUMENTS ${CLAUDE_PLUGIN_ROOT} {{ }} {{count}} $5.00",
    ),
    "a licence in words": ("license", "Public-docs adaptation"),
    "an icon of one sign": ("skills.0.icon", "!"),
    "a prompt to try for another program": ("tryAsking", ["$security-scan this"]),
    "no try-asking": ("tryAsking", REMOVE),
    "no roles": ("agentRoles", REMOVE),
    "a guideline": ("skills.0.type", "guideline"),
    "a select without a default": ("skills.0.parameters.1", {"name": "p", "type": "select", "options": ["a"]}),
    "a long prompt": ("skills.0.prompt", "x" * 60_000),
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
    read(document)


# --- what is refused, and how

REFUSED = {
    "no name": ("name", REMOVE, "$.name", "required"),
    "upper case in a name": ("name", "MyPack", "$.name", "value"),
    "a name that climbs": ("name", "../x", "$.name", "value"),
    "a name with a slash": ("name", "a/b", "$.name", "value"),
    "a name with a backslash": ("name", "a\\b", "$.name", "value"),
    "a name of dots": ("name", "..", "$.name", "value"),
    "a name with a blank": ("name", "my pack", "$.name", "value"),
    "a name with a newline": ("name", "my-pack\n", "$.name", "value"),
    "a name with a NUL": ("name", "my\0pack", "$.name", "value"),
    "an empty name": ("name", "", "$.name", "value"),
    "an endless name": ("name", "x" * 65, "$.name", "value"),
    "no display name": ("displayName", REMOVE, "$.displayName", "required"),
    "an empty display name": ("displayName", "", "$.displayName", "value"),
    "no version": ("version", REMOVE, "$.version", "required"),
    "half a version": ("version", "1.0", "$.version", "value"),
    "a version with a v": ("version", "v1.0.0", "$.version", "value"),
    "a version in other digits": ("version", "١.٠.٠", "$.version", "value"),
    "a number for a version": ("version", 1, "$.version", "type"),
    "no description": ("description", REMOVE, "$.description", "required"),
    "another type": ("type", "bundle", "$.type", "value"),
    "keywords in one text": ("keywords", "a, b", "$.keywords", "type"),
    "a number among the keywords": ("keywords", ["a", 1], "$.keywords[1]", "type"),
    "null for an icon": ("icon", None, "$.icon", "type"),
    "an author as an object": ("author", {"name": "x"}, "$.author", "type"),
    "a persona that is no text": ("personaTemplateId", 1, "$.personaTemplateId", "type"),
    "try-asking as one text": ("tryAsking", "Do this", "$.tryAsking", "type"),
    "an unknown scope": ("scope", "world", "$.scope", "value"),
    "a platform that is a text": ("platform", "linux", "$.platform", "type"),
    "a setting of an unknown type": (
        "configSchema",
        {"type": "object", "properties": {"a b": {"type": "date"}}},
        '$.configSchema.properties["a b"].type',
        "value",
    ),
    "skills as an object": ("skills", {}, "$.skills", "type"),
    "a skill that is a text": ("skills.0", "my-skill", "$.skills[0]", "type"),
    "a skill without an id": ("skills.0.id", REMOVE, "$.skills[0].id", "required"),
    "a skill id with a blank": ("skills.0.id", "my skill", "$.skills[0].id", "value"),
    "a skill id with two colons": ("skills.0.id", "a:b:c", "$.skills[0].id", "value"),
    "a skill without a prompt": ("skills.0.prompt", "", "$.skills[0].prompt", "value"),
    "a skill without a description": ("skills.0.description", REMOVE, "$.skills[0].description", "required"),
    "enabled as a text": ("skills.0.enabled", "true", "$.skills[0].enabled", "type"),
    "a skill of an unknown type": ("skills.0.type", "hint", "$.skills[0].type", "value"),
    "a requirement in one text": ("skills.0.requires", {"bins": "gh"}, "$.skills[0].requires.bins", "type"),
    "an unknown way to install": ("skills.0.install", [{"id": "x", "kind": "apt"}], "$.skills[0].install[0].kind", "value"),
    "an unknown parameter type": ("skills.0.parameters.0.type", "date", "$.skills[0].parameters[0].type", "value"),
    "a parameter name with a dash": ("skills.0.parameters.0.name", "a-b", "$.skills[0].parameters[0].name", "value"),
    "required as a number": ("skills.0.parameters.0.required", 1, "$.skills[0].parameters[0].required", "type"),
    "a select with empty options": ("skills.0.parameters.1.options", [], "$.skills[0].parameters[1].options", "value"),
    "a select without options": (
        "skills.0.parameters.1",
        {"name": "a", "type": "select"},
        "$.skills[0].parameters[1].options",
        "value",
    ),
    "a default that is no option": ("skills.0.parameters.1.default", "x", "$.skills[0].parameters[1].default", "value"),
    "a number's default in text": ("skills.0.parameters.2.default", "2", "$.skills[0].parameters[2].default", "value"),
    "true as a number": ("skills.0.parameters.2.default", True, "$.skills[0].parameters[2].default", "value"),
    "0 as a truth": ("skills.0.parameters.3.default", 0, "$.skills[0].parameters[3].default", "value"),
    "a default that is an object": ("skills.0.parameters.0.default", {}, "$.skills[0].parameters[0].default", "value"),
    "a role without an icon": ("agentRoles.0.icon", REMOVE, "$.agentRoles[0].icon", "required"),
    "a colour by name": ("agentRoles.0.color", "blue", "$.agentRoles[0].color", "value"),
    "a short colour": ("agentRoles.0.color", "#fff", "$.agentRoles[0].color", "value"),
    "a role without a display name": ("agentRoles.0.displayName", REMOVE, "$.agentRoles[0].displayName", "required"),
    "a command without a skill": ("slashCommands.0.skillId", REMOVE, "$.slashCommands[0].skillId", "required"),
    "a command for no possible skill": ("slashCommands.0.skillId", "no such", "$.slashCommands[0].skillId", "value"),
    "a command with its slash": ("slashCommands.0.name", "/x", "$.slashCommands[0].name", "value"),
    "an unknown connector": ("connectors.0.type", "ftp", "$.connectors[0].type", "value"),
    "a connector without a name": ("connectors.0.name", REMOVE, "$.connectors[0].name", "required"),
    "a connector whose http is a text": ("connectors.0.http", "GET /", "$.connectors[0].http", "type"),
    "an http connector without an address": ("connectors.0.http.url", REMOVE, "$.connectors[0].http.url", "required"),
    "an http connector with an odd method": ("connectors.0.http.method", "BREW", "$.connectors[0].http.method", "value"),
    "a connector without its body": ("connectors.0.http", REMOVE, "$.connectors[0]", "required"),
    "a shell connector without a command": (
        "connectors.0",
        {"name": "c", "description": "d", "type": "shell", "shell": {}},
        "$.connectors[0].shell.command",
        "required",
    ),
    "a script connector without a body": (
        "connectors.0",
        {"name": "c", "description": "d", "type": "script", "script": {"body": ""}},
        "$.connectors[0].script.body",
        "value",
    ),
}


@pytest.mark.parametrize(("path", "value", "place", "rule"), REFUSED.values(), ids=REFUSED)
def test_a_broken_rule_is_refused_with_file_place_rule_and_fix(path: str, value: Any, place: str, rule: str) -> None:
    error = refusal(changed(MANIFEST, path, value))

    [problem] = error.details["problems"]
    assert (problem["file"], problem["where"], problem["rule"]) == (str(WHERE), place, f"manifest.{rule}")
    assert error.message == f"{WHERE}: {place}: {problem['message']}"
    assert error.hint == problem["fix"]
    assert problem["fix"]


ESCAPES = ["/etc", "../other", "skills/../../x", "skills\\x", "C:/x", "c:x", "~/x", "", "  ", "a\nb"]


@pytest.mark.parametrize("path", ESCAPES)
def test_a_skill_directory_stays_inside_the_pack(path: str) -> None:
    document = manifest(skillDirectories=[{"id": "a", "path": path}])

    assert rules(document) == [("$.skillDirectories[0].path", "plugin.path_escapes", "error")]


@pytest.mark.parametrize("path", ["skills/x", "./skills/x", "a..b/c", "skills/ä"])
def test_a_skill_directory_may_have_any_honest_name(path: str) -> None:
    assert rules(manifest(skillDirectories=[{"id": "a", "path": path}])) == []


@pytest.mark.parametrize("kind", ["channel", "tool", "provider", "integration"])
def test_what_is_no_pack_is_valid_and_not_loaded(kind: str) -> None:
    assert rules(manifest(type=kind)) == [("$.type", "manifest.not_loaded", "warning")]


def test_a_version_that_cannot_be_compared_is_warned_about() -> None:
    assert rules(manifest(version="1.0.0garbage")) == [("$.version", "manifest.version", "warning")]


def test_a_command_for_a_skill_elsewhere_is_worth_a_note() -> None:
    document = changed(MANIFEST, "slashCommands.0.skillId", "code-reviewer")

    assert rules(document) == [("$.slashCommands[0].skillId", "manifest.skill_unknown", "note")]


def test_what_is_too_deep_or_too_large_is_refused_before_it_is_looked_at() -> None:
    deep: Any = []
    for _ in range(5000):
        deep = [deep]

    assert rules(manifest(metadata={"x": deep})) == [("$", "file.too_deep", "error")]
    assert rules(manifest(metadata=dict.fromkeys(map(str, range(100_001))))) == [("$", "file.too_many_keys", "error")]
    assert refusal(manifest(metadata={"x": deep})).details["problems"][0]["rule"] == "file.too_deep"


def test_a_file_of_mistakes_does_not_drown_the_report() -> None:
    found = problems(manifest(skills=[{}] * 1000, zzz=1), WHERE)

    assert len(found) == MOST_PROBLEMS + 1
    assert found[-1].rule == "file.more_problems"
    assert found[-1].message.startswith("3900 more")


@pytest.mark.parametrize("document", [None, [], "text", 5, True])
def test_a_document_that_is_no_object_is_refused(document: Any) -> None:
    assert refusal(document).details["problems"][0]["where"] == "$"


@pytest.mark.parametrize(
    ("key", "place"),
    [
        ("skills", "$.skills[1].id"),
        ("slashCommands", "$.slashCommands[1].name"),
        ("agentRoles", "$.agentRoles[1].name"),
        ("connectors", "$.connectors[1].name"),
    ],
)
def test_nothing_may_be_declared_twice(key: str, place: str) -> None:
    document = manifest(**{key: [MANIFEST[key][0], MANIFEST[key][0]]})

    assert rules(document) == [(place, "manifest.duplicate", "error")]


def test_a_skill_and_a_skill_directory_share_their_ids() -> None:
    document = manifest(skillDirectories=[{"id": "my-skill", "path": "skills/x"}])

    assert rules(document) == [("$.skillDirectories[0].id", "manifest.duplicate", "error")]


def test_all_problems_are_reported_at_once() -> None:
    document = changed(changed(MANIFEST, "version", "1"), "skills.0.prompt", "")

    error = refusal(document)

    assert [problem["where"] for problem in error.details["problems"]] == ["$.version", "$.skills[0].prompt"]
    assert error.cause == "2 problem(s) in the manifest"


def test_unknown_keys_are_kept_and_named_by_their_path() -> None:
    document = changed(MANIFEST, "licence", "MIT")
    document = changed(document, "skills.0.meta", {"deep": {"er": 1}})
    document = changed(document, "connectors.0.http.retries", 3)
    document = changed(document, "skills.0.parameters.1.placeholder", "x")
    document = changed(document, "agentRoles.0.display_name", "not the display name")
    document = changed(document, "connectors.0.retries", 3)

    assert validate(document, path=WHERE) == [
        "licence",
        "skills[0].meta",
        "skills[0].parameters[1].placeholder",
        "agentRoles[0].display_name",
        "connectors[0].retries",
        "connectors[0].http.retries",
    ]


# --- the view


def test_the_view_holds_everything_the_manifest_says() -> None:
    view = ManifestView(manifest(), scope="personal", directory=Path("/p/my-pack"))

    assert view.head() == {
        "name": "my-pack",
        "display_name": "My Pack",
        "version": "1.0.0",
        "description": "A pack",
        "category": "Custom",
        "icon": "🔧",
    }
    (skill,) = view.skills()
    assert view.skill_head(skill) == {
        "id": "my-skill",
        "name": "My Skill",
        "description": "Does something",
        "icon": "⚡",
        "category": "Engineering",
        "enabled": True,
    }
    assert view.parameters(skill) == (
        Parameter("what", "string", "What to do", required=True),
        Parameter("how", "select", "How", default="well", options=("well", "fast")),
        Parameter("times", "number", "", default=2),
        Parameter("loud", "boolean", "", default=False),
    )


def test_an_entry_holds_everything_else() -> None:
    head, body = read(manifest())

    assert head["persona_template_id"] == "software-engineer"
    assert (body["author"], body["keywords"], body["try_asking"]) == ("Somebody", ["one", "two"], ["Do this"])
    assert body["recommended_connectors"] == ["hubspot-mcp"]
    assert body["slash_commands"] == [{"name": "my-skill", "description": "Do it", "skill_id": "my-skill"}]
    assert [role["displayName"] for role in body["agent_roles"]] == ["My Assistant"]
    assert [connector["name"] for connector in body["connectors"]] == ["my-service"]


def test_a_skill_takes_its_category_from_the_pack_and_is_enabled_unless_told_otherwise() -> None:
    document = changed(changed(MANIFEST, "skills.0.category", REMOVE), "skills.0.enabled", REMOVE)

    skill = read(document)[1]["skills"][0]

    assert (skill["category"], skill["enabled"]) == ("Custom", True)


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
@settings(deadline=None, max_examples=400)
def test_whatever_a_file_holds_it_is_valid_and_readable_or_refused_with_reasons(document: Any) -> None:
    found = problems(document, WHERE)

    assert all(isinstance(problem, Problem) and problem.rule in RULES and problem.fix for problem in found)
    if any(problem.severity == "error" for problem in found):
        refusal(document)
    else:
        validate(document, path=WHERE)
        read(document)


# --- the trickiest real packs, in shape


def test_a_pack_of_skill_directories_alone() -> None:
    document = {
        **LEAST,
        "name": "codex-security",
        "skillDirectories": [
            {"id": "codex-security:security-scan", "path": "skills/security-scan", "icon": "🛡️", "category": "Security"},
            {"id": "codex-security:fix", "path": "skills/fix"},
        ],
        "tryAsking": ["$security-scan this repository"],
        "slashCommands": [{"name": "security-scan", "description": "Scan", "skillId": "codex-security:security-scan"}],
    }

    assert problems(document, WHERE) == []
    assert ManifestView(document, scope="personal", directory=Path("/p")).skills() == ()


def test_a_pack_of_half_a_megabyte_with_upstream_metadata() -> None:
    skill = {
        **MANIFEST["skills"][0],
        "type": "guideline",
        "priority": 10,
        "metadata": {"version": "0.1.0", "source": "https://x"},
    }
    skills = [{**skill, "id": f"matter-{number}", "prompt": "Read ${CLAUDE_PLUGIN_ROOT}/x.md. " * 800} for number in range(25)]
    document = manifest(
        skills=skills,
        slashCommands=[],
        license="Apache-2.0",
        outcomeExamples=["x"],
        metadata={"upstream": {"connectors": {"mcpServers": {"Lexis+ Protégé": {"url": "https://x"}}}}},
        recommendedConnectors=["Lexis+ Protégé", "iManage Work"],
        personaTemplateId="game-developer",
    )

    assert len(json.dumps(document)) > 500_000
    assert problems(document, WHERE) == []
