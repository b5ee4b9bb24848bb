"""`validate_paths`: what each path is, everything wrong in it, and nothing outside it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cowork.core.paths import data_dir
from cowork.formats.agent_plugin import SCHEMA
from cowork.formats.problem import RULES
from cowork.registry.validation import ValidatedItem, validate_paths
from tests.formats.fuzz import JUNK
from tests.formats.samples import MANIFEST, manifest

SKILL = "---\nname: {name}\ndescription: Does it. Use it when it is to be done.\n---\nDo it.\n"
COMMAND = "---\ndescription: Does it\n---\nDo $ARGUMENTS.\n"
AGENT = "---\nname: {name}\ndescription: Helps\n---\nYou help.\n"


def write(root: Path, files: dict[str, Any]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content, indent=1), encoding="utf-8")
    root.mkdir(parents=True, exist_ok=True)
    return root


def judge(path: Path, *, strict: bool = False) -> ValidatedItem:
    report = validate_paths([path], strict=strict)
    assert report.count == len(report.items) == 1
    return report.items[0]


def found(item: ValidatedItem) -> list[tuple[str, str, str, str]]:
    """Problems as (file below the path, place, rule, severity)."""
    assert all(problem.rule in RULES and problem.fix and problem.message for problem in item.problems)
    return [
        (os.path.relpath(problem.file, item.path), problem.where, problem.rule, problem.severity) for problem in item.problems
    ]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    path = tmp_path / "my-pack"
    path.mkdir()
    return path


# --- what a path is

KINDS: dict[str, tuple[dict[str, Any], str, str]] = {
    "a pack": ({"cowork.plugin.json": MANIFEST}, "pack", "my-pack"),
    "a plugin": ({".claude-plugin/plugin.json": {"name": "plug"}}, "claude-plugin", "plug"),
    "a plugin without a manifest": ({"commands/x.md": COMMAND}, "claude-plugin", "my-pack"),
    "a plugin of servers only": ({".mcp.json": {"a": {"command": "x"}}}, "claude-plugin", "my-pack"),
    "a marketplace": (
        {".claude-plugin/marketplace.json": {"name": "market", "owner": {"name": "Me"}, "plugins": []}},
        "marketplace",
        "market",
    ),
    "an agent plugin": ({"plugin.json": {"$schema": SCHEMA, "name": "agentic"}}, "agent-plugin", "agentic"),
    "a skill": ({"SKILL.md": SKILL.format(name="my-pack")}, "skill", "my-pack"),
    "a pack that is a plugin too": ({"cowork.plugin.json": MANIFEST, "skills/a/SKILL.md": "x"}, "pack", "my-pack"),
}


@pytest.mark.parametrize(("files", "kind", "name"), KINDS.values(), ids=KINDS)
def test_a_directory_is_what_its_files_make_it(here: Path, files: dict[str, Any], kind: str, name: str) -> None:
    item = judge(write(here, files))

    assert (item.kind, item.name, item.ok, found(item)) == (kind, name, True, [])


@pytest.mark.parametrize(
    ("files", "named"),
    [
        (KINDS["a pack"][0], "cowork.plugin.json"),
        (KINDS["a skill"][0], "SKILL.md"),
        (KINDS["a plugin"][0], ".claude-plugin/plugin.json"),
        (KINDS["a marketplace"][0], ".claude-plugin/marketplace.json"),
        (KINDS["an agent plugin"][0], "plugin.json"),
    ],
)
def test_a_manifest_stands_for_its_directory(here: Path, files: dict[str, Any], named: str) -> None:
    write(here, files)

    item, whole = judge(here / named), judge(here)

    assert (item.kind, item.name, item.path) == (whole.kind, whole.name, str(here / named))


def test_what_is_none_of_them_is_refused(here: Path) -> None:
    write(here, {"README.md": "x", "plugin.json": {"name": "x"}, "other.json": {}})

    assert found(judge(here)) == [(".", "$", "path.unknown_kind", "error")]
    assert found(judge(here / "README.md"))[0][2] == "path.unknown_kind"
    assert found(judge(here / "other.json"))[0][2] == "path.unknown_kind"
    assert found(judge(here / "nothing"))[0][2] == "path.not_found"
    assert found(judge(here / ("x" * 5000)))[0][2] == "path.not_found"
    assert found(judge(Path("a\0b")))[0][2] == "path.not_found"
    assert found(judge(Path("/dev/null")))[0][2] == "path.unknown_kind"


def test_a_report_counts_over_all_paths_and_keeps_their_order(tmp_path: Path) -> None:
    good = write(tmp_path / "b", {"cowork.plugin.json": manifest(zzz=1)})
    bad = write(tmp_path / "a", {"cowork.plugin.json": manifest(name="A B")})

    report = validate_paths([str(good), bad, tmp_path / "none"])

    assert [(item.name, item.ok) for item in report.items] == [("my-pack", True), ("A B", False), (None, False)]
    assert (report.count, report.errors, report.warnings, report.notes) == (3, 2, 1, 0)


def test_strictly_a_warning_is_an_error(here: Path) -> None:
    write(here, {"cowork.plugin.json": manifest(zzz=1)})

    assert (judge(here).ok, judge(here, strict=True).ok) == (True, False)
    assert found(judge(here, strict=True)) == [("cowork.plugin.json", "$.zzz", "manifest.unknown_key", "error")]


def test_everything_we_ship_is_valid() -> None:
    report = validate_paths(sorted(path.parent for path in data_dir("packs").glob("*/cowork.plugin.json")), strict=True)

    assert (report.errors, report.warnings) == (0, 0)
    assert report.count == 18


# --- packs


def test_a_problem_knows_its_line(here: Path) -> None:
    write(here, {"cowork.plugin.json": '{\n "name": "X",\n "displayName": "x",\n "version": "1.0.0",\n "type": "pack"\n}\n'})

    item = judge(here)

    assert [(problem.where, problem.line, problem.column) for problem in item.problems] == [
        ("$.description", 1, 1),
        ("$.name", 2, 10),
    ]


BROKEN: dict[str, tuple[bytes, str]] = {
    "no JSON": (b'{"name": ', "file.corrupt"),
    "not UTF-8": (b'{"name": "\xff"}', "file.corrupt"),
    "NaN": (b'{"name": NaN}', "file.corrupt"),
    "an endless number": (b'{"name": 1e999}', "file.corrupt"),
    "null": (b"null", "file.corrupt"),
    "nothing": (b"", "file.corrupt"),
    "a list": (b"[]", "manifest.type"),
    "too deep": (b'{"a":' * 65 + b"1" + b"}" * 65, "file.too_deep"),
    "deeper than the interpreter": (b"[" * 100_000, "file.corrupt"),
    "too many keys": (json.dumps(dict.fromkeys(map(str, range(100_001)))).encode(), "file.too_many_keys"),
    "too large": (b" " * (4 * 1024 * 1024) + b"{}", "file.too_large"),
}


@pytest.mark.parametrize(("raw", "rule"), BROKEN.values(), ids=BROKEN)
def test_a_manifest_that_cannot_be_read_is_a_problem(here: Path, raw: bytes, rule: str) -> None:
    item = judge(write(here, {"cowork.plugin.json": raw}))

    assert [(problem.rule, problem.severity) for problem in item.problems] == [(rule, "error")]
    assert (item.kind, item.ok) == ("pack", False)


def test_a_syntax_error_knows_its_line(here: Path) -> None:
    item = judge(write(here, {"cowork.plugin.json": '{\n "a": 1,\n}'}))

    assert [(problem.where, problem.line, problem.column) for problem in item.problems] == [("line 3", 3, 1)]


def test_a_mark_and_windows_line_ends_are_fine(here: Path) -> None:
    raw = b"\xef\xbb\xbf" + json.dumps(MANIFEST, indent=1).replace("\n", "\r\n").encode()

    assert found(judge(write(here, {"cowork.plugin.json": raw}))) == []


def directories(*paths: str) -> dict[str, Any]:
    return manifest(skillDirectories=[{"id": f"ns:s{at}", "path": path} for at, path in enumerate(paths)])


def test_skill_directories_are_read(here: Path) -> None:
    files = {
        "cowork.plugin.json": directories("skills/one", "./skills/two/"),
        "skills/one/SKILL.md": SKILL.format(name="one"),
        "skills/two/SKILL.md": '---\nname: "x\n---\n',
    }
    assert found(judge(write(here, files))) == [("skills/two/SKILL.md", "line 2", "frontmatter.yaml", "error")]


def test_a_skill_directory_has_to_be_there(here: Path) -> None:
    write(
        here, {"cowork.plugin.json": directories("skills/one", "skills/two", "README.md"), "skills/two/x": "", "README.md": ""}
    )

    assert found(judge(here)) == [
        ("cowork.plugin.json", f"$.skillDirectories[{at}].path", "plugin.path_missing", "error") for at in range(3)
    ]


def test_a_skill_directory_that_leaves_the_pack_is_not_read(here: Path, tmp_path: Path) -> None:
    write(tmp_path / "outside", {"SKILL.md": '---\nname: "broken\n---\n'})
    write(here, {"cowork.plugin.json": directories("../outside", "link", "inner", "alias")})
    write(here, {"skills/alias/SKILL.md": SKILL.format(name="alias"), "inner/x": ""})
    (here / "link").symlink_to(tmp_path / "outside")
    (here / "inner" / "SKILL.md").symlink_to(tmp_path / "outside" / "SKILL.md")
    (here / "alias").symlink_to("skills/alias")

    assert found(judge(here)) == [
        ("cowork.plugin.json", "$.skillDirectories[0].path", "plugin.path_escapes", "error"),
        ("cowork.plugin.json", "$.skillDirectories[1].path", "plugin.path_escapes", "error"),
        ("cowork.plugin.json", "$.skillDirectories[2].path", "plugin.path_escapes", "error"),
        ("inner/SKILL.md", "$", "plugin.path_escapes", "error"),
        ("link", "$", "plugin.path_escapes", "error"),
    ]


def test_pipes_loops_and_dangling_links_are_problems_and_hang_nothing(here: Path) -> None:
    write(here, {"cowork.plugin.json": directories("pipe", "loop"), "pipe/x": "", ".git/config": ""})
    os.mkfifo(here / "pipe" / "SKILL.md")
    os.mkfifo(here / ".git" / "pipe")
    (here / "loop").symlink_to("loop")
    (here / "dangling").symlink_to("nowhere")

    problems = found(judge(here))

    assert ("pipe/SKILL.md", "$", "file.irregular", "error") in problems
    assert ("cowork.plugin.json", "$.skillDirectories[1].path", "plugin.path_missing", "error") in problems
    assert not any(".git" in file for file, *_ in problems)


def test_a_manifest_that_is_a_pipe_or_a_directory_is_a_problem(here: Path, tmp_path: Path) -> None:
    os.mkfifo(here / "cowork.plugin.json")
    (tmp_path / "other" / "cowork.plugin.json").mkdir(parents=True)
    (tmp_path / "third").mkdir()
    (tmp_path / "third" / "cowork.plugin.json").symlink_to("/etc/passwd")

    assert {rule for _, _, rule, _ in found(judge(here))} == {"file.irregular"}
    assert {rule for _, _, rule, _ in found(judge(tmp_path / "other"))} == {"file.irregular"}
    assert {rule for _, _, rule, _ in found(judge(tmp_path / "third"))} == {"plugin.path_escapes"}


def test_a_symlink_to_a_pack_is_that_pack(here: Path, tmp_path: Path) -> None:
    write(here, {"cowork.plugin.json": MANIFEST})
    (tmp_path / "link").symlink_to(here)

    assert found(judge(tmp_path / "link")) == []


# --- Claude Code plugins

PLUGIN: dict[str, Any] = {
    ".claude-plugin/plugin.json": {"name": "my-plugin", "version": "1.0.0", "author": {"name": "Me"}},
    "commands/one.md": COMMAND,
    "commands/git/commit.md": COMMAND,
    "agents/helper.md": AGENT.format(name="helper"),
    "agents/review/security.md": AGENT.format(name="security"),
    "skills/do-it/SKILL.md": SKILL.format(name="do-it"),
    "skills/do-it/agents/notes.md": "no agent",
    "hooks/hooks.json": {"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "x"}]}]}},
    ".mcp.json": {"mcpServers": {"a": {"command": "x"}}},
}


def test_a_whole_plugin(here: Path) -> None:
    item = judge(write(here, PLUGIN))

    assert (item.kind, item.name, item.version, found(item)) == ("claude-plugin", "my-plugin", "1.0.0", [])


def test_every_component_is_read(here: Path) -> None:
    broken = '---\nname: "x\n---\n'
    write(here, PLUGIN)
    write(here, {"commands/git/commit.md": broken, "agents/review/security.md": broken, "skills/do-it/SKILL.md": broken})
    write(here, {"hooks/hooks.json": {"Stop": []}, ".mcp.json": {"a": {}}})

    assert found(judge(here)) == [
        (".mcp.json", "$.a", "mcp.command", "error"),
        ("agents/review/security.md", "line 2", "frontmatter.yaml", "error"),
        ("commands/git/commit.md", "line 2", "frontmatter.yaml", "error"),
        ("hooks/hooks.json", "$.hooks", "hooks.type", "error"),
        ("skills/do-it/SKILL.md", "line 2", "frontmatter.yaml", "error"),
    ]


def test_a_manifests_paths_replace_or_add_and_have_to_exist(here: Path) -> None:
    write(here, PLUGIN)
    document = {
        "name": "x",
        "commands": ["./more", "./missing.md"],
        "agents": "./nowhere",
        "skills": "./extra",
        "hooks": "./none.json",
        "mcpServers": {"bad": {}},
    }
    write(here, {".claude-plugin/plugin.json": document, "commands/one.md": '---\n"\n---\n', "more/x.md": COMMAND})
    write(here, {"extra/b/SKILL.md": SKILL.format(name="wrong")})

    assert found(judge(here)) == [
        (".claude-plugin/plugin.json", "$.commands[1]", "plugin.path_missing", "error"),
        (".claude-plugin/plugin.json", "$.agents", "plugin.path_missing", "error"),
        (".claude-plugin/plugin.json", "$.hooks", "plugin.path_missing", "error"),
        (".claude-plugin/plugin.json", "$.mcpServers.bad", "mcp.command", "error"),
        ("extra/b/SKILL.md", "$.name", "skill.name", "note"),
    ]


def test_a_plugin_that_is_one_skill(here: Path) -> None:
    write(here, {".claude-plugin/plugin.json": {"name": "x", "skills": "."}, "SKILL.md": SKILL.format(name="my-pack")})

    assert found(judge(here)) == []


def test_broken_hooks_inside_the_manifest(here: Path) -> None:
    write(here, {".claude-plugin/plugin.json": {"name": "x", "hooks": {"Stop": [{}], "Nope": []}}})

    assert [(place, rule) for _, place, rule, _ in found(judge(here))] == [
        ("$.hooks.Stop[0].hooks", "hooks.type"),
        ("$.hooks.Nope", "hooks.event"),
    ]


# --- marketplaces, agent plugins, skills


def market(*plugins: dict[str, Any], **head: Any) -> dict[str, Any]:
    return {"name": "market", "owner": {"name": "Me"}, "plugins": list(plugins), **head}


def test_a_marketplace_brings_its_own_plugins_along(here: Path) -> None:
    document = market(
        {"name": "one", "source": "./plugins/one"},
        {"name": "far", "source": {"source": "github", "repo": "a/b"}},
        {"name": "gone", "source": "./plugins/gone"},
        {"name": "two", "source": "two", "version": "2.0.0"},
        metadata={"pluginRoot": "./plugins"},
    )
    write(here, {".claude-plugin/marketplace.json": document})
    write(here / "plugins" / "one", PLUGIN)
    write(here / "plugins" / "two", {"commands/x.md": '---\nx: "\n---\n'})

    report = validate_paths([here])

    assert [(item.kind, item.name, item.version, item.ok) for item in report.items] == [
        ("marketplace", "market", None, False),
        ("claude-plugin", "one", "1.0.0", True),
        ("claude-plugin", "two", "2.0.0", False),
    ]
    assert found(report.items[0]) == [
        (".claude-plugin/marketplace.json", "$.plugins[2].source", "plugin.path_missing", "error")
    ]


def test_an_entry_is_the_whole_definition_or_the_manifest_is(here: Path) -> None:
    write(here, {".claude-plugin/marketplace.json": market({"name": "one", "source": "./one", "strict": False})})
    write(here / "one", {".claude-plugin/plugin.json": {"name": "one"}})
    assert validate_paths([here]).errors == 0

    write(here / "one", {".claude-plugin/plugin.json": {"name": "one", "commands": "./commands"}, "commands/x.md": COMMAND})
    assert found(validate_paths([here]).items[0]) == [
        (".claude-plugin/marketplace.json", "$.plugins[0].strict", "marketplace.strict", "error")
    ]

    write(here, {".claude-plugin/marketplace.json": market({"name": "one", "source": "./one"})})
    assert validate_paths([here]).errors == 0


def test_a_marketplace_that_cannot_be_read(here: Path) -> None:
    item = judge(write(here, {".claude-plugin/marketplace.json": "{"}))

    assert (item.kind, item.ok) == ("marketplace", False)


def test_an_agent_plugin_with_skills_and_servers(here: Path) -> None:
    write(here, {"plugin.json": {"$schema": SCHEMA, "name": "x", "skills": "./elsewhere"}})
    write(here, {"skills/one/SKILL.md": SKILL.format(name="one"), "skills/a/deep/SKILL.md": '---\n"\n---\n'})
    write(here, {"mcp.json": {"mcpServers": {"ok": {"command": "x"}, "bad": {"type": "stdio"}}}})

    assert found(judge(here)) == [
        ("mcp.json", "$.mcpServers.bad", "mcp.command", "error"),
        ("plugin.json", "$.skills", "agent_plugin.unknown_key", "warning"),
    ]


def test_a_skill_is_judged_strictly_only_when_asked(here: Path) -> None:
    write(here, {"SKILL.md": "---\nname: Other\ndescription: d\nversion: 1.0\n---\nx"})

    item, strict = judge(here), judge(here, strict=True)

    assert (item.name, item.version, item.ok, strict.ok) == ("Other", "1.0", True, False)
    assert [(rule, severity) for _, _, rule, severity in found(item)] == [
        ("skill.name", "note"),
        ("skill.unknown_key", "warning"),
    ]


def test_text_that_is_not_utf_8_or_too_long_is_a_problem(here: Path, tmp_path: Path) -> None:
    assert found(judge(write(here, {"SKILL.md": b"---\nname: x\n---\n\xff"})))[0][2] == "file.corrupt"
    assert found(judge(write(tmp_path / "big", {"SKILL.md": b"x" * (1024 * 1024 + 1)})))[0][2] == "file.too_large"


# --- whatever lies there

NAMES = st.sampled_from(
    ["cowork.plugin.json", "plugin.json", "SKILL.md", ".mcp.json", "mcp.json", ".claude-plugin/plugin.json", "agents/a.md",
     ".claude-plugin/marketplace.json", "commands/b.md", "skills/c/SKILL.md", "hooks/hooks.json", "one/commands/d.md"]
)  # fmt: skip
CONTENTS = (
    st.binary(max_size=30)
    | st.text(max_size=40).map(lambda text: f"---\n{text}\n---\n")
    | JUNK
    | st.sampled_from(
        [MANIFEST, directories("one", "skills/c"), {"$schema": SCHEMA, "name": "x"}, market({"name": "one", "source": "./one"})]
    )
    | st.fixed_dictionaries({"name": st.just("x"), "commands": JUNK, "hooks": JUNK, "mcpServers": JUNK})
)


@given(st.dictionaries(NAMES, CONTENTS, max_size=5))
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_lies_there_there_is_a_report(tmp_path_factory: pytest.TempPathFactory, files: dict[str, Any]) -> None:
    raw = {name: text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text for name, text in files.items()}
    root = write(tmp_path_factory.mktemp("any"), raw)

    report = validate_paths([root], strict=len(files) % 2 == 0)

    assert report.count >= 1
    assert all(problem.rule in RULES for item in report.items for problem in item.problems)
    assert all(item.ok == all(problem.severity != "error" for problem in item.problems) for item in report.items)
