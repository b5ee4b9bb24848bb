"""What a project that somebody cloned, a lockfile that somebody wrote, or an odd name may not do."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cowork.core import transactions
from cowork.core.errors import CoworkError
from cowork.install import commit, frozen, gc, lockfile, portable, store, verify
from cowork.install.approval import Approval
from cowork.install.capabilities import capabilities_of
from cowork.install.install import Options
from cowork.install.local import list_local
from cowork.install.lockfile import Locked
from cowork.install.places import Place, place_of
from cowork.install.rollback import rollback
from cowork.install.staging import staging
from cowork.install.uninstall import uninstall
from tests.install.flows import CONNECTOR, acme, install, manifest, options, unheard, update
from tests.install.git_repo import make_repo
from tests.install.git_server import GitServer, git_server
from tests.install.hostile_archives import zip_of
from tests.registry.places import pack, skill, write
from tests.support import FakeClock, run_here, run_program
from tests.web.sites import Reply, site


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A repository that was cloned, with the working directory in it."""
    (tmp_path / "clone" / ".git").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "clone")
    return place_of("project")


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitServer]:
    (tmp_path / "repos").mkdir()
    with git_server(tmp_path / "repos") as running:
        monkeypatch.setenv("COWORK_PRIVATE_HOSTS", running.host)
        yield running


def code_of(call: Any, *words: Any, **more: Any) -> str:
    with pytest.raises(CoworkError) as caught:
        call(*words, **more)
    return caught.value.code


def restore(place: Place, *approve: str, **more: Any) -> list[str]:
    found, _ = frozen.restore(Options(place, Approval(approve, more.get("ask"))), FakeClock(), unheard)
    return [item.name for item in found.items if item.changed]


def locked(place: Place, **changes: Any) -> Locked:
    """The entry of `acme`, rewritten in the lockfile as somebody else would."""
    packs = lockfile.read(place)
    packs["acme"] = replace(packs["acme"], **changes)
    place.lock.write_bytes(lockfile.content(packs))
    return packs["acme"]


