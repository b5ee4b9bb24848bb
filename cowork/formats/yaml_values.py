"""YAML as data: mappings, lists and the scalars of YAML 1.2, within bounds.

PyYAML reads YAML 1.1, where `yes` is true, `2026-01-31` a date and `0123` octal, and it builds whatever tags ask for.
Here it only composes nodes; what they mean is decided below, so a document can hold nothing but JSON's own values.
"""

from __future__ import annotations

import math
import re
from typing import Any, NoReturn

from yaml import YAMLError
from yaml.composer import Composer
from yaml.error import Mark, MarkedYAMLError
from yaml.events import AliasEvent
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.parser import Parser
from yaml.reader import Reader, ReaderError
from yaml.resolver import BaseResolver
from yaml.scanner import Scanner

MAX_DEPTH = 32
MAX_NODES = 4096
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_OPENED_EARLIER = ("found unexpected end of stream", "could not find expected ':'")  # the mistake is where it began
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


class BadYaml(Exception):
    """The text is not YAML, or asks for more than it may. `line` counts from 0 and may be unknown."""

    def __init__(self, message: str, line: int | None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


def load(text: str) -> Any:
    """The value of one YAML document, None when it is empty; of a key given twice the last one. Raises BadYaml only."""
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        return None if node is None else _value(node)
    except MarkedYAMLError as error:
        mark = error.context_mark if error.problem in _OPENED_EARLIER else error.problem_mark or error.context_mark
        raise BadYaml(
            error.problem or error.context or "it cannot be parsed", text.count("\n", 0, mark.index) if mark else None
        ) from None
    except ReaderError as error:
        raise BadYaml("it holds a character that YAML does not allow", text.count("\n", 0, error.position)) from None
    except (YAMLError, ValueError, ArithmeticError, RecursionError) as error:  # numbers and escapes out of range
        raise BadYaml(str(error) or "it cannot be parsed", None) from None


class _Loader(Reader, Scanner, Parser, Composer, BaseResolver):
    """Composes nodes, as many as frontmatter may need. No aliases: a few lines of them unfold to gigabytes."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)
        BaseResolver.__init__(self)
        self._depth = self._nodes = 0

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        self._depth += 1
        self._nodes += 1
        if self.check_event(AliasEvent):
            self._refuse("aliases are not allowed")
        if self._depth > MAX_DEPTH:
            self._refuse(f"it nests deeper than {MAX_DEPTH} levels")
        if self._nodes > MAX_NODES:
            self._refuse(f"it holds more than {MAX_NODES} values")
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1

    def _refuse(self, why: str) -> NoReturn:
        raise _refusal(why, self.peek_event().start_mark)  # type: ignore[no-untyped-call]


def _refusal(what: str, mark: Mark) -> MarkedYAMLError:
    return MarkedYAMLError(problem=what, problem_mark=mark)


def _value(node: Node) -> Any:
    if isinstance(node, MappingNode):
        return {_key(key): _value(value) for key, value in node.value}
    if isinstance(node, SequenceNode):
        return [_value(item) for item in node.value]
    assert isinstance(node, ScalarNode)
    return _plain(node.value) if node.style is None else _clean(node.value)


def _key(node: Node) -> str:
    if not isinstance(node, ScalarNode):
        raise _refusal("a key must be a text", node.start_mark)
    return _clean(node.value)


def _plain(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else text
    return _clean(text)


def _clean(text: str) -> str:
    """`text` without lone surrogates, which no file and no terminal can take."""
    return text.encode("utf-8", "replace").decode("utf-8") if not text.isascii() else text
