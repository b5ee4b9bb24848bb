"""The file tree: what git leaves, in bounds, and safe to show whatever files are called."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cowork.core.errors import InvalidInput
from cowork.core.text import printable
from cowork.prompts.listing import listed
from cowork.prompts.tree import Tree, safe_name, tree
from tests.prompts.repositories import armed, git, repository, write
from tests.support import run_here

PARTS = ["a", "b", "ab", "a.txt", "b.log", "build", "src", ".hidden", "x y", "#c", "!d"]
NAMES = st.lists(st.lists(st.sampled_from(PARTS), min_size=1, max_size=3).map("/".join), min_size=1, max_size=12, unique=True)
PATTERN = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "!", "/", "!/", "**/", "src/", "\\"]),
    st.sampled_from(
        ["*", "?", "a*", "*.log", "[ab]", "[!a]*", "**", "a", "b", "build", "src", "*.t?t", "#c", "!d", "x y", "x\\ y"]
    ),
    st.sampled_from(["", "/", "/*", "/**", "/a", "/**/b", " "]),
    st.sampled_from(["", "", "", "  ", "\r"]),
)
RULES = st.dictionaries(st.sampled_from(["", "src", "build", "a"]), st.lists(PATTERN, max_size=5), max_size=3)


def laid_out(where: Path, names: list[str], rules: dict[str, list[str]]) -> None:
    """Files of these names, as far as they get along, and .gitignore files."""
    where.mkdir()
    for name in names:
        path = where / name
        if not any((where / above).is_file() for above in path.relative_to(where).parents) and not path.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("x")
    for directory, lines in rules.items():
        if (where / directory).is_dir():
            (where / directory / ".gitignore").write_bytes("\n".join(lines).encode())


def told_by_git(where: Path) -> set[str]:
    """What git itself would add."""
    words = ["git", "ls-files", "-o", "--exclude-standard", "-z"]
    return set(subprocess.run(words, cwd=where, capture_output=True, check=True).stdout.decode().split("\0")) - {""}


def paths_of(where: Path) -> set[str]:
    return {"/".join(names) for names in listed(where).paths}


def lines(found: Tree) -> list[str]:
    return found.text.split("\n")


@settings(max_examples=30, deadline=None)
@given(names=NAMES, rules=RULES)
@example(names=["a/a"], rules={"": ["**/*/**"]})
def test_it_lists_what_git_lists_with_git_and_without(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], rules: dict[str, list[str]]
) -> None:
    where = tmp_path_factory.mktemp("any") / "r"
    laid_out(where, names, rules)
    without = paths_of(where)  # there is no repository yet: the rules are read by ourselves
    git(where, "init", "-q")

    assert paths_of(where) == told_by_git(where)
    assert without == told_by_git(where)


@settings(max_examples=40, deadline=None)
@given(name=st.binary(min_size=1, max_size=40).map(lambda raw: raw.replace(b"/", b"_").replace(b"\0", b"_")))
def test_any_name_is_one_harmless_line(tmp_path_factory: pytest.TempPathFactory, name: bytes) -> None:
    where = tmp_path_factory.mktemp("any")
    if name in (b".", b"..", b".git", b".gitignore"):
        return
    (where / os.fsdecode(name)).write_text("x")

    found = tree(where)

    assert found.files == 1
    assert len(lines(found)) == 3
    assert printable(found.text) == found.text
    assert found.text.encode()  # also where the name is no text


def test_a_tree_has_files_before_directories_and_everything_has_its_line(tmp_path: Path) -> None:
    write(tmp_path / "shop", {"z": "", "src/b": "", "src/a": "", "src/deep/x": "", ".github/w": ""})

    assert lines(tree(tmp_path / "shop")) == [
        "shop/", "  z", "  .github/", "    w", "  src/", "    a", "    b", "    deep/", "      x", "(5 files)",
    ]  # fmt: skip


def test_nested_rules_negations_and_the_repository_s_own_exclusions_hold(tmp_path: Path) -> None:
    files = {
        ".gitignore": "*.log\n!keep.log\n/build/\n", "sub/.gitignore": "!inner.log\nsecret\n", "x.log": "", "keep.log": "",
        "build/out": "", "sub/inner.log": "", "sub/secret": "", "secret": "", "mine": "",
    }  # fmt: skip
    where = repository(tmp_path / "r")
    write(where, files)
    (where / ".git" / "info").mkdir(exist_ok=True)
    (where / ".git" / "info" / "exclude").write_text("mine\n")

    assert paths_of(where) == {".gitignore", "sub/.gitignore", "keep.log", "sub/inner.log", "secret"}
    assert tree(where).ignored == 4


def test_without_git_the_same_rules_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    where = repository(tmp_path / "r")
    write(where, {".gitignore": "*.log\n/sub/b\n", "x.log": "", "a": "", "sub/b": "", "sub/c": "", "mine": ""})
    (where / ".git" / "info" / "exclude").write_text("mine\n")
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))

    assert paths_of(where) == {".gitignore", "a", "sub/c"}
    assert paths_of(where / "sub") == {"c"}


def test_what_the_user_ignores_everywhere_is_left_out(tmp_path: Path) -> None:
    where = repository(tmp_path / "r")
    write(where, {"a": "", "a.swp": "", "b.tmp": ""})
    home = Path(os.environ["HOME"])
    write(home, {".config/git/ignore": "*.swp\n", "mine": "*.tmp\n"})
    assert paths_of(where) == {"a", "b.tmp"}

    (home / ".gitconfig").write_text("[core]\n\texcludesFile = ~/mine\n")

    assert paths_of(where) == {"a", "a.swp"}


def test_what_is_tracked_is_there_though_it_is_ignored_and_what_is_gone_is_not(tmp_path: Path) -> None:
    where = repository(tmp_path / "r", {"a.log": "", "b": "", ".gitignore": ""})
    write(where, {".gitignore": "*.log\n", "c.log": ""})
    (where / "b").unlink()

    assert paths_of(where) == {"a.log", ".gitignore"}


def test_a_directory_that_its_repository_ignores_is_shown_when_it_is_asked_for(tmp_path: Path) -> None:
    where = repository(tmp_path / "r", {".gitignore": "/build/\n"})
    write(where, {"build/out": ""})

    assert paths_of(where) == {".gitignore"}
    assert paths_of(where / "build") == {"out"}


def test_a_directory_inside_a_repository_is_told_from_itself_on(tmp_path: Path) -> None:
    where = repository(tmp_path / "r", {".gitignore": "*.log\n", "src/a": "", "src/b.log": "", "other": ""})

    assert paths_of(where / "src") == {"a"}


def test_directories_that_nobody_means_are_left_out(tmp_path: Path) -> None:
    for where in (tmp_path / "plain", repository(tmp_path / "r")):
        write(where, {"a": "", "node_modules/x/y": "", "sub/__pycache__/z.pyc": ""})
        assert (paths_of(where), tree(where).ignored) == ({"a"}, 2)


def test_links_are_named_and_not_followed(tmp_path: Path) -> None:
    for where in (tmp_path / "plain", repository(tmp_path / "r")):
        write(where, {"a": ""})
        (where / "up").symlink_to("..")
        (where / "gone").symlink_to("/nowhere")

        assert lines(tree(where))[1:] == ["  a", "  gone@", "  up@", "(3 files)"]


def test_another_repository_inside_is_one_line(tmp_path: Path) -> None:
    where = repository(tmp_path / "r", {"a": ""})
    repository(where / "tracked", {"b": ""})
    git(where, "add", "tracked")
    repository(where / "new", {"c": ""})

    assert lines(tree(where))[1:4] == ["  a", "  new/ (a repository)", "  tracked/ (a repository)"]


def test_depth_is_kept_and_what_is_deeper_is_counted(tmp_path: Path) -> None:
    write(tmp_path / "r", {"a": "", "b/c": "", "b/d/e": "", "b/d/f": ""})

    found = tree(tmp_path / "r", depth=2)

    assert lines(found) == ["r/", "  a", "  b/", "    c", "    d/ (2 files)", "(4 files, 2 shown, 2 deeper than asked for)"]
    assert (found.files, found.shown, found.too_deep, found.no_room) == (4, 2, 2, 0)


@settings(max_examples=40, deadline=None)
@given(
    names=st.lists(st.lists(st.text("abc☃\n\u202e", min_size=1, max_size=20), min_size=1, max_size=4), min_size=1, max_size=60),
    budget=st.integers(100, 400),
    most=st.integers(1, 40),
    depth=st.none() | st.integers(1, 4),
)
def test_a_tree_keeps_its_bounds_and_counts_every_file_once(
    tmp_path_factory: pytest.TempPathFactory, names: list[list[str]], budget: int, most: int, depth: int | None
) -> None:
    where = tmp_path_factory.mktemp("any") / "r"
    laid_out(where, ["/".join(parts) for parts in names], {})

    found = tree(where, depth=depth, most=most, budget_tokens=budget)

    assert found.tokens <= budget
    assert found.tokens == -(-len(found.text) // 4)
    assert len(found.entries) <= most
    assert all(entry.depth <= (depth or 99) for entry in found.entries)
    assert found.files == found.shown + found.too_deep + found.no_room
    assert min(found.shown, found.too_deep, found.no_room) >= 0


def test_every_budget_is_used_and_none_is_exceeded(tmp_path: Path) -> None:
    write(tmp_path / "r", {f"{number:03}": "" for number in range(150)})
    write(tmp_path / "r", {f"{name}/{number}": "" for name in "abcdefgh" for number in range(12)})

    for budget in range(100, 300):
        used = tree(tmp_path / "r", budget_tokens=budget).tokens
        assert budget - 45 <= used <= budget


def test_every_directory_gets_a_share_of_a_short_budget(tmp_path: Path) -> None:
    write(tmp_path / "r", {f"{name}/file-{number:03}": "" for name in ("huge", "vast") for number in range(300)})
    write(tmp_path / "r", {"small/only": "", "README": ""})

    text = tree(tmp_path / "r", budget_tokens=300).text

    assert "README" in text
    assert "huge/\n    file-000" in text
    assert "vast/\n    file-000" in text
    assert "small/" in text


def test_five_thousand_files_are_bounded_and_counted(tmp_path: Path) -> None:
    where = repository(tmp_path / "r")
    for directory in range(50):
        (where / f"d{directory}").mkdir()
        for number in range(100):
            (where / f"d{directory}" / f"f{number}").touch()
    git(where, "add", "-A")

    found = tree(where, budget_tokens=2000)

    assert (found.files, found.problem) == (5000, None)
    assert found.tokens <= 2000
    assert found.shown + found.no_room == 5000
    assert len(tree(where).entries) <= 1000


def test_a_repository_too_large_for_git_s_time_is_read_as_far_as_possible(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = repository(tmp_path / "r", {"a": "", "b": "", "c": ""})
    (where / ".git" / "index").unlink()
    os.mkfifo(where / ".git" / "index")
    monkeypatch.setattr("cowork.prompts.listing.SECONDS", 0.3)
    monkeypatch.setattr("cowork.prompts.listing.MOST_ENTRIES", 3)

    found = tree(where)

    assert found.problem == "there is more than could be looked at in time"
    assert found.problem in found.text


def test_a_hostile_repository_runs_nothing(tmp_path: Path) -> None:
    where = repository(tmp_path / "r", {"a": "1\n"})
    armed(where, tmp_path / "ran")

    assert paths_of(where) == {"a"}
    assert not (tmp_path / "ran").exists()


def test_a_budget_that_holds_nothing_and_a_path_that_is_none_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path, budget, code in (
        (tmp_path, 99, "budget_too_small"), (tmp_path / "none", None, "missing"), (tmp_path / "file", None, "not_a_directory"),
        ("nul\0", None, "missing"),
    ):  # fmt: skip
        with pytest.raises(InvalidInput) as caught:
            tree(path, budget_tokens=budget)
        assert caught.value.code == f"context.{code}"


def test_the_verb_says_the_same_to_people_and_programs(tmp_path: Path) -> None:
    write(tmp_path / "r", {"a\x1b[31m": "", "b/c/d": ""})

    ran = run_here("context", "tree", str(tmp_path / "r"), "--depth", "2")
    data = run_here("context", "tree", str(tmp_path / "r"), "--depth", "2", "--json").data

    assert ran.out == data["text"] + "\n"
    assert [entry["path"] for entry in data["entries"]] == ["a\\u001b[31m", "b", "b/c"]


def test_a_name_keeps_its_letters() -> None:
    assert safe_name("übung 👨\u200d💻.md") == "übung 👨\u200d💻.md"
