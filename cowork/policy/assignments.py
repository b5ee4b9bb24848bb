"""`SECTION.FIELD=VALUE` words as a change of the policies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cowork.core.errors import UsageError
from cowork.core.text import did_you_mean
from cowork.formats.policies import BY_PATH, Field

_FLAGS = {"true": True, "on": True, "yes": True, "false": False, "off": False, "no": False}


def read(words: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The change that the words ask for; of lists the names are separated by commas, and no names make an empty list.

    Raises `policy.bad_assignment`, or `policy.unknown_field` for what is no core field.
    """
    change: dict[str, dict[str, Any]] = {}
    for word in words:
        path, equals, value = word.partition("=")
        if not equals:
            raise UsageError("policy.bad_assignment", f"'{word}' is not SECTION.FIELD=VALUE", hint="--set packs.blocked=a,b")
        field = BY_PATH.get(path.strip())
        if field is None:
            hint = did_you_mean(path, BY_PATH, f"the fields: {', '.join(BY_PATH)}; give anything else as JSON")
            raise UsageError("policy.unknown_field", f"the policies have no field '{path}'", hint=hint, details={"field": path})
        if field.key in change.setdefault(field.section, {}):
            raise UsageError("policy.bad_assignment", f"'{field.path}' is set twice", hint="set it once, with all its names")
        change[field.section][field.key] = _value(field, value.strip())
    return change


def _value(field: Field, text: str) -> Any:
    if field.kind == "names":
        return [name.strip() for name in text.split(",") if name.strip()]
    if field.kind in ("text", "path"):
        return text or None
    if field.kind == "flag" and text.lower() in _FLAGS:
        return _FLAGS[text.lower()]
    if field.kind == "number" and text.isascii() and text.isdigit() and len(text) <= 12:
        return int(text)
    wanted = "true or false" if field.kind == "flag" else f"a number of {field.least} or more"
    raise UsageError("policy.bad_assignment", f"{field.path} is {wanted}, not '{text}'", hint=f"--set {field.path}=...")
