"""Discovery of agents, commands and skills: scopes and their order, names, files that are wrong, paths of manifests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.registry.places import skill_file, write
from tests.support import run_here

AGENT = "---\nname: {name}\ndescription: {about}\n---\nYou are {about}.\n"


def listed(kind: str, name: str) -> list[dict[str, Any]]:
    key = "id" if kind == "skill" else "name"
    return [item for item in run_here(kind, "list", "--json").data["items"] if item[key] == name]


@pytest.fixture
def places(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """A directory of every scope that files can lie in, weakest first."""
    enterprise = tmp_path / "enterprise"
    monkeypatch.setenv("COWORK_ENTERPRISE_CONFIG", str(enterprise))
    return {
        "plugin": home / "extensions" / "tools",
        "user": tmp_path / "user" / ".claude",
        "project": tmp_path / "work" / ".claude",
        "enterprise": enterprise,
    }


def test_an_agent_is_served_from_the_strongest_scope(places: dict[str, Path]) -> None:
    order = ["user", "project", "enterprise"]
    for number, scope in enumerate(order, 1):
        write(places[scope] / "agents" / "Explore.md", AGENT.format(name="Explore", about=scope))
        items = listed("agent", "Explore")
        assert [(item["scope"], item["shadowed"]) for item in items] == [
            (order[number - 1], False),
            *((weaker, True) for weaker in reversed(order[: number - 1])),
            ("builtin", True),
        ]
        shown = run_here("agent", "show", "Explore", "--json").data
        assert (shown["scope"], shown["description"], len(shown["shadows"])) == (scope, scope, number)


def test_what_the_built_in_agents_are(places: dict[str, Path]) -> None:
    table = {}
    for name in ("Explore", "Plan", "Bash", "general-purpose"):
        shown = run_here("agent", "show", name, "--json").data
        table[name] = (shown["scope"], shown["model"], shown["tools"])
        assert len(shown["prompt"]) > 500
    assert table == {
        "Explore": ("builtin", "haiku", ["Read", "Glob", "Grep"]),
        "Plan": ("builtin", "inherit", ["Read", "Glob", "Grep", "WebFetch"]),
        "Bash": ("builtin", "inherit", ["Bash", "BashOutput", "KillShell"]),
        "general-purpose": ("builtin", "inherit", None),
    }
    commands = {name: listed("command", name)[0]["scope"] for name in ("commit", "review-pr", "test", "feature-dev")}
    assert set(commands.values()) == {"builtin"}


def test_of_two_plugins_with_an_agent_of_one_name_the_bare_name_is_ambiguous(home: Path) -> None:
    for plugin in ("one", "two"):
        write(home / "extensions" / plugin / "agents" / "fixer.md", AGENT.format(name="fixer", about=plugin))
    ran = run_here("agent", "show", "fixer", "--json")
    assert (ran.code, ran.document["error"]["code"]) == (4, "agent.ambiguous")
    assert ran.document["error"]["hint"] == "one of: one:fixer, two:fixer"
    assert run_here("agent", "show", "two:fixer", "--json").data["description"] == "two"


def test_a_skill_answers_to_its_directory_and_to_the_name_in_its_file(places: dict[str, Path]) -> None:
    write(places["user"] / "skills" / "folder" / "SKILL.md", "---\nname: other-name\ndescription: d\n---\nDo it.\n")
    assert run_here("skill", "show", "folder", "--json").data["id"] == "folder"
    assert run_here("skill", "show", "other-name", "--json").data["id"] == "folder"
    assert listed("skill", "folder")[0]["scope"] == "user"


def test_of_skills_with_one_id_the_list_says_which_is_used(places: dict[str, Path]) -> None:
    for scope in ("user", "project"):
        skill_file(places[scope] / "skills" / "notes", scope)
    assert {item["scope"]: item["shadowed"] for item in listed("skill", "notes")} == {"user": True, "project": False}
    assert run_here("skill", "show", "notes", "--json").data["description"] == "project"


def test_a_file_that_is_wrong_is_reported_with_its_line_and_skips_only_itself(places: dict[str, Path]) -> None:
    agents = places["project"] / "agents"
    write(agents / "good.md", AGENT.format(name="good", about="fine"))
    write(agents / "odd.md", "---\nname: odd\ndescription: d\ncolor: magenta\nmaxTurns: many\n---\nOdd.\n")
    write(agents / "broken.md", '---\nname: broken\ndescription: "never closed\n---\nx\n')
    write(agents / "notes.md", "Just a note.\n")
    ran = run_here("agent", "list", "--json")
    names = {item["name"]: item["warnings"] for item in ran.data["items"]}
    assert names["good"] == []
    assert sorted(warning.split(": ", 1)[0] for warning in names["odd"]) == [f"{agents}/odd.md:4", f"{agents}/odd.md:5"]
    assert not {"broken", "notes"} & set(names)
    assert any(f"{agents}/broken.md:3" in warning["message"] for warning in ran.document["warnings"])
    assert run_here("agent", "show", "odd", "--json").data["warnings"] == names["odd"]


def test_markdown_inside_a_skill_is_no_agent_and_no_command(places: dict[str, Path]) -> None:
    directory = skill_file(places["user"] / "skills" / "deep").parent
    write(directory / "agents" / "hidden.md", AGENT.format(name="hidden", about="h"))
    write(directory / "commands" / "hidden.md", "Hidden.\n")
    assert listed("agent", "hidden") == []
    assert listed("command", "hidden") == []


def test_a_manifest_names_where_its_components_are(home: Path) -> None:
    plugin = home / "extensions" / "mapped"
    manifest = {"name": "mapped", "agents": "./roles", "commands": ["./extra/one.md"], "skills": ["./more", "./single"]}
    write(plugin / ".claude-plugin" / "plugin.json", json.dumps(manifest))
    write(plugin / "roles" / "used.md", AGENT.format(name="used", about="u"))
    write(plugin / "agents" / "unused.md", AGENT.format(name="unused", about="u"))
    write(plugin / "extra" / "one.md", "One.\n")
    write(plugin / "commands" / "unused.md", "Unused.\n")
    for directory in ("skills/usual", "more/added", "single"):
        skill_file(plugin / directory)
    agents = {item["name"] for item in run_here("agent", "list", "--json").data["items"] if item["pack"] == "mapped"}
    commands = {item["name"] for item in run_here("command", "list", "--json").data["items"] if item["pack"] == "mapped"}
    skills = {item["id"] for item in run_here("skill", "list", "--json").data["items"] if item["pack"] == "mapped"}
    assert (agents, commands, skills) == ({"mapped:used"}, {"mapped:one"}, {"usual", "added", "single"})


@pytest.mark.parametrize("path", ["../outside", "/etc", "agents", "./a/../../b", "./agents/*.md"])
def test_a_manifest_whose_paths_lead_out_is_left_out(home: Path, path: str) -> None:
    plugin = home / "extensions" / "sly"
    write(plugin / ".claude-plugin" / "plugin.json", json.dumps({"name": "sly", "agents": path}))
    ran = run_here("pack", "list", "--json")
    assert "sly" not in {item["name"] for item in ran.data["items"]}
    assert any("sly" in warning["message"] for warning in ran.document["warnings"])


def test_showing_a_command_runs_nothing(places: dict[str, Path]) -> None:
    write(
        places["user"] / "commands" / "risky.md",
        "---\nallowed-tools: Bash(touch *)\n---\n!`touch made`\n```!\ntouch made\n```\n",
    )
    for argv in (("command", "show", "/risky"), ("command", "list"), ("prompt", "build", "--command", "/risky")):
        assert run_here(*argv).code == 0
    assert not Path("made").exists()
