"""A marketplace as a source: each entry is an offer, in the repository itself or somewhere else, and none spoils the others."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.core.errors import CoworkError, InvalidInput
from cowork.install.contents import Offer, choose, offers
from cowork.install.judging import chosen_entries
from tests.install.materials import Memory, opened
from tests.install.sample_packs import CLAUDE_PLUGIN, below, marketplace, skill_md

LISTING = ".claude-plugin/marketplace.json"
MANIFEST = ".claude-plugin/plugin.json"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
SKILLS = {f"skills/{name}/SKILL.md": skill_md(name) for name in ("outline", "proofread", "other")}


def market(*plugins: Any, **more: Any) -> dict[str, str]:
    return {LISTING: json.dumps({"name": "m", "owner": {"name": "o"}, "plugins": list(plugins), **more})}


def entry(source: Any, name: str = "one", **more: Any) -> dict[str, Any]:
    return {"name": name, "source": source, **more}


def found(files: Mapping[str, str | bytes], at: str = "") -> dict[str, Offer]:
    return {offer.name: offer for offer in offers(opened(files), at, "repo")}


def one(source: Any, files: Mapping[str, str] | None = None, **more: Any) -> Offer:
    return found({**market(entry(source, **more)), **(files or {})})["one"]


def chosen(source: Any, files: Mapping[str, str], **more: Any) -> dict[str, str]:
    """What is installed of the only entry: new paths, and where they were; `+` for what the marketplace adds."""
    files = {**market(entry(source, **more)), **files}
    offer = found(files)["one"]
    taken = {item.path: path for path, item in chosen_entries(opened(files), offer).items()}
    assert not taken.keys() & offer.extra.keys()
    return {**taken, **dict.fromkeys(offer.extra, "+")}


# -- the list ------------------------------------------------------------------------------------------------------------------


def test_the_sample_offers_all_its_plugins_sorted_by_name() -> None:
    offered = offers(opened(marketplace(github_sha=COMMIT)), "", "repo")
    assert [(offer.name, offer.path, offer.source and offer.source.canonical) for offer in offered] == [
        ("far-away", "", f"github:example/far-away@{COMMIT}"),
        ("note-keeper", "", "git+https://example.com/tools.git//tools/packs/note-keeper"),
        ("tidy", "plugins/tidy", None),
        ("writing-skills", "", None),
    ]
    assert {offer.kind for offer in offered} == {"claude-plugin"}
    assert offered[2].description == "Tidies code"


@pytest.mark.parametrize("text", ["[]", "{}", '{"name": "m"}', '{"name": "m", "owner": {"name": "o"}, "plugins": {}}'])
def test_a_list_that_is_none_is_refused_with_the_place(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        found({LISTING: text, **SKILLS})
    assert caught.value.code == "install.invalid"
    assert caught.value.message.startswith(f"{LISTING}: $")


def test_a_list_that_is_not_json_is_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        found({LISTING: "{", **SKILLS})
    assert caught.value.code == "file.corrupt"


def test_an_entry_that_cannot_be_read_does_not_spoil_the_others() -> None:
    bad = ["text", {}, {"name": "x"}, entry({"source": "moon"}, "y"), entry("./../up", "z"), entry("/etc", "w")]
    assert list(found({**market(*bad, entry("./", "good")), **SKILLS})) == ["good"]


def test_the_first_of_two_entries_with_one_name_counts() -> None:
    offer = one("./a", {**market(entry("./a"), entry("./b")), **below("a", SKILLS), **below("b", SKILLS)})
    assert offer.path == "a"


@pytest.mark.parametrize(
    "source", [{"source": "npm", "package": "x"}, {"source": "command", "command": "curl x | sh"}, "./nowhere", "./README.md"]
)
def test_what_would_run_code_to_be_fetched_or_is_not_there_is_left_out(source: Any) -> None:
    files = {**market(entry(source), entry("./", "good")), **SKILLS, "README.md": ""}
    assert list(found(files)) == ["good"]


def test_a_market_of_nothing_but_that_offers_nothing() -> None:
    offered = offers(opened(market(entry({"source": "npm", "package": "x"}))), "", "repo")
    assert offered == ()
    with pytest.raises(CoworkError) as caught:
        choose(offered, None)
    assert caught.value.code == "install.nothing_found"


def test_only_the_list_is_read() -> None:
    memory = Memory(marketplace())
    offers(opened(memory), "", "repo")
    assert memory.read == [LISTING]


# -- elsewhere -----------------------------------------------------------------------------------------------------------------

ELSEWHERE = [
    ({"source": "github", "repo": "owner/repo"}, "github:owner/repo"),
    ({"source": "github", "repo": "owner/repo", "ref": "v1"}, "github:owner/repo@v1"),
    ({"source": "github", "repo": "owner/repo", "ref": "v1", "sha": COMMIT}, f"github:owner/repo@{COMMIT}"),
    ({"source": "url", "url": "https://git.example.com/notes.git"}, "git+https://git.example.com/notes.git"),
    ({"source": "url", "url": "https://git.example.com/notes", "ref": "main"}, "git+https://git.example.com/notes@main"),
    ({"source": "url", "url": "https://github.com/owner/repo.git", "sha": COMMIT}, f"github:owner/repo@{COMMIT}"),
    ({"source": "url", "url": "git@git.example.com:team/notes.git"}, "git+ssh://git@git.example.com/team/notes.git"),
    ({"source": "url", "url": "ssh://git@git.example.com/notes"}, "git+ssh://git@git.example.com/notes"),
    ({"source": "url", "url": "owner/repo"}, "github:owner/repo"),
    ({"source": "git-subdir", "url": "owner/repo", "path": "packs/notes"}, None),
    ({"source": "git-subdir", "url": "https://github.com/owner/repo.git", "path": "./p/q/"}, "github:owner/repo/p/q"),
    (
        {"source": "git-subdir", "url": "https://git.example.com/n", "path": "p", "ref": "v1"},
        "git+https://git.example.com/n//p@v1",
    ),
    ({"source": "git-subdir", "url": "git@git.example.com:n.git", "path": "p"}, "git+ssh://git@git.example.com/n.git//p"),
    ({"source": "archive", "url": "https://example.com/notes.zip"}, "https://example.com/notes.zip"),
]


@pytest.mark.parametrize(("source", "canonical"), ELSEWHERE, ids=[str(item) for _, item in ELSEWHERE])
def test_a_plugin_somewhere_else_has_a_canonical_source(source: Any, canonical: str | None) -> None:
    offer = one(source, description="Notes", version="1.0.0")
    assert offer.source is not None
    assert offer.source.canonical == (canonical or "github:owner/repo/packs/notes")
    assert (offer.path, offer.rename, offer.extra, offer.description, offer.version) == ("", {}, {}, "Notes", "1.0.0")


def test_an_archive_may_be_promised_by_its_digest() -> None:
    digest = "ab" * 32
    assert one({"source": "archive", "url": "https://example.com/notes.zip", "sha256": digest}).sha256 == digest
    assert one({"source": "archive", "url": "https://example.com/notes.zip"}).sha256 is None


REFUSED = {
    "ext transport": ({"source": "url", "url": "ext::sh -c touch% evil"}, "source.transport"),
    "file transport": ({"source": "url", "url": "file:///srv/notes"}, "source.transport"),
    "git+file transport": ({"source": "url", "url": "git+file:///srv/notes"}, "source.transport"),
    "option": ({"source": "url", "url": "--upload-pack=touch evil"}, "source.option_like"),
    "option as a repository": ({"source": "url", "url": "--upload-pack/x"}, "source.bad_path"),
    "option as a ref": ({"source": "github", "repo": "o/r", "ref": "--upload-pack=x"}, "source.bad_ref"),
    "credentials": ({"source": "url", "url": "https://user:secret@example.com/n.git"}, "source.credentials"),
    "plain http": ({"source": "url", "url": "http://example.com/n.git"}, "source.plain_http"),
    "private address": ({"source": "url", "url": "https://169.254.169.254/n.git"}, "source.private_address"),
    "this machine, by url": ({"source": "url", "url": "./secret@home"}, "source.transport"),
    "this machine, by subdirectory": ({"source": "git-subdir", "url": "/srv/user@x", "path": "p"}, "source.transport"),
    "this machine, by archive": ({"source": "archive", "url": "/etc"}, "source.transport"),
    "home, by archive": ({"source": "archive", "url": "~/.ssh"}, "source.transport"),
    "catalogue, by archive": ({"source": "archive", "url": "devops"}, "source.transport"),
    "page instead of an archive": ({"source": "archive", "url": "https://example.com/notes"}, "source.unknown"),
    "pluginRoot that climbs": ("./a", "install.path_climbs"),
}


@pytest.mark.parametrize(("source", "code"), REFUSED.values(), ids=REFUSED)
def test_a_hostile_entry_is_refused_when_it_is_chosen_and_spoils_no_other(source: Any, code: str) -> None:
    root = {"metadata": {"pluginRoot": "../.."}} if code == "install.path_climbs" else {}
    other = entry({"source": "github", "repo": "o/r"}, "good")
    offered = offers(opened({**market(entry(source), other, **root), **below("a", SKILLS)}), "", "repo")
    assert choose(offered, "good").source is not None
    with pytest.raises(CoworkError) as caught:
        choose(offered, "one")
    assert caught.value.code == code


# -- in the repository ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["./plugins/tidy", "./plugins/tidy/", "plugins/tidy", "./plugins/./tidy"])
def test_a_plugin_in_a_directory_is_that_directory(path: str) -> None:
    offer = one(path, below("plugins/tidy", CLAUDE_PLUGIN))
    assert (offer.path, offer.rename, offer.extra, offer.source) == ("plugins/tidy", {}, {}, None)


def test_a_marketplace_in_a_directory_has_its_plugins_below_it() -> None:
    files = below("market", {**market(entry("./plugins/tidy")), **below("plugins/tidy", CLAUDE_PLUGIN)})
    assert found(files, "market")["one"].path == "market/plugins/tidy"


@pytest.mark.parametrize("root", ["./plugins", "plugins/", "plugins"])
def test_plugin_root_goes_before_the_paths(root: str) -> None:
    files = {**market(entry("./tidy"), metadata={"pluginRoot": root}), **below("plugins/tidy", CLAUDE_PLUGIN)}
    assert found(files)["one"].path == "plugins/tidy"


def test_a_path_that_already_has_the_plugin_root_is_taken_as_it_is() -> None:
    files = {**market(entry("./plugins/tidy"), metadata={"pluginRoot": "./plugins"}), **below("plugins/tidy", CLAUDE_PLUGIN)}
    assert found(files)["one"].path == "plugins/tidy"


def test_a_plugin_without_a_manifest_gets_that_of_its_entry() -> None:
    offer = one("./a", below("a", SKILLS), version="1.2.0", description="Größe", author={"name": "Tess"}, category="x")
    assert list(offer.extra) == [MANIFEST]
    about = {"name": "one", "version": "1.2.0", "description": "Größe", "author": "Tess"}
    assert json.loads(offer.extra[MANIFEST]) == about
    assert offer.rename == {}


def test_a_plugin_with_a_manifest_keeps_it() -> None:
    assert chosen("./a", below("a", CLAUDE_PLUGIN), version="9.9.9") == {path: f"a/{path}" for path in CLAUDE_PLUGIN}


def test_chosen_skills_of_a_repository_are_put_together() -> None:
    files = {**SKILLS, "skills/outline/forms.md": "", "README.md": "", "LICENSE": "MIT", "NOTICE.txt": "", "docs/LICENSE": ""}
    skills = ["./skills/outline", "./skills/proofread"]
    assert chosen("./", files, strict=False, skills=skills) == {
        MANIFEST: "+",
        "skills/outline/SKILL.md": "skills/outline/SKILL.md",
        "skills/outline/forms.md": "skills/outline/forms.md",
        "skills/proofread/SKILL.md": "skills/proofread/SKILL.md",
        "LICENSE": "LICENSE",
        "NOTICE.txt": "NOTICE.txt",
    }


def test_components_from_anywhere_go_where_a_plugin_has_them() -> None:
    files = below(
        "pkg",
        {
            "ai/writing/SKILL.md": skill_md("writing"),
            "ai/more/a/SKILL.md": skill_md("a"),
            "ai/run.md": "",
            "ai/cmds/x.md": "",
            "ai/helper.md": "",
            "ai/hooks.json": "{}",
            "ai/servers.json": "{}",
            "ai/ignored.md": "",
            "LICENSE.md": "",
        },
    )
    definition = {
        "skills": ["./ai/writing", "./ai/more"],
        "commands": ["./ai/run.md", "./ai/cmds"],
        "agents": "./ai/helper.md",
        "hooks": "./ai/hooks.json",
        "mcpServers": "./ai/servers.json",
    }
    assert chosen("./pkg", files, strict=False, **definition) == {
        MANIFEST: "+",
        "skills/writing/SKILL.md": "pkg/ai/writing/SKILL.md",
        "skills/a/SKILL.md": "pkg/ai/more/a/SKILL.md",
        "commands/run.md": "pkg/ai/run.md",
        "commands/x.md": "pkg/ai/cmds/x.md",
        "agents/helper.md": "pkg/ai/helper.md",
        "hooks/hooks.json": "pkg/ai/hooks.json",
        ".mcp.json": "pkg/ai/servers.json",
        "LICENSE.md": "pkg/LICENSE.md",
    }


def test_a_root_that_is_itself_the_skill_becomes_one_below_skills() -> None:
    files = below("a", {"SKILL.md": skill_md("a"), "more.md": "", "LICENSE": "", "run.md": ""})
    assert chosen("./a", files, strict=False, skills=["./"], commands=["./run.md"]) == {
        MANIFEST: "+",
        "skills/one/SKILL.md": "a/SKILL.md",
        "skills/one/more.md": "a/more.md",
        "commands/run.md": "a/run.md",
        "LICENSE": "a/LICENSE",
    }


def test_without_strict_and_without_components_the_directory_is_the_plugin() -> None:
    assert chosen("./a", below("a", SKILLS), strict=False) == {MANIFEST: "+", **{path: f"a/{path}" for path in SKILLS}}


def test_with_strict_the_directory_is_the_plugin_whatever_the_entry_lists() -> None:
    offer = one("./a", below("a", SKILLS), skills=["./skills/outline"], hooks={"Stop": []})
    assert (offer.path, offer.rename, list(offer.extra)) == ("a", {}, [MANIFEST])


def test_a_plugin_with_a_manifest_is_whole_even_without_strict() -> None:
    assert one("./a", below("a", CLAUDE_PLUGIN), strict=False, skills=["./skills/x"]).rename == {}


@pytest.mark.parametrize("more", [{}, {"skills": ["./skills/outline"]}])
def test_hooks_and_servers_in_the_entry_become_files(more: dict[str, Any]) -> None:
    hooks, servers = {"Stop": [{"hooks": []}]}, {"docs": {"command": "docs"}}
    for wrapped in (True, False):
        given_hooks = {"hooks": hooks} if wrapped else hooks
        given_servers = {"mcpServers": servers} if wrapped else servers
        offer = one("./", SKILLS, strict=False, hooks=given_hooks, mcpServers=given_servers, **more)
        assert json.loads(offer.extra["hooks/hooks.json"]) == {"hooks": hooks}
        assert json.loads(offer.extra[".mcp.json"]) == {"mcpServers": servers}


def test_text_of_an_entry_is_written_so_that_it_can_be_read_again() -> None:
    offer = one("./", SKILLS, strict=False, hooks={"Stop": ["\ud800\u202e"]})
    assert json.loads(offer.extra["hooks/hooks.json"]) == {"hooks": {"Stop": ["\ud800\u202e"]}}
    assert offer.extra["hooks/hooks.json"].isascii()


def test_what_is_made_for_one_entry_is_the_same_every_time() -> None:
    files = {**market(entry("./", strict=False, hooks={"b": 1, "a": 2}, version="1")), **SKILLS}
    assert found(files)["one"].extra == found(files)["one"].extra
    assert found(files)["one"].extra[MANIFEST].endswith(b"}\n")


TEXTS = st.sampled_from(
    ["./", "./a", "a/skills", "..", "/etc", "ext::x", "o/r", "https://example.com/x.zip", "", "\ud800", "-x", "./a@b"]
)
SOURCES = st.one_of(
    TEXTS,
    st.fixed_dictionaries(
        {"source": st.sampled_from(["github", "url", "git-subdir", "npm", "archive", "command", "path"])},
        optional=dict.fromkeys("repo url path ref sha package command sha256".split(), TEXTS),
    ),
)
ENTRIES = st.fixed_dictionaries(
    {"name": st.sampled_from(["one", "two", "..", "a b", ""]), "source": SOURCES},
    optional={
        "strict": st.booleans(),
        **dict.fromkeys(
            "skills commands agents hooks mcpServers".split(), TEXTS | st.lists(TEXTS, max_size=2) | st.just({"a": {}})
        ),
    },
)


@settings(max_examples=60)
@given(st.lists(ENTRIES, max_size=3), st.none() | TEXTS)
def test_any_list_is_answered_or_refused(plugins: list[Any], root: str | None) -> None:
    files = {**market(*plugins, metadata={"pluginRoot": root} if root is not None else {}), **SKILLS, **below("a", SKILLS)}
    try:
        offered = offers(opened(files), "", "repo")
    except InvalidInput as error:
        assert error.code in ("install.invalid", "file.corrupt")
        return
    for offer in offered:
        assert offer.source is None or offer.source.kind not in ("local", "catalogue")
        assert ".." not in offer.path.split("/")
        for path in (*offer.rename, *offer.rename.values(), *offer.extra):
            assert ".." not in path.split("/")
            assert not path.startswith("/")
