"""A word of the syntax tree as a denial reads it: what can be told is literal, everything else is WILD."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from cowork.rules.wild import WILD

if TYPE_CHECKING:
    from tree_sitter import Node

_GLOB: Final = re.compile(r"[*?]+|\[[^\]\s]*\]")
_SPECIAL: Final = re.compile(r"[*?\[\\]")
_ESCAPED: Final = re.compile(r"\\(.)", re.S)
_BRACES: Final = re.compile(r"\{[^{}]*(,|\.\.)[^{}]*\}")
_UNESCAPED_GLOB: Final = re.compile(r"(?<!\\)[*?\[]")
_VARIABLE: Final = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?")
_ANSI: Final = re.compile(r"\\(x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|U[0-9a-fA-F]{1,8}|[0-7]{1,3}|.)", re.S)
_ESCAPES: Final = dict(zip("abeEfnrtv", "\a\b\x1b\x1b\f\n\r\t\v", strict=True))


def text_of(node: Node, values: dict[str, list[str]]) -> str:
    """The text of a word. `values` are what the same script assigns to variables: one value is taken, several are WILD."""
    kind = node.type
    raw = (node.text or b"").decode(errors="replace")
    if kind == "word":
        return _plain(raw)
    if kind == "raw_string":
        return raw[1:-1]
    if kind == "ansi_c_string":
        return _ANSI.sub(_ansi, raw[2:-1])
    if kind == "string":
        return _string(node, raw, values)
    if kind in ("concatenation", "command_name"):
        return _joined(node, raw, values)
    if kind in ("simple_expansion", "expansion"):
        return value_of(raw, values)
    if kind in ("number", "extglob_pattern", "regex"):
        return _plain(raw)
    if kind in ("string_content", "variable_name", "special_variable_name", "test_operator", "file_descriptor"):
        return raw
    return WILD if node.named_child_count or kind.endswith(("substitution", "expression")) else raw


def value_of(raw: str, values: dict[str, list[str]]) -> str:
    """What an expansion stands for when the script itself says so, else WILD."""
    found = _VARIABLE.fullmatch(raw)
    known = values.get(found.group(1), []) if found else []
    return known[0] if len(known) == 1 else WILD


def _plain(raw: str) -> str:
    if not _SPECIAL.search(raw):
        return raw
    text = _GLOB.sub(WILD, raw) if _UNESCAPED_GLOB.search(raw) else raw
    return _ESCAPED.sub(r"\1", text.replace("\\\n", ""))


def _string(node: Node, raw: str, values: dict[str, list[str]]) -> str:
    del raw
    text, end = node.text or b"", node.start_byte
    pieces: list[str] = []
    for child in node.named_children:
        pieces.append(_between(text, end - node.start_byte, child.start_byte - node.start_byte))
        inner = (child.text or b"").decode(errors="replace")
        pieces.append(re.sub(r'\\(["\\$`\n])', r"\1", inner) if child.type == "string_content" else text_of(child, values))
        end = child.end_byte
    pieces.append(_between(text, end - node.start_byte, len(text)))
    return "".join(pieces).lstrip("$").removeprefix('"').removesuffix('"')


def _joined(node: Node, raw: str, values: dict[str, list[str]]) -> str:
    children = node.named_children
    if not children:
        return _plain(raw)
    if len(children) == 1 and children[0].end_byte - children[0].start_byte == node.end_byte - node.start_byte:
        return text_of(children[0], values)
    if any(child.type == "brace_expression" for child in node.named_children) or _BRACES.search(raw):
        return WILD
    text, end = node.text or b"", node.start_byte
    pieces: list[str] = []
    for child in node.named_children:
        pieces.append(_plain(_between(text, end - node.start_byte, child.start_byte - node.start_byte)))
        pieces.append(text_of(child, values))
        end = child.end_byte
    pieces.append(_plain(_between(text, end - node.start_byte, len(text))))
    return "".join(pieces)


def _between(text: bytes, start: int, end: int) -> str:
    """What the grammar leaves out between the parts of a word: blanks in a string, lone dollars, braces."""
    return text[start:end].decode(errors="replace")


def _ansi(found: re.Match[str]) -> str:
    code = found.group(1)
    try:
        if code[0] in "xuU" and len(code) > 1:
            return chr(int(code[1:], 16))
        if code[0] in "01234567":
            return chr(int(code, 8) & 0xFF)
    except (ValueError, OverflowError):
        return WILD
    return _ESCAPES.get(code, code)
