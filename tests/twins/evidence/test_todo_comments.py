"""Debt markers in comments, with their origin."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.twins.evidence import todo_comments
from cowork.twins.evidence.blame import Written, parsed
from cowork.twins.evidence.comments import KINDS, markers, syntax_of
from tests.twins.evidence.histories import History, evidence, look, texts


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "r")


def test_markers_are_told_with_author_date_and_age_the_new_ones_first(history: History) -> None:
    history.commit("Begin", {"a.py": "x = 1  # TODO: name it\n", "b.js": "// HACK around the parser\n"}, days_ago=400)
    history.commit("More", {"a.py": "x = 1  # TODO: name it\n\n# FIXME(bob): leaks\n"}, days_ago=5, author="Grace")
    history.write({"c.go": "// TODO: not committed\n"})

    found = evidence(history.root, "todo-comments")

    assert found.summary == (
        "4 markers in 3 files: 1 FIXME, 1 HACK, 2 TODO; 2 of the last 14 days or not committed yet;"
        " the oldest is of 400 days ago"
    )
    assert texts(found) == [
        "a.py:3 FIXME(bob): leaks [Grace, 2026-01-26, 5 days old]",
        "c.go:1 TODO: not committed [not committed yet]",
        "b.js:1 HACK: around the parser [Ada, 2024-12-27, 400 days old]",
        "a.py:1 TODO: name it [Ada, 2024-12-27, 400 days old]",
    ]
    assert found.figures["kinds"] == {"FIXME": 1, "HACK": 1, "TODO": 2}
    assert found.items[1].data["commit"] == history.git("rev-parse", "HEAD")


def test_a_line_that_was_changed_and_not_committed_is_new(history: History) -> None:
    history.commit("Begin", {"a.py": "# TODO: old\n\n# TODO: stays\n"}, days_ago=100)
    history.write({"a.py": "# TODO: changed\n\n# TODO: stays\n"})

    assert texts(evidence(history.root, "todo-comments")) == [
        "a.py:1 TODO: changed [not committed yet]",
        "a.py:3 TODO: stays [Ada, 2025-10-23, 100 days old]",
    ]


def test_a_marker_keeps_its_age_when_its_file_is_moved(history: History) -> None:
    history.commit("Begin", {"a.py": "# TODO: old\n" + "x = 1\n" * 20}, days_ago=100)
    history.git("mv", "a.py", "b.py")
    history.commit("Move", days_ago=1)

    assert texts(evidence(history.root, "todo-comments")) == ["b.py:1 TODO: old [Ada, 2025-10-23, 100 days old]"]


def test_in_a_shallow_clone_an_age_is_a_least_one(history: History, tmp_path: Path) -> None:
    history.commit("Begin", {"a.py": "# TODO: old\n"}, days_ago=100)
    history.commit("More", {"b.py": "1\n"}, days_ago=5)
    history.git("clone", "-q", "--depth", "1", f"file://{history.root}", str(tmp_path / "shallow"))

    found = evidence(tmp_path / "shallow", "todo-comments")
    assert texts(found) == ["a.py:1 TODO: old [Ada, 2026-01-26, at least 5 days old]"]
    assert found.figures["new"] == 0  # nobody knows


def test_what_came_with_the_first_commit_is_as_old_as_that(history: History) -> None:
    history.commit("Begin", {"a.py": "# TODO: new\n"}, days_ago=5)

    found = evidence(history.root, "todo-comments")
    assert texts(found) == ["a.py:1 TODO: new [Ada, 2026-01-26, 5 days old]"]
    assert found.figures["new"] == 1


def test_without_git_there_are_markers_without_an_age(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "a.py").write_text("# TODO: x\n")

    found = evidence(tmp_path / "plain", "todo-comments")
    assert (found.status, found.reason) == ("partial", "ages and authors, which only git knows")
    assert texts(found) == ["a.py:1 TODO: x [age unknown]"]


def test_only_so_many_files_are_blamed_those_with_the_most_urgent_markers_first(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(todo_comments, "MOST_BLAMED", 1)
    history.commit("Begin", {"a.py": "# TODO: x\n", "z.py": "# FIXME: y\n"}, days_ago=100)

    found = evidence(history.root, "todo-comments")
    assert (found.status, found.reason) == ("partial", "ages in files beyond the first 1")
    assert texts(found) == ["z.py:1 FIXME: y [Ada, 2025-10-23, 100 days old]", "a.py:1 TODO: x [age unknown]"]


def test_names_with_newlines_and_a_repository_without_commits(history: History) -> None:
    history.write({"two\nlines.py": "# TODO: x\n"})
    assert texts(evidence(history.root, "todo-comments")) == ["two lines.py:1 TODO: x [age unknown]"]
    history.commit("Begin", days_ago=1)
    assert texts(evidence(history.root, "todo-comments")) == ["two lines.py:1 TODO: x [Ada, 2026-01-30, 1 day old]"]


# Comments


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.py", 's = "# TODO: no"  # TODO(ada): yes', [(1, "TODO", "ada", "yes")]),
        ("a.py", '"""\n# TODO: no\n"""\n# XXX', [(4, "XXX", "", "")]),
        ("a.py", "it = \"don't\"  # HACK around", [(1, "HACK", "", "around")]),
        ("a.py", "# see the TODO list\n# TODO, FIXME and HACK\n# XXXX\n# todo: no\nTODO = 1", []),
        ("a.py", "# right, but FIXME: it leaks", [(1, "FIXME", "", "it leaks")]),
        ("a.ts", "/* a\n * TODO: two\n */ x = '// TODO: no'; // FIXME it", [(2, "TODO", "", "two"), (3, "FIXME", "", "it")]),
        ("a.ts", "`\n// TODO: no\n` // TODO: yes", [(3, "TODO", "", "yes")]),
        ("a.go", "/* TODO: never closed", [(1, "TODO", "", "never closed")]),
        ("a.rs", "fn f<'a>(c: char) { c == '\"' } // TODO: yes", [(1, "TODO", "", "yes")]),
        ("a.rs", '"\n// TODO: no\n" // TODO: yes', [(3, "TODO", "", "yes")]),
        ("a.c", "int x; /* FIXME: short */", [(1, "FIXME", "", "short")]),
        ("a.yaml", "a: don't # TODO: yes\nb: http://x#TODO:no", [(1, "TODO", "", "yes")]),
        ("a.sh", "echo '# TODO: no' # TODO: yes", [(1, "TODO", "", "yes")]),
        ("Dockerfile", "FROM x # TODO: pin", [(1, "TODO", "", "pin")]),
        ("a.sql", "select '-- TODO: no' -- TODO: yes", [(1, "TODO", "", "yes")]),
        ("a.lua", "--[[\nTODO: block\n]] -- TODO: line", [(2, "TODO", "", "block"), (3, "TODO", "", "line")]),
        ("a.hs", "{- TODO: block -} x -- FIXME: line", [(1, "TODO", "", "block"), (1, "FIXME", "", "line")]),
        ("a.md", "TODO: prose\n<!-- TODO: write -->", [(2, "TODO", "", "write")]),
        ("a.tex", r"50\% TODO: no % TODO: yes", [(1, "TODO", "", "yes")]),
        ("a.rst", ".. TODO: write\nTODO: prose", [(1, "TODO", "", "write")]),
    ],
)  # fmt: skip
def test_markers_stand_in_comments(name: str, text: str, expected: list[tuple[int, str, str, str]]) -> None:
    syntax = syntax_of(name)
    assert syntax is not None
    assert [(one.line, one.kind, one.owner, one.text) for one in markers(text, syntax)] == expected


