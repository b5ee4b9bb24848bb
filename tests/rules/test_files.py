"""Rules of files: where patterns begin, what they cover, and that no spelling and no link leads around them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cowork.rules.places import Places
from tests.rules.places import ask, places

# rule, path below the project (or absolute with {}), whether an allow rule covers it
COVERED = [
    ("Read", "a.txt", True),
    ("Read(a.txt)", "a.txt", True),
    ("Read(a.txt)", "sub/a.txt", True),
    ("Read(./a.txt)", "sub/a.txt", False),
    ("Read(/a.txt)", "a.txt", True),
    ("Read(/a.txt)", "sub/a.txt", False),
    ("Read(*.txt)", "sub/deep/a.txt", True),
    ("Read(*.txt)", "a.md", False),
    ("Read(src/**)", "src/a/b.py", True),
    ("Read(src/**)", "src/../a.py", False),
    ("Read(src/**)", "srcx/a.py", False),
    ("Read(src/**)", "sub/src/a.py", False),
    ("Read(**/src/**)", "sub/src/a.py", True),
    ("Read(src/)", "src/a.py", True),
    ("Read(src/)", "src", False),
    ("Read(src)", "src/a.py", True),
    ("Read(src/*.py)", "src/a.py", True),
    ("Read(src/*.py)", "src/a/b.py", False),
    ("Read(src/**/b.py)", "src/b.py", True),
    ("Read(src/**/b.py)", "src/x/y/b.py", True),
    ("Read(a?.txt)", "ab.txt", True),
    ("Read(a?.txt)", "a/.txt", False),
    ("Read([ab].txt)", "b.txt", True),
    ("Read([!ab].txt)", "b.txt", False),
    ("Read(A.txt)", "a.txt", False),
    ("Read(./**)", "../a.txt", False),
    ("Read(**)", "/etc/passwd", False),
    ("Read(*)", "/etc/passwd", False),
    ("Read(//etc/**)", "/etc/passwd", True),
    ("Read(/etc/**)", "/etc/passwd", False),
    ("Read(/etc/**)", "etc/passwd", True),
    ("Read(~/x)", "~/x", False),  # the project may hold a directory of that name: it is not told which is meant
    ("Read(./**)", "~/x", False),
    ("Read(**)", "a\0b", False),
    ("Read(*.txt)", "a\n.txt", True),
    ("Read(a\\*b)", "a*b", True),
    ("Read(a\\*b)", "axb", False),
]


@pytest.fixture
def at(tmp_path: Path) -> Places:
    return places(tmp_path)


@pytest.mark.parametrize(("rule", "path", "covered"), COVERED)
def test_what_an_allow_rule_covers(at: Places, rule: str, path: str, covered: bool) -> None:
    assert ask("Read", [rule], at=at, file_path=path).allowed is covered


def test_a_path_in_the_home_is_covered_by_its_name(at: Places) -> None:
    assert ask("Read", ["Read(~/notes/**)"], at=at, file_path=f"{at.home}/notes/a").allowed
    assert not ask("Read", ["Read(~/notes/**)"], at=at, file_path=f"{at.home}/other/a").allowed


def test_a_link_is_allowed_when_it_and_what_it_leads_to_are(at: Places) -> None:
    project = Path(at.cwd)
    (project / "src").mkdir()
    (project / "src" / "out").symlink_to("/etc")
    (project / "src" / "in").symlink_to(project / "src")
    assert not ask("Read", ["Read(src/**)"], at=at, file_path="src/out/passwd").allowed
    assert not ask("Edit", ["Edit(src/**)"], at=at, file_path="src/out/passwd").allowed
    assert ask("Read", ["Read(src/**)"], at=at, file_path="src/in/a.py").allowed
    (project / "link").symlink_to(project / "src" / "a.py")
    assert not ask("Read", ["Read(src/**)"], at=at, file_path="link").allowed
    assert not ask("Read", ["Read(src/**)"], at=at, file_path="src/out/../a.py").allowed  # the kernel goes up from /etc


def test_a_link_to_what_is_denied_is_denied_and_so_is_a_denied_link(at: Places) -> None:
    project = Path(at.cwd)
    (project / ".env").write_text("secret")
    (project / "innocent").symlink_to(".env")
    (project / "linked").symlink_to("README")
    deny = ["Read(./.env)", "Read(./linked)"]
    for path in (".env", "innocent", "linked", f"{at.cwd}/.env", "./sub/../.env", f"/proc/self/root{at.cwd}/.env"):
        assert not ask("Read", None, deny, at=at, file_path=path).allowed, path
    assert not ask("Read", None, deny, at=at, file_path="README").allowed  # it is what a denied link leads to
    assert ask("Read", None, deny, at=at, file_path="LICENSE").allowed


def test_a_denied_directory_that_is_a_link_is_denied_under_its_other_name(at: Places, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (Path(at.cwd) / "secret").symlink_to(tmp_path / "data")
    assert not ask("Read", None, ["Read(./secret/**)"], at=at, file_path=str(tmp_path / "data" / "x")).allowed


@pytest.mark.parametrize("rule", ["Read(.env)", "Read(**/.env)", "Read(secrets/**)", "Read(//{outside}/**)", "Read"])
def test_a_denial_without_a_beginning_holds_at_any_depth(at: Places, tmp_path: Path, rule: str) -> None:
    path = tmp_path / "elsewhere" / "secrets" / ".env"
    assert not ask("Read", None, [rule.replace("//{outside}", "/" + str(tmp_path))], at=at, file_path=str(path)).allowed


def test_edit_covers_every_tool_that_edits_and_write_with_a_path_covers_none(at: Places) -> None:
    for tool, key in (
        ("Edit", "file_path"),
        ("Write", "file_path"),
        ("MultiEdit", "file_path"),
        ("NotebookEdit", "notebook_path"),
    ):
        assert ask(tool, ["Edit(src/**)"], at=at, **{key: "src/a"}).allowed
        assert not ask(tool, ["Edit(src/**)"], at=at, **{key: "a"}).allowed
        assert not ask(tool, ["Write(src/**)"], at=at, **{key: "src/a"}).allowed
        assert not ask(tool, None, ["Edit"], at=at, **{key: "src/a"}).allowed
    assert not ask("Write", ["Edit"], at=at, file_path="a").allowed  # a bare name is that tool alone
    assert ask("Write", ["Write"], at=at, file_path="a").allowed
    assert not ask("Write", None, ["Write(src/**)"], at=at, file_path="src/a").allowed  # a denial is heard all the same
    assert "Edit(...)" in ask("Write", ["Write(src/**)"], at=at, file_path="src/a").reason


def test_read_covers_searches_of_what_it_covers_wholly(at: Places) -> None:
    assert ask("Grep", ["Read(src/**)"], at=at, pattern="x", path="src").allowed
    assert ask("Grep", ["Read(./**)"], at=at, pattern="x").allowed
    assert ask("Glob", ["Read(src/**)"], at=at, pattern="**/*.py", path="src").allowed
    assert not ask("Grep", ["Read(src/**)"], at=at, pattern="x").allowed
    assert not ask("Grep", ["Read(*.py)"], at=at, pattern="x", path="src").allowed
    assert not ask("Grep", ["Read(src/[!a]*)"], at=at, pattern="x", path="src").allowed
    assert not ask("Glob", ["Read(./**)"], at=at, pattern="../**").allowed
    assert not ask("Glob", ["Read(./**)"], at=at, pattern="/etc/*").allowed
    assert not ask("Grep", None, ["Read(.env)"], at=at, pattern="x", path=".env").allowed
    assert not ask("Grep", None, ["Read(.env)"], at=at, pattern="x", glob=".env").allowed


@pytest.mark.parametrize("arguments", [{}, {"file_path": 1}, {"file_path": ""}, {"file_path": ["a"]}, {"path": None}])
def test_a_call_that_names_no_file_is_neither_allowed_nor_spared(at: Places, arguments: dict[str, object]) -> None:
    assert not ask("Read", ["Read(./**)"], at=at, **arguments).allowed
    assert not ask("Read", None, ["Read(.env)"], at=at, **arguments).allowed


def test_a_pattern_made_to_take_long_takes_no_time(at: Places) -> None:
    rule = "Read(" + "**/" * 100 + "*a" * 100 + ")"
    assert not ask("Read", [rule], at=at, file_path="/".join(["a" * 200 + "b"] * 15)).allowed


def test_places_are_absolute() -> None:
    with pytest.raises(ValueError, match="absolute"):
        Places("here", "/home", "/")
    assert Places.here().cwd == os.getcwd()
