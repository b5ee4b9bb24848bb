"""A `.git` that points somewhere: believed as far as the other side confirms it, for a project may be somebody else's."""

from __future__ import annotations

from pathlib import Path

import pytest

from cowork.core.sandboxing import repository
from cowork.core.sandboxing.layout import Access, Drawing
from tests.core.sandboxing.world import World


def rules(world: World, directory: Path | None = None) -> dict[Path, Access]:
    """What a repository's rules are, in a project that may be written."""
    directory = directory or world.work
    drawing = Drawing()
    drawing.add(directory, "write")
    repository.draw(drawing, directory, world.environment)
    return drawing.rules


def project(world: World, pointer: str) -> Path:
    """A directory whose `.git` file says this."""
    place = world.root / "other"
    place.mkdir(exist_ok=True)
    (place / ".git").write_text(pointer)
    return place


@pytest.mark.parametrize(
    "pointer",
    [
        "gitdir: ../home/.ssh\n",
        "gitdir: ../project/.git\n",
        "gitdir: ../project\n",
        "gitdir: ..\n",
        "gitdir: /\n",
        "gitdir: \n",
        "gitdir: ../fake\n",
        "gitdir: a\0b\n",
        "nonsense",
        "",
    ],
)
def test_a_pointer_to_what_is_not_its_own_opens_nothing(world: World, pointer: str) -> None:
    fake = world.root / "fake"
    fake.mkdir()
    (fake / "commondir").write_text("../home\n")
    place = project(world, pointer)
    (fake / "gitdir").write_text(f"{place}/.git\n")

    assert rules(world, place) == {place: "write", place / ".git": "read"}


def test_a_worktree_of_another_repository_cannot_be_claimed(world: World) -> None:
    world.git("worktree", "add", "-q", "../tree")
    place = project(world, "gitdir: ../project/.git/worktrees/tree\n")

    assert rules(world, place) == {place: "write", place / ".git": "read"}


def test_a_worktree_writes_its_own_part_of_the_repository(world: World) -> None:
    world.git("worktree", "add", "-q", "../tree")
    common, tree = world.work / ".git", world.root / "tree"

    found = rules(world, tree)

    assert found[common] == found[tree / ".git"] == found[common / "worktrees" / "tree" / "commondir"] == "read"
    assert {path for path, access in found.items() if access == "write"} == {
        tree,
        common / "objects",
        common / "refs",
        common / "logs",
        common / "worktrees" / "tree",
    }


def test_a_submodule_writes_its_own_directory(world: World) -> None:
    (world.work / ".git" / "modules").mkdir()
    world.git("clone", "-q", "--bare", ".", ".git/modules/part")
    part = world.work / "part"
    part.mkdir()
    (part / ".git").write_text("gitdir: ../.git/modules/part\n")
    git = world.work / ".git" / "modules" / "part"
    assert rules(world, part) == {part: "write", part / ".git": "read"}, "it does not say so itself"
    world.git("config", "--file", ".git/modules/part/config", "core.worktree", "../../../part")

    found = rules(world, part)

    assert found[git] == "write"
    assert found[git / "config"] == found[git / "hooks"] == "read"
    assert rules(world)[world.work / ".git" / "modules"] == "read"


def test_a_link_to_a_repository_inside_is_followed_and_one_to_another_is_not(world: World) -> None:
    inside, outside = world.root / "one", world.root / "two"
    for place, target in ((inside, "git"), (outside, "../project/.git")):
        place.mkdir()
        (place / ".git").symlink_to(target)
    (world.work / ".git").rename(inside / "git")
    (world.work / ".git").mkdir()

    assert rules(world, inside)[inside / "git" / "config"] == "read"
    assert rules(world, outside) == {outside: "write"}


def test_hooks_in_the_working_tree_are_read_only(world: World) -> None:
    (world.work / ".husky").mkdir()
    world.git("config", "core.hooksPath", ".husky")

    assert rules(world)[world.work / ".husky"] == "read"


def test_a_project_without_a_repository_has_no_rules_for_one(world: World) -> None:
    assert rules(world, world.outside) == {world.outside: "write"}
