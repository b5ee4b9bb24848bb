"""`pack install --frozen`, `verify`, `uninstall`, `export`, `import`, `gc`, `--offline`: keeping what is installed in order."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from cowork.core.errors import CoworkError
from cowork.install import lockfile
from cowork.install.frozen import restore
from cowork.install.gc import collect
from cowork.install.places import place_of
from cowork.install.portable import bring, export
from cowork.install.uninstall import uninstall
from cowork.install.verify import verify
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
    return make_repo(tmp_path / "repos", "acme", {"cowork.plugin.json": manifest(), "a.md": "a"})


@pytest.fixture
def extensions(home: Path) -> Path:
    return home / "extensions"


def frozen(offline: bool = False, **more: object) -> list[str]:
    """What `--frozen` did, step by step."""
    answer, _ = restore(options(**more), FakeClock(), unheard, offline=offline)  # type: ignore[arg-type]
    return [step.action for step in answer.plan]


def code_of(call: object, *words: object, **more: object) -> str:
    with pytest.raises(CoworkError) as caught:
        call(*words, **more)  # type: ignore[operator]
    return caught.value.code


class TestFrozen:
    """The lockfile says it, or it fails."""

    def test_what_is_missing_or_changed_is_restored_and_the_lockfile_stays(
        self, tmp_path: Path, home: Path, extensions: Path, repo: Repo, server: GitServer
    ) -> None:
        install(f"git+{server.url('acme')}")
        install(str(pack(tmp_path, "other", skill("x")).parent))
        before = (home / "cowork.lock").read_bytes()
        shutil.rmtree(extensions / "acme")
        write(extensions / "other" / "more.md", "mine")
        assert frozen(dry_run=True) == ["restore", "restore"]
        assert not (extensions / "acme").exists()
        assert frozen() == ["restore", "restore"]
        assert frozen() == ["keep", "keep"]
        assert verify(place_of("user")).bad == 0
        assert (home / "cowork.lock").read_bytes() == before
        assert "mine" in [path.read_text() for path in (home / "store" / "other").glob("h1-*/more.md")]

    def test_without_the_store_the_very_commit_is_fetched_though_the_branch_went_on(
        self, home: Path, extensions: Path, repo: Repo, server: GitServer
    ) -> None:
        commit = install(f"git+{server.url('acme')}").items[0].commit
        repo.commit({"cowork.plugin.json": manifest("2.0.0")}, "2.0.0")
        for path in (extensions / "acme", home / "store"):
            shutil.rmtree(path)
        assert code_of(frozen, offline=True) == "store.missing"
        assert frozen() == ["restore"]
        assert json.loads((extensions / "acme" / "cowork.plugin.json").read_text())["version"] == "1.0.0"
        assert lockfile.read(place_of("user"))["acme"].commit == commit

    def test_one_that_cannot_be_restored_leaves_all_as_they_are(
        self, tmp_path: Path, home: Path, extensions: Path, repo: Repo, server: GitServer
    ) -> None:
        source = str(pack(tmp_path, "local", skill("x")).parent)
        install(source)
        install(f"git+{server.url('acme')}")
        for path in (extensions / "acme", extensions / "local", home / "store", Path(source)):
            shutil.rmtree(path)
        assert code_of(frozen) == "install.source_not_found"
        assert not (extensions / "acme").exists()

    def test_a_source_that_gives_something_else_now_is_refused(self, tmp_path: Path, home: Path, extensions: Path) -> None:
        source = acme(tmp_path / "src")
        install(source)
        acme(tmp_path / "src", "1.0.1")
        for path in (extensions / "acme", home / "store"):
            shutil.rmtree(path)
        assert code_of(frozen) == "install.hash_mismatch"

    def test_a_lockfile_that_records_less_than_the_pack_can_do_is_not_believed(
        self, tmp_path: Path, home: Path, extensions: Path
    ) -> None:
        install(acme(tmp_path / "src", connectors=[CONNECTOR]), "network")
        document = json.loads((home / "cowork.lock").read_text())
        document["packs"]["acme"]["capabilities"] = []
        (home / "cowork.lock").write_text(json.dumps(document))
        shutil.rmtree(extensions / "acme")
        assert code_of(frozen) == "frozen.capabilities"

    def test_policies_are_asked_for_each_pack(self, tmp_path: Path, home: Path, extensions: Path) -> None:
        install(acme(tmp_path / "src"))
        shutil.rmtree(extensions / "acme")
        write(home / "policies.json", json.dumps({"packs": {"blocked": ["acme"]}}))
        assert code_of(frozen) == "policy.pack_denied"

    def test_without_a_lockfile_there_is_nothing_to_restore(self) -> None:
        assert code_of(frozen) == "frozen.no_lockfile"


class TestVerify:
    """Whether what is there is what was installed."""

    def test_every_kind_of_change_is_seen(self, tmp_path: Path, extensions: Path) -> None:
        for name in ("same", "edited", "more", "less", "made-executable", "cached", "gone", "linked"):
            path = pack(tmp_path, name, skill(f"s-{name}")).parent
            write(path / "a.md", "a")
            install(str(path))
        write(extensions / "edited" / "a.md", "b")
        write(extensions / "more" / "b.md", "b")
        (extensions / "less" / "a.md").unlink()
        (extensions / "made-executable" / "a.md").chmod(0o755)
        write(extensions / "cached" / "__pycache__" / "a.pyc", "code")
        shutil.rmtree(extensions / "gone")
        (extensions / "linked" / "passwd").symlink_to("/etc/passwd")
        pack(extensions, "by-hand", skill("mine"))
        with pytest.raises(CoworkError) as caught:
            verify(place_of("user"))
        assert {item.name: item.status for item in caught.value.data.items} == {
            "same": "ok", "edited": "modified", "more": "modified", "less": "modified", "made-executable": "modified",
            "cached": "modified", "gone": "missing", "linked": "modified", "by-hand": "unmanaged",
        }  # fmt: skip
        assert (caught.value.code, caught.value.exit_code, caught.value.data.bad) == ("verify.failed", 1, 7)
        assert verify(place_of("user"), ("same",)).bad == 0


class TestUninstall:
    """Personal packs only, and nothing of them stays behind."""

    def remove(self, name: str, **more: bool) -> object:
        return uninstall(
            place_of("user"), name, FakeClock(), purge=more.get("purge", False), dry_run=more.get("dry_run", False)
        )

    def test_directory_lock_entry_and_switches_go_the_store_stays(self, tmp_path: Path, home: Path, extensions: Path) -> None:
        install(acme(tmp_path / "src"))
        assert run_here("skill", "disable", "acme", "greet").code == 0
        self.remove("acme", dry_run=True)
        assert (extensions / "acme").exists()
        self.remove("acme")
        assert not (extensions / "acme").exists()
        assert lockfile.read(place_of("user")) == {}
        assert json.loads((home / "pack-states.json").read_text())["skills"] == {}
        assert list((home / "store" / "acme").glob("h1-*/"))

    def test_purging_empties_the_store_too(self, tmp_path: Path, home: Path) -> None:
        install(acme(tmp_path / "src"))
        self.remove("acme", purge=True)
        assert not (home / "store" / "acme").exists()

    def test_a_pack_written_by_hand_goes_too_and_is_kept_in_the_store(self, home: Path, extensions: Path) -> None:
        pack(extensions, "by-hand", skill("mine"))
        self.remove("by-hand")
        assert not (extensions / "by-hand").exists()
        assert list((home / "store" / "by-hand").glob("h1-*/cowork.plugin.json"))

    @pytest.mark.parametrize("name", ["..", "../extensions", "/etc", "", ".lock", "a/b"])
    def test_no_name_leads_out_of_the_packs(self, name: str, tmp_path: Path, home: Path) -> None:
        install(acme(tmp_path / "src"))
        assert code_of(self.remove, name) == "pack.not_installed"
        assert (home / "extensions" / "acme").exists()

    def test_bundled_organization_and_project_packs_are_refused_with_their_owner(self, home: Path, tmp_path: Path) -> None:
        pack(home / "org-plugins", "ours", skill("x"))
        pack(tmp_path / "work" / ".claude" / "plugins", "theirs", skill("y"))
        for name, owner in (("devops", "comes with cowork"), ("ours", "organization"), ("theirs", "project")):
            with pytest.raises(CoworkError) as caught:
                self.remove(name)
            assert (caught.value.code, owner in caught.value.message) == ("uninstall.not_personal", True)

    def test_a_required_pack_stays(self, tmp_path: Path, home: Path, extensions: Path) -> None:
        install(acme(tmp_path / "src"))
        write(home / "policies.json", json.dumps({"packs": {"required": ["acme"]}}))
        assert code_of(self.remove, "acme") == "policy.pack_required"
        assert (extensions / "acme").exists()


class TestExportAndImport:
    """Another machine gets exactly the same."""

    def take(self, path: Path, *approve: str, **more: object) -> list[str]:
        answer, _ = bring(path, options(*approve, **more), FakeClock(), unheard)  # type: ignore[arg-type]
        return [step.action for step in answer.plan]

    def elsewhere(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("COWORK_HOME", str(tmp_path / "another-home"))

    def test_a_list_brings_the_same_commit_though_the_branch_went_on(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, repo: Repo, server: GitServer
    ) -> None:
        before = install(f"git+{server.url('acme')}").items[0]
        export(place_of("user"), str(tmp_path / "packs.json"), bundle=False, dry_run=False)
        repo.commit({"cowork.plugin.json": manifest("2.0.0")}, "2.0.0")
        self.elsewhere(monkeypatch, tmp_path)
        assert self.take(tmp_path / "packs.json") == ["install"]
        entry = lockfile.read(place_of("user"))["acme"]
        assert (entry.tree_hash, entry.commit, entry.source, entry.origin) == (
            before.tree_hash, before.commit, before.source, before.origin
        )  # fmt: skip
        assert self.take(tmp_path / "packs.json") == ["keep"]
        assert update("acme").items[0].to_version == "2.0.0"

    def test_a_bundle_needs_no_network_but_approval_all_the_same(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write(tmp_path / "src" / "acme" / "run.sh", "#!/bin/sh\n").chmod(0o755)
        before = install(acme(tmp_path / "src", connectors=[CONNECTOR]), "network", "executables").items[0]
        bundle = tmp_path / "packs.tar.gz"
        export(place_of("user"), str(bundle), bundle=True, dry_run=False)
        first = bundle.read_bytes()
        export(place_of("user"), str(bundle), bundle=True, dry_run=False)
        assert bundle.read_bytes() == first
        shutil.rmtree(tmp_path / "src")
        self.elsewhere(monkeypatch, tmp_path)
        assert code_of(self.take, bundle) == "install.approval_needed"
        assert lockfile.read(place_of("user")) == {}
        self.take(bundle, "network", "executables")
        assert lockfile.read(place_of("user"))["acme"].tree_hash == before.tree_hash
        assert verify(place_of("user")).bad == 0

    def test_a_bundle_that_was_tampered_with_is_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        import gzip

        install(acme(tmp_path / "src"))
        bundle = tmp_path / "packs.tar.gz"
        export(place_of("user"), str(bundle), bundle=True, dry_run=False)
        bundle.write_bytes(gzip.compress(gzip.decompress(bundle.read_bytes()).replace(b"Do it.", b"Do me.")))
        self.elsewhere(monkeypatch, tmp_path)
        assert code_of(self.take, bundle) == "install.hash_mismatch"

    def test_changed_packs_are_not_bundled_and_other_files_are_no_lists(self, tmp_path: Path, extensions: Path) -> None:
        install(acme(tmp_path / "src"))
        write(extensions / "acme" / "more.md", "mine")
        assert code_of(export, place_of("user"), str(tmp_path / "b.tar.gz"), bundle=True, dry_run=False) == "verify.changed"
        assert code_of(self.take, write(tmp_path / "x.json", "{}")) == "lock.invalid"
        assert code_of(self.take, tmp_path / "nowhere.json") == "import.invalid"

    def test_another_pack_of_that_name_is_replaced_only_when_told_so(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        install(acme(tmp_path / "src"))
        export(place_of("user"), str(tmp_path / "b.tar.gz"), bundle=True, dry_run=False)
        self.elsewhere(monkeypatch, tmp_path)
        install(acme(tmp_path / "other", "9.0.0"))
        assert code_of(self.take, tmp_path / "b.tar.gz") == "install.exists"
        self.take(tmp_path / "b.tar.gz", force=True)
        assert lockfile.read(place_of("user"))["acme"].version == "1.0.0"


class TestOffline:
    """Only what was installed before."""

    def test_what_the_store_holds_is_installed_without_asking_anybody(
        self, repo: Repo, server: GitServer, extensions: Path
    ) -> None:
        source = f"git+{server.url('acme')}"
        commit = install(source).items[0].commit
        uninstall(place_of("user"), "acme", FakeClock(), purge=False, dry_run=False)
        asked = len(server.requests)
        assert install(source, offline=True).items[0].commit == commit
        assert install(f"{source}@{commit}", offline=True, force=True).items[0].commit == commit
        assert len(server.requests) == asked
        with pytest.raises(CoworkError) as caught:
            install(f"git+{server.url('other')}", offline=True)
        assert caught.value.code == "install.offline"

    def test_policies_hold_offline_too(self, repo: Repo, server: GitServer, home: Path) -> None:
        source = f"git+{server.url('acme')}"
        install(source)
        uninstall(place_of("user"), "acme", FakeClock(), purge=False, dry_run=False)
        write(home / "policies.json", json.dumps({"general": {"allowGitInstall": False}}))
        assert code_of(install, source, offline=True) == "policy.git_install_denied"


def test_gc_removes_what_no_lockfile_speaks_of(tmp_path: Path, home: Path) -> None:
    install(acme(tmp_path / "src"))
    acme(tmp_path / "src", "2.0.0")
    update("acme")
    install(acme(tmp_path / "mine"), place=place_of("project"))  # the tree of 1.0.0, for a project
    assert collect(dry_run=False).removed == ()
    uninstall(place_of("user"), "acme", FakeClock(), purge=False, dry_run=False)
    planned = collect(dry_run=True)
    assert len(planned.removed) == 1
    assert planned.bytes > 0
    assert collect(dry_run=False).removed == planned.removed
    assert len(list((home / "store" / "acme").glob("h1-*/"))) == 1
    (tmp_path / "work" / ".cowork" / "cowork.lock").write_text("{broken")
    assert code_of(collect, dry_run=False) == "file.corrupt"
    assert len(list((home / "store" / "acme").glob("h1-*/"))) == 1
