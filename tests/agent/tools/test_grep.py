"""Grep: lines by regular expression, bounded in time and output; with ripgrep where it is installed, else without."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from cowork.agent.tools import searches
from tests.agent.tools.workshop import TOOLS, Workshop, children, run, until
from tests.support import alive

ENGINES = ["python", *(["ripgrep"] if shutil.which("rg") else [])]  # what is installed here


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, shop: Workshop, tmp_path: Path) -> str:
    """Without ripgrep on the path, or with it."""
    if request.param == "python":
        bare = tmp_path / "no-programs"
        bare.mkdir()
        shop.workspace.environment = {**shop.workspace.environment, "PATH": str(bare)}
    return str(request.param)


def lines(shop: Workshop, pattern: str, **how: Any) -> list[str]:
    result = shop.call("Grep", pattern=pattern, **how)
    assert not result.error, result.text
    return [] if result.text == "Nothing was found." else result.text.split("\n")


@pytest.mark.usefixtures("engine")
class TestEitherEngine:
    def test_files_that_match_come_with_those_changed_last_first(self, shop: Workshop) -> None:
        os.utime(shop.file("old.txt", "needle"), (1000, 1000))
        os.utime(shop.file("src/new.txt", "a needle"), (2000, 2000))
        shop.file("other.txt", "hay")

        assert lines(shop, "needle") == ["src/new.txt", "old.txt"]

    def test_content_comes_with_numbers_and_context(self, shop: Workshop) -> None:
        shop.file("a.txt", "".join(f"{word}\n" for word in "one two three four five six seven eight nine ten".split()))

        assert lines(shop, "t[wh]", output_mode="content") == ["a.txt:2:two", "a.txt:3:three"]
        assert lines(shop, "two|nine", output_mode="content", **{"-C": 1}) == [
            "a.txt-1-one",
            "a.txt:2:two",
            "a.txt-3-three",
            "--",
            "a.txt-8-eight",
            "a.txt:9:nine",
            "a.txt-10-ten",
        ]
        assert lines(shop, "one|three", output_mode="content", **{"-A": 1}) == [
            "a.txt:1:one",
            "a.txt-2-two",
            "a.txt:3:three",
            "a.txt-4-four",
        ]
        assert lines(shop, "four", output_mode="content", **{"-B": 2, "-n": False}) == [
            "a.txt-two",
            "a.txt-three",
            "a.txt:four",
        ]

    def test_counts(self, shop: Workshop) -> None:
        shop.file("a.txt", "x\ny\nxx\n")
        shop.file("b.txt", "y")

        assert lines(shop, "x", output_mode="count") == ["a.txt:2"]

    def test_whatever_the_case(self, shop: Workshop) -> None:
        shop.file("a.txt", "Needle")

        assert lines(shop, "nEEDLE") == []
        assert lines(shop, "nEEDLE", **{"-i": True}) == ["a.txt"]

    def test_across_lines_when_asked(self, shop: Workshop) -> None:
        shop.file("a.txt", "start\nbegin {\n  inner\n}\nend\n")

        assert lines(shop, r"begin.*\}", output_mode="content") == []
        found = lines(shop, r"begin.*\}", output_mode="content", multiline=True)
        assert found == ["a.txt:2:begin {", "a.txt:3:  inner", "a.txt:4:}"]

    @pytest.mark.parametrize(
        ("how", "expected"),
        [
            ({"glob": "*.py"}, {"a.py", "src/b.py"}),
            ({"glob": "src/*"}, {"src/b.py", "src/c.js"}),
            ({"glob": "*.{py,js}"}, {"a.py", "src/b.py", "src/c.js"}),
            ({"type": "js"}, {"src/c.js"}),
            ({"type": "py", "glob": "src/**"}, {"src/b.py"}),
            ({"path": "src"}, {"src/b.py", "src/c.js"}),
            ({"path": "a.py"}, {"a.py"}),
        ],
    )
    def test_only_some_files(self, shop: Workshop, how: dict[str, str], expected: set[str]) -> None:
        for name in ("a.py", "src/b.py", "src/c.js", "d.md"):
            shop.file(name, "x")

        assert set(lines(shop, "x", **how)) == expected

    def test_ignored_binary_and_linked_files_are_passed_over(self, shop: Workshop, tmp_path: Path) -> None:
        shop.file(".gitignore", "*.log\n")
        shop.file("a.log", "canary")
        shop.file("b.bin", b"\0\0canary")
        shop.file(".git/config", "canary")
        shop.file("node_modules/x.js", "canary")
        (tmp_path / "outside").mkdir()
        (tmp_path / "outside" / "f").write_text("canary")
        (shop.root / "out").symlink_to(tmp_path / "outside")
        (shop.root / "link").symlink_to(tmp_path / "outside" / "f")
        os.mkfifo(shop.root / "pipe")
        shop.file(".hidden", "canary")

        assert lines(shop, "canary") == [".hidden"]

    def test_what_may_not_be_read_is_not_shown(self, shop: Workshop) -> None:
        shop.file("a", "canary")
        shop.file(".env", "canary")
        shop.workspace.judge = lambda path, access: "no" if path.name == ".env" else None

        for mode in ("files_with_matches", "content", "count"):
            assert ".env" not in "".join(lines(shop, "canary", output_mode=mode, **{"-C": 1})), mode

    def test_a_pattern_that_looks_like_an_option_is_a_pattern(self, shop: Workshop) -> None:
        shop.file("a.txt", "--pre=touch x")

        assert lines(shop, "--pre=touch") == ["a.txt"]

    def test_a_pattern_that_is_none_is_an_ordinary_failure(self, shop: Workshop) -> None:
        shop.file("a.txt", "x")

        assert "cannot be used" in shop.fails("Grep", pattern="(")

    def test_windows_line_ends_and_strange_bytes(self, shop: Workshop) -> None:
        shop.file("a.txt", b"one\r\ncaf\xe9 two\r\n")

        assert lines(shop, "two$|one$", output_mode="content") in (
            ["a.txt:1:one", "a.txt:2:caf\ufffd two"],
            [],  # ripgrep takes the carriage return as a part of the line
        )

    def test_the_number_of_lines_has_a_bound(self, shop: Workshop) -> None:
        shop.file("a.txt", "x\n" * 1000)

        assert "first 250 of 1000" in lines(shop, "x", output_mode="content")[-1]
        assert lines(shop, "x", output_mode="content", head_limit=2)[:2] == ["a.txt:1:x", "a.txt:2:x"]
        assert len(lines(shop, "x", output_mode="content", head_limit=0)) == 1000

    def test_the_characters_have_a_bound(self, shop: Workshop) -> None:
        shop.file("a.txt", ("x" * 1900 + "\n") * 1000)

        assert len(shop.call("Grep", pattern="x", output_mode="content").text) < 31_000

    def test_a_flood_of_matches_ends(self, shop: Workshop) -> None:
        for number in range(4):
            shop.file(f"{number}.txt", "abcdefghij\n" * 300_000)

        text = shop.call("Grep", pattern="a", output_mode="content", head_limit=0).text

        assert ("too much was found" in text, len(text) < 31_000) == (True, True)


def test_an_expression_that_never_ends_is_stopped(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searches, "SECONDS", 1.0)
    shop.workspace.environment = {"PATH": "/nowhere"}  # without ripgrep
    shop.file("evil.txt", "a" * 60 + "b")
    started = time.monotonic()

    assert "did not end within 1 s" in shop.fails("Grep", pattern="(a+)+$")

    assert time.monotonic() - started < 5


def test_what_was_found_before_time_was_up_is_shown(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searches, "SECONDS", 1.0)
    shop.workspace.environment = {"PATH": "/nowhere"}  # without ripgrep
    shop.file("a.txt", "aaaa")
    shop.file("evil.txt", "a" * 60 + "b")

    text = shop.call("Grep", pattern="(a+)+$").text

    assert text == "a.txt\n(The search was stopped: time was up after 1 s. This is not everything.)"


def test_cancelling_kills_the_search(shop: Workshop) -> None:
    shop.workspace.environment = {"PATH": "/nowhere"}  # without ripgrep
    shop.file("evil.txt", "a" * 60 + "b")

    seen: list[int] = []

    async def cancelled() -> None:
        call = asyncio.ensure_future(shop.use("Grep", pattern="(a+)+$"))
        await until(children)
        seen.extend(children())
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    started = time.monotonic()
    run(cancelled())
    assert time.monotonic() - started < 5
    assert seen
    assert not any(alive(pid) for pid in seen)


def test_ripgrep_is_given_nothing_that_could_be_an_option_and_no_configuration(shop: Workshop, tmp_path: Path) -> None:
    """A stand-in that answers in ripgrep's format and keeps its arguments."""
    program = tmp_path / "bin" / "rg"
    program.parent.mkdir()
    keep = f"printf '%s\\n' \"$@\" > {tmp_path}/argv"
    say = f"printf '{shop.root}/a.py\\0003:x\\n--\\n{shop.root}/b.md\\0004:x\\n'"
    program.write_text(f"#!/bin/sh\n{keep}\n{say}\n")
    program.chmod(0o755)
    shop.workspace.environment = {"PATH": f"{program.parent}:/usr/bin:/bin"}

    assert lines(shop, "--pre=x", output_mode="content", glob="*.py") == ["a.py:3:x"]
    argv = (tmp_path / "argv").read_text().split("\n")[:-1]
    assert argv[-3:] == ["--", "--pre=x", str(shop.root)]
    assert {"--no-config", "--null", "--no-follow"} <= set(argv)


