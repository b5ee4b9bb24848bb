"""The grammar's reading of a command line: one parser a process, and the second witness to what the strict reading found."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from cowork.rules.bash.model import Refused, Simple

if TYPE_CHECKING:
    from tree_sitter import Node, Parser, Tree

_STATEMENTS: Final = frozenset(
    "program list pipeline command redirected_statement file_redirect negated_command command_name variable_assignments".split()
)
_WORDS: Final = frozenset("word string raw_string concatenation number variable_assignment".split())
_INSIDE: Final = frozenset(
    "word string raw_string concatenation number string_content variable_name simple_expansion expansion".split()
)
_IGNORED: Final = frozenset({"comment", "file_descriptor"})


@cache
def _parser() -> Parser:
    import tree_sitter_bash
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_bash.language()))


def parse(text: str) -> Tree:
    """The syntax tree of a text, errors and all. Lone surrogates are read as question marks."""
    return _parser().parse(text.encode(errors="replace"))


def agree(text: str, commands: tuple[Simple, ...]) -> None:
    """Raises Refused unless the grammar finds the same words at the same places, and no construct but simple commands."""
    root = parse(text).root_node
    if root.has_error:
        raise Refused("it cannot be parsed without doubt")
    found = sorted(_spans(root))
    expected = sorted(_expected(text, commands))
    if found != expected:
        raise Refused("two readings of it do not agree")


def _expected(text: str, commands: tuple[Simple, ...]) -> Iterator[tuple[int, int]]:
    places = None if text.isascii() else [0, *accumulate(len(character.encode()) for character in text)]
    for command in commands:
        words = [*command.assignments, *command.words, *(item.target for item in command.redirects if item.target)]
        for word in words:
            yield (word.start, word.end) if places is None else (places[word.start], places[word.end])


def _spans(root: Node) -> Iterator[tuple[int, int]]:
    todo = [root]
    while todo:
        node = todo.pop()
        kind = node.type
        if not node.is_named or kind in _IGNORED:
            continue
        if kind in _WORDS:
            _inside(node)
            yield node.start_byte, node.end_byte
        elif kind in _STATEMENTS:
            todo.extend(node.children)
        else:
            raise Refused(f"it holds more than simple commands ({kind.replace('_', ' ')})")


def _inside(node: Node) -> None:
    if not node.named_child_count:
        return
    todo = list(node.named_children)
    while todo:
        inner = todo.pop()
        if inner.type not in _INSIDE:
            raise Refused(f"it holds more than plain words ({inner.type.replace('_', ' ')})")
        todo.extend(inner.named_children)
