"""The policies as a person asks for them: whole, or one section or field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cowork.core.errors import NotFound
from cowork.core.text import did_you_mean
from cowork.formats.policies import BY_PATH
from cowork.policy import store
from cowork.policy.files import policy_path


@dataclass(frozen=True)
class PolicyView:
    """The policies in force, whole or one section or field of them. `source` is `default` when there is no file.

    `selected` is what was asked for, `value` what stands there; both are null when everything was.
    """

    source: str
    path: str
    policies: dict[str, Any]
    selected: str | None
    value: Any


def view(selected: str | None = None) -> PolicyView:
    """The policies as `admin policy get` shows them, or the part at SECTION or SECTION.FIELD.

    Raises InvalidInput when the file is bad, and `policy.unknown_field` when there is no such part.
    """
    path = policy_path()
    source = "file" if path.exists() else "default"
    effective = store.load().effective()
    if selected is None:
        return PolicyView(source, str(path), effective, None, None)
    section, dot, key = selected.partition(".")
    if section in effective and not dot:
        return PolicyView(source, str(path), {section: effective[section]}, selected, effective[section])
    inside = effective.get(section)
    if isinstance(inside, dict) and (key in inside or selected in BY_PATH):
        return PolicyView(source, str(path), {section: {key: inside.get(key)}}, selected, inside.get(key))
    raise unknown_field(selected, effective)


def unknown_field(path: str, document: dict[str, Any]) -> NotFound:
    """The error for a part that neither the policies nor the document have."""
    known = [*document, *BY_PATH]
    hint = did_you_mean(path, known, f"the core fields: {', '.join(BY_PATH)}")
    return NotFound("policy.unknown_field", f"the policies have no '{path}'", hint=hint, details={"field": path})
