"""Installing with the installed program: at a real terminal, in a pipe, and all the way to a skill that runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.terminals import at_a_terminal
from tests.install.flows import CONNECTOR, acme
from tests.install.git_repo import make_repo
from tests.install.git_server import GitServer, git_server
from tests.install.sample_packs import CLAUDE_PLUGIN, COWORK_PACK, marketplace
from tests.support import run_program


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitServer]:
    (tmp_path / "repos").mkdir()
    with git_server(tmp_path / "repos") as running:
        monkeypatch.setenv("COWORK_PRIVATE_HOSTS", running.host)
        yield running


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 6), ("\n", 6), ("\x03", 130)])
def test_a_person_sees_what_a_pack_can_do_and_decides(answer: str, code: int, tmp_path: Path, home: Path) -> None:
    found, shown = at_a_terminal("pack", "install", acme(tmp_path / "src", connectors=[CONNECTOR]), answer=answer)
    assert found == code, shown
    assert "network:api.acme.example" in shown
    assert "connector crm" in shown
    assert (home / "extensions" / "acme").exists() == (code == 0)


def test_yes_stands_for_a_person_at_a_terminal_and_for_nobody_in_a_pipe(tmp_path: Path, home: Path) -> None:
    source = acme(tmp_path / "src", connectors=[CONNECTOR])
    ran = run_program("pack", "install", source, "--yes", "--json")
    assert (ran.code, ran.document["error"]["code"]) == (2, "install.approval_needed")
    assert not (home / "extensions").exists()
    code, shown = at_a_terminal("pack", "install", source, "--yes", answer="")
    assert code == 0, shown
    assert json.loads((home / "cowork.lock").read_text())["packs"]["acme"]["approved_by"] == "a person at a terminal"


def test_removing_asks_and_a_no_keeps_it(tmp_path: Path, home: Path) -> None:
    assert run_program("pack", "install", acme(tmp_path / "src")).code == 0
    assert at_a_terminal("pack", "uninstall", "acme", answer="n\n")[0] == 130
    assert (home / "extensions" / "acme").exists()
    assert at_a_terminal("pack", "uninstall", "acme", answer="y\n")[0] == 0
    assert not (home / "extensions" / "acme").exists()


def test_a_pack_from_git_is_installed_and_its_skill_runs(tmp_path: Path, server: GitServer) -> None:
    make_repo(tmp_path / "repos", "sample", COWORK_PACK)
    approve = "network,shell,script,hooks,mcp,executables,tools,prompt-shell"
    ran = run_program("pack", "install", f"git+{server.url('sample')}", "--approve", approve, "--json")
    assert ran.code == 0, ran.out
    pack = ran.data["items"][0]["name"]
    skills = run_program("skill", "list", "--pack", pack, "--json").data["items"]
    assert skills
    shown = run_program("skill", "show", skills[0]["id"], "--json").data
    given = [
        word
        for item in shown["parameters"]
        if item["required"]
        for word in ("--param", f"{item['name']}={(item['options'] or ['x'])[0]}")
    ]
    ran = run_program("skill", "run", skills[0]["id"], *given, "--provider", "rehearsal", "--json")
    assert (ran.code, ran.data["rehearsal"]) == (0, True), ran.out


def test_a_plugin_of_a_marketplace_is_listed_chosen_and_loaded_unchanged(tmp_path: Path, server: GitServer) -> None:
    elsewhere = make_repo(
        tmp_path / "repos", "elsewhere", {f"plugins/deep/{path}": text for path, text in CLAUDE_PLUGIN.items()}
    )
    files = marketplace(github_sha="0" * 40, subdirectory_url=server.url("elsewhere"), subdirectory_sha=elsewhere.head)
    make_repo(tmp_path / "repos", "market", files)
    source = f"git+{server.url('market')}"
    offers = run_program("pack", "install", source, "--list", "--json").data["offers"]
    assert len(offers) > 2
    ran = run_program("pack", "install", source, "--json")
    assert (ran.code, ran.document["error"]["code"]) == (2, "install.several")
    for offer in offers:
        if offer["source"] is None:
            ran = run_program(
                "pack",
                "install",
                source,
                "--plugin",
                offer["name"],
                "--approve",
                "hooks,mcp,executables,network,tools,prompt-shell",
                "--json",
            )
            assert ran.code == 0, ran.out
            assert run_program("pack", "show", offer["name"], "--json").data["skills"]


def test_a_stream_tells_the_steps_and_ends_with_the_result(tmp_path: Path, server: GitServer) -> None:
    make_repo(
        tmp_path / "repos", "acme", {"cowork.plugin.json": (Path(acme(tmp_path / "s")) / "cowork.plugin.json").read_text()}
    )
    events = run_program("pack", "install", f"git+{server.url('acme')}", "--stream").events
    kinds = [event["type"] for event in events]
    assert kinds == ["install.fetching", "install.writing", "install.scanning", "install.committing", "result"]
