"""The store: what was installed is there again byte for byte, or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cowork.core.errors import CoworkError, InvalidInput, NotFound
from cowork.install import store
from cowork.install.local import list_local
from cowork.install.places import Place
from cowork.install.tree import TreeFile
from cowork.install.tree_hash import tree_hash
from tests.registry.places import write

KEEP = """
import sys
from pathlib import Path
from cowork.install import store
from cowork.install.local import list_local
root = Path(sys.argv[1])
files = list_local(root)
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[3])):
    store.keep(root, files, f"notes-{number}", sys.argv[2], {"by": "another process"})
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path / "pack/README.md", "Notes\n")
    write(tmp_path / "pack/docs/größe.md", "Ü\n")
    write(tmp_path / "pack/bin/run", "#!/bin/sh\n").chmod(0o755)
    return tmp_path / "pack"


def hash_of(root: Path) -> str:
    return tree_hash(root, [file.path for file in list_local(root)])


def kept(root: Path, name: str = "notes", **receipt: object) -> str:
    hash_ = hash_of(root)
    store.keep(root, list_local(root), name, hash_, receipt)
    return hash_


def contents(root: Path) -> dict[str, tuple[bytes, bool]]:
    return {file.path: ((root / file.path).read_bytes(), file.executable) for file in list_local(root)}


def damaged(hash_: str, target: Path) -> CoworkError:
    with pytest.raises(CoworkError) as caught:
        store.take("notes", hash_, target)
    return caught.value


def test_what_was_kept_can_be_taken(root: Path, tmp_path: Path) -> None:
    hash_ = kept(root)
    files = store.take("notes", hash_, tmp_path / "again")
    assert files == list_local(root)
    assert contents(tmp_path / "again") == contents(root)


def test_it_lies_by_pack_and_hash_and_is_private(root: Path, home: Path) -> None:
    hash_ = kept(root)
    target = home / "store" / "notes" / hash_.replace(":", "-")
    assert store.path_of("notes", hash_) == target
    assert target.stat().st_mode & 0o777 == 0o700
    assert sorted(path.name for path in target.parent.iterdir()) == [target.name, f"{target.name}.json"]


def test_the_source_may_go_afterwards(root: Path, tmp_path: Path) -> None:
    before, hash_ = contents(root), kept(root)
    write(root / "README.md", "edited")
    (root / "bin/run").unlink()
    store.take("notes", hash_, tmp_path / "again")
    assert contents(tmp_path / "again") == before


def test_only_the_files_that_are_named_are_kept(root: Path) -> None:
    hash_ = tree_hash(root, ["README.md"])
    target = store.keep(root, [TreeFile("README.md", 6)], "notes", hash_, {})
    assert [file.path for file in list_local(target)] == ["README.md"]


def test_keeping_again_leaves_the_tree_and_renews_the_receipt(root: Path) -> None:
    hash_ = kept(root, version="1")
    inode = store.path_of("notes", hash_).stat().st_ino
    kept(root, version="2")
    assert store.path_of("notes", hash_).stat().st_ino == inode
    assert store.receipt_of("notes", hash_) == {"version": "2"}


def test_each_pack_has_trees_of_its_own(root: Path, tmp_path: Path) -> None:
    hash_ = kept(root, "notes")
    with pytest.raises(NotFound) as caught:
        store.take("other", hash_, tmp_path / "again")
    assert caught.value.code == "store.missing"


def test_what_was_never_kept_is_missing_and_nothing_is_created(home: Path, tmp_path: Path) -> None:
    error = damaged("h1:" + "0" * 64, tmp_path / "again")
    assert error.code == "store.missing"
    assert error.details == {"name": "notes", "tree_hash": "h1:" + "0" * 64}
    assert not home.exists()
    assert not (tmp_path / "again").exists()


@pytest.mark.parametrize("change", ["other content", "one more file", "one file less", "another name"])
def test_a_tree_that_was_tampered_with_is_not_given_out(root: Path, tmp_path: Path, change: str) -> None:
    hash_ = kept(root)
    target = store.path_of("notes", hash_)
    if change == "other content":
        write(target / "README.md", "notes\n")
    elif change == "one more file":
        write(target / "evil.md", "")
    elif change == "one file less":
        (target / "README.md").unlink()
    else:
        (target / "README.md").rename(target / "README.txt")
    error = damaged(hash_, tmp_path / "again")
    assert (type(error), error.code) == (InvalidInput, "store.damaged")
    assert str(target) in (error.hint or "")


def test_a_link_in_the_store_is_not_followed(root: Path, tmp_path: Path) -> None:
    hash_ = kept(root)
    target = store.path_of("notes", hash_)
    (target / "README.md").unlink()
    (target / "README.md").symlink_to(root / "README.md")
    assert damaged(hash_, tmp_path / "again").code == "install.symlink"


