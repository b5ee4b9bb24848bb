"""The two readings of a command: what the strict one finds, and that the grammar must find the same."""

from __future__ import annotations

import pytest

from cowork.rules.bash.lexer import read
from cowork.rules.bash.model import Refused
from cowork.rules.bash.tree import agree

WORDS = [
    ("ls -l a", [["ls", "-l", "a"]]),
    ("a 'b c' \"d e\" f\\ g", [["a", "b c", "d e", "f g"]]),
    ("a;b&&c||d|e|&f\ng", [["a"], ["b"], ["c"], ["d"], ["e"], ["f"], ["g"]]),
    ("a > f b 2>&1 c", [["a", "b", "c"]]),
    ("X=1 Y='2 3' a", [["X=1", "Y=2 3", "a"]]),
    ("a 'é' é b", [["a", "é", "é", "b"]]),
    ("! a # b", [["a"]]),
    ('a "$B" "c${D}e"', [["a", "\0", "c\0e"]]),
]


@pytest.mark.parametrize(("text", "words"), WORDS)
def test_both_readings_find_these_words(text: str, words: list[list[str]]) -> None:
    commands = read(text)
    assert [[word.text for word in (*item.assignments, *item.words)] for item in commands] == words
    agree(text, commands)


@pytest.mark.parametrize(
    ("text", "misread"),
    [("ls ab", "ls a"), ("ls a b", "ls a"), ("ls a", "ls a b"), ("ls; a", "ls   "), ("a=b c", "a")],
)
def test_a_reading_that_the_grammar_does_not_share_is_refused(text: str, misread: str) -> None:
    with pytest.raises(Refused, match="do not agree"):
        agree(text, read(misread))


def test_a_text_with_errors_is_refused_even_where_the_words_are_the_same() -> None:
    with pytest.raises(Refused, match="without doubt"):
        agree("ls a )", read("ls a  "))


@pytest.mark.parametrize("text", ["(ls)", "if ls; then ls; fi", "export A=b", "ls $(a)", 'ls "$(a)"', "[ a ]", "ls <<< a"])
def test_the_grammar_alone_refuses_what_is_no_simple_command(text: str) -> None:
    with pytest.raises(Refused):
        agree(text, read("ls"))


def test_the_text_of_a_command_leaves_redirections_out_and_is_none_around_one() -> None:
    assert [item.text_from(0) for item in read("ls  a > f; ls > f a")] == ["ls  a", None]
    assert [item.full_text for item in read("X=1 ls a; ls")] == ["X=1 ls a", "ls"]
