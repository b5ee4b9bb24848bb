"""The text behind a command as words, as measured on Claude Code 2.1.240; and as data for a program."""

from __future__ import annotations

import shlex
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.prompts.words import MAX_WORDS, as_data, split

SHELLISH = st.text(alphabet="ab '\"\\$()`;|&<>#=\n\t{}[]~*é0", max_size=40)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("alpha beta", ["alpha", "beta"]),
        ("", []),
        ('"a b" c', ["a b", "c"]),
        ("'a b' c\\ d", ["a b", "c d"]),
        ('a"b c"d \'x', ["ab cd", "'x"]),
        ("a; b", ["a"]),
        ("a | b", ["a"]),
        ("a && b", ["a"]),
        ("a > b", ["a"]),
        ("a 2> b", ["a"]),
        ("a # b", ["a"]),
        ("a#b c", ["a#b", "c"]),
        ("a\nb c", ["a"]),
        ("a $HOME b", ["a", "b"]),
        ("a $1 b", ["a", "b"]),
        ("a=b c", ["c"]),
        ("c a=b", ["c", "a=b"]),
        ("(a b)", ["a", "b"]),
        ('a "" b', ["a", "", "b"]),
        ("$(x) b", ["$(x)", "b"]),
        ("$(x y) b", ["$(x y)", "b"]),
        ("* ~ {x} [y]", ["*", "~", "{x}", "[y]"]),
        ('"a\\"b" c', ['a\\"b', "c"]),
        ("it's a b", ["it's a b"]),
        ("don't stop", ["don't stop"]),
    ],
)
def test_words_are_those_of_the_first_simple_command(text: str, words: list[str]) -> None:
    assert list(split(text)) == words


@given(SHELLISH)
def test_any_text_can_be_split(text: str) -> None:
    assert all(isinstance(word, str) for word in (*split(text), *as_data(text)))


@given(st.lists(st.text(min_size=0, max_size=8)))
def test_quoted_words_come_back_as_data(words: list[str]) -> None:
    assert list(as_data(" ".join(shlex.quote(word) for word in words))) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a; touch P", ["a;", "touch", "P"]),
        ("$(id) `id` $HOME", ["$(id)", "`id`", "$HOME"]),
        ('\'two words\' "and \\" more"', ["two words", 'and " more']),
        ("it's fine", ["it's", "fine"]),
        ("a\nb\\ c ''", ["a", "b c", ""]),
    ],
)
def test_as_data_an_operator_is_a_letter(text: str, words: list[str]) -> None:
    assert list(as_data(text)) == words


@pytest.mark.parametrize("text", ['"', "'", "\\", "$(", "`", "a ", "\"a'", "(", "$", "'a'\""])
def test_a_megabyte_of_anything_is_split_in_little_time(text: str) -> None:
    started = time.monotonic()
    long = (text * 1_000_000)[:1_000_000]
    assert len(split(long)) <= MAX_WORDS
    as_data(long)
    assert time.monotonic() - started < 5
