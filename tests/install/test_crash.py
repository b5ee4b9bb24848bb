"""kill -9, a second process, a full disk: packs, lockfile and staging are as they were, or as they were to become."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from cowork.core.errors import CoworkError
from cowork.install import commit, lockfile
from cowork.install.places import place_of
from cowork.install.verify import verify
from tests.core.killing import Point, run_until
from tests.install.flows import acme, everything, install, update
from tests.support import PROGRAM, run_here, run_program

CODE = """
import sys
from cowork.cli.main import run
armed()
sys.exit(run(sys.argv[1:]) and 99)
"""
POINTS = [
    *(Point("c_call", "rename", count) for count in range(1, 6)),
    *(Point("c_call", "replace", count) for count in range(1, 8)),
    *(Point("c_call", "fsync", count) for count in (1, 2, 3, 5, 7, 9, 12, 15)),
    *(Point("c_call", "unlink", count) for count in range(1, 6)),
    *(Point("c_call", "rmdir", count) for count in range(1, 5)),
    *(Point("c_call", "mkdir", count) for count in range(1, 9)),
    *(Point("c_call", "open", count) for count in (2, 4, 6, 8, 10, 13, 16, 20, 25, 30)),
    *(Point("c_call", "flock", count) for count in range(1, 6)),
]


def consistent() -> dict[str, str]:
    """The versions of the installed packs, after checking that lockfile and directories agree and no work is left over."""
    place = place_of("user")
    listed = {item["name"]: item["version"] for item in run_here("pack", "list", "--scope", "personal", "--json").data["items"]}
    packs = lockfile.read(place)
    assert listed == {name: entry.version for name, entry in packs.items()}
    verify(place)
    commit.recover(place)
    assert not place.staging.exists()
    return listed


@pytest.mark.parametrize("point", POINTS, ids=lambda point: f"{point.function}-{point.count}")
def test_killed_while_installing_it_is_there_entirely_or_not_at_all(point: Point, tmp_path: Path) -> None:
    killed = run_until(point, CODE, "pack", "install", acme(tmp_path / "src"))
    found = consistent()
    assert found in ({}, {"acme": "1.0.0"})
    assert killed or found
    assert install(acme(tmp_path / "src")).items[0].name == "acme"
    assert consistent() == {"acme": "1.0.0"}


@pytest.mark.parametrize("point", POINTS[::2], ids=lambda point: f"{point.function}-{point.count}")
def test_killed_while_updating_it_is_the_old_or_the_new_one(point: Point, tmp_path: Path) -> None:
    install(acme(tmp_path / "src"))
    acme(tmp_path / "src", "2.0.0")
    run_until(point, CODE, "pack", "update", "acme")
    assert consistent() in ({"acme": "1.0.0"}, {"acme": "2.0.0"})
    update("acme")
    assert consistent() == {"acme": "2.0.0"}


@pytest.mark.parametrize("point", POINTS[1::2], ids=lambda point: f"{point.function}-{point.count}")
def test_killed_while_uninstalling_it_is_there_or_gone(point: Point, tmp_path: Path) -> None:
    install(acme(tmp_path / "src"))
    run_until(point, CODE, "pack", "uninstall", "acme", "--yes")
    assert consistent() in ({"acme": "1.0.0"}, {})


def test_two_processes_install_different_packs_at_once_and_both_are_there(tmp_path: Path) -> None:
    sources = []
    for number in range(6):
        directory = tmp_path / f"pack-{number}"
        directory.mkdir()
        document = json.loads((Path(acme(tmp_path / f"s{number}")) / "cowork.plugin.json").read_text())
        (directory / "cowork.plugin.json").write_text(json.dumps({**document, "name": f"pack-{number}"}))
        sources.append(str(directory))
    running = [
        subprocess.Popen([str(PROGRAM), "pack", "install", source, "--json"], stdout=subprocess.PIPE) for source in sources
    ]
    assert [process.wait(60) for process in running] == [0] * 6
    for process in running:
        assert process.stdout is not None
        process.stdout.close()
    assert set(consistent()) == {f"pack-{number}" for number in range(6)}


def test_two_processes_install_the_same_pack_and_one_of_them_hears_of_it(tmp_path: Path) -> None:
    source = acme(tmp_path / "src")
    running = [
        subprocess.Popen([str(PROGRAM), "pack", "install", source, "--json"], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    answers = [json.loads(process.communicate(timeout=60)[0]) for process in running]
    for answer in answers:
        assert answer["ok"] or answer["error"]["code"] in ("install.changed_meanwhile", "install.exists")
    assert any(answer["ok"] for answer in answers)
    assert consistent() == {"acme": "1.0.0"}


def test_a_full_disk_changes_nothing(tmp_path: Path, home: Path) -> None:
    """Files may not grow beyond 3 kB: what a full disk looks like to whoever writes."""
    install(acme(tmp_path / "src"))
    before = everything(place_of("user"))
    (tmp_path / "src" / "acme" / "large.md").write_text("word " * 2_000)
    acme(tmp_path / "src", "2.0.0")
    code = "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)" + CODE.replace("armed()", "")
    ran = subprocess.run(
        [sys.executable, "-c", code, "pack", "update", "acme", "--json"],
        capture_output=True,
        env=os.environ,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (3_000, 3_000)),
    )
    document = json.loads(ran.stdout)
    assert document["error"]["code"] == "file.not_writable", document
    assert everything(place_of("user")) == before
    assert consistent() == {"acme": "1.0.0"}


def test_a_home_that_is_a_file_is_an_error(tmp_path: Path, home: Path) -> None:
    home.write_text("not a directory")
    with pytest.raises(CoworkError) as caught:
        install(acme(tmp_path / "src"))
    assert caught.value.code in ("file.not_writable", "audit.not_writable")


def test_interrupting_leaves_everything_as_it_was(tmp_path: Path, home: Path) -> None:
    code = """
import os, signal, sys
from cowork.install import judging
seen = judging.examine
def interrupted(*words):
    os.kill(os.getpid(), signal.SIGINT)
    return seen(*words)
judging.examine = interrupted
from cowork.cli.main import run
sys.exit(run(sys.argv[1:]))
"""
    ran = subprocess.run([sys.executable, "-c", code, "pack", "install", acme(tmp_path / "src"), "--json"], capture_output=True)
    assert (ran.returncode, json.loads(ran.stdout)["error"]["code"]) == (130, "interrupted")
    assert not (home / "extensions" / "acme").exists()
    assert not (home / "staging").exists()
    assert run_program("pack", "verify", "--json").data["count"] == 0