class TestAJournalInAClonedRepository:
    """`.cowork/extensions/.transaction.json`: listing packs carries it out."""

    def journal(self, place: Place, *moves: object, **more: object) -> None:
        document = {"version": 1, "moves": list(moves), **more}
        write(place.extensions / transactions.JOURNAL, json.dumps(document))

    @pytest.mark.parametrize("absolute", [True, False])
    def test_takes_and_overwrites_nothing_elsewhere(self, tmp_path: Path, project: Place, absolute: bool) -> None:
        secret, keys = write(tmp_path / "user/.ssh/id_rsa", "secret"), write(tmp_path / "user/.ssh/authorized_keys", "mine")
        evil = write(project.staging / "evil", "evil")
        up = "" if absolute else "../../"

        def path(of: Path) -> str:
            return str(of) if absolute else f"{up}{of.relative_to(tmp_path)}"

        self.journal(project, [path(evil), path(keys), None], [path(secret), path(project.extensions / "stolen"), None])
        assert run_here("pack", "list", "--json").code == 0
        assert run_here("pack", "verify", "--scope", "project", "--json").document["error"]["code"] == "file.journal"
        assert (secret.read_text(), keys.read_text(), evil.read_text()) == ("secret", "mine", "evil")

    @pytest.mark.parametrize(
        "move",
        [
            ["staging/evil", "config.yaml", None],
            ["staging/evil", "../x", None],
            ["staging/evil", "extensions/a/b", None],
            ["staging/evil", "staging/../config.yaml", None],
            ["staging/evil", "extensions/x", "config.yaml"],
            ["config.yaml", "extensions/x", None],
            ["staging", "extensions/x", None],
            ["", "extensions/x", None],
            [".", "extensions/x", None],
            ["staging/evil\0", "extensions/x", None],
            [1, "extensions/x", None],
            ["staging/evil", "extensions/x"],
            ["staging/evil", None, None],
            "abc",
            None,
        ],
    )
    def test_names_only_what_an_installation_moves(self, project: Place, move: object) -> None:
        write(project.staging / "evil", "evil")
        config = write(project.base / "config.yaml", "mine")
        self.journal(project, move)
        assert code_of(lockfile.read, project) == "file.journal"
        assert (config.read_text(), (project.staging / "evil").read_text()) == ("mine", "evil")

    def test_does_not_go_through_a_link(self, tmp_path: Path, project: Place) -> None:
        secret = write(tmp_path / "user/.ssh/id_rsa", "secret")
        project.staging.mkdir(parents=True)
        (project.staging / "out").symlink_to(secret.parent)
        self.journal(project, ["staging/out/id_rsa", "extensions/stolen", None])
        assert code_of(lockfile.read, project) == "file.journal"
        assert secret.exists()

    @pytest.mark.parametrize("text", ["[]", '{"version": 1}', '{"moves": 3}', "{", '{"moves": {"a": 1}}'])
    def test_that_is_none_stops_changes_and_not_the_list(self, project: Place, text: str) -> None:
        write(project.extensions / transactions.JOURNAL, text)
        assert run_here("pack", "list", "--json").code == 0
        assert code_of(lockfile.read, project) in ("file.journal", "file.corrupt")

    def test_of_our_own_is_finished_wherever_the_home_was_moved_to(self, tmp_path: Path, home: Path) -> None:
        place = place_of("user")
        write(place.staging / "work-1" / "acme" / "file", "new")
        self.journal(place, ["staging/work-1/acme", "extensions/acme", "staging/work-1/aside"])
        home.rename(tmp_path / "moved")
        home.symlink_to(tmp_path / "moved")
        lockfile.read(place)
        assert (tmp_path / "moved/extensions/acme/file").read_text() == "new"

    def test_a_lock_that_is_a_link_is_not_followed(self, tmp_path: Path, project: Place) -> None:
        precious = write(tmp_path / "user/thesis", "words")
        project.extensions.mkdir(parents=True)
        (project.extensions / ".lock").symlink_to(precious)
        self.journal(project, ["staging/a", "extensions/b", None])
        assert run_here("pack", "list", "--json").code == 0
        assert run_here("pack", "install", acme(tmp_path / "src"), "--scope", "project", "--json").code != 0
        assert precious.read_text() == "words"


class TestLinksInAClonedRepository:
    """`.cowork` and what is in it lead somewhere else."""

    def test_staging_that_leads_home_is_not_swept(self, tmp_path: Path, project: Place) -> None:
        precious = write(tmp_path / "user/documents/thesis", "words")
        project.extensions.mkdir(parents=True)
        project.staging.symlink_to(tmp_path / "user")
        gc.collect(dry_run=False)
        assert code_of(install, acme(tmp_path / "src"), place=project) == "place.link"
        assert precious.read_text() == "words"

    def test_only_what_cowork_made_is_swept(self, project: Place) -> None:
        mine = write(project.staging / "mine" / "thesis", "words")
        commit.recover(project)
        assert mine.exists()

    @pytest.mark.parametrize("which", ["base", "extensions"])
    def test_packs_are_not_installed_through_them(self, tmp_path: Path, project: Place, which: str) -> None:
        (tmp_path / "elsewhere" / "staging" / "work-a").mkdir(parents=True)
        link = getattr(project, which)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(tmp_path / "elsewhere")
        assert code_of(install, acme(tmp_path / "src"), place=project) == "place.link"
        commit.recover(project)
        assert (tmp_path / "elsewhere" / "staging" / "work-a").exists()
        assert not (tmp_path / "elsewhere" / "acme").exists()

    def test_a_home_of_the_user_that_is_a_link_works(self, tmp_path: Path, home: Path) -> None:
        (tmp_path / "disk").mkdir()
        home.symlink_to(tmp_path / "disk")
        install(acme(tmp_path / "src"))
        acme(tmp_path / "src", "2.0.0")
        assert update("acme").items[0].to_version == "2.0.0"
        uninstall(place_of("user"), "acme", FakeClock(), purge=True, dry_run=False)
        assert not (tmp_path / "disk" / "staging").exists()

    def test_a_home_written_with_dots_works(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "a").mkdir()
        monkeypatch.setenv("COWORK_HOME", str(tmp_path / "a" / ".." / "b"))
        install(acme(tmp_path / "src"))
        assert run_here("pack", "verify", "--json").data["bad"] == 0

    def test_a_pack_that_is_a_link_is_not_the_one_that_was_installed(self, tmp_path: Path, home: Path) -> None:
        install(acme(tmp_path / "src"))
        root = home / "extensions" / "acme"
        root.rename(tmp_path / "elsewhere")
        root.symlink_to(tmp_path / "elsewhere")
        assert code_of(verify.verify, place_of("user")) == "verify.failed"
        assert restore(place_of("user")) == ["acme"]
        assert not root.is_symlink()
        assert (tmp_path / "elsewhere" / "cowork.plugin.json").exists()

    def test_a_link_of_the_user_is_not_replaced_unless_told_so(self, tmp_path: Path, home: Path) -> None:
        (home / "extensions").mkdir(parents=True)
        (home / "extensions" / "acme").symlink_to(tmp_path)
        assert code_of(install, acme(tmp_path / "src")) == "install.exists"
        assert install(acme(tmp_path / "src"), force=True).items[0].changed
        assert (tmp_path / "src").exists()


