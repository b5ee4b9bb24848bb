"""Frontmatter as Claude Code 2.1.240 reads it: the probes of reference/claude-code-formats.md section 3, and bounds."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.formats.frontmatter import MAX_BYTES, as_bool, parse, tool_list


def read(block: str) -> dict[str, Any]:
    found = parse(f"---\n{block}\n---\nbody\n")
    assert (found.error, found.found, found.body) == (None, True, "body\n")
    return found.data


# --- where frontmatter is


@pytest.mark.parametrize(
    "text",
    [
        "---\nname: x\n---\nbody\n",
        "\ufeff---\nname: x\n---\nbody\n",
        "---\r\nname: x\r\n---\r\nbody\r\n",
        "\ufeff---  \r\nname: x\r\n---\t\r\nbody\r\n",
    ],
    ids=["plain", "BOM", "CRLF", "all of it"],
)
def test_a_mark_line_ends_and_trailing_blanks_do_not_matter(text: str) -> None:
    found = parse(text)

    assert (found.data, found.body, found.body_line, found.found, found.error) == ({"name": "x"}, "body\n", 4, True, None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "body\n",
        "\n---\nname: x\n---\n",
        " ---\nname: x\n---\n",
        "---\nname: x\n",
        "---",
        "----\nname: x\n----\n",
        "--- x\n---\n",
    ],
)
def test_what_does_not_start_with_a_closed_block_has_no_frontmatter(text: str) -> None:
    found = parse(text)

    assert (found.data, found.body, found.body_line, found.found, found.error) == ({}, text, 1, False, None)


@pytest.mark.parametrize("block", ["", "# only a comment\n", "\n\n"])
def test_an_empty_block_is_empty_frontmatter(block: str) -> None:
    found = parse(f"---\n{block}---\nbody")

    assert (found.data, found.body, found.found, found.error) == ({}, "body", True, None)


def test_a_rule_in_the_body_is_the_bodys() -> None:
    found = parse("---\na: 1\n---\nx\n---\ny\n")

    assert (found.data, found.body, found.body_line) == ({"a": 1}, "x\n---\ny\n", 4)


def test_dashes_inside_a_value_do_not_close_the_block() -> None:
    assert read("a: x --- y\nb: |\n  ---\n  z") == {"a": "x --- y", "b": "---\nz\n"}


def test_the_lines_of_top_level_keys_are_known() -> None:
    assert parse("---\na: 1\nb:\n  c: 2\nallowed-tools: x\n---\n").lines == {"a": 2, "b": 3, "allowed-tools": 5}


# --- what its values are


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("off", "off"),
        ("true", True),
        ("FALSE", False),
        ("2026-01-31", "2026-01-31"),
        ("12:30:45", "12:30:45"),
        ("0123", 123),
        ("0x10", "0x10"),
        ("1_000", "1_000"),
        ("-7", -7),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("1e999", "1e999"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("9" * 5000, "9" * 5000),
        ("~", None),
        ("null", None),
        ("", None),
        ("'true'", "true"),
        ('"1"', "1"),
        ("<<", "<<"),
        ("=", "="),
        ("!!python/object:os.system x", "x"),
        ("!!timestamp 9999-99-99", "9999-99-99"),
        ("!!binary aGk=", "aGk="),
        ("[a, {b: c}]", ["a", {"b": "c"}]),
        ("x # comment", "x"),
        ('"\\ud800"', "?"),
        ("Prüfung 🔍", "Prüfung 🔍"),
    ],
)
def test_scalars_are_those_of_yaml_1_2(text: str, value: Any) -> None:
    assert read(f"key: {text}") == {"key": value}


def test_of_a_key_given_twice_the_last_one_counts() -> None:
    assert read("name: a\nname: b") == {"name": "b"}


def test_keys_are_texts() -> None:
    assert read("1: a\ntrue: b\n~: c") == {"1": "a", "true": "b", "~": "c"}


# --- what is no YAML and works all the same


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("[a, b", "[a, b"),
        ("[issue] | [path]", "[issue] | [path]"),
        ("{bar", "{bar"),
        ("*", "*"),
        ("@foo", "@foo"),
        ("`x`", "`x`"),
        ("%x", "%x"),
        ("a: b: c", "a: b: c"),
        ("Use it: always", "Use it: always"),
        ("say \"hi\": \\n", "say \"hi\": \\n"),
        ("&a *b", "&a *b"),
    ],
)  # fmt: skip
def test_a_value_that_is_no_yaml_is_the_text_it_looks_like(line: str, value: str) -> None:
    assert read(f"name: x\nkey: {line}\ntools: [Read, Grep]\nnote: |\n  a: b\n") == {
        "name": "x",
        "key": value,
        "tools": ["Read", "Grep"],
        "note": "a: b\n",
    }


@pytest.mark.parametrize(
    ("block", "line"),
    [
        ("\tname: x", 2),
        ("name: x\nmeta:\n\ta: b", 4),
        ('name: x\ndescription: "unclosed', 3),
        ("name: x\ndescription: 'unclosed\nother: y", 3),
        ("name: x\n  description: y", 3),
        ("name: x\n<example>\nuser: hi\n</example>", 3),
        ("description: see below\n  Context: a: b\nname: x", 3),
        ("- a\n- b", 2),
        ("just text", 2),
        ("a: b\n...\nc: d", 4),
        ("? [a]\n: b", 2),
    ],
)
def test_what_cannot_be_mended_is_an_error_with_its_line_and_the_body_stays(block: str, line: int) -> None:
    found = parse(f"---\n{block}\n---\nbody\n")

    assert found.error
    assert (found.data, found.body, found.found, found.error_line) == ({}, "body\n", True, line)


# --- bounds


def test_aliases_cannot_multiply() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x]\n" + "".join(
        f"{new}: &{new} [*{old},*{old},*{old},*{old},*{old},*{old}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    data = parse(f"---\n{bomb}---\n").data
    assert len(json.dumps(data)) < 1000


def test_frontmatter_has_a_largest_size() -> None:
    assert parse(f"---\na: {'x' * (MAX_BYTES - 5)}\n---\nb").error is None
    found = parse(f"---\na: {'x' * MAX_BYTES}\n---\nb")
    assert (found.error, found.data, found.body) == (f"it is larger than {MAX_BYTES} bytes", {}, "b")


@pytest.mark.parametrize(
    "block",
    [
        "a: [" + "a," * 125_000,
        "a: " + "[" * 200_000,
        "- " * 100_000,
        "a:\n" * 80_000,
        "".join(f"k{number}: bad: value\n" for number in range(9_000)),
        "%YAML 1." + "9" * 5_000,
        'a: "\\UFFFFFFFF"',
    ],
    ids=lambda block: block[:8],
)
def test_no_block_takes_long(block: str) -> None:
    start = time.monotonic()
    parse(f"---\n{block}\n---\n")
    assert time.monotonic() - start < 10


PIECES = st.sampled_from(
    ["---", "\n", "\r\n", ": ", "- ", "[", "]", "{", "}", "\t", "*a", "&a ", "'", '"', "|", ">", "# ", "!", "%", "@", "name",
     "? ", "<<", "\ufeff", "...", "1", "true", "~", "\\", "\x85", "\u2028", "\ud800", "é", " "]
)  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=3), max_size=40).map("".join), st.booleans())
@settings(deadline=None, max_examples=500)
def test_whatever_the_text_there_is_a_value(text: str, framed: bool) -> None:
    found = parse(f"---\n{text}\n---\nbody" if framed else text)

    json.dumps(found.data, allow_nan=False).encode()
    assert isinstance(found.body, str)
    assert not (found.error and found.data)
    assert found.error_line is None or 2 <= found.error_line <= found.body_line


# --- the helpers


@pytest.mark.parametrize("value", [True, "true", "True", "yes", "YES", "on", "1", 1])
def test_what_means_true(value: Any) -> None:
    assert as_bool(value) is True


@pytest.mark.parametrize("value", [False, "false", "no", "Off", "0", 0])
def test_what_means_false(value: Any) -> None:
    assert as_bool(value) is False


@pytest.mark.parametrize("value", [None, "", "maybe", 2, 1.0, [], ["yes"], {}])
def test_what_means_neither(value: Any) -> None:
    assert as_bool(value) is None


@pytest.mark.parametrize(
    ("value", "entries"),
    [
        ("Agent(a, b), Bash(git *) Read", ("Agent(a, b)", "Bash(git *)", "Read")),
        ("Read, Write,Edit", ("Read", "Write", "Edit")),
        ("Read Write\n  Edit", ("Read", "Write", "Edit")),
        (["Read", "Bash(npm run build)", "Grep, Glob"], ("Read", "Bash(npm run build)", "Grep", "Glob")),
        ('Bash(bash "${CLAUDE_PLUGIN_ROOT}/x.sh" *)', ('Bash(bash "${CLAUDE_PLUGIN_ROOT}/x.sh" *)',)),
        ("Bash(f(x) y), Read", ("Bash(f(x) y)", "Read")),
        ("Read), Write", ("Read)", "Write")),
        ("Bash(open Read", ("Bash(open Read",)),
        ("*", ("*",)),
        (" , ,, ", ()),
        ("", ()),
        (None, ()),
        (5, ()),
        ({"a": 1}, ()),
        (["Read", 5, None, ["x"]], ("Read",)),
    ],
)
def test_tool_lists_come_in_every_shape(value: Any, entries: tuple[str, ...]) -> None:
    assert tool_list(value) == entries
