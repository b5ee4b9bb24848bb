"""Glob: files by name, those changed last first, within bounds and without following links."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from cowork.core.path_patterns import BadPattern, PathPattern, braces, name_pattern
from tests.agent.tools.workshop import TOOLS, Workshop


def found(shop: Workshop, pattern: str, path: str | None = None) -> list[str]:
    result = shop.call("Glob", pattern=pattern, **({"path": path} if path else {}))
    assert not result.error, result.text
    return [] if result.text.startswith("No file") else result.text.split("\n")


def files(shop: Workshop, *names: str) -> None:
    """Files, each older than the one before."""
    for age, name in enumerate(names):
        os.utime(shop.file(name, "x"), (1_000_000 - age, 1_000_000 - age))


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.py", ["a.py"]),
        ("**/*.py", ["a.py", "src/b.py", "src/deep/c.py"]),
        ("src/**", ["src/b.py", "src/deep/c.py", "src/d.js"]),
        ("src/*", ["src/b.py", "src/d.js"]),
        ("src/**/c.*", ["src/deep/c.py"]),
        ("**/*.{py,js}", ["a.py", "src/b.py", "src/deep/c.py", "src/d.js"]),
        ("{src,docs}/*.{js,md}", ["src/d.js", "docs/e.md"]),
        ("src/[bd].*", ["src/b.py", "src/d.js"]),
        ("src/[!b].*", ["src/d.js"]),
        ("src/?.py", ["src/b.py"]),
        ("./src/b.py", ["src/b.py"]),
        ("**/.hidden", [".hidden"]),
        ("**", ["a.py", "src/b.py", "src/deep/c.py", "src/d.js", "docs/e.md", ".hidden"]),
        ("nowhere/*", []),
        ("a.py/*", []),
    ],
)
def test_patterns(shop: Workshop, pattern: str, expected: list[str]) -> None:
    files(shop, "a.py", "src/b.py", "src/deep/c.py", "src/d.js", "docs/e.md", ".hidden")

    assert found(shop, pattern) == expected


def test_those_changed_last_come_first(shop: Workshop) -> None:
    files(shop, "new", "old", "older")
    os.utime(shop.root / "older", (2_000_000, 2_000_000))

    assert found(shop, "*") == ["older", "new", "old"]


def test_it_looks_in_another_directory_when_told(shop: Workshop, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "x.py").touch()

    assert found(shop, "*.py", str(tmp_path / "other")) == [str(tmp_path / "other" / "x.py")]
    assert [touch.path for touch in TOOLS["Glob"].touches({"pattern": "*", "path": "src"}, shop.workspace)] == ["src"]
    assert [touch.path for touch in TOOLS["Glob"].touches({"pattern": "*"}, shop.workspace)] == ["."]


def test_what_gitignore_leaves_out_is_left_out(shop: Workshop) -> None:
    shop.file(".gitignore", "*.log\n!keep.log\n/build/\nsecret\ndocs/*.tmp\n# note\n\\#x\n")
    shop.file("src/.gitignore", "local\n")
    files(
        shop,
        "a.log",
        "keep.log",
        "build/x",
        "src/build/y",
        "src/secret",
        "docs/a.tmp",
        "docs/b/a.tmp",
        "src/local",
        "local",
        "#x",
    )

    assert set(found(shop, "**")) == {".gitignore", "src/.gitignore", "keep.log", "src/build/y", "docs/b/a.tmp", "local"}
    assert set(found(shop, "**", "src")) == {"src/.gitignore", "src/build/y"}
    assert found(shop, "build/*") == ["build/x"]  # who names it means it


def test_directories_nobody_means_are_left_out_unless_they_are_named(shop: Workshop) -> None:
    files(shop, ".git/config", "node_modules/a/index.js", "a/node_modules/b.js", "a/__pycache__/c.pyc", "a/d.js")

    assert found(shop, "**") == ["a/d.js"]
    assert found(shop, "node_modules/**/*.js") == ["node_modules/a/index.js"]


def test_links_are_listed_and_not_followed(shop: Workshop, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "canary").touch()
    (shop.root / "out").symlink_to(tmp_path / "outside")
    (shop.root / "loop").symlink_to(".")
    (shop.root / "dangling").symlink_to("nowhere")

    assert set(found(shop, "**")) == {"out", "loop", "dangling"}
    assert found(shop, "out/*") == []
    shop.file("dir/.gitignore").unlink()
    (shop.root / "dir/.gitignore").symlink_to(tmp_path / "outside" / "canary")
    assert "dir/.gitignore" in found(shop, "**")


def test_a_fifo_for_a_gitignore_does_not_hang(shop: Workshop) -> None:
    os.mkfifo(shop.root / ".gitignore")
    shop.file("a")

    assert "a" in found(shop, "**")


def test_what_may_not_be_read_is_not_shown(shop: Workshop) -> None:
    files(shop, "a", "b")
    shop.workspace.judge = lambda path, access: "no" if path.name == "b" else None

    assert found(shop, "**") == ["a"]


def test_a_hundred_are_shown(shop: Workshop) -> None:
    for number in range(150):
        shop.file(f"{number:03}")

    lines = found(shop, "*")

    assert (len(lines), "100 changed last of 150" in lines[-1]) == (101, True)


def test_nothing_found_says_so_and_helps(shop: Workshop) -> None:
    assert "**/*.py" in shop.call("Glob", pattern="*.py").text
    assert "No file" in shop.call("Glob", pattern="src/*.py").text


@pytest.mark.parametrize("pattern", ["/etc/*", "../*", "a/../../*", "~/x", "{" + "a," * 400 + "}", "/".join("a" * 70)])
def test_a_pattern_that_leads_out_or_is_too_much_is_refused(shop: Workshop, pattern: str) -> None:
    assert shop.fails("Glob", pattern=pattern)


def test_it_looks_in_directories_that_are_there(shop: Workshop) -> None:
    shop.file("a.txt")

    assert "does not exist" in shop.fails("Glob", pattern="*", path="nowhere")
    assert "is a file" in shop.fails("Glob", pattern="*", path="a.txt")


def test_names_cannot_drive_a_terminal(shop: Workshop) -> None:
    shop.file("a\x1b[31m\nb")

    assert found(shop, "*") == ["a\\u001b[31m b"]


def test_depth_has_a_bound(shop: Workshop) -> None:
    path = shop.root
    for _ in range(80):
        path = path / "d"
    path.mkdir(parents=True)
    (path / "deep").touch()
    shop.file("high")

    text = shop.call("Glob", pattern="**").text

    assert ("high" in text, "this is not everything" in text) == (True, True)


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("**/a/**/b", "a/b", True),
        ("**/a/**/b", "x/a/y/z/b", True),
        ("a/**", "a", False),
        ("a/**", "a/b/c", True),
        ("**", "a", True),
        ("a/**/**/b", "a/b", True),
        ("a*b*c", "axbxc", True),
        ("a*b*c", "axbx", False),
        ("*b*b", "bb", True),
        ("*b*b", "b", False),
        ("[", "[", True),
        ("[z-a]", "z", False),
        ("[]a]", "]", True),
        ("[^a]", "b", True),
        (r"\*", "*", True),
        (r"\*", "a", False),
        ("a.b", "axb", False),
    ],
)
def test_how_a_pattern_fits(pattern: str, path: str, fits: bool) -> None:
    assert PathPattern(pattern).matches(tuple(path.split("/"))) is fits


def test_no_pattern_takes_long() -> None:
    started = time.monotonic()

    assert not name_pattern("*a" * 100 + "b").fullmatch("a" * 250)
    assert not PathPattern("**/a/" * 31 + "b").matches(("a",) * 200)

    assert time.monotonic() - started < 1


def test_braces_stand_for_several() -> None:
    assert braces("a{b,c{d,e}}f") == ["abf", "acdf", "acef"]
    assert braces("{a}") == ["{a}"]
    assert braces("{a,b") == ["{a,b"]
    assert braces("x{,y}") == ["x", "xy"]
    with pytest.raises(BadPattern):
        braces("{a,b}" * 20)