class TestApprovalsInAClonedLockfile:
    """Whoever writes the lockfile of a project is not the user."""

    @pytest.fixture
    def cloned(self, tmp_path: Path, project: Place, home: Path) -> Place:
        """A project whose lockfile says that all was approved; its packs are not here yet, and nor is any receipt."""
        install(acme(tmp_path / "src", connectors=[CONNECTOR]), "network", place=project)
        locked(project, approved_by="a person at a terminal")
        os.rename(project.extensions, tmp_path / "not-cloned")
        os.rename(home, tmp_path / "another-home")
        return project

    def test_restoring_asks(self, cloned: Place) -> None:
        assert code_of(restore, cloned) == "install.approval_needed"
        assert not (cloned.extensions / "acme").exists()
        assert restore(cloned, "network") == ["acme"]

    def test_restoring_does_not_ask_again(self, tmp_path: Path, cloned: Place) -> None:
        restore(cloned, "network")
        os.rename(cloned.extensions, tmp_path / "gone")
        assert restore(cloned) == ["acme"]

    def test_updating_asks(self, tmp_path: Path, cloned: Place) -> None:
        os.rename(tmp_path / "not-cloned", cloned.extensions)
        acme(tmp_path / "src", "2.0.0", connectors=[CONNECTOR])
        assert code_of(update, "acme", place=cloned) == "install.approval_needed"
        assert code_of(install, str(tmp_path / "src/acme"), place=cloned, force=True) == "install.approval_needed"
        assert update("acme", place=cloned, approve=("network",)).items[0].status == "updated"

    def test_uninstalling_leaves_no_receipt_that_says_so(self, tmp_path: Path, cloned: Place) -> None:
        os.rename(tmp_path / "not-cloned", cloned.extensions)
        raw = cloned.lock.read_bytes()
        locked(cloned, source="github:good/acme", origin="github:good/acme")
        uninstall(cloned, "acme", FakeClock(), purge=False, dry_run=False)
        assert code_of(install, "github:good/acme", "network", offline=True) == "install.offline"
        cloned.lock.write_bytes(raw)
        assert code_of(restore, cloned) == "install.approval_needed"

    def test_those_of_the_users_own_lockfile_count(self, tmp_path: Path, home: Path) -> None:
        install(acme(tmp_path / "src", connectors=[CONNECTOR]), "network")
        os.rename(home / "extensions", tmp_path / "gone")
        assert restore(place_of("user")) == ["acme"]


