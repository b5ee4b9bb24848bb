"""Archives of packs that are the same every time."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import pytest

from cowork.core.errors import Conflict
from cowork.install.local import list_local
from cowork.install.publishing.archives import archive
from cowork.install.publishing.surveying import Offered, survey
from cowork.install.tree_hash import tree_hash
from tests.registry import places


def offered(root: Path) -> Offered:
    (found,), _ = survey(root)
    return found


def fill(root: Path) -> Path:
    places.pack(root, "one", places.skill("x"))
    script = places.write(root / "one" / "scripts" / "ünïcode name.sh", "#!/bin/sh\necho hello\n")
    script.chmod(0o755)
    places.write(root / "one" / ("d" * 60) / ("e" * 60) / "long.md", "long\n")
    return root


def test_an_archive_holds_the_files_and_nothing_of_the_machine(tmp_path: Path) -> None:
    found = offered(fill(tmp_path / "packs"))

    with tarfile.open(fileobj=io.BytesIO(archive(found))) as tar:
        members = tar.getmembers()
        tar.extractall(tmp_path / "out")

    assert [member.name for member in members] == [file.path for file in found.files]
    assert {(member.uid, member.gid, member.uname, member.gname, member.mtime) for member in members} == {(0, 0, "", "", 0)}
    assert [member.mode for member in members if member.name.endswith(".sh")] == [0o755]
    assert {member.mode for member in members if not member.name.endswith(".sh")} == {0o644}
    out = tmp_path / "out"
    assert tree_hash(out, [file.path for file in list_local(out)]) == found.entry["treeHash"]


def test_the_same_files_elsewhere_and_later_make_the_same_bytes(tmp_path: Path) -> None:
    here, there = fill(tmp_path / "here"), fill(tmp_path / "there")
    for path in there.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    (there / "one" / "cowork.plugin.json").chmod(0o600)

    assert archive(offered(here)) == archive(offered(there))
    assert archive(offered(here))[4:8] == b"\0\0\0\0"  # where gzip would put the time


@pytest.mark.parametrize("change", ["other", "longer", "shorter"])
def test_a_pack_that_has_changed_since_is_refused(tmp_path: Path, change: str) -> None:
    found = offered(fill(tmp_path / "packs"))
    path = found.root / "scripts" / "ünïcode name.sh"
    text = path.read_text()
    path.write_text({"other": text.replace("hello", "HELLO"), "longer": f"{text}more", "shorter": text[:5]}[change])

    with pytest.raises(Conflict) as caught:
        archive(found)

    assert caught.value.code == "registry.pack_changed"
