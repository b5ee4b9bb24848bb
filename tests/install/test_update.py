"""`pack outdated`, `update`, `rollback`, `pin`: following the sources, and going back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cowork.core.errors import CoworkError, Degraded
from cowork.install import commit, lockfile
from cowork.install.places import place_of
from cowork.install.rollback import rollback
from cowork.install.update import outdated
from tests.install.flows import CONNECTOR, acme, install, manifest, options, unheard, update
from tests.install.git_repo import Repo, make_repo
from tests.install.git_server import GitServer, git_server
from tests.registry.places import pack, skill, write
from tests.support import FakeClock, run_here


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitServer]:
    (tmp_path / "repos").mkdir()
    with git_server(tmp_path / "repos") as running:
        monkeypatch.setenv("COWORK_PRIVATE_HOSTS", running.host)
        yield running


@pytest.fixture
def repo(tmp_path: Path, server: GitServer) -> Repo:
    return make_repo(tmp_path / "repos", "acme", {"cowork.plugin.json": manifest("1.0.0"), "old.md": "old"}, tags=("v1.0.0",))


@pytest.fixture
def source(server: GitServer, repo: Repo) -> str:
    return f"git+{server.url('acme')}"


def publish(repo: Repo, version: str, **more: object) -> str:
    return repo.commit({"cowork.plugin.json": manifest(version, **more), "new.md": "new"}, version)


def status() -> tuple[str, str | None]:
    item = outdated(place_of("user"), (), offline=False).items[0]
    return item.status, item.error


def back(name: str, to: str | None = None, **more: object) -> object:
    return rollback(name, to, options(**more), FakeClock(), unheard)[0]  # type: ignore[arg-type]


def refusal(*names: str, **more: object) -> CoworkError:
    with pytest.raises(CoworkError) as caught:
        update(*names, **more)  # type: ignore[arg-type]
    return caught.value


def installed() -> lockfile.Locked:
    return lockfile.read(place_of("user"))["acme"]


def test_a_branch_is_followed_and_the_change_is_told_file_by_file(repo: Repo, source: str) -> None:
    install(source)
    assert status() == ("current", None)
    assert update("acme").items[0].status == "current"
    head = publish(repo, "1.1.0")
    assert status() == ("outdated", None)
    item = update("acme").items[0]
    assert item.diff is not None
    assert (item.from_version, item.to_version, item.to_commit) == ("1.0.0", "1.1.0", head)
    assert (item.diff.added, item.diff.changed, item.diff.removed) == (("new.md",), ("cowork.plugin.json",), ("old.md",))
    assert (installed().version, installed().history[0].version) == ("1.1.0", "1.0.0")


def test_a_dry_run_tells_the_same_and_changes_nothing(repo: Repo, source: str, home: Path) -> None:
    install(source)
    publish(repo, "1.1.0", connectors=[CONNECTOR])
    before = (home / "cowork.lock").read_bytes()
    answer = update("acme", dry_run=True)
    assert answer.items[0].diff is not None
    assert answer.items[0].diff.capabilities_added == ("network:api.acme.example",)
    assert [step.action for step in answer.plan] == ["replace", "approve"]
    assert (home / "cowork.lock").read_bytes() == before
    assert commit.installed_tree(place_of("user"), "acme") == installed().tree_hash


def test_what_a_pack_can_newly_do_has_to_be_approved_and_what_it_could_does_not(repo: Repo, source: str) -> None:
    install(source)
    publish(repo, "1.1.0", connectors=[CONNECTOR])
    error = refusal("acme")
    assert error.code == "install.approval_needed"
    assert installed().version == "1.0.0"
    update("acme", approve=("network:api.acme.example",))
    publish(repo, "1.2.0", connectors=[CONNECTOR])
    assert update("acme").items[0].to_version == "1.2.0"


def test_local_edits_block_and_are_kept_when_forced(repo: Repo, source: str, home: Path) -> None:
    install(source)
    write(home / "extensions" / "acme" / "old.md", "mine")
    publish(repo, "1.1.0")
    assert refusal("acme").code == "update.local_edits"
    assert (home / "extensions" / "acme" / "old.md").read_text() == "mine"
    update("acme", force=True)
    assert "mine" in [path.read_text() for path in (home / "store" / "acme").glob("h1-*/old.md")]


def test_a_tag_that_moved_is_refused(repo: Repo, source: str) -> None:
    install(f"{source}@v1.0.0")
    assert status() == ("current", None)
    publish(repo, "1.0.0-evil")
    repo.move_tag("v1.0.0", repo.head)
    assert status() == ("failed", "update.tag_moved")
    assert refusal("acme").code == "update.tag_moved"
    assert installed().version == "1.0.0"


def test_a_later_tag_is_pointed_out_not_taken(repo: Repo, source: str) -> None:
    install(f"{source}@v1.0.0")
    publish(repo, "1.1.0")
    repo.tag("v1.1.0")
    repo.tag("v2.0.0-rc.1")
    item = outdated(place_of("user"), (), offline=False).items[0]
    assert (item.status, item.at) == ("newer_tag", "v1.1.0")
    assert update("acme").items[0].message == "there is a later tag: v1.1.0"
    assert install(f"{source}@v1.1.0").items[0].version == "1.1.0"


def test_a_commit_stays(repo: Repo, source: str) -> None:
    install(f"{source}@{repo.head}")
    publish(repo, "1.1.0")
    assert (status(), update("acme").items[0].status) == (("current", None), "current")


def test_a_pack_that_changes_its_name_is_refused(repo: Repo, source: str) -> None:
    install(source)
    repo.commit({"cowork.plugin.json": manifest("1.1.0").replace('"name": "acme"', '"name": "other"')}, "Rename")
    assert refusal("acme").code == "install.name_mismatch"


def test_a_source_that_is_gone_changes_nothing_and_is_no_reason_to_remove_anything(repo: Repo, source: str, home: Path) -> None:
    install(source)
    repo.path.rename(repo.path.with_name("gone"))
    assert status() == ("failed", "install.source_not_found")
    assert refusal("acme").code == "install.source_not_found"
    assert (home / "extensions" / "acme" / "old.md").exists()


def test_one_of_several_that_fails_leaves_the_others_updated(repo: Repo, source: str, tmp_path: Path) -> None:
    install(source)
    install(str(pack(tmp_path, "local-one", skill("x")).parent))
    publish(repo, "1.1.0")
    (tmp_path / "local-one").rename(tmp_path / "gone")
    error = refusal()
    assert isinstance(error, Degraded)
    assert [(item.name, item.status) for item in error.data.items] == [("acme", "updated"), ("local-one", "failed")]
    assert installed().version == "1.1.0"


def test_a_pinned_pack_is_left_alone_until_it_is_let_go(repo: Repo, source: str) -> None:
    install(source)
    publish(repo, "1.1.0")
    assert run_here("pack", "pin", "acme", "--reason", "1.1 drops old.md").code == 0
    assert status() == ("pinned", None)
    assert update("acme").items[0].message == "1.1 drops old.md"
    assert run_here("pack", "unpin", "acme").code == 0
    assert update("acme").items[0].status == "updated"


def test_rolling_back_needs_no_network_and_forward_again_is_an_update(repo: Repo, source: str, server: GitServer) -> None:
    install(source)
    first = installed()
    publish(repo, "1.1.0")
    update("acme")
    asked = len(server.requests)
    back("acme")
    assert len(server.requests) == asked
    assert (installed().tree_hash, installed().commit, installed().version) == (first.tree_hash, first.commit, "1.0.0")
    assert status()[0] == "outdated"
    update("acme")
    assert installed().version == "1.1.0"


def test_rolling_back_to_a_version_a_commit_or_a_tree(repo: Repo, source: str) -> None:
    install(source)
    for version in ("1.1.0", "1.2.0"):
        publish(repo, version)
        update("acme")
    history = installed().history
    assert [item.version for item in history] == ["1.1.0", "1.0.0"]
    back("acme", "1.0.0")
    assert installed().version == "1.0.0"
    back("acme", history[0].tree_hash)
    assert installed().version == "1.1.0"
    assert history[1].commit is not None
    back("acme", history[1].commit[:10])
    assert installed().version == "1.0.0"
    with pytest.raises(CoworkError) as caught:
        back("acme", "9.9.9")
    assert caught.value.code == "rollback.not_found"


def test_rolling_back_where_there_is_nothing_before_or_files_were_changed(source: str, repo: Repo, home: Path) -> None:
    install(source)
    with pytest.raises(CoworkError) as caught:
        back("acme")
    assert caught.value.code == "rollback.nothing"
    publish(repo, "1.1.0")
    update("acme")
    write(home / "extensions" / "acme" / "new.md", "mine")
    with pytest.raises(CoworkError) as caught:
        back("acme")
    assert caught.value.code == "update.local_edits"
    back("acme", force=True)
    assert installed().version == "1.0.0"


def test_a_stored_tree_that_was_tampered_with_is_not_brought_back(repo: Repo, source: str, home: Path) -> None:
    install(source)
    publish(repo, "1.1.0")
    update("acme")
    stored = home / "store" / "acme" / installed().history[0].tree_hash.replace(":", "-")
    write(stored / "old.md", "evil")
    with pytest.raises(CoworkError) as caught:
        back("acme")
    assert caught.value.code == "store.damaged"
    assert installed().version == "1.1.0"


def test_local_directories_and_archives_are_compared_by_their_content(tmp_path: Path) -> None:
    from tests.install.hostile_archives import zip_of

    source = acme(tmp_path / "src")
    install(source)
    assert status() == ("current", None)
    acme(tmp_path / "src", "1.1.0")
    assert status() == ("outdated", None)
    assert update("acme").items[0].to_version == "1.1.0"
    archive = tmp_path / "other.zip"
    archive.write_bytes(zip_of({"cowork.plugin.json": manifest("1.0.0").replace('"acme"', '"zipped"')}))
    install(str(archive))
    archive.write_bytes(zip_of({"cowork.plugin.json": manifest("1.5.0").replace('"acme"', '"zipped"')}))
    assert update("zipped").items[0].to_version == "1.5.0"


class TestFromTheCatalogue:
    """Entries of a registry that is a directory."""

    @pytest.fixture(autouse=True)
    def registry(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        path = tmp_path / "registry" / "pack-catalog.json"
        monkeypatch.setenv("PLUGIN_PACK_REGISTRY", str(path.parent))
        return path

    def offer(self, registry: Path, version: str, url: str, **more: object) -> None:
        entry = {"id": "acme", "name": "acme", "displayName": "Acme", "description": "A", "version": version, "author": "A"}
        packs = [{**entry, "gitUrl": url, **more}]
        write(registry, json.dumps({"version": 1, "updatedAt": f"2026-01-0{version[2]}T00:00:00Z", "packs": packs}))

    def test_an_entry_is_installed_at_its_commit_and_updated_when_it_changes(
        self, registry: Path, repo: Repo, server: GitServer
    ) -> None:
        self.offer(registry, "1.0.0", server.url("acme"), commit=repo.head)
        item = install("acme@^1.0").items[0]
        assert (item.source, item.commit) == ("acme@^1.0", repo.head)
        assert status() == ("current", None)
        head = publish(repo, "1.1.0")
        assert status() == ("current", None)
        self.offer(registry, "1.1.0", server.url("acme"), commit=head)
        assert status() == ("outdated", None)
        assert update("acme").items[0].to_version == "1.1.0"

    def test_a_tree_that_is_not_the_announced_one_is_refused(self, registry: Path, repo: Repo, server: GitServer) -> None:
        self.offer(registry, "1.0.0", server.url("acme"), treeHash="h1:" + "0" * 64)
        with pytest.raises(CoworkError) as caught:
            install("acme")
        assert caught.value.code == "install.hash_mismatch"

    def test_a_pack_with_another_name_than_its_entry_is_refused(self, registry: Path, repo: Repo, server: GitServer) -> None:
        repo.commit({"cowork.plugin.json": manifest().replace('"name": "acme"', '"name": "other"')}, "Lie")
        self.offer(registry, "1.0.0", server.url("acme"))
        with pytest.raises(CoworkError) as caught:
            install("acme")
        assert caught.value.code == "install.name_mismatch"

    def test_an_older_entry_is_not_taken_for_news(self, registry: Path, repo: Repo, server: GitServer) -> None:
        self.offer(registry, "1.0.0", server.url("acme"), commit=repo.head)
        head = publish(repo, "1.1.0")
        old = registry.read_text()
        self.offer(registry, "1.1.0", server.url("acme"), commit=head)
        install("acme")
        registry.write_text(old)
        assert status()[1] == "update.older"
        assert refusal("acme").code == "update.older"

    def test_a_version_that_the_entry_does_not_have(self, registry: Path, server: GitServer, repo: Repo) -> None:
        self.offer(registry, "1.0.0", server.url("acme"))
        with pytest.raises(CoworkError) as caught:
            install("acme@^2")
        assert caught.value.code == "install.no_such_version"