def test_files_whose_comments_are_not_known_have_none() -> None:
    assert [syntax_of(name) for name in ("a.png", "LICENSE", "a.json", "a.txt")] == [None] * 4
    assert [syntax_of(name) for name in ("Makefile", "sub/Dockerfile.dev", "A.PY")] == ["makefile", "dockerfile", "py"]


@given(st.sampled_from(["py", "ts", "rs", "c", "php", "yaml", "sql", "lua", "hs", "clj", "tex", "md", "rst"]), st.data())
@settings(max_examples=60)
def test_any_text_is_scanned_and_lines_are_where_they_are_said_to_be(syntax: str, data: st.DataObject) -> None:
    pieces = [
        "\n",
        '"',
        "'",
        "`",
        '"""',
        "#",
        "//",
        "/*",
        "*/",
        "--[[",
        "]]",
        "{-",
        "-}",
        "<!--",
        "-->",
        "\\",
        "TODO",
        "FIXME: ",
        " ",
        "é",
    ]
    text = "".join(data.draw(st.lists(st.sampled_from(pieces), max_size=40)))
    for marker in markers(text, syntax):
        assert marker.kind in KINDS
        assert marker.kind in text.split("\n")[marker.line - 1]


@pytest.mark.parametrize(
    "piece", ['"', '"\\', "/*", "`", "TODO ", "#TODO ", "# TODO(", "'", "'''", '"a', "--[[", "{-", "<!--", "(", "\\"]
)
def test_no_text_takes_long(piece: str) -> None:
    text = piece * (200_000 // len(piece)) + " TODO"
    began = time.process_time()
    for syntax in ("py", "ts", "rs", "yaml", "lua"):
        markers(text, syntax)
    assert time.process_time() - began < 2


# Blame


def test_what_blame_says_is_read_and_nothing_of_a_line_is_taken_for_more() -> None:
    said = (
        b"a" * 40 + b" 3 7 1\nauthor Ada\nauthor-mail <a@b>\ncommitter-time 1700000000\nsummary x\nfilename f\n"
        b"\tauthor Mallory\n" + b"b" * 40 + b" 1 8\nauthor Bob\ncommitter-time no\nboundary\n\t\n" + b"a" * 40 + b" 9 9\n\tx\n"
        + b"0" * 40 + b" 1 10\nauthor Not Committed Yet\ncommitter-time 1\n\tx\n"
    )  # fmt: skip
    ada = Written("a" * 40, "Ada", datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC), boundary=False)
    assert parsed(said) == {
        7: ada,
        8: Written("b" * 40, "Bob", None, boundary=True),
        9: ada,
        10: Written(None, "", None, boundary=False),
    }


@given(st.binary(max_size=200), st.binary(max_size=50))
@settings(max_examples=60)
def test_nothing_that_blame_could_say_is_too_much(said: bytes, line: bytes) -> None:
    parsed(said)
    told = b"a" * 40 + b" 1 1 1\nauthor Ada\n\t" + line.replace(b"\n", b"") + b"\n"
    assert parsed(told)[1].author == "Ada"


def test_a_file_git_does_not_know_has_no_origin(history: History) -> None:
    from cowork.twins.evidence.blame import blame

    history.commit("Begin", {"a.py": "1\n"})
    history.write({"b.py": "1\n"})
    with look(history.root) as seen:
        assert blame(seen, "b.py", [1]) == {}
        assert blame(seen, "a.py", [99]) == {}
