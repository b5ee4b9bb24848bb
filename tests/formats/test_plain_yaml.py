"""The quick reading of plain frontmatter: whatever it recognizes, the YAML library reads alike; the rest is left to that."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.formats.plain_yaml import mapping
from cowork.formats.yaml_values import load


def test_keys_with_plain_texts_are_read() -> None:
    block = (
        "name: code-review\ndescription: Use it when (and only when) somebody's asking, e.g. for C#; it's quick\n"
        "\nallowed-tools: Read, Grep\n"
    )

    assert mapping(block) == {
        "name": "code-review",
        "description": "Use it when (and only when) somebody's asking, e.g. for C#; it's quick",
        "allowed-tools": "Read, Grep",
    }
    assert mapping(block) == load(block)


def test_of_a_key_given_twice_the_last_value_counts() -> None:
    assert mapping("a: x\nb: y\na: z\n") == load("a: x\nb: y\na: z\n") == {"a": "z", "b": "y"}


@pytest.mark.parametrize(
    "block",
    [
        "a: {x: y}\n", "a: 'x'\n", 'a: "x"\n', "a: |\n  x\n", "a: >\n  x\n", "a: x # y\n", "a: x: y\n", "a: x:\n", "a: x \n",
        "a: x\n  y\n", "a: &b x\n", "a: *b\n", "a: !t x\n", "a:\tx\n", "a: x\ty\n", "- x\n", "a: é\n", "é: x\n", "'a': x\n",
        "a: x\n---\n", "a: x\n...\n", "%YAML 1.1\n", "? a\n", "a: x\rb: y\n", "a: x\x85b: y\n", "a: \x00\n", " a: x\n",
        "a : x\n", f"{'k' * 2000}: x\n", "".join(f"k{number}: x\n" for number in range(3000)),
    ],
)  # fmt: skip
def test_everything_else_is_left_to_the_library(block: str) -> None:
    assert mapping(block) is None


_PIECES = st.sampled_from(
    ["a", "key", "true", "no", "null", "x-y", "1", ":", ": ", " ", "  ", "#", " #", "\n", "\n\n", "-", "- ", "'", '"', "[", "]",
     "{", "}", ",", "&", "*", "!", "|", ">", "%", "@", "`", "\\", "?", "~", "\t", "---", "...", "é", "\u2028", "\x85", "y"]
)  # fmt: skip
_LINES = st.tuples(st.sampled_from(["a", "name", "x_y", "true", "-a"]), st.lists(_PIECES, max_size=6).map("".join)).map(
    ": ".join
)


@given(
    st.one_of(st.lists(_PIECES, max_size=25).map("".join), st.lists(_LINES, max_size=5).map("\n".join), st.text(max_size=40))
)
def test_what_is_recognized_means_the_same_to_the_library(block: str) -> None:
    found = mapping(block)

    assert found is None or found == load(block)


@given(
    st.dictionaries(
        st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,20}", fullmatch=True),
        st.from_regex(r"[A-Za-z][ -~]{0,80}", fullmatch=True),
        min_size=1,
    )
)
def test_texts_of_any_ascii_are_never_misread(entries: dict[str, str]) -> None:
    block = "".join(f"{key}: {value}\n" for key, value in entries.items())
    found = mapping(block)

    assert found is None or found == load(block) == entries
