"""`settings.json` of a `.claude` directory: the permission rules in it. Everything else in the file is the host's business."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cowork.formats.problem import Problem, json_path, quoted

MODES = ("default", "acceptEdits", "plan", "bypassPermissions", "dontAsk", "auto", "delegate")


@dataclass(frozen=True)
class PermissionSettings:
    """`permissions` as the file has it: rules as texts, the mode to begin with, and directories beside the project's own.

    `closed`: a list that denies or asks cannot be read, so what it holds back is not known.
    """

    deny: tuple[str, ...] = ()
    ask: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    default_mode: str | None = None
    additional_directories: tuple[str, ...] = ()
    closed: bool = False


def parse(document: Any, *, file: str) -> tuple[PermissionSettings, tuple[Problem, ...]]:
    """The permissions in a parsed settings file, and what is wrong. Good entries count, whatever stands beside them."""
    reader = _Reader(file)
    if not isinstance(document, dict):
        reader.refuse((), f"{quoted(document)} is not an object", "write {}")
        return PermissionSettings(closed=True), tuple(reader.problems)
    permissions = document.get("permissions", {})
    if not isinstance(permissions, dict):
        reader.refuse(("permissions",), f"{quoted(permissions)} is not an object", 'write {"allow": [], "deny": []}')
        return PermissionSettings(closed=True), tuple(reader.problems)
    deny, sure = reader.texts(permissions, "deny")
    ask, sure_too = reader.texts(permissions, "ask")
    allow, _ = reader.texts(permissions, "allow")
    directories, _ = reader.texts(permissions, "additionalDirectories")
    mode = permissions.get("defaultMode")
    if mode is not None and mode not in MODES:
        reader.refuse(("permissions", "defaultMode"), f"{quoted(mode)} is no mode", f"write one of: {', '.join(MODES)}")
        mode = None
    found = PermissionSettings(deny, ask, allow, mode, directories, closed=not (sure and sure_too))
    return found, tuple(reader.problems)


class _Reader:
    def __init__(self, file: str) -> None:
        self._file = file
        self.problems: list[Problem] = []

    def refuse(self, place: tuple[str | int, ...], message: str, fix: str) -> None:
        self.problems.append(Problem(self._file, json_path(place), "settings.value", "error", message, fix))

    def texts(self, permissions: dict[str, Any], key: str) -> tuple[tuple[str, ...], bool]:
        """The texts of a list, and whether everything in it could be read."""
        value = permissions.get(key, [])
        if not isinstance(value, list):
            self.refuse(("permissions", key), f"{quoted(value)} is not a list", 'write ["Tool(specifier)"]')
            return (), False
        for place, item in enumerate(value):
            if not isinstance(item, str):
                self.refuse(("permissions", key, place), f"{quoted(item)} is not a text", "write a rule as a text")
        kept = tuple(item for item in value if isinstance(item, str))
        return kept, len(kept) == len(value)