class TestALockfileThatSomebodyWrote:
    """Its fields are texts of a stranger."""

    @pytest.fixture
    def place(self, tmp_path: Path) -> Place:
        install(acme(tmp_path / "src"))
        return place_of("user")

    @pytest.mark.parametrize("value", ["--upload-pack=touch x", "main", "a:refs/heads/b", "0" * 39, "G" * 40, ""])
    def test_a_commit_is_hex_digits(self, place: Place, value: str) -> None:
        locked(place, commit=value)
        assert code_of(lockfile.read, place) == "lock.invalid"

    @pytest.mark.parametrize("name", ["..", "../x", ".", "a/b", "/etc", ".transaction.json", "con", "a\0", "", "-x"])
    def test_a_name_is_one_directory(self, place: Place, name: str) -> None:
        document = json.loads(place.lock.read_text())
        document["packs"][name] = document["packs"].pop("acme")
        place.lock.write_text(json.dumps(document))
        assert code_of(lockfile.read, place) == "lock.invalid"

    @pytest.mark.parametrize("value", ["h1:../../x", "h1:" + "0" * 63 + "/", "h2:" + "0" * 64, "h1:" + "0" * 64 + "\n"])
    def test_a_tree_hash_is_no_path(self, place: Place, value: str) -> None:
        locked(place, tree_hash=value)
        assert code_of(lockfile.read, place) == "lock.invalid"

    def test_paths_and_plugins_in_it_lead_nowhere(self, tmp_path: Path, place: Place) -> None:
        os.rename(place.extensions, tmp_path / "gone")
        locked(place, path="../../../etc", plugin="../../x", url="file:///etc/passwd")
        assert restore(place) == ["acme"]

    def test_control_characters_are_shown_escaped(self, place: Place) -> None:
        locked(place, version="\x1b[31mred\u202e", source="./\x1b]0;x\x07")
        for argv in (["pack", "verify"], ["pack", "list", "--scope", "personal"], ["pack", "outdated"], ["pack", "export"]):
            ran = run_here(*argv)
            assert "\x1b" not in ran.out + ran.err
            assert "\u202e" not in ran.out + ran.err


class TestOtherContentUnderTheSameName:
    """What was approved was another pack."""

    def test_approvals_do_not_pass_to_a_pack_from_elsewhere(self, tmp_path: Path) -> None:
        install(acme(tmp_path / "one", connectors=[CONNECTOR]), "network")
        other = acme(tmp_path / "two", "2.0.0", connectors=[CONNECTOR])
        assert code_of(install, other, force=True) == "install.approval_needed"

    def test_nor_by_an_import(self, tmp_path: Path, home: Path) -> None:
        install(acme(tmp_path / "two", connectors=[CONNECTOR]), "network")
        portable.export(place_of("user"), str(tmp_path / "b.tar.gz"), bundle=True, dry_run=False)
        os.rename(home, tmp_path / "another-home")
        install(acme(tmp_path / "one", "0.9.0", connectors=[CONNECTOR]), "network")
        taken = options(force=True)
        assert code_of(portable.bring, tmp_path / "b.tar.gz", taken, FakeClock(), unheard) == "install.approval_needed"

    def test_a_rollback_does_not_ask_about_what_was_approved(self, tmp_path: Path) -> None:
        source = acme(tmp_path / "one", connectors=[CONNECTOR])
        install(source, "network")
        acme(tmp_path / "one", "2.0.0")
        update("acme")
        rolled, _ = rollback("acme", None, options(), FakeClock(), unheard)
        assert rolled.to_version == "1.0.0"

    def test_a_branch_in_place_of_a_tag_is_a_tag_that_moved(self, tmp_path: Path, server: GitServer) -> None:
        repo = make_repo(tmp_path / "repos", "acme", {"cowork.plugin.json": manifest("1.0.0")}, tags=("v1",))
        install(f"git+{server.url('acme')}@v1")
        repo.commit({"cowork.plugin.json": manifest("6.6.6")}, "evil")
        repo.git("tag", "-d", "v1")
        repo.git("branch", "v1")
        assert code_of(update, "acme") == "update.tag_moved"

    def test_two_names_that_are_one_directory_elsewhere_are_refused(self, tmp_path: Path) -> None:
        install(acme(tmp_path / "one"))
        other = str(write(tmp_path / "two/Acme/.claude-plugin/plugin.json", '{"name": "Acme"}').parent.parent)
        write(tmp_path / "two/Acme/commands/a.md", "text")
        assert code_of(install, other) == "install.name_taken"
        assert code_of(install, other, force=True) == "install.name_taken"


