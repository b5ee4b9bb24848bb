"""Which source files tests import, as far as their lines of import name a file and its directory."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise

from cowork.twins.evidence.look import Look
from cowork.twins.evidence.pairing import family

_LINE = re.compile(
    r"^[ \t]*(?:from|import|export|use|using|require(?:_relative)?|#?[ \t]*include|(?:const|let|var)\b[^\n]{0,200}require)\b"
    r"[^\n({]{0,1000}(?:\([^)]{0,4000}\)|\{[^}]{0,4000}\})?[^\n]{0,1000}",  # a list in brackets may take many lines
    re.MULTILINE,
)
_WORD = re.compile(r"\w+(?:-\w+)*")
_WHOLE_DIRECTORY = frozenset("__init__ index mod".split())


class Imports:
    """The tests by the words of their imports."""

    def __init__(self, look: Look, tests: Iterable[str]) -> None:
        self._by_pair: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        for path in look.in_time(tests, "tests"):
            kind, text = family(path), look.read(path)
            for line in _LINE.finditer(text or ""):
                self._note(kind, line.group(), path)

    def of(self, path: str) -> tuple[str, ...]:
        """The tests whose imports name a file's directory and, after it, the file; for a file at the top its name alone."""
        parts = path.rpartition(".")[0].split("/")
        if parts[-1] in _WHOLE_DIRECTORY:
            parts = parts[:-1]
        if not parts:
            return ()
        return tuple(sorted(self._by_pair[family(path), parts[-2] if len(parts) > 1 else "", parts[-1]]))

    def _note(self, kind: str, line: str, path: str) -> None:
        """Words that follow each other name a directory and what is in it; so do those of a list behind the last directory."""
        head, _, listed = line.partition(" import ") if line.lstrip().startswith("from") else (line, "", "")
        words = _WORD.findall(head)
        pairs = list(pairwise(words))
        pairs += [(words[-1], name) for name in _WORD.findall(listed)] if words else []
        for before, name in pairs:
            self._by_pair[kind, before, name].add(path)
            self._by_pair[kind, "", name].add(path)
