"""What the pydantic models of all formats share: a section keeps the keys it does not know, and can name them."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints, WithJsonSchema
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from cowork.formats.problem import json_path

Text = Annotated[str, StringConstraints(min_length=1)]


class Section(BaseModel):
    """Unknown keys are kept: real files carry more than any schema knows."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True, alias_generator=to_camel, defer_build=True)


def unknown_keys(model: Section) -> list[str]:
    """The JSON paths of keys the schema does not know, without the leading `$.`: a section's own keys come first."""
    return [json_path(path).removeprefix("$").removeprefix(".") for path in unknown_paths(model)]


def unknown_paths(model: Section) -> list[tuple[str | int, ...]]:
    """As `unknown_keys`, as tuples of keys and positions."""
    found: list[tuple[str | int, ...]] = [(key,) for key in (model.__pydantic_extra__ or {})]
    for name, value in model.__dict__.items():  # indexing thousands of packs comes through here: look only where it pays
        if isinstance(value, (Section, list, dict)) and value:
            children = _children(value)
            key = (type(model).model_fields[name].alias or name) if children else name
            found += [(key, *place, *path) for place, child in children for path in unknown_paths(child)]
    return found


def _children(value: Section | list[Any] | dict[str, Any]) -> list[tuple[tuple[str | int, ...], Section]]:
    """The sections in a field's value, and where. A list or an object holds sections only, or none."""
    if isinstance(value, Section):
        return [((), value)]
    pairs: Any = enumerate(value) if isinstance(value, list) else value.items()
    first = next(iter(value if isinstance(value, list) else value.values()))
    return [((at,), item) for at, item in pairs] if isinstance(first, Section) else []


def escape_of(path: str) -> str | None:
    """Why a relative path could leave its directory, or None. Judged by its text, for every operating system."""
    if not path.strip():
        return "is empty"
    if any(ord(char) < 32 or ord(char) == 127 for char in path):
        return "holds control characters"
    if "\\" in path:
        return "holds a backslash"
    if path.startswith(("/", "~")) or re.match(r"[A-Za-z]:", path):
        return "is absolute"
    return "climbs with '..'" if ".." in path.split("/") else None


def _stays_inside(path: str) -> str:
    reason = escape_of(path)
    if reason:
        context = {"why": reason, "fix": "name a directory inside the pack, such as skills/my-skill"}
        raise PydanticCustomError("plugin.path_escapes", "the path {why}", context)
    return path


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


_TEXTS = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}

InsidePath = Annotated[str, AfterValidator(_stays_inside)]
TextOrList = Annotated[list[str], BeforeValidator(_as_list), WithJsonSchema(_TEXTS)]
