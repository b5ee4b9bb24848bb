"""`settings.json` of Claude Code: what its `permissions` say. The rest of the file is for others to read.

A mistake costs only what it stands in. What narrows is kept wherever it can be read; what cannot be read never widens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from cowork.formats.problem import Problem, bounded, json_path, quoted

MODES = ("default", "acceptEdits", "plan", "bypassPermissions", "dontAsk", "auto", "delegate")
MOST_RULES = 5_000
Kind = Literal["allow", "ask", "deny"]
KINDS: tuple[Kind, ...] = ("allow", "ask", "deny")


@dataclass(frozen=True)
class Permissions:
    """The permissions of one file. `complete` is false where a deny or ask rule was there and could not be read."""

    allow: tuple[str, ...] = ()
    ask: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    default_mode: str | None = None
    additional_directories: tuple[str, ...] = ()
    disable_bypass: bool = False
    complete: bool = True


def parse(document: Any, *, file: str) -> tuple[Permissions, tuple[Problem, ...]]:
    """The permissions in a parsed settings file, and what is wrong with them. Never raises."""
    found: list[Problem] = []
    reader = _Reader(file, found)
    if not isinstance(document, Mapping):
        reader.report((), "type", "error", "the settings are no object", "write an object in braces")
        return Permissions(complete=False), tuple(found)
    permissions = document.get("permissions")
    if permissions is None:
        return Permissions(), ()
    if not isinstance(permissions, Mapping):
        reader.report(("permissions",), "type", "error", "is not an object", "write allow, ask and deny as lists in an object")
        return Permissions(complete=False), tuple(found)
    rules = {kind: reader.rules(permissions, kind) for kind in KINDS}
    bypass = permissions.get("disableBypassPermissionsMode")
    result = Permissions(
        allow=rules["allow"][0],
        ask=rules["ask"][0],
        deny=rules["deny"][0],
        default_mode=reader.mode(permissions),
        additional_directories=reader.directories(permissions),
        disable_bypass=bypass is not None and bypass is not False,  # whatever was meant, it narrows
        complete=rules["ask"][1] and rules["deny"][1],
    )
    known = {*KINDS, "defaultMode", "additionalDirectories", "disableBypassPermissionsMode"}
    for key in [key for key in permissions if key not in known]:
        place = ("permissions", str(key))
        reader.report(place, "unknown_key", "warning", f"unknown key {quoted(key)} has no effect", "check it, or remove it")
    return result, tuple(bounded(found))


class _Reader:
    def __init__(self, file: str, found: list[Problem]) -> None:
        self._file = file
        self._found = found

    def report(
        self, place: tuple[str | int, ...], rule: str, severity: Literal["error", "warning"], message: str, fix: str
    ) -> None:
        self._found.append(Problem(self._file, json_path(place), f"settings.{rule}", severity, message, fix))

    def rules(self, permissions: Mapping[str, Any], kind: Kind) -> tuple[tuple[str, ...], bool]:
        """The rules of a list that can be read, and whether that is all of them."""
        value = permissions.get(kind, [])
        severity: Literal["error", "warning"] = "warning" if kind == "allow" else "error"
        if isinstance(value, str):
            self.report(("permissions", kind), "type", "warning", "is a text and is read as a list of one", "write a list")
            value = [value]
        if not isinstance(value, list):
            self.report(
                ("permissions", kind), "type", severity, "is not a list of rules", 'write a list such as ["Bash(rm *)"]'
            )
            return (), False
        kept = []
        for position, rule in enumerate(value[:MOST_RULES]):
            if isinstance(rule, str) and rule.strip() and "\0" not in rule:
                kept.append(rule.strip())
            else:
                text = f"{quoted(rule)} is not a rule and is left out"
                self.report(("permissions", kind, position), "rule", severity, text, "write a rule such as Bash(rm *)")
        if len(value) > MOST_RULES:
            self.report(("permissions", kind), "rule", severity, f"only the first {MOST_RULES} rules count", "shorten the list")
        return tuple(kept), len(kept) == len(value)

    def mode(self, permissions: Mapping[str, Any]) -> str | None:
        """The mode, None where it is absent or not known: then the strictest usual one counts."""
        value = permissions.get("defaultMode")
        if value is None or value in MODES:
            return value
        text = f"{quoted(value)} is not a mode and is ignored"
        self.report(("permissions", "defaultMode"), "value", "warning", text, f"write one of: {', '.join(MODES)}")
        return None

    def directories(self, permissions: Mapping[str, Any]) -> tuple[str, ...]:
        """The further directories; what is no text is left out."""
        value = permissions.get("additionalDirectories", [])
        items = value if isinstance(value, list) else [value]
        for position, item in enumerate(items):
            if not isinstance(item, str) or not item or "\0" in item:
                place = ("permissions", "additionalDirectories", position)
                self.report(place, "type", "warning", f"{quoted(item)} is not a directory and is left out", "write a path")
        return tuple(item for item in items if isinstance(item, str) and item and "\0" not in item)