def test_a_relative_directory_on_the_path_is_not_searched_for_ripgrep(shop: Workshop) -> None:
    planted = shop.file("rg", f"#!/bin/sh\ntouch {shop.root}/ran\n")
    planted.chmod(0o755)
    shop.file("a.txt", "x")
    shop.workspace.environment = {"PATH": ".:"}

    os.chdir(shop.root)
    assert lines(shop, "^x") == ["a.txt"]
    assert not (shop.root / "ran").exists()


def test_an_unknown_type_suggests_one(shop: Workshop) -> None:
    assert "did you mean 'py'" in shop.fails("Grep", pattern="x", type="pyy")


def test_where_there_is_nothing_to_search(shop: Workshop) -> None:
    os.mkfifo(shop.root / "pipe")

    assert "does not exist" in shop.fails("Grep", pattern="x", path="nowhere")
    assert "neither a directory nor" in shop.fails("Grep", pattern="x", path="pipe")
    assert "neither a directory nor" in shop.fails("Grep", pattern="x", path="/dev/zero")


def test_it_touches_where_it_starts(shop: Workshop) -> None:
    assert [touch.path for touch in TOOLS["Grep"].touches({"pattern": "x", "path": "/etc"}, shop.workspace)] == ["/etc"]
    assert [touch.path for touch in TOOLS["Grep"].touches({"pattern": "x"}, shop.workspace)] == ["."]
