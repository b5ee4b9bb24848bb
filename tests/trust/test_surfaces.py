"""The digest of what a project could run: any change of any file that counts changes it, and no trick hides one."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.trust import surfaces
from cowork.trust.surfaces import SURFACES, TooMuch, survey

_NAME = st.text("ab .-é\n", min_size=1, max_size=4).filter(lambda name: name not in (".", ".."))
_WHERE = st.one_of(
    st.sampled_from([surface for surface in SURFACES if "." in surface.rpartition("/")[2]]),
    st.builds(
        lambda surface, parts: "/".join([surface, *parts]),
        st.sampled_from([surface for surface in SURFACES if "." not in surface.rpartition("/")[2]]),
        st.lists(_NAME, min_size=1, max_size=3),
    ),
)
_TREE = st.dictionaries(_WHERE, st.tuples(st.binary(max_size=8), st.sampled_from([0o644, 0o755, 0o600])), max_size=6)


def build(root: Path, tree: dict[str, tuple[bytes, int]]) -> dict[str, tuple[bytes, int]]:
    """Write a tree; returns what of it was possible (a file cannot also be a directory)."""
    done = {}
    for name, (content, mode) in tree.items():
        path = root / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except OSError:
            continue
        path.chmod(mode)
        done[name] = (content, mode)
    return done


@given(_TREE, _TREE)
def test_two_projects_have_one_digest_exactly_when_their_files_are_the_same(
    one: dict[str, tuple[bytes, int]], two: dict[str, tuple[bytes, int]]
) -> None:
    with tempfile.TemporaryDirectory() as left, tempfile.TemporaryDirectory() as right:
        same = build(Path(left), one) == build(Path(right), two)

        assert (survey(left).digest == survey(right).digest) is same


@given(_TREE.filter(bool), st.data())
def test_any_change_of_any_file_changes_the_digest_and_undoing_it_brings_it_back(
    tree: dict[str, tuple[bytes, int]], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as root:
        name = data.draw(st.sampled_from(sorted(build(Path(root), tree))))
        path, before = Path(root, name), survey(root)
        content, mode = path.read_bytes(), path.stat().st_mode

        change = data.draw(st.sampled_from(["content", "mode", "name", "gone", "link"]))
        aside = Path(root, "aside")
        if change == "content":
            path.write_bytes(content + b"x")
        elif change == "mode":
            path.chmod(mode ^ 0o010)
        elif change == "name":
            path.rename(path.with_name("zz" + path.name))
        else:
            path.rename(aside)
            if change == "link":
                path.symlink_to(aside)  # the same content, read through a link
        assert survey(root).digest != before.digest

        for moved in (path.with_name("zz" + path.name), aside):
            if moved.exists():
                path.unlink(missing_ok=True)
                moved.rename(path)
        path.write_bytes(content)
        path.chmod(mode)
        after = survey(root)
        assert (after.digest, after.files) == (before.digest, before.files)


def test_every_surface_counts_and_nothing_else_does(tmp_path: Path) -> None:
    names = [f"{surface}" if "." in surface.rpartition("/")[2] else f"{surface}/x/y" for surface in SURFACES]
    others = [
        "README.md",
        ".claude/CLAUDE.md",
        ".claude/hooks.json",
        ".cowork/sessions/x",
        "src/.mcp.json",
        ".clauder/agents/x",
    ]
    for name in [*names, *others]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")

    assert sorted(survey(str(tmp_path)).files) == sorted(names)


def test_content_that_moves_between_files_is_a_change(tmp_path: Path) -> None:
    build(tmp_path, {".claude/agents/a": (b"xy", 0o644), ".claude/agents/b": (b"", 0o644)})
    before = survey(str(tmp_path)).digest

    build(tmp_path, {".claude/agents/a": (b"x", 0o644), ".claude/agents/b": (b"y", 0o644)})

    assert survey(str(tmp_path)).digest != before


def test_empty_directories_are_nothing(tmp_path: Path) -> None:
    (tmp_path / ".claude/hooks/x").mkdir(parents=True)

    assert survey(str(tmp_path)).files == {}


# --- links


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """Something elsewhere that a project's link leads to."""
    path = tmp_path / "outside"
    (path / "agents").mkdir(parents=True)
    (path / "agents" / "a.md").write_text("harmless")
    return path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    path = tmp_path / "project"
    (path / ".claude").mkdir(parents=True)
    return path


