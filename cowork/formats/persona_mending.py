"""Persona templates as real files have them, made into what a twin can be made of. Loads no pydantic: listings go this way.

Refused is what no twin can do without: a usable id, name, description, version, category, capabilities and system prompt.
Everything else has something that stands in for it, and a notice that names file, field and rule. Unknown fields stay.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import Any, NamedTuple

from cowork.core.errors import InvalidInput
from cowork.core.files import parse_json
from cowork.core.outcome import Notice
from cowork.core.text import one_line
from cowork.formats.limits import check_document
from cowork.formats.mender import Fields, Mender, storable
from cowork.formats.persona_words import AUTONOMY, CAPABILITIES, CATEGORIES, OFFLOAD
from cowork.formats.problem import quoted

ID = r"^[A-Za-z0-9]([A-Za-z0-9_-]{0,62}[A-Za-z0-9])?$"
TASK_ID = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$"
DEFAULT_INTERVAL, DEFAULT_FREQUENCY, DEFAULT_PRIORITY = 60, 15, 99
DAY, YEAR = 1_440, 525_600  # minutes
MOST_TASKS = 50
_LONGEST_NAME = 60
_PRIORITIES = (-1_000_000, 1_000_000)


class Mended(NamedTuple):
    """A document that keeps the schema, and what was done to it."""

    document: Fields
    notices: tuple[Notice, ...]


def mend(document: Any, *, path: Path) -> Mended:
    """A template's document with everything in its place. Raises `persona.invalid` naming the file, the field and the rule."""
    mender = Mender(path, "persona")
    if not isinstance(document, dict):
        raise mender.refusal("the document", "it is not an object")
    try:
        check_document(document)
    except InvalidInput as error:
        raise mender.refusal("the document", error.message) from None
    fields: Fields = storable(document)
    _about(mender, fields)
    _role(mender, fields)
    _heartbeat(mender, mender.section(fields, "heartbeat"))
    _offload(mender, mender.section(fields, "cognitiveOffload"))
    fields["skills"] = _skills(mender, fields)
    return Mended(fields, mender.notices)


def _about(mender: Mender, fields: Fields) -> None:
    if not re.fullmatch(ID, mender.need(fields, "id")):
        raise mender.refusal("id", "it is 1 to 64 letters, digits, - and _, and begins and ends with a letter or digit")
    name = mender.need(fields, "name")
    fields["name"] = one_line(name, _LONGEST_NAME)
    if fields["name"] != name:
        mender.tell("name", f"it is shown as '{fields['name']}'")
    mender.need(fields, "description")
    if isinstance(fields.get("version"), (int, float)):
        mender.text(fields, "version")
    mender.need(fields, "version")
    mender.need(fields, "category")
    mender.word(fields, "category", CATEGORIES)
    for key in ("icon", "color"):
        mender.text(fields, key)
    mender.texts(fields, "tags")
    mender.texts(fields, "seniorityRange")
    mender.flag(fields, "industryAgnostic", True)


def _role(mender: Mender, fields: Fields) -> None:
    role = fields.get("role")
    if not isinstance(role, dict):
        raise mender.refusal("role", "it is missing or not an object")
    if not mender.texts(role, "capabilities", "role.", CAPABILITIES):
        raise mender.refusal("role.capabilities", "it is not a list of at least one capability")
    mender.need(role, "systemPrompt", "role.")
    mender.text(role, "autonomyLevel", "specialist", "role.")
    if role["autonomyLevel"] not in AUTONOMY:
        text = f"{quoted(role['autonomyLevel'])} is not one of {', '.join(AUTONOMY)}, {AUTONOMY[0]} stands in for it"
        mender.tell("role.autonomyLevel", text)
        role["autonomyLevel"] = AUTONOMY[0]  # what nobody knows gets the least
    mender.text(role, "personalityId", "professional", "role.")
    soul = role.get("soul")
    if isinstance(soul, str):
        role["soul"] = _soul(soul)
    elif not isinstance(soul, dict):
        if soul is not None:
            mender.tell("role.soul", "it is neither an object nor a text and is left out")
        role["soul"] = {}


def _soul(text: str) -> Fields:
    """A soul that is written as a text: an object where the text is JSON of one, else the text is its name."""
    try:
        parsed = parse_json(text.encode(), path=Path("soul"), what="soul")
        check_document(parsed)
    except InvalidInput:
        return {"name": text}
    return storable(parsed) if isinstance(parsed, dict) else {"name": text}


def _heartbeat(mender: Mender, heartbeat: Fields) -> None:
    mender.flag(heartbeat, "enabled", False, "heartbeat.")
    mender.whole(heartbeat, "intervalMinutes", DEFAULT_INTERVAL, (1, YEAR), "heartbeat.")
    mender.whole(heartbeat, "staggerOffset", 0, (0, DAY), "heartbeat.")


def _offload(mender: Mender, offload: Fields) -> None:
    at = "cognitiveOffload."
    mender.texts(offload, "primaryCategories", at, OFFLOAD)
    tasks: dict[str, Fields] = {}
    for place, task in mender.sections(offload, "proactiveTasks", at):
        unusable = _unusable(task, tasks)
        if unusable:
            mender.tell(place, f"the task is left out: {unusable}")
            continue
        tasks[task["id"]] = task
        _task(mender, task, f"{place}.")
    offload["proactiveTasks"] = list(tasks.values())


def _unusable(task: Fields, others: Collection[str]) -> str | None:
    """Why a task cannot be one."""
    name, prompt = task.get("id"), task.get("promptTemplate")
    if not isinstance(name, str) or not re.fullmatch(TASK_ID, name):
        return "its id is not 1 to 100 letters, digits, - _ . and :"
    if not isinstance(prompt, str) or not prompt.strip():
        return "it has no promptTemplate, so that it would never be due"
    if name in others:
        return f"there is another one with the id {name}"
    return f"a twin has at most {MOST_TASKS}" if len(others) >= MOST_TASKS else None


def _task(mender: Mender, task: Fields, at: str) -> None:
    mender.text(task, "name", at=at)
    task["name"] = task["name"].strip() or task["id"]
    mender.text(task, "description", at=at)
    mender.text(task, "category", "", at)
    mender.word(task, "category", OFFLOAD, at)
    mender.whole(task, "frequencyMinutes", DEFAULT_FREQUENCY, (1, YEAR), at, expected=True)
    mender.whole(task, "priority", DEFAULT_PRIORITY, _PRIORITIES, at)
    mender.flag(task, "enabled", True, at)
    mender.texts(task, "evidence", at)


def _skills(mender: Mender, fields: Fields) -> list[Fields]:
    """The skills, each once; a bare id is a skill without a reason."""
    listed = fields.get("skills")
    if isinstance(listed, list):
        fields["skills"] = [{"skillId": item} if isinstance(item, str) else item for item in listed]
    found: dict[str, Fields] = {}
    for place, skill in mender.sections(fields, "skills"):
        if not isinstance(skill.get("skillId"), str) or not skill["skillId"].strip():
            mender.tell(f"{place}.skillId", "it is missing, and the skill is left out")
            continue
        mender.text(skill, "reason", at=f"{place}.")
        mender.flag(skill, "required", False, f"{place}.")
        found.setdefault(skill["skillId"], skill)
    return list(found.values())
