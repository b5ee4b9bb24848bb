"""Which files of a repository a document names: paths in code and links, and dotted names of Python modules."""

from __future__ import annotations

import posixpath
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from cowork.twins.evidence import markdown_text
from cowork.twins.evidence.tree import Tree

SUFFIXES = (".md", ".markdown", ".rst")
CODE = frozenset(
    "py pyi pyx ts tsx js jsx mjs cjs go rs java kt scala rb php c h cc cpp hpp cs swift sh bash ps1 sql lua pl r jl ex exs "
    "erl hs ml vue svelte proto graphql tf zig dart nim".split()
)
"""Suffixes that make a bare name the name of a file of code."""

_PATH = re.compile(r"[A-Za-z0-9_.@+-]+(?:/[A-Za-z0-9_.@+-]+)*")
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_RST = re.compile(r"``([^`\n]+)``|:(?:file|download):`([^`\n]+)`|^[ \t]*\.\. (?:literal)?include:: ([^\n]+)", re.MULTILINE)
_POSITION = re.compile(r"(?::\d+(?:[-:]\d+)?|#L\d+\S*|::[\w.:\[\]-]+)$")
_LONGEST = 300


@dataclass(frozen=True)
class Name:
    """A path or dotted name as a document spells it. `sure`: only a path can be meant, in prose or a link."""

    text: str
    line: int
    sure: bool


def names_of(file: str, text: str) -> Iterator[Name]:
    """What may be names of files in a document, in its order. Those from blocks of code, maybe examples, are not `sure`."""
    if file.lower().endswith(".rst"):
        yield from _names_of_rst(text)
        return
    read = markdown_text.read(text)
    for link in read.links:
        target = unquote(link.target.partition("#")[0].partition("?")[0])
        if target and ":" not in target and not target.startswith("/"):
            yield Name(posixpath.normpath(posixpath.join(posixpath.dirname(file), target)), link.line, sure=False)
    for span in read.spans:
        yield from _words(span.text, span.line, sure=span.language is None)


def _names_of_rst(text: str) -> Iterator[Name]:
    line = at = 1
    for found in _RST.finditer(text):
        line += text.count("\n", at - 1, found.start())
        at = found.start() + 1
        yield from _words(next(group for group in found.groups() if group), line, sure=True)


def _words(text: str, first: int, *, sure: bool) -> Iterator[Name]:
    for line, words in enumerate(text.split("\n"), first):
        for word in words.split():
            bare = _POSITION.sub("", word.strip("\"'`()[],;").rstrip(".:")).removesuffix("()").removeprefix("./")
            if 2 < len(bare) < _LONGEST:
                yield Name(bare, line, sure)


def resolve(name: Name, file: str, tree: Tree) -> str | None:
    """The one file of the repository that a name in the document `file` means, None when that is not certain.

    A bare name means a file of code at the top or beside the document; `read.py` elsewhere is too easily another one.
    """
    text = name.text
    if not _PATH.fullmatch(text):
        return None
    if "/" not in text and not _is_code(text):
        return _module(text, tree) if _DOTTED.fullmatch(text) else None
    for path in (text, posixpath.normpath(posixpath.join(posixpath.dirname(file), text))):
        if path in tree.files:
            return path
    found = tree.ending(text) if "/" in text and _is_code(text) else []
    return found[0] if len(found) == 1 else None


def _module(dotted: str, tree: Tree) -> str | None:
    """The file of a module. The last name or two may be symbols, but not of a package at the top: `app.json` is a file."""
    parts = dotted.split(".")
    if parts[0] in sys.stdlib_module_names:
        return None
    for length in range(len(parts), max(1, len(parts) - 3), -1):
        base = "/".join(parts[:length])
        for path in (f"{base}.py", f"{base}/__init__.py"):
            found = [choice for choice in (path, f"src/{path}") if choice in tree.files] or tree.ending(path)
            if len(found) == 1:
                return found[0]
    return None


def is_path(text: str) -> bool:
    """Whether a text can only be the path of a file: with directories and a suffix, or the name of a file of code."""
    if not _PATH.fullmatch(text) or text.startswith(("-", "@", "+")):
        return False
    base = posixpath.basename(text)
    return "." in base.strip(".") if "/" in text else _is_code(base)


def _is_code(text: str) -> bool:
    stem, dot, suffix = posixpath.basename(text).rpartition(".")
    return bool(stem and dot) and suffix in CODE
