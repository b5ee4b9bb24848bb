"""A catalogue made from a directory of packs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cowork.core.errors import CoworkError, Denied
from cowork.core.paths import data_dir
from cowork.install.local import list_local
from cowork.install.publishing.building import CatalogueBuilt, build
from cowork.install.tree_hash import tree_hash
from cowork.registry import catalogue_read
from tests.registry import places
from tests.support import FakeClock, run_here


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    """Two packs, and things that are none."""
    root = tmp_path / "packs"
    places.pack(root, "zebra", places.skill("one"), places.skill("two"), author="Somebody", category="Data", keywords=["k"])
    places.pack(root, "apple", places.skill("one"), version="2.1.0", directory="the-apple")
    places.write(root / "the-apple" / "docs" / "README.md", "Read me.\n")
    places.write(root / "notes" / "README.md", "No pack.\n")
    places.write(root / ".git" / "cowork.plugin.json", "{}")
    places.write(root / "README.md", "Packs.\n")
    return root


def made(packs: Path, clock: FakeClock | None = None, **how: Any) -> tuple[CatalogueBuilt, dict[str, Any]]:
    built, _ = build(packs, clock or FakeClock(), **how)
    return built, json.loads(Path(built.output).read_text(encoding="utf-8"))


def test_a_catalogue_names_every_pack_with_its_counts_and_its_hash(packs: Path) -> None:
    built, document = made(packs)

    assert built.output == str(Path.cwd() / "pack-catalog.json")
    assert (document["version"], document["updatedAt"]) == (1, "2026-01-31T08:05:00.000Z")
    apple, zebra = document["packs"]
    assert zebra == {
        "id": "zebra",
        "name": "zebra",
        "displayName": "Zebra",
        "description": "The zebra pack",
        "version": "1.0.0",
        "author": "Somebody",
        "icon": "📦",
        "category": "Data",
        "tags": ["k"],
        "skillCount": 2,
        "agentCount": 0,
        "treeHash": tree_hash(packs / "zebra", ["cowork.plugin.json"]),
    }
    files = [file.path for file in list_local(packs / "the-apple")]
    assert files == ["cowork.plugin.json", "docs/README.md"]
    assert apple["treeHash"] == tree_hash(packs / "the-apple", files)
    assert [(item.id, item.version, item.files) for item in built.items] == [("apple", "2.1.0", 2), ("zebra", "1.0.0", 1)]
    assert (built.left_out, built.changed, built.archives) == ((), True, 0)


def test_what_was_built_is_a_catalogue_without_a_warning(packs: Path) -> None:
    _, document = made(packs, base_url="https://packs.example.com/team")
    found = catalogue_read.whole(document, "here")
    assert ([entry.id for entry in found.entries], found.notices) == (["apple", "zebra"], ())


def test_the_same_packs_make_the_same_bytes_at_any_time(packs: Path) -> None:
    built, _ = made(packs)
    before = Path(built.output).read_bytes()
    clock = FakeClock(datetime(2027, 1, 1, tzinfo=UTC))

    again, _ = made(packs, clock)
    assert (Path(built.output).read_bytes(), again.changed) == (before, False)

    places.pack(packs, "zebra", places.skill("one"), version="1.0.1")
    later, document = made(packs, clock)
    assert (later.changed, document["updatedAt"]) == (True, "2027-01-01T00:00:00.000Z")


def test_the_time_is_that_of_the_environment_and_never_goes_back(packs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert made(packs, output=Path("one.json"))[1]["updatedAt"] == "1970-01-02T00:00:00.000Z"

    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    made(packs, FakeClock(datetime(2030, 1, 1, tzinfo=UTC)))
    places.pack(packs, "new", places.skill("x"))
    assert made(packs)[1]["updatedAt"] == "2030-01-01T00:00:00.000Z"

    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    with pytest.raises(CoworkError) as caught:
        build(packs, FakeClock(), output=Path("two.json"))
    assert caught.value.code == "registry.bad_epoch"


def test_a_pack_that_cannot_be_offered_is_left_out_with_its_reason(packs: Path) -> None:
    places.write(packs / "broken" / "cowork.plugin.json", "{")
    (packs / "linked").mkdir()
    places.pack(packs, "linked", places.skill("x"))
    (packs / "linked" / "to").symlink_to("/etc/passwd")
    places.pack(packs, "zebra", places.skill("x"), directory="zebra-too")
    places.write(packs / "plugin" / ".claude-plugin" / "plugin.json", json.dumps({"name": "plugin"}))
    (packs / "alias").symlink_to(packs / "zebra")

    built, notices = build(packs, FakeClock())

    reasons = {Path(item.path).name: item.reason for item in built.left_out}
    assert set(reasons) == {"broken", "linked", "plugin", "zebra-too"}
    assert "symbolic link" in reasons["linked"]
    assert reasons["zebra-too"] == "another pack is named 'zebra', too"
    assert [item.id for item in built.items] == ["apple", "zebra"]
    assert [notice.code for notice in notices] == ["registry.left_out"] * 4


def test_a_pack_for_another_system_is_offered_from_this_one(packs: Path) -> None:
    places.pack(packs, "elsewhere", places.skill("x"), platform={"os": ["win32"]})
    assert "elsewhere" in [item.id for item in made(packs)[0].items]


def test_a_claude_plugin_is_offered_like_any_pack(packs: Path) -> None:
    about = {"name": "helper", "version": "0.3.0", "description": "Helps", "author": {"name": "A"}}
    places.write(packs / "helper" / ".claude-plugin" / "plugin.json", json.dumps(about))
    places.skill_file(packs / "helper" / "skills" / "help")

    entry = next(item for item in made(packs)[1]["packs"] if item["id"] == "helper")

    assert (entry["version"], entry["skillCount"]) == ("0.3.0", 1)


def test_a_directory_may_be_the_one_pack(packs: Path) -> None:
    assert [item.id for item in made(packs / "zebra")[0].items] == ["zebra"]


def test_with_an_address_the_archives_are_written_and_named(packs: Path, tmp_path: Path) -> None:
    out = tmp_path / "site" / "pack-catalog.json"
    built, document = made(packs, output=out, base_url="https://packs.example.com/team/")

    assert [entry["downloadUrl"] for entry in document["packs"]] == [
        "https://packs.example.com/team/archives/apple-2.1.0.tar.gz",
        "https://packs.example.com/team/archives/zebra-1.0.0.tar.gz",
    ]
    assert sorted(path.name for path in (out.parent / "archives").iterdir()) == ["apple-2.1.0.tar.gz", "zebra-1.0.0.tar.gz"]
    assert built.archives == 2


def test_a_dry_run_says_what_would_be_written_and_writes_nothing(packs: Path, tmp_path: Path) -> None:
    out = tmp_path / "site" / "pack-catalog.json"

    built, _ = build(packs, FakeClock(), output=out, base_url="https://packs.example.com", dry_run=True)

    assert [Path(step.target).name for step in built.plan] == [
        "apple-2.1.0.tar.gz", "zebra-1.0.0.tar.gz", "pack-catalog.json",
    ]  # fmt: skip
    assert not out.parent.exists()


@pytest.mark.parametrize("url", ["http://packs.example.com", "https://u:p@example.com", "ftp://example.com", "here"])
def test_an_address_that_could_not_be_installed_from_is_refused(packs: Path, url: str) -> None:
    with pytest.raises(CoworkError) as caught:
        build(packs, FakeClock(), base_url=url)
    assert caught.value.code.startswith("web.")
    assert not Path("pack-catalog.json").exists()


def test_a_file_that_is_something_else_is_not_overwritten(packs: Path) -> None:
    for text in ('{"my": "notes"}', "[]", '{"packs": 1}', "text"):
        Path("mine.json").write_text(text)
        with pytest.raises(CoworkError) as caught:
            build(packs, FakeClock(), output=Path("mine.json"))
        assert caught.value.code in ("registry.output_taken", "file.corrupt")
        assert Path("mine.json").read_text() == text


def test_a_catalogue_inside_a_pack_is_refused(packs: Path) -> None:
    with pytest.raises(CoworkError) as caught:
        build(packs, FakeClock(), output=packs / "zebra" / "pack-catalog.json")
    assert caught.value.code == "registry.output_in_pack"


def test_a_directory_without_packs_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for directory, code in ((tmp_path / "empty", "registry.no_packs"), (tmp_path / "gone", "registry.no_directory")):
        with pytest.raises(CoworkError) as caught:
            build(directory, FakeClock())
        assert caught.value.code == code


def test_policies_that_cannot_be_read_close_it(packs: Path, home: Path) -> None:
    home.mkdir()
    (home / "policies.json").write_text("{")
    with pytest.raises(Denied):
        build(packs, FakeClock())
    assert not Path("pack-catalog.json").exists()


def test_the_catalogue_we_ship_is_what_building_ours_makes() -> None:
    shipped = data_dir("registry") / "pack-catalog.json"
    Path("pack-catalog.json").write_bytes(shipped.read_bytes())

    ran = run_here("registry", "build", str(data_dir("packs")), "--json")

    assert (ran.code, ran.data["changed"], ran.data["left_out"]) == (0, False, []), (
        "run: cowork registry build packs --output registry/pack-catalog.json"
    )
    assert Path("pack-catalog.json").read_bytes() == shipped.read_bytes()
