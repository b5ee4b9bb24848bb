"""A tool call as rules see it: the tool, its arguments, and the files, host or command they are about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cowork.rules.names import EDITORS, READERS, canonical
from cowork.rules.places import Places

_PATHS: Final = ("file_path", "notebook_path", "path")
SEARCHES: Final = frozenset({"Grep", "Glob", "LS"})


@dataclass(frozen=True)
class Call:
    """One call. `tool` is the canonical name. `seen` keeps what words lead to while it is judged, and no longer."""

    tool: str
    arguments: Mapping[str, Any]
    places: Places
    seen: dict[str, set[str]] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, tool: str, arguments: Mapping[str, Any], places: Places) -> Call:
        """The call of a tool by any of its names."""
        return cls(canonical(tool), arguments, places)

    @property
    def command(self) -> str | None:
        """The command of a Bash call, None when there is none to judge."""
        return self._text("command")

    @property
    def is_about_files(self) -> bool:
        """Whether rules of files may be about it."""
        return self.tool in EDITORS or self.tool in READERS

    @property
    def searches(self) -> bool:
        """Whether it looks at everything below a directory."""
        return self.tool in SEARCHES

    def paths(self) -> tuple[str, ...] | None:
        """Every path the arguments name; the working directory for a search that names none; None when it cannot be told."""
        found: list[str] = []
        for key in _PATHS:
            value = self.arguments.get(key)
            if value is None:
                continue
            if not isinstance(value, str) or not value:
                return None
            found.append(value)
        if not found and self.searches:
            found.append(self.places.cwd)
        return tuple(found) or None

    def globs(self) -> tuple[str, ...] | None:
        """The globs of a search that name files below its directory, None when one is no text."""
        keys = {"Grep": ("glob",), "Glob": ("pattern",), "LS": ()}.get(self.tool, ())
        values = [self.arguments[key] for key in keys if self.arguments.get(key) is not None]
        return tuple(values) if all(isinstance(value, str) for value in values) else None

    def subject(self) -> str | None:
        """The agent's name, the skill's name with its arguments, or the address: what a specifier of such a tool is about."""
        if self.tool == "Agent":
            return self._text("subagent_type")
        if self.tool == "WebFetch":
            return self._text("url")
        if self.tool == "Skill":
            name = self._text("skill") or self._text("name") or self._text("command")
            rest = self.arguments.get("args")
            if rest is not None and not isinstance(rest, str):
                return None
            return f"{name} {rest}".strip() if name and rest else name
        return None

    def _text(self, key: str) -> str | None:
        value = self.arguments.get(key)
        return value if isinstance(value, str) and value else None
