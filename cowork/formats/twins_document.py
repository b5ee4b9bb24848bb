"""Twins as a document that goes from one machine to another: how they are set up, without secrets and what they did."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from cowork.core.errors import InvalidInput, NotFound
from cowork.core.files import read_json
from cowork.core.text import did_you_mean, one_line
from cowork.formats.limits import MAX_MANIFEST_BYTES, check_document
from cowork.formats.persona_mending import ID, TASK_ID

SCHEMA, VERSION = "cowork.twins", 1
MAX_BYTES = 256 * 1024 * 1024
MOST_TWINS = 10_000


def _no_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("it holds a character that no text has")
    return text


Text = Annotated[str, Field(max_length=MAX_MANIFEST_BYTES), AfterValidator(_no_nul)]
"""What a template may say: it is as long as the template lets it be."""
Line = Annotated[str, Field(max_length=500), AfterValidator(_no_nul)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?$", max_length=120)]
"""A template's id, between `twin-` and a number."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class TaskEntry(_Part):
    """A task of a twin."""

    id: str = Field(pattern=TASK_ID)
    name: Text
    description: Text
    category: Text
    frequency_minutes: int = Field(ge=1, le=366 * 24 * 60)
    priority: int = Field(ge=-1_000_000, le=1_000_000)
    enabled: bool
    evidence: list[Text]
    prompt_template: Text


class AddressEntry(_Part):
    """Where results are delivered to: those of a task, or of all with an empty one."""

    task: Line
    url: Line


class TwinEntry(_Part):
    """A twin, as it was set up."""

    name: Name
    display_name: Line
    status: Literal["active", "paused", "inactive"]
    template_id: str = Field(pattern=ID)
    template_version: Text
    template_digest: Line
    category: Text
    icon: Text
    color: Text
    autonomy: Line
    capabilities: list[Text] = Field(min_length=1)
    interval_minutes: int
    stagger_minutes: int = Field(ge=0, le=7 * 24 * 60)
    system_prompt: Text
    soul: dict[str, Any]
    provider: Line
    model: Line
    workspace: Annotated[str, Field(max_length=4096), AfterValidator(_no_nul)]
    allow_rules: list[Text] = Field(max_length=200)
    deny_rules: list[Text] = Field(max_length=200)
    quiet_hours: Line
    timezone: Line
    tasks: list[TaskEntry] = Field(max_length=200)
    deliver: list[AddressEntry] = Field(max_length=500)


def document(twins: list[dict[str, Any]]) -> dict[str, Any]:
    """The document of twins that have the fields of `TwinEntry`."""
    return {"schema": SCHEMA, "version": VERSION, "twins": twins}


def read(path: Path) -> list[TwinEntry]:
    """The twins of a document. Raises `import.*` or `file.*`, naming the file, the twin and the field."""
    try:
        found = read_json(path, what="document of twins", limit=MAX_BYTES)
    except FileNotFoundError:
        hint = "name the file that was written by: cowork twin export --output FILE"
        raise NotFound("import.not_found", f"there is no file {path}", hint=hint, details={"path": str(path)}) from None
    if not isinstance(found, dict) or found.get("schema") != SCHEMA or type(found.get("version")) is not int:
        raise InvalidInput("import.invalid", f"{path} is no document of twins", hint="make one with: cowork twin export")
    if found["version"] != VERSION:
        text = f"{path} has version {found['version']}, this cowork knows {VERSION}"
        raise InvalidInput("import.newer", text, hint="upgrade cowork, or export anew", details={"path": str(path)})
    other = set(found) - {"schema", "version", "twins"}
    if other:
        raise _bad(path, "", one_line(min(other), 60), "there is no such key", "there are: schema, version, twins")
    twins = found.get("twins")
    if not isinstance(twins, list) or not 1 <= len(twins) <= MOST_TWINS:
        raise _bad(path, "", "twins", f"it is no list of 1 to {MOST_TWINS} twins", "make one with: cowork twin export")
    return [_entry(entry, path, number) for number, entry in enumerate(twins, 1)]


def _entry(entry: Any, path: Path, number: int) -> TwinEntry:
    try:
        check_document(entry)
        return TwinEntry.model_validate(entry)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        key = str(first["loc"][-1]) if first["loc"] else ""
        hint = "mend that field, or export anew"
        if first["type"] == "extra_forbidden":
            parts: dict[str, type[BaseModel]] = {"tasks": TaskEntry, "deliver": AddressEntry}
            hint = did_you_mean(key, parts.get(str(first["loc"][0]), TwinEntry).model_fields, hint)
        raise _bad(path, f"twin {number}", place, first["msg"], hint) from None
    except InvalidInput as error:
        raise _bad(path, f"twin {number}", "", error.message, "mend it, or export anew") from error


def _bad(path: Path, twin: str, field: str, what: str, hint: str) -> InvalidInput:
    where = ", ".join(part for part in (twin, one_line(field, 100)) if part)
    text = f"{path}: {where}: {one_line(what)}" if where else f"{path}: {one_line(what)}"
    return InvalidInput("import.invalid", text, hint=hint, details={"path": str(path), "twin": twin, "field": field})