@pytest.mark.parametrize("link", [".claude/agents", ".claude/agents/a.md"])
def test_what_lies_behind_a_link_cannot_change_unseen(project: Path, outside: Path, link: str) -> None:
    (project / link).parent.mkdir(exist_ok=True)
    (project / link).symlink_to(outside / link.removeprefix(".claude/"))
    before = survey(str(project)).digest

    (outside / "agents" / "a.md").write_text("hostile")

    assert survey(str(project)).digest != before


def test_a_link_in_the_place_of_a_whole_directory_counts_with_all_that_is_behind(project: Path, outside: Path) -> None:
    (project / ".claude").rmdir()
    (project / ".claude").symlink_to(outside)
    before = survey(str(project))
    assert sorted(before.files) == ["-> .claude", ".claude/agents/a.md"]

    shutil.copytree(outside, outside.with_name("other"))
    (project / ".claude").unlink()
    (project / ".claude").symlink_to(outside.with_name("other"))

    assert survey(str(project)).digest != before.digest


def test_a_link_to_nowhere_counts_and_so_does_what_appears_there(project: Path, tmp_path: Path) -> None:
    (project / ".claude" / "settings.json").symlink_to(tmp_path / "later")
    before = survey(str(project))
    assert list(before.files) == ["-> .claude/settings.json"]

    (tmp_path / "later").write_text("{}")

    assert survey(str(project)).digest != before.digest


def test_a_file_cannot_pass_for_the_record_of_a_link(project: Path, tmp_path: Path) -> None:
    (project / ".claude/agents").mkdir()
    (project / ".claude/agents/a").symlink_to("/nowhere")
    (project / ".claude/agents/-> a").write_text("x")
    (project / ".claude/agents/a ->").write_text("x")

    assert len(survey(str(project)).files) == 3


@pytest.mark.parametrize("target", [".", "..", "/"])
def test_links_that_lead_round_or_everywhere_cannot_be_judged(project: Path, target: str) -> None:
    (project / ".claude/skills").mkdir()
    (project / ".claude/skills/loop").symlink_to(target)

    with pytest.raises(TooMuch):
        survey(str(project))


# --- bounds


def test_too_many_files_cannot_be_judged(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surfaces, "MAX_FILES", 3)
    build(project, {f".claude/agents/{n}": (b"", 0o644) for n in range(3)})
    survey(str(project))

    build(project, {".claude/agents/x": (b"", 0o644)})

    with pytest.raises(TooMuch, match="more than 3 files"):
        survey(str(project))


def test_too_many_directories_cannot_be_judged_either(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surfaces, "MAX_ENTRIES", 10)
    for number in range(10):
        (project / ".claude/agents" / f"d{number}").mkdir(parents=True)

    with pytest.raises(TooMuch, match="more than 10 files and directories"):
        survey(str(project))


def test_too_large_a_file_cannot_be_judged(project: Path) -> None:
    with (project / ".claude/settings.json").open("wb") as stream:
        stream.truncate(surfaces.MAX_BYTES + 1)

    with pytest.raises(TooMuch, match="more than 64 MB"):
        survey(str(project))


def test_too_deep_a_tree_cannot_be_judged(project: Path) -> None:
    (project / ".claude/skills" / "/".join("d" * 40)).mkdir(parents=True)

    with pytest.raises(TooMuch, match="too deeply"):
        survey(str(project))


def test_what_is_no_file_cannot_be_judged_and_holds_nobody_up(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(project / ".mcp.json")
    with pytest.raises(TooMuch, match="neither a file nor a directory"):
        survey(str(project))

    (project / ".mcp.json").unlink()
    (project / ".mcp.json").symlink_to("/dev/zero")
    with pytest.raises(TooMuch, match="neither"):
        survey(str(project))

    (project / ".mcp.json").unlink()
    monkeypatch.chdir(project)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as held:
        held.bind(".mcp.json")
        with pytest.raises(TooMuch, match="neither"):
            survey(str(project))
