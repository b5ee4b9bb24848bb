"""Which commits changed which files."""

from __future__ import annotations

import subprocess

import pytest

from cowork.twins.evidence.file_history import read_history
from cowork.twins.evidence.findings import CannotCollect
from cowork.twins.evidence.look import Look
from tests.twins.evidence.places import NOW, Place


def test_every_name_has_its_commits_newest_first(place: Place) -> None:
    place.commit("2026-01-01", a="1", b="1").commit("2026-01-02", a="2").commit("2026-01-03")
    (place.root / "b").unlink()
    place.write({"new\nline": "x", "ünïcode": "x"}).commit("2026-01-04")
    with Look(place.root, NOW) as look:
        history = read_history(look)
    assert history.complete
    assert [commit.day for commit in history.commits] == ["2026-01-04", "2026-01-03", "2026-01-02", "2026-01-01"]
    assert history.changes == {"a": [2, 3], "b": [0, 3], "new\nline": [0], "ünïcode": [0]}
    assert history.since("a", 3) == {2}
    assert {name: (commit.day, commit.id) for name, commit in history.removed.items()} == {
        "b": ("2026-01-04", place.git("rev-parse", "HEAD").strip())
    }


def test_what_only_a_merge_made_counts_and_a_removal_is_told_from_a_change(place: Place) -> None:
    place.commit("2026-01-01", both="1\n", gone="1\n")
    place.git("switch", "-q", "-c", "side")
    place.commit("2026-01-03", both="2\n", gone="2\n")
    place.git("switch", "-q", "main")
    (place.root / "gone").unlink()
    place.commit("2026-01-02", both="3\n")
    with pytest.raises(subprocess.CalledProcessError):
        place.git("merge", "-q", "side")
    place.git("rm", "-q", "gone")
    place.commit("2026-01-04", both="2 and 3\n")
    with Look(place.root, NOW) as look:
        history = read_history(look)
    assert [commit.day for commit in history.commits] == ["2026-01-04", "2026-01-03", "2026-01-02", "2026-01-01"]
    assert history.changes == {"both": [0, 1, 2, 3], "gone": [1, 2, 3]}
    assert history.removed["gone"].day == "2026-01-02"


def test_only_what_is_below_the_workspace_counts(place: Place) -> None:
    place.write({"sub/x": "1", "other": "1"}).commit("2026-01-01")
    with Look(place.root / "sub", NOW) as look:
        assert read_history(look).changes == {"x": [0]}


def test_a_shallow_clone_has_no_complete_history(place: Place) -> None:
    place.commit("2026-01-01", a="1").commit("2026-01-02", a="2")
    place.git("clone", "-q", "--depth", "1", f"file://{place.root}", str(place.root / "clone"))
    with Look(place.root / "clone", NOW) as look:
        assert not read_history(look).complete


def test_without_commits_there_is_none(place: Place) -> None:
    place.git("init", "-q")
    with Look(place.root, NOW) as look, pytest.raises(CannotCollect):
        read_history(look)