# -- receipts ------------------------------------------------------------------------------------------------------------------


def test_a_receipt_says_what_was_known(root: Path) -> None:
    hash_ = kept(root, version="1.0.0", source="github:owner/größe \ud800")
    assert store.receipt_of("notes", hash_) == {"version": "1.0.0", "source": "github:owner/größe \ud800"}


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"x"'])
def test_a_receipt_that_cannot_be_read_is_none(root: Path, text: str) -> None:
    hash_ = kept(root)
    write(store.path_of("notes", hash_).with_name(f"{hash_.replace(':', '-')}.json"), text)
    assert store.receipt_of("notes", hash_) is None
    assert store.receipts() == []


def test_a_receipt_that_is_not_there_is_none(home: Path) -> None:
    assert store.receipt_of("notes", "h1:" + "0" * 64) is None
    assert store.receipts() == []
    assert not home.exists()


def test_receipts_come_newest_first(root: Path) -> None:
    for age, name in enumerate(["b", "c", "a"]):
        kept_at = store.path_of(name, kept(root, name, of=name))
        os.utime(kept_at.with_name(f"{kept_at.name}.json"), (1_000_000 - age, 1_000_000 - age))
    assert [receipt["of"] for receipt in store.receipts()] == ["b", "c", "a"]


# -- files ---------------------------------------------------------------------------------------------------------------------


def test_a_file_is_never_written_over_another_or_through_a_link(tmp_path: Path) -> None:
    write(tmp_path / "held", "held")
    (tmp_path / "link").symlink_to(tmp_path / "held")
    (tmp_path / "dangling").symlink_to(tmp_path / "created")
    for name in ("held", "link", "dangling"):
        with pytest.raises(OSError):
            store.write_file(tmp_path / name, b"evil", executable=False)
    assert (tmp_path / "held").read_text() == "held"
    assert not (tmp_path / "created").exists()


@pytest.mark.parametrize(("executable", "mode"), [(True, 0o755), (False, 0o644)])
def test_a_file_is_executable_or_not_and_nothing_else(tmp_path: Path, executable: bool, mode: int) -> None:
    held = os.umask(0o022)
    try:
        store.write_file(tmp_path / "file", b"x", executable=executable)
    finally:
        os.umask(held)
    assert (tmp_path / "file").stat().st_mode & 0o7777 == mode


def test_a_store_that_cannot_be_written_is_an_error_and_leaves_nothing(root: Path, home: Path) -> None:
    write(home / "store", "a file where the store should be")
    with pytest.raises(CoworkError) as caught:
        kept(root)
    assert caught.value.code == "file.not_writable"


def test_a_tree_that_cannot_be_copied_leaves_nothing_half(root: Path, home: Path) -> None:
    with pytest.raises(CoworkError) as caught:
        store.keep(root, [*list_local(root), TreeFile("gone.md", 1)], "notes", hash_of(root), {})
    assert caught.value.code == "file.not_writable"
    assert list((home / "store/notes").iterdir()) == []


# -- projects ------------------------------------------------------------------------------------------------------------------


def test_projects_are_remembered_once_and_the_user_is_none(home: Path, tmp_path: Path) -> None:
    assert store.projects() == []
    assert not home.exists()
    for name in ("b", "a", "b"):
        store.remember(Place("project", tmp_path / name))
    store.remember(Place("user", tmp_path / "user"))
    assert store.projects() == [str(tmp_path / "b"), str(tmp_path / "a")]


# -- several processes ---------------------------------------------------------------------------------------------------------


def start(root: Path, count: int) -> subprocess.Popen[str]:
    argv = [sys.executable, "-c", KEEP, str(root), hash_of(root), str(count)]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def finish(process: subprocess.Popen[str]) -> None:
    _, complaint = process.communicate("go\n", timeout=30)
    assert process.returncode == 0, complaint


def test_two_processes_may_keep_the_same_trees_at_once(root: Path, home: Path, tmp_path: Path) -> None:
    processes = [start(root, 20) for _ in range(2)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        finish(process)
    for number in range(20):
        store.take(f"notes-{number}", hash_of(root), tmp_path / f"again-{number}")
        assert not [path for path in (home / f"store/notes-{number}").iterdir() if path.name.startswith(".")]


def test_a_tree_that_another_process_kept_meanwhile_is_good_enough(
    root: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy, other = store.copy_tree, start(root, 1)

    def slowly(*args: object) -> None:
        copy(*args)  # type: ignore[arg-type]
        finish(other)

    with monkeypatch.context() as patched:
        patched.setattr(store, "copy_tree", slowly)
        kept(root, "notes-0", by="this process")
    assert store.receipt_of("notes-0", hash_of(root)) == {"by": "this process"}
    store.take("notes-0", hash_of(root), tmp_path / "again")
    assert not [path for path in (home / "store/notes-0").iterdir() if path.name.startswith(".")]
