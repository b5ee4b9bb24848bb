"""What a pack can do beyond being read, told from its files in every format that is installed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.install.capabilities import Capability, capabilities_of, missing
from cowork.install.local import list_local
from tests.install import sample_packs
from tests.registry.places import write


@pytest.fixture
def found(tmp_path: Path) -> Any:
    """The capabilities of files, as ids with their details."""

    def capabilities(files: Mapping[str, str], *, executable: tuple[str, ...] = ()) -> dict[str, tuple[str, ...]]:
        for path, text in {"README.md": "Notes\n", **files}.items():
            write(tmp_path / "pack" / path, text).chmod(0o755 if path in executable else 0o644)
        root = tmp_path / "pack"
        return {item.id: item.details for item in capabilities_of(root, list_local(root))}

    return capabilities


def pack_of(**manifest: Any) -> dict[str, str]:
    return {"cowork.plugin.json": json.dumps({"name": "notes", **manifest})}


def connector(**more: Any) -> dict[str, str]:
    return pack_of(connectors=[{"name": "api", **more}])


def plugin_of(**manifest: Any) -> dict[str, str]:
    return {".claude-plugin/plugin.json": json.dumps({"name": "tidy", **manifest})}


def skill_of(head: str, body: str = "Do it.\n") -> dict[str, str]:
    return {"skills/a/SKILL.md": f"---\nname: a\n{head}\n---\n{body}"}


def test_plain_texts_can_do_nothing(found: Any) -> None:
    assert found({"skills/a/SKILL.md": sample_packs.skill_md("a"), "docs/hooks.md": "About hooks", "data.json": "{}"}) == {}


def test_capabilities_come_sorted_with_all_that_has_them(found: Any) -> None:
    files = {"b.sh": "", "a.sh": "", **plugin_of(hooks={"Stop": []}), "hooks/hooks.json": "{}"}
    assert list(found(files, executable=("a.sh", "b.sh")).items()) == [
        ("executables", ("a.sh", "b.sh")),
        ("hooks", (".claude-plugin/plugin.json", "hooks/hooks.json")),
    ]


# -- files ---------------------------------------------------------------------------------------------------------------------


def test_a_file_that_may_be_executed_is_an_executable(found: Any) -> None:
    assert found({"bin/run": "#!/bin/sh\n"}, executable=("bin/run",)) == {"executables": ("bin/run",)}


def test_a_script_that_may_not_be_executed_is_a_text(found: Any) -> None:
    assert found({"bin/run.sh": "#!/bin/sh\nrm -rf /\n"}) == {}


@pytest.mark.parametrize("path", ["hooks/hooks.json", "hooks/more.json", "plugins/a/hooks/hooks.json"])
def test_a_file_of_hooks_is_hooks(found: Any, path: str) -> None:
    assert found({path: "{}"}) == {"hooks": (path,)}


@pytest.mark.parametrize("path", ["hooks.json", "docs/hooks.json", "hooks/README.md", "webhooks/a.json"])
def test_a_file_that_is_only_called_so_is_none(found: Any, path: str) -> None:
    assert found({path: "{}"}) == {}


@pytest.mark.parametrize("path", ["monitors/a.json", "monitors/more/b.json"])
def test_a_file_of_monitors_is_hooks(found: Any, path: str) -> None:
    assert found({path: "{}"}) == {"hooks": (path,)}


def test_a_workflow_is_a_program(found: Any) -> None:
    assert found({"workflows/a.js": "", "docs/workflows/b.js": ""}) == {"executables": ("workflows/a.js",)}


@pytest.mark.parametrize("key", ["hooks", "statusLine", "subagentStatusLine"])
def test_settings_that_name_a_command_are_hooks(found: Any, key: str) -> None:
    assert found({"settings.json": json.dumps({key: {"command": "x"}})}) == {"hooks": (f"settings.json: {key}",)}
    assert found({"settings.json": '{"agent": "helper"}'}) == {}


@pytest.mark.parametrize(
    ("path", "capability"),
    [("Hooks/HOOKS.JSON", "hooks"), (".MCP.json", "mcp"), (".Lsp.json", "lsp"), ("Workflows/a.js", "executables")],
)
def test_another_case_hides_nothing(found: Any, path: str, capability: str) -> None:
    assert found({path: "{}"}) == {capability: (path,)}


def test_a_manifest_and_a_text_in_another_case_are_read(found: Any) -> None:
    assert found({"Cowork.Plugin.JSON": connector(type="shell")["cowork.plugin.json"], "A.MD": "!`date`"}) == {
        "shell": ("connector api",),
        "prompt-shell": ("A.MD",),
    }


def test_a_file_of_language_servers_is_lsp(found: Any) -> None:
    assert found({".lsp.json": "{}"}) == {"lsp": (".lsp.json",)}


@pytest.mark.parametrize("path", [".mcp.json", "mcp.json", "plugins/a/.mcp.json"])
def test_a_file_of_servers_is_mcp(found: Any, path: str) -> None:
    assert found({path: "{}"}) == {"mcp": (path,)}


# -- plugins -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hooks", ["./config/hooks.json", ["./a.json"], {"PostToolUse": [{"hooks": []}]}])
@pytest.mark.parametrize("manifest", [".claude-plugin/plugin.json", "plugin.json"])
def test_hooks_of_a_plugin_are_hooks_inline_or_by_path(found: Any, hooks: Any, manifest: str) -> None:
    assert found({manifest: json.dumps({"hooks": hooks})}) == {"hooks": (manifest,)}


@pytest.mark.parametrize("hooks", [None, [], {}])
def test_a_plugin_without_hooks_has_none(found: Any, hooks: Any) -> None:
    assert found(plugin_of(hooks=hooks)) == {}


def test_language_servers_of_a_plugin_are_lsp(found: Any) -> None:
    assert found(plugin_of(lspServers={"py": {"command": "pyright"}})) == {"lsp": (".claude-plugin/plugin.json",)}


def test_servers_of_a_plugin_by_path_are_mcp(found: Any) -> None:
    file = ".claude-plugin/plugin.json"
    assert found(plugin_of(mcpServers="./servers.json")) == {"mcp": (f"{file}: ./servers.json",)}
    assert found(plugin_of(mcpServers=["./a.json", "./b.json"])) == {"mcp": (f"{file}: ./a.json", f"{file}: ./b.json")}


def test_servers_in_the_file_that_a_plugin_names_are_looked_at(found: Any) -> None:
    servers = json.dumps({"mcpServers": {"docs": {"url": "https://docs.example.com/mcp"}}})
    assert set(found({**plugin_of(mcpServers="./config/servers.json"), "config/servers.json": servers})) == {
        "mcp",
        "network:docs.example.com",
    }


def test_monitors_and_workflows_of_a_plugin(found: Any) -> None:
    file = ".claude-plugin/plugin.json"
    assert found(plugin_of(experimental={"monitors": "./m.json"}, workflows="./w")) == {
        "hooks": (f"{file}: monitors",),
        "executables": (f"{file}: workflows",),
    }


def test_servers_of_a_plugin_inline_are_mcp_with_their_commands(found: Any) -> None:
    servers = {"docs": {"command": "npx", "args": ["-y", "docs-server", 1]}}
    assert found(plugin_of(mcpServers=servers)) == {"mcp": (".claude-plugin/plugin.json", "docs: npx -y docs-server 1")}
    assert found(plugin_of(mcpServers=[servers])) == {"mcp": (".claude-plugin/plugin.json", "docs: npx -y docs-server 1")}


@pytest.mark.parametrize("wrapped", [True, False])
def test_a_remote_server_is_mcp_and_network(found: Any, wrapped: bool) -> None:
    servers = {"calendar": {"type": "http", "url": "https://calendar.example.com/mcp"}}
    capabilities = found({".mcp.json": json.dumps({"mcpServers": servers} if wrapped else servers)})
    assert capabilities == {"mcp": (".mcp.json",), "network:calendar.example.com": ("server calendar",)}


def test_a_manifest_deeper_inside_is_not_the_plugins(found: Any) -> None:
    assert found({"docs/plugin.json": '{"hooks": {"Stop": []}}'}) == {}


# -- connectors ----------------------------------------------------------------------------------------------------------------

HOSTS = {
    "https://api.example.com/notes/{{id}}": "network:api.example.com",
    "https://API.Example.COM:8443/": "network:api.example.com",
    "https://192.0.2.7/x": "network:192.0.2.7",
    "https://[2001:db8::1]:8443/x": "network:2001:db8::1",
    "https://good.example.com@evil.example/": "network:evil.example",
    "https://{{host}}/x": "network:*",
    "https://{{tenant}}.example.com/x": "network:*",
    "https://api.example.com{{rest}}": "network:*",
    "{{url}}": "network:*",
    "https://[broken/x": "network:*",
    "": "network:*",
    "https:///x": "network:*",
    "https://bücher.example/": "network:*",
}


@pytest.mark.parametrize(("url", "capability"), HOSTS.items(), ids=HOSTS)
def test_an_http_connector_is_its_host_and_any_where_a_parameter_decides(found: Any, url: str, capability: str) -> None:
    assert found(connector(type="http", http={"url": url})) == {capability: ("connector api",)}


def test_a_connector_without_an_address_may_go_anywhere(found: Any) -> None:
    assert found(connector(type="http")) == {"network:*": ("connector api",)}


@pytest.mark.parametrize("kind", ["shell", "script"])
def test_a_connector_that_runs_something_says_what(found: Any, kind: str) -> None:
    assert found(connector(type=kind, **{kind: {"command": "wc"}})) == {kind: ("connector api",)}


def test_a_pack_may_have_several(found: Any) -> None:
    connectors = [{"name": "a", "type": "shell"}, {"name": "b", "type": "shell"}, {"type": "script"}, "no connector", None]
    assert found(pack_of(connectors=connectors)) == {"shell": ("connector a", "connector b"), "script": ("connector ?",)}


def test_a_pack_inside_a_pack_counts_too(found: Any) -> None:
    assert found({f"packs/a/{path}": text for path, text in connector(type="shell").items()}) == {"shell": ("connector api",)}


# -- texts ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body", ["Look: !`git status`\n", "!`date`", "a\n```!\ndate\n```\n", "- x\n\t ```!\n", "- !`ls -l | wc`\r\n"]
)
def test_a_text_that_runs_a_command_when_it_is_used(found: Any, body: str) -> None:
    assert found({"commands/a.md": body}) == {"prompt-shell": ("commands/a.md",)}
    assert found({"commands/a.md": "", **pack_of(skills=[{"id": "b", "prompt": body}])}) == {"prompt-shell": ("skill b",)}


@pytest.mark.parametrize("body", ["Run `git status`!\n", "wow!`x`\n", "!`unclosed\nx`\n", "```sh\ndate\n```\n", "! `date`\n"])
def test_a_text_that_only_shows_a_command(found: Any, body: str) -> None:
    assert found({"commands/a.md": body, **pack_of(skills=[{"id": "b", "prompt": body}])}) == {}


@pytest.mark.parametrize(
    "head",
    [
        "hooks:\n  Stop: []",
        "hooks: {Stop: []}",
        '"hooks": {Stop: []}',
        "hooks :\n  Stop: []",
        "hooks:",
        "? hooks\n: {Stop: []}",
    ],
)
def test_hooks_in_the_head_of_a_text_are_hooks_however_they_are_written(found: Any, head: str) -> None:
    assert found(skill_of(head)) == {"hooks": ("skills/a/SKILL.md",)}


@pytest.mark.parametrize("head", ["mcpServers:\n  docs: {command: npx}", "mcpServers: [docs]"])
def test_servers_in_the_head_of_a_text_are_mcp(found: Any, head: str) -> None:
    assert found({"agents/a.md": f"---\nname: a\n{head}\n---\nYou help.\n"}) == {"mcp": ("agents/a.md",)}


@pytest.mark.parametrize(
    "text",
    [
        "---\r\nname: a\r\nhooks: {Stop: []}\r\n---\r\nx",
        "\ufeff---\nhooks: {Stop: []}\n---\nx",
        "---  \nhooks: {Stop: []}\n---\nx",
    ],
)
def test_line_ends_and_byte_order_marks_hide_nothing(found: Any, text: str) -> None:
    assert found({"skills/a/SKILL.md": text}) == {"hooks": ("skills/a/SKILL.md",)}


@pytest.mark.parametrize(
    ("tools", "shown"),
    [
        ("Bash", "Bash"),
        ("Bash(git status:*), Read", "Bash(git status:*), Read"),
        ('["Write", "Read"]', "Write, Read"),
        ("\n  - Read\n  - Edit", "Read, Edit"),
        ("MultiEdit", "MultiEdit"),
        ("NotebookEdit", "NotebookEdit"),
        ("WebFetch(domain:example.com)", "WebFetch(domain:example.com)"),
        ("'*'", "*"),
        ("mcp__docs__*", "mcp__docs__*"),
        ("mcp__docs__write", "mcp__docs__write"),
        ("PowerShell", "PowerShell"),
        ("Task", "Task"),
        ("Agent(helper)", "Agent(helper)"),
    ],
)
def test_granting_oneself_tools_that_change_things_is_tools(found: Any, tools: str, shown: str) -> None:
    assert found(skill_of(f"allowed-tools: {tools}")) == {"tools": (f"skills/a/SKILL.md: {shown}",)}


@pytest.mark.parametrize("tools", ["Read", "Read, Grep, Glob", "[]", "\n  - Read", "BashOutput", "TodoWrite", ""])
def test_granting_oneself_tools_that_read_is_nothing(found: Any, tools: str) -> None:
    assert found(skill_of(f"allowed-tools: {tools}")) == {}


def test_only_the_head_grants(found: Any) -> None:
    text = "# Notes\n\n---\nhooks: {}\nallowed-tools: Bash\nmcpServers: {}\n---\n"
    assert found({"a.md": text, "b.md": f"---\nname: b\n---\n{text}", "c.txt": f"---\n{text}"}) == {}


def test_a_tool_that_is_forbidden_or_listed_for_an_agent_is_no_grant(found: Any) -> None:
    assert found(skill_of("disallowed-tools: Bash\ntools: Bash")) == {}


# -- what cannot be read ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '"hooks"', "[" * 50_000, "\x00", '{"connectors": {"a": 1}, "skills": "x"}']
)
@pytest.mark.parametrize("path", ["cowork.plugin.json", ".claude-plugin/plugin.json"])
def test_a_manifest_that_says_nothing_declares_nothing(found: Any, path: str, text: str) -> None:
    assert found({path: text}) == {}


def test_a_file_that_is_not_utf8_is_read_as_far_as_it_goes(found: Any, tmp_path: Path) -> None:
    write(tmp_path / "pack/a.md", "").write_bytes(b"caf\xe9 !`date`\n")
    assert found({}) == {"prompt-shell": ("a.md",)}


def test_a_byte_order_mark_hides_no_manifest(found: Any) -> None:
    assert found({"cowork.plugin.json": "\ufeff" + connector(type="shell")["cowork.plugin.json"]}) == {
        "shell": ("connector api",)
    }


def test_details_are_one_safe_line(found: Any) -> None:
    (detail,) = found(pack_of(connectors=[{"name": "a\x1b[2J\n\u202eb" + "c" * 500, "type": "shell"}]))["shell"]
    assert detail.isprintable()
    assert len(detail) <= 120


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["http", "shell", "!`x`", "https://a.example", "https://["]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from("connectors skills type http url name prompt hooks mcpServers command args".split()), inner
        )
    ),
    max_leaves=12,
)


@settings(max_examples=40)
@given(VALUES)
def test_any_manifest_can_be_asked(tmp_path_factory: pytest.TempPathFactory, document: Any) -> None:
    root = tmp_path_factory.mktemp("pack")
    for path in ("cowork.plugin.json", ".claude-plugin/plugin.json", ".mcp.json"):
        write(root / path, json.dumps(document))
    found = capabilities_of(root, list_local(root))
    assert {item.id.partition(":")[0] for item in found} <= {
        "hooks",
        "lsp",
        "mcp",
        "shell",
        "script",
        "prompt-shell",
        "network",
    }


# -- whole packs ---------------------------------------------------------------------------------------------------------------


def test_the_samples_can_do_what_they_say(found: Any, tmp_path: Path) -> None:
    assert set(found(sample_packs.COWORK_PACK)) == {"network:api.example.com", "shell"}


def test_a_sample_of_a_plugin_can_do_what_it_says(found: Any) -> None:
    capabilities = found(sample_packs.CLAUDE_PLUGIN, executable=(sample_packs.RUN,))
    assert capabilities == {
        "executables": (sample_packs.RUN,),
        "hooks": ("hooks/hooks.json",),
        "mcp": (".mcp.json", "docs: docs-server --stdio"),
    }


def test_a_sample_of_an_agent_plugin_can_do_what_it_says(found: Any) -> None:
    assert set(found(sample_packs.AGENT_PLUGIN)) == {"mcp", "network:calendar.example.com"}


@pytest.mark.parametrize("files", [sample_packs.BARE_SKILLS, sample_packs.ROOT_SKILL, sample_packs.pack()])
def test_texts_alone_need_no_approval(found: Any, files: Mapping[str, str]) -> None:
    assert found(files) == {}


# -- approval ------------------------------------------------------------------------------------------------------------------


def test_what_is_not_approved_is_missing() -> None:
    items = tuple(Capability(name, ()) for name in ("hooks", "mcp", "network:a.example", "network:b.example"))
    assert missing(items, ["hooks", "network:a.example"]) == (items[1], items[3])
    assert missing(items, ["hooks", "mcp", "network"]) == ()
    assert missing(items, []) == items


def test_approving_one_host_approves_no_other_and_any_host_is_not_every_host() -> None:
    items = (Capability("network:*", ()), Capability("network:a.example", ()))
    assert missing(items, ["network:a.example"]) == (items[0],)
    assert missing(items, ["network:*"]) == (items[1],)
