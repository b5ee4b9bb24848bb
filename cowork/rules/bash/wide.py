"""What a Bash command may run or open in any reading: for denials, which see through wrappers, nesting and substitutions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from cowork.rules.bash.model import MAX_COMMAND_CHARS
from cowork.rules.bash.seen import scripts
from cowork.rules.bash.tree import parse
from cowork.rules.bash.words import text_of
from cowork.rules.wild import WILD

if TYPE_CHECKING:
    from tree_sitter import Node

_DEEPEST: Final = 6
_MOST: Final = 20_000
_WORDS: Final = frozenset(
    """word string raw_string ansi_c_string concatenation number simple_expansion expansion command_substitution
    process_substitution translated_string extglob_pattern brace_expression arithmetic_expansion""".split()
)
_SHELLS: Final = re.compile(r"(?:.*/)?(?:ba|da|z|k|a|fi|)sh|(?:.*/)?(?:eval|source|\.|ssh|su)", re.S)
_BRACES: Final = re.compile(r"[^\s;&|]*\{[^{}\s]*(?:,|\.\.)[^{}\s]*\}[^\s;&|]*")
_VALUES: Final = re.compile(r"\$(?:\{[^}]*\}|[A-Za-z_]\w*|'[^']*'|[@*#?!$0-9-])")
_PIECES: Final = re.compile(r"[;&|\n(){}`]|\$\(|[<>]")


@dataclass
class Reading:
    """Every command found, as words; what redirections open, and scripts. `doubtful`: it is too much to tell."""

    commands: list[tuple[str, ...]] = field(default_factory=list)
    redirects: list[tuple[str, str]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    doubtful: bool = False


@lru_cache(maxsize=64)
def look(command: str) -> Reading:
    """The widest reading of a command. It never fails: what cannot be read makes it doubtful, which denies."""
    reading = Reading()
    if len(command) > MAX_COMMAND_CHARS or "\0" in command:
        reading.doubtful = True
        return reading
    _read(command, reading, 0, {})
    joined = command.replace("\\\n", "")
    if joined != command:
        _read(joined, reading, 0, {})
    if len(reading.commands) > _MOST:
        reading.doubtful = True
    return reading


def _read(text: str, reading: Reading, depth: int, values: dict[str, list[str]]) -> None:
    if depth > _DEEPEST or len(reading.commands) > _MOST:
        reading.doubtful = True
        return
    root = parse(text).root_node
    nodes = list(_walk(root))
    for node in nodes:
        if node.type == "variable_assignment":
            _note_value(node, values)
    start = len(reading.commands)
    inner: list[str] = []
    for node in nodes:
        _take(node, reading, values, inner)
    doubted = [text] if root.has_error else [line for line in text.split("\n") if "<<" in line]
    for part in doubted:  # the grammar loses what follows the beginning of a here-document on its line
        reading.commands += _pieces(part)
    reading.texts.append(text.strip())
    found = list(dict.fromkeys(reading.commands[start:]))
    reading.commands[start:] = found
    feeds_a_shell = any(_SHELLS.fullmatch(word) for words in found for word in words)
    for words in found:
        inner += [word for word in (words if feeds_a_shell else scripts(words)) if _is_script(word)]
    for script in dict.fromkeys(inner):
        if script.strip() != text.strip():
            _read(script, reading, depth + 1, values)


def _pieces(text: str) -> Iterator[tuple[str, ...]]:
    """Words between whatever may separate commands, for texts that the grammar cannot be trusted with."""
    for piece in _PIECES.split(_VALUES.sub(WILD, _BRACES.sub(WILD, text))):
        words = tuple(re.sub(r"[\"'\\]", "", word) for word in piece.split())
        while words and re.match(r"[A-Za-z_]\w*\+?=", words[0]):
            words = words[1:]
        if words:
            yield words


def _walk(root: Node) -> Iterator[Node]:
    todo = [root]
    while todo:
        node = todo.pop()
        yield node
        todo.extend(reversed(node.named_children))


def _take(node: Node, reading: Reading, values: dict[str, list[str]], inner: list[str]) -> None:
    kind = node.type
    if kind in ("command", "declaration_command", "unset_command"):
        for known in (values, {}) if values else (values,):  # a variable has the value that the script gives it, or another
            _take_command(node, reading, known)
    elif (
        kind == "variable_assignment" and node.parent is not None and node.parent.type not in ("command", "declaration_command")
    ):
        reading.commands.append((_raw(node),))
    elif kind == "test_command":
        reading.commands.append(("[", *(text_of(child, values) for child in _walk(node) if child.type in _WORDS)))
    elif kind == "file_redirect":
        _take_redirect(node, reading, values)
    elif kind == "expansion":
        inner += re.findall(r"`([^`]*)`", _raw(node))  # which the grammar takes for letters here
    elif kind in ("heredoc_body", "herestring_redirect"):
        body = _raw(node)
        inner.append(body.removeprefix("<<<").strip().strip("\"'") if kind == "herestring_redirect" else body)
    elif kind == "ERROR":
        words = tuple(text_of(child, values) for child in node.named_children if _is_word(child))
        if words:
            reading.commands.append(words)


def _take_command(node: Node, reading: Reading, values: dict[str, list[str]]) -> None:
    words = tuple(text_of(child, values) for child in node.named_children if _is_word(child))
    if node.type != "command":
        words = (_raw(node).split(None, 1)[0], *words)
    if words:
        reading.commands.append(words)
    assigned = [_raw(child) for child in node.named_children if child.type == "variable_assignment"]
    if assigned and node.type == "command":
        reading.commands.append((*assigned, *words))


def _raw(node: Node) -> str:
    return (node.text or b"").decode(errors="replace")


def _is_word(node: Node) -> bool:
    return node.type in _WORDS or (
        node.type in ("command_name", "variable_assignment", "variable_name")
        and (node.type != "variable_assignment" or (node.parent is not None and node.parent.type == "declaration_command"))
    )


def _take_redirect(node: Node, reading: Reading, values: dict[str, list[str]]) -> None:
    operator = re.match(r"[0-9]*([<>&|]+)", _raw(node))
    sign = operator.group(1) if operator else ">"
    for child in node.named_children:
        if child.type not in _WORDS:
            continue
        target = text_of(child, values)
        if sign in (">&", "<&") and re.fullmatch(r"[0-9]+-?|-", target):
            continue
        if ">" in sign:
            reading.redirects.append((target, "write"))
        if "<" in sign:
            reading.redirects.append((target, "read"))
    extra = [text_of(child, values) for child in node.named_children if child.type in _WORDS][1:]
    if extra and node.parent is not None:
        reading.commands.append((WILD, *extra))


def _note_value(node: Node, values: dict[str, list[str]]) -> None:
    name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
    if name is None:
        return
    text = text_of(value, values) if value is not None and value.type != "array" else ("" if value is None else WILD)
    known = values.setdefault((name.text or b"").decode(errors="replace"), [])
    appended = b"+=" in (node.text or b"")[: (name.end_byte - node.start_byte) + 2]
    text = WILD if appended else text
    if text not in known:
        known.append(text)


def _is_script(word: str) -> bool:
    return bool(re.search(r"[\s;&|<>$`(=]", word)) and word.strip() != ""
