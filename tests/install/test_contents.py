"""What a source offers: one pack, a plugin, a skill, or many of them in subdirectories."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.core.errors import CoworkError, InvalidInput, NotFound, UsageError
from cowork.formats.agent_plugin import SCHEMA
from cowork.install.contents import Offer, choose, offers
from cowork.install.judging import chosen_entries
from cowork.install.material import open_source
from cowork.install.sources import Source
from cowork.install.tree import Entry
from tests.install import sample_packs
from tests.install.materials import Memory, opened
from tests.install.sample_packs import below, pack, skill_md, without
from tests.registry.places import write

PLUGIN = {".claude-plugin/plugin.json": '{"name": "tidy", "version": "1.2.0", "description": "Tidies"}'}
AGENT_PLUGIN = {"plugin.json": json.dumps({"$schema": SCHEMA, "name": "planner", "version": "0.3.0"})}
SKILLS = {"skills/a/SKILL.md": skill_md("a")}
SKILL = {"SKILL.md": skill_md("epsilon")}
MARKET = {
    ".claude-plugin/marketplace.json": json.dumps(
        {"name": "m", "owner": {"name": "o"}, "plugins": [{"name": "offered", "source": "./plugins/offered"}]}
    ),
    "plugins/offered/skills/b/SKILL.md": skill_md("b"),
}


def found(files: Mapping[str, str | bytes] | Memory, at: str = "", fallback: str = "repo") -> list[tuple[str, str, str]]:
    """Name, kind and path of everything that the files offer."""
    return [(offer.name, offer.kind, offer.path) for offer in offers(opened(files), at, fallback)]


def refused(files: Mapping[str, str | bytes], at: str = "") -> CoworkError:
    with pytest.raises(CoworkError) as caught:
        offers(opened(files), at, "repo")
    return caught.value


# -- one thing -----------------------------------------------------------------------------------------------------------------


def test_a_pack_is_offered_with_what_its_manifest_says() -> None:
    (offer,) = offers(opened(pack("note-keeper", "2.0.0")), "", "repo")
    assert offer == Offer("note-keeper", "pack", "", "The note-keeper pack", "2.0.0")


def test_a_plugin_is_offered_with_what_its_manifest_says() -> None:
    (offer,) = offers(opened(PLUGIN), "", "repo")
    assert offer == Offer("tidy", "claude-plugin", "", "Tidies", "1.2.0")


def test_an_agent_plugin_is_offered_with_what_its_manifest_says() -> None:
    (offer,) = offers(opened(sample_packs.AGENT_PLUGIN), "", "repo")
    assert (offer.name, offer.kind, offer.version) == ("planner", "agent-plugin", "0.3.0")


def test_a_skill_at_the_root_is_called_like_its_source() -> None:
    assert found(sample_packs.ROOT_SKILL) == [("repo", "skill", "")]


@pytest.mark.parametrize("files", [sample_packs.SKILLS_DIRECTORY, sample_packs.CLAUDE_PLUGIN_WITHOUT_MANIFEST])
def test_components_without_a_manifest_are_a_plugin_called_like_its_source(files: Mapping[str, str]) -> None:
    assert found(files) == [("repo", "claude-plugin", "")]


@pytest.mark.parametrize("path", ["skills/a/SKILL.md", "commands/a.md", "agents/a.md", "hooks/hooks.json"])
def test_each_kind_of_component_makes_a_plugin(path: str) -> None:
    assert found({path: "", "README.md": ""}) == [("repo", "claude-plugin", "")]


def test_a_file_called_like_a_component_makes_none() -> None:
    assert refused({"skills": "", "README.md": "", "agents.md": ""}).code == "install.nothing_found"


def test_a_manifest_without_a_name_or_with_a_wrong_one_falls_back_to_the_source() -> None:
    assert found({"cowork.plugin.json": "{}"}) == [("repo", "pack", "")]
    assert found({"cowork.plugin.json": '{"name": 5, "version": [], "description": null}'}) == [("repo", "pack", "")]


def test_the_stronger_manifest_wins() -> None:
    everything = {**pack("note-keeper"), **MARKET, **PLUGIN, **AGENT_PLUGIN, **SKILLS, **SKILL}
    order = [
        ("cowork.plugin.json", [("note-keeper", "pack", "")]),
        (".claude-plugin/marketplace.json", [("offered", "claude-plugin", "plugins/offered")]),
        (".claude-plugin/plugin.json", [("tidy", "claude-plugin", "")]),
        ("plugin.json", [("planner", "agent-plugin", "")]),
        ("skills/a/SKILL.md", [("repo", "claude-plugin", "")]),
        ("SKILL.md", [("repo", "skill", "")]),
        ("plugins/offered/skills/b/SKILL.md", [("offered", "claude-plugin", "plugins/offered")]),
    ]
    for path, expected in order:
        assert found(everything) == expected
        everything = without(everything, path)
    assert refused(everything).code == "install.nothing_found"


def test_a_plugin_json_of_something_else_is_nothing() -> None:
    assert refused({"plugin.json": '{"name": "a jenkins plugin"}'}).code == "install.nothing_found"
    assert found({"plugin.json": '{"name": "a jenkins plugin"}', **SKILL}) == [("repo", "skill", "")]


@pytest.mark.parametrize("manifest", ["cowork.plugin.json", ".claude-plugin/plugin.json"])
@pytest.mark.parametrize(("text", "code"), [("[]", "install.invalid"), ("{", "file.corrupt"), ('"x"', "install.invalid")])
def test_a_manifest_that_cannot_be_read_is_refused_and_not_skipped(manifest: str, text: str, code: str) -> None:
    assert refused({manifest: text, **SKILL}).code == code


def test_a_manifest_beyond_the_limit_is_refused() -> None:
    assert refused({"cowork.plugin.json": " " * 4_194_305}).code == "file.too_large"


def test_only_manifests_are_read() -> None:
    memory = Memory({**sample_packs.COWORK_PACK, **SKILLS, **below("more", SKILLS)})
    found(memory)
    assert memory.read == ["cowork.plugin.json"]
    memory = Memory(sample_packs.BARE_SKILLS)
    found(memory)
    assert memory.read == []


def test_many_manifests_are_read_in_one_pass() -> None:
    memory = Memory(
        {path: text for number in range(300) for path, text in below(f"packs/p{number}", pack(f"p{number}")).items()}
    )
    assert len(found(memory)) == 300
    assert memory.passes == 1
    assert len(memory.read) == 300


def test_manifests_in_subdirectories_are_held_to_the_limits() -> None:
    large = {f"p{number}/cowork.plugin.json": " " * 4_194_304 for number in range(17)}
    assert refused(large).code == "install.too_large"
    memory = Memory({"a/cowork.plugin.json": " " * 4_194_305, "b/cowork.plugin.json": "{}"})
    with pytest.raises(InvalidInput) as caught:
        found(memory)
    assert caught.value.code == "file.too_large"


# -- a directory inside --------------------------------------------------------------------------------------------------------


def test_a_named_directory_is_looked_into() -> None:
    files = {**below("packs/notes", pack("note-keeper")), **below("packs/tidy", PLUGIN), **SKILL}
    assert found(files, "packs/notes") == [("note-keeper", "pack", "packs/notes")]
    assert found(files, "packs/tidy") == [("tidy", "claude-plugin", "packs/tidy")]
    assert found(files, "packs") == [("note-keeper", "pack", "packs/notes"), ("tidy", "claude-plugin", "packs/tidy")]


def test_a_skill_in_a_named_directory_is_called_like_the_directory() -> None:
    assert found(below("a/epsilon", SKILL), "a/epsilon", fallback="epsilon") == [("epsilon", "skill", "a/epsilon")]


def test_a_marketplace_may_be_in_a_directory() -> None:
    assert found(below("market", MARKET), "market") == [("offered", "claude-plugin", "market/plugins/offered")]


@pytest.mark.parametrize("at", ["nowhere", "pack", "packs/note", "packs/notes/cowork.plugin.json", "Packs/notes"])
def test_a_directory_that_is_not_there_is_not_found(at: str) -> None:
    error = refused(below("packs/notes", pack()), at)
    assert (error.code, isinstance(error, NotFound)) == ("install.path_not_found", True)


def test_a_source_without_files_is_empty() -> None:
    assert refused({}).code == "install.empty"
    assert refused({}, "packs").code == "install.path_not_found"


# -- several -------------------------------------------------------------------------------------------------------------------


def test_skills_in_directories_are_offered_one_by_one() -> None:
    assert found(sample_packs.BARE_SKILLS) == [("alpha", "skill", "alpha"), ("beta", "skill", "beta")]


def test_a_pack_in_a_subdirectory_is_found() -> None:
    assert found(sample_packs.IN_A_SUBDIRECTORY) == [("note-keeper", "pack", "tools/packs/note-keeper")]


def test_packs_plugins_and_skills_are_found_side_by_side_and_sorted_by_name() -> None:
    files = {
        **below("z/notes", pack("note-keeper")),
        **below("b/tidy", PLUGIN),
        **below("a/planner", AGENT_PLUGIN),
        **below("a/bundle", SKILLS),
        **below("alone", SKILL),
        "README.md": "",
    }
    assert found(files) == [
        ("alone", "skill", "alone"),
        ("bundle", "claude-plugin", "a/bundle"),
        ("note-keeper", "pack", "z/notes"),
        ("planner", "agent-plugin", "a/planner"),
        ("tidy", "claude-plugin", "b/tidy"),
    ]


def test_the_same_name_in_two_places_is_two_offers() -> None:
    files = {**below("b", pack("same")), **below("a", pack("same"))}
    assert found(files) == [("same", "pack", "a"), ("same", "pack", "b")]


def test_below_something_that_was_found_nothing_else_is_looked_for() -> None:
    inner = {**below("examples/other", pack("other")), **below("docs/x", SKILL)}
    assert found(below("packs/notes", {**pack("note-keeper"), **inner})) == [("note-keeper", "pack", "packs/notes")]
    assert found({**below("a", SKILL), **below("a-b", SKILL)}) == [("a", "skill", "a"), ("a-b", "skill", "a-b")]


@pytest.mark.parametrize("directory", [".claude", ".github/packs", "docs/.hidden/x"])
def test_hidden_directories_offer_nothing(directory: str) -> None:
    assert refused({**below(directory, pack()), "README.md": ""}).code == "install.nothing_found"


def test_a_hidden_directory_can_be_named() -> None:
    assert found(below(".claude", SKILLS), ".claude", fallback=".claude")[0][1:] == ("claude-plugin", ".claude")


def test_what_is_very_deep_is_not_looked_for() -> None:
    assert found(below("1/2/3/4/5", SKILL)) == [("5", "skill", "1/2/3/4/5")]
    assert refused(below("1/2/3/4/5/6", SKILL)).code == "install.nothing_found"


def test_nothing_is_said_with_what_was_looked_for() -> None:
    error = refused({"README.md": "", "src/main.py": ""})
    assert (error.code, isinstance(error, NotFound)) == ("install.nothing_found", True)
    assert "SKILL.md" in (error.cause or "")


def test_a_link_is_no_manifest() -> None:
    with pytest.raises(NotFound) as caught:
        offers(opened({"README.md": ""}, Entry("cowork.plugin.json", 0, "symlink")), "", "repo")
    assert caught.value.code == "install.nothing_found"


PARTS = st.sampled_from(
    ["a", "skills", "commands", "hooks", ".claude-plugin", "SKILL.md", "plugin.json", "cowork.plugin.json", "..", ".", ""]
)
FILES = st.dictionaries(
    st.lists(PARTS, min_size=1, max_size=5).map("/".join),
    st.sampled_from(["", "{}", "[]", '{"name": "x"}', AGENT_PLUGIN["plugin.json"]]),
    min_size=1,
    max_size=6,
)


@given(FILES)
def test_any_listing_is_answered_or_refused(files: dict[str, str]) -> None:
    try:
        answer = offers(opened(files), "", "repo")
    except CoworkError as error:
        assert error.code in ("install.nothing_found", "install.invalid", "file.corrupt", "install.path_not_found")
        return
    assert answer
    assert list(answer) == sorted(answer, key=lambda offer: (offer.name, offer.path))
    for offer in answer:
        assert ".." not in offer.path.split("/")
        assert any(path.startswith(f"{offer.path}/" if offer.path else "") for path in files)


def test_what_a_directory_leaves_out_is_left_out_of_every_source() -> None:
    files = {**pack(), "node_modules/x/SKILL.md": "", "docs/__pycache__/a.pyc": "", "docs/a.md": "", ".git/config": ""}
    material = opened(files, Entry("node_modules/link", 0, "symlink"))
    (offer,) = offers(material, "", "repo")
    assert set(chosen_entries(material, offer)) == {*pack(), "docs/a.md", ".git/config"}


# -- a choice ------------------------------------------------------------------------------------------------------------------

A, B, B2 = Offer("a", "pack", "x"), Offer("b", "skill", "y"), Offer("b", "skill", "z")


def test_the_only_offer_is_meant_and_a_name_picks_one() -> None:
    assert choose([A], None) is A
    assert choose([A], "a") is A
    assert choose([A, B], "b") is B


def test_several_are_named_with_how_to_pick_one() -> None:
    with pytest.raises(UsageError) as caught:
        choose([A, B], None)
    assert caught.value.code == "install.several"
    assert caught.value.cause == "a, b"
    assert "--plugin" in (caught.value.hint or "")
    assert caught.value.details == {"names": ["a", "b"]}


def test_very_many_are_not_all_shown() -> None:
    with pytest.raises(UsageError) as caught:
        choose([Offer(f"a-long-name-{number}", "pack") for number in range(300)], None)
    assert len(caught.value.cause or "") <= 200
    assert len(caught.value.details["names"]) == 300


def test_an_unknown_name_gets_a_suggestion() -> None:
    with pytest.raises(NotFound) as caught:
        choose([Offer("note-keeper", "pack"), A], "notekeeper")
    assert (caught.value.code, caught.value.hint) == ("install.plugin_not_found", "did you mean 'note-keeper'?")
    with pytest.raises(NotFound) as caught:
        choose([A], "zzz\x1b[2J")
    assert "--list" in (caught.value.hint or "")
    assert caught.value.message.isprintable()


def test_a_name_that_is_offered_twice_is_told_by_its_places() -> None:
    with pytest.raises(UsageError) as caught:
        choose([A, B, B2, Offer("b", "pack")], "b")
    assert caught.value.message.endswith("y, z, .")


def test_an_offer_that_cannot_be_installed_says_why_when_it_is_meant() -> None:
    bad = Offer("bad", "claude-plugin", refusal=InvalidInput("install.path_climbs", "it climbs"))
    assert choose([A, bad], "a") is A
    for several, name in (([A, bad], "bad"), ([bad], None)):
        with pytest.raises(InvalidInput) as caught:
            choose(several, name)
        assert caught.value.code == "install.path_climbs"


def test_no_offers_are_nothing_found() -> None:
    with pytest.raises(NotFound) as caught:
        choose([], None)
    assert caught.value.code == "install.nothing_found"


# -- on disk -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("files", [sample_packs.COWORK_PACK, sample_packs.BARE_SKILLS, sample_packs.marketplace()])
def test_a_directory_offers_what_its_files_offer(tmp_path: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        write(tmp_path / "repo" / path, text)
    material = open_source(Source("local", str(tmp_path / "repo")), tmp_path, lambda *_: None)
    assert offers(material, "", "repo") == offers(opened(files), "", "repo")
