"""Frontmatter: the YAML between two `---` lines at the start of a Markdown file.

Reads what Claude Code 2.1.240 reads, file for file: real files hold values that are not YAML, such as
`argument-hint: [a | b` or `description: use it: always`, and they work.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from cowork.formats import plain_yaml

MAX_BYTES = 256 * 1024
_MOST_TO_MEND = 64 * 1024  # mending reads line by line, and is slow
_OPENING = re.compile(r"---[ \t]*\n")
_CLOSING = re.compile(r"^---[ \t]*$\n?", re.MULTILINE)
_ENTRY = re.compile(r"([A-Za-z_][\w-]*):[ \t]+(\S.*)")
_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0")


@dataclass(frozen=True)
class Frontmatter:
    """`data` is empty where there is no frontmatter (`found` is false) or it cannot be read (`error` says why).

    `body` has Unix line ends and starts on line `body_line` of the file; lines count from 1.
    `lines` tells on which line a top-level key stands.
    """

    data: dict[str, Any]
    body: str
    body_line: int
    found: bool
    error: str | None = None
    error_line: int | None = None
    lines: dict[str, int] = field(default_factory=dict)


def parse(text: str) -> Frontmatter:
    """The frontmatter and the body of a Markdown file. Never raises."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    opening = _OPENING.match(text)
    closing = _CLOSING.search(text, opening.end()) if opening else None
    if opening is None or closing is None:
        return Frontmatter({}, text, 1, found=False)
    block, body = text[opening.end() : closing.start()], text[closing.end() :]
    body_line = text.count("\n", 0, closing.end()) + 1
    if len(block.encode("utf-8", "replace")) > MAX_BYTES:
        return Frontmatter({}, body, body_line, found=True, error=f"it is larger than {MAX_BYTES} bytes")
    data, error, line = _read(block)
    return Frontmatter(data, body, body_line, found=True, error=error, error_line=line, lines=_lines(block))


def _read(block: str) -> tuple[dict[str, Any], str | None, int | None]:
    """The mapping in a block, or why there is none and on which line of the file."""
    plain = plain_yaml.mapping(block)
    if plain is not None:
        return dict(plain), None, None
    from cowork.formats.yaml_values import BadYaml, load

    try:
        data = load(block)
    except BadYaml as error:
        try:
            data = load(_with_quotes(block) if len(block) <= _MOST_TO_MEND else block)
        except BadYaml:
            return {}, error.message, None if error.line is None else error.line + 2
    if data is None:
        return {}, None, None
    if not isinstance(data, dict):
        return {}, "it is not a mapping of keys to values", 2
    return data, None, None


def _with_quotes(block: str) -> str:
    """`block` with every top-level value that is no YAML by itself in quotes, as the text it was meant to be."""
    return "\n".join(_quoted(line) for line in block.split("\n"))


def _quoted(line: str) -> str:
    entry = _ENTRY.fullmatch(line)
    if entry is None or entry[2][0] in "\"'" or _is_yaml(line):
        return line
    return f"{entry[1]}: {json.dumps(entry[2].rstrip(), ensure_ascii=False)}"


def _is_yaml(line: str) -> bool:
    from cowork.formats.yaml_values import BadYaml, load

    try:
        load(line)
    except BadYaml:
        return False
    return True


def _lines(block: str) -> dict[str, int]:
    keys = (re.match(r"([\w-]+)[ \t]*:", line) for line in block.split("\n"))
    return {key[1]: number for number, key in enumerate(keys, 2) if key}


def as_bool(value: Any) -> bool | None:
    """A truth as people write it: true, yes, on, 1 and their opposites, in any case; None for everything else."""
    if isinstance(value, bool):
        return value
    word = str(value).lower() if isinstance(value, (str, int)) else None
    return True if word in _TRUE else False if word in _FALSE else None


def tool_list(value: Any) -> tuple[str, ...]:
    """Tool entries from a list, or from a text separated by commas or blanks.

    Parentheses hold together: `Agent(a, b), Bash(git *) Read` are three entries. What is no text is left out.
    """
    texts = value if isinstance(value, list) else [value]
    return tuple(entry for text in texts if isinstance(text, str) for entry in _entries(text))


def _entries(text: str) -> list[str]:
    entries, current, depth = [], "", 0
    for char in text:
        depth = max(0, depth + (char == "(") - (char == ")"))
        if depth == 0 and (char == "," or char.isspace()):
            entries.append(current)
            current = ""
        else:
            current += char
    return [entry for entry in (item.strip() for item in [*entries, current]) if entry]
