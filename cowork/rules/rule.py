"""A rule ready to be asked: its text read and compiled once, with where it came from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from cowork.rules import files
from cowork.rules.bash.patterns import Pattern
from cowork.rules.files import FilePattern
from cowork.rules.names import EDITORS, READERS, canonical
from cowork.rules.specs import BadRule, ToolSpec, parse


@dataclass(frozen=True, slots=True)
class Rule:
    """A compiled rule. `problem` says why it cannot be used: then it allows nothing, and denies `spec.name` or everything."""

    spec: ToolSpec
    root: str | None = None
    command: Pattern | None = None
    file: FilePattern | None = None
    problem: str | None = None

    @property
    def text(self) -> str:
        """The rule as it was written."""
        return self.spec.text

    @property
    def name(self) -> str:
        """The canonical name of the tool it is about."""
        return canonical(self.spec.name)

    @property
    def specifier(self) -> str | None:
        """What it is limited to, None for the whole tool."""
        return self.spec.specifier


def compile_text(text: str, root: str | None = None) -> Rule:
    """The rule in a text. It never raises: what cannot be read becomes a rule with a problem."""
    try:
        return compile_spec(parse(text), root)
    except BadRule as error:
        return Rule(ToolSpec(error.name or "*", None, str(text).strip()), root, problem=error.problem)


@lru_cache(maxsize=4096)
def compile_spec(spec: ToolSpec, root: str | None = None) -> Rule:
    """The rule of a spec, its specifier read as the tool's kind asks. It never raises either."""
    name = canonical(spec.name)
    if spec.specifier is None:
        return Rule(spec, root)
    try:
        if name == "Bash":
            from cowork.rules.bash.patterns import compile_pattern

            return Rule(spec, root, command=compile_pattern(spec.specifier))
        if name in EDITORS | READERS:
            return Rule(spec, root, file=files.compile_pattern(spec.specifier))
    except BadRule as error:
        return Rule(ToolSpec(spec.name, None, spec.text), root, problem=error.problem)
    return Rule(spec, root)


def compile_all(texts: Iterable[str]) -> tuple[Rule, ...]:
    """The rules in several texts. Raises TypeError for one text in place of a list: its letters are no rules."""
    if isinstance(texts, str):
        raise TypeError("rules are a list of texts, not one text")
    return tuple(compile_text(text) for text in texts)