class TestBundles:
    """What leaves this machine, and what comes in."""

    def test_hold_what_was_installed_and_nothing_beside_it(self, tmp_path: Path, home: Path) -> None:
        install(acme(tmp_path / "src"))
        secret = write(tmp_path / "user/.ssh/id_rsa", "secret-key")
        cache = write(home / "extensions/acme/__pycache__/a.pyc", "cache").parent
        (cache / "key").symlink_to(secret)
        bundle = tmp_path / "b.tar.gz"
        portable.export(place_of("user"), str(bundle), bundle=True, dry_run=False)
        import gzip

        raw = gzip.decompress(bundle.read_bytes())
        assert b"secret-key" not in raw
        assert b"pycache" not in raw
        os.rename(home, tmp_path / "another-home")
        portable.bring(bundle, options(), FakeClock(), unheard)

    def test_are_local_content_whatever_they_say_of_their_origin(self, tmp_path: Path, home: Path) -> None:
        install(acme(tmp_path / "src"))
        locked(place_of("user"), source="github:good/acme", origin="github:good/acme")
        bundle = tmp_path / "b.tar.gz"
        portable.export(place_of("user"), str(bundle), bundle=True, dry_run=False)
        os.rename(home, tmp_path / "another-home")
        write(home / "policies.json", json.dumps({"general": {"allowCustomPacks": False}}))
        assert code_of(portable.bring, bundle, options(), FakeClock(), unheard) == "policy.custom_packs_denied"


class TestAddressesThatHoldKeys:
    """A redirect to a signed address, as stores of release files answer."""

    def test_the_key_is_not_recorded(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
        routes = {
            "/acme.zip": Reply(status=302, headers={"Location": "/signed.zip?X-Amz-Signature=s3cr3t"}),
            "/signed.zip": Reply(zip_of({"cowork.plugin.json": manifest()})),
            "/signed.zip?X-Amz-Signature=s3cr3t": Reply(zip_of({"cowork.plugin.json": manifest()})),
        }
        with site(routes) as running:
            monkeypatch.setenv("COWORK_PRIVATE_HOSTS", f"127.0.0.1:{running.port}")
            install(running.url("/acme.zip"))
        assert lockfile.read(place_of("user"))["acme"].url == running.url("/signed.zip")
        assert not [path for path in home.rglob("*") if path.is_file() and b"s3cr3t" in path.read_bytes()]


class TestOddNamesAndDamage:
    """Names that mean something to the store, receipts that were damaged."""

    def test_a_pack_called_projects_does_not_get_in_the_way(self, tmp_path: Path, project: Place) -> None:
        install(str(pack(tmp_path / "src", "projects", skill("greet")).parent))
        install(acme(tmp_path / "src"), place=project)
        assert store.projects() == [str(project.base)]
        gc.collect(dry_run=False)
        assert update("projects").items[0].status == "current"

    @pytest.mark.parametrize("text", ["{}", "[]", "{", '{"name": 3}', '{"source": "github:a/b", "origin": 4}'])
    def test_a_damaged_receipt_is_as_good_as_none(self, tmp_path: Path, home: Path, text: str) -> None:
        source = acme(tmp_path / "src")
        install(source)
        for receipt in (home / "store").glob("*/h1-*.json"):
            receipt.write_text(text)
        acme(tmp_path / "src", "2.0.0")
        update("acme")
        assert code_of(install, "github:a/b", offline=True) == "install.offline"
        rolled, _ = rollback("acme", None, options(), FakeClock(), unheard)
        assert rolled.to_version == "1.0.0"

    def test_a_receipt_that_lacks_fields_is_not_installed_from(self, tmp_path: Path, home: Path) -> None:
        install(acme(tmp_path / "src"))
        for receipt in (home / "store").glob("*/h1-*.json"):
            receipt.write_text(json.dumps({"source": "github:a/b", "origin": "github:a/b"}))
        assert code_of(install, "github:a/b", offline=True) == "install.offline"

    def test_a_tree_that_was_tampered_with_in_the_store_is_refused(self, tmp_path: Path, home: Path) -> None:
        install(acme(tmp_path / "src"))
        acme(tmp_path / "src", "2.0.0")
        update("acme")
        for manifest_ in (home / "store").glob("*/h1-*/cowork.plugin.json"):
            manifest_.write_text(manifest_.read_text().replace("Do it", "Do me"))
        assert code_of(rollback, "acme", None, options(), FakeClock(), unheard) == "store.damaged"

    def test_a_name_that_is_not_ascii_is_installed_whatever_the_locale(self, tmp_path: Path) -> None:
        source = Path(acme(tmp_path / "src"))
        write(source / "é.md", "text")
        env = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
        ran = run_program("pack", "install", str(source), "--json", env=env)
        assert ran.document["ok"] or ran.document["error"]["code"] != "internal"


class TestCapabilitiesOfPlugins:
    """Everything by which a plugin makes its host run something."""

    CASES = (
        ("hooks/hooks.json", "{}", "hooks"),
        ("Hooks/Hooks.JSON", "{}", "hooks"),
        (".claude-plugin/plugin.json", {"hooks": "./config/x.json"}, "hooks"),
        (".Claude-Plugin/Plugin.json", {"hooks": "./config/x.json"}, "hooks"),
        (".claude-plugin/plugin.json", {"experimental": {"monitors": "./m.json"}}, "hooks"),
        ("monitors/monitors.json", "{}", "hooks"),
        ("settings.json", {"statusLine": {"type": "command", "command": "x"}}, "hooks"),
        ("settings.json", {"subagentStatusLine": {"type": "command", "command": "x"}}, "hooks"),
        ("settings.json", {"hooks": {"Stop": []}}, "hooks"),
        (".MCP.json", {"x": {"command": "y"}}, "mcp"),
        (".LSP.json", "{}", "lsp"),
        (".claude-plugin/plugin.json", {"lspServers": {"x": {"command": "y"}}}, "lsp"),
        ("workflows/a.js", "", "executables"),
        (".claude-plugin/plugin.json", {"workflows": "./w"}, "executables"),
        ("cmds/a.md", "  ```!\n  date\n  ```\n", "prompt-shell"),
        ("cmds/A.MD", "!`date`", "prompt-shell"),
        ("skills/a/SKILL.md", "---\nname: a\nallowed-tools: PowerShell(*)\n---\n", "tools"),
        ("skills/a/SKILL.md", "---\nname: a\nallowed-tools: mcp__db__drop\n---\n", "tools"),
        ("skills/a/SKILL.md", "---\nname: a\ncontext: fork\nallowed-tools: [Task]\n---\n", "tools"),
        ("agents/a.md", "---\nname: a\nhooks: {Stop: []}\n---\n", "hooks"),
        ("agents/a.md", "---\nname: a\nmcpServers: [x]\n---\n", "mcp"),
    )

    @pytest.mark.parametrize(("path", "content", "capability"), CASES)
    def test_is_asked_about(self, tmp_path: Path, path: str, content: Any, capability: str) -> None:
        write(tmp_path / "p" / path, content if isinstance(content, str) else json.dumps(content))
        root = tmp_path / "p"
        assert capability in [item.id for item in capabilities_of(root, list_local(root))]

    def test_servers_in_a_file_of_another_name_are_shown_with_their_hosts(self, tmp_path: Path) -> None:
        root = tmp_path / "p"
        write(root / ".claude-plugin/plugin.json", json.dumps({"mcpServers": ["./conf/x.json"]}))
        write(root / "conf/x.json", json.dumps({"mcpServers": {"a": {"url": "https://evil.example/mcp"}}}))
        assert "network:evil.example" in [item.id for item in capabilities_of(root, list_local(root))]


def test_the_directory_of_an_installation_is_private_and_goes(home: Path) -> None:
    with staging(place_of("user")) as work:
        assert work.parent == home / "staging"
        assert work.stat().st_mode & 0o777 == 0o700
    assert not home.exists()
