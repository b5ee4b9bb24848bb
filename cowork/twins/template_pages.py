"""Persona templates as `twin templates`, `twin categories` and `twin preview` answer them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cowork.core.errors import NotFound
from cowork.core.outcome import Notice
from cowork.core.text import did_you_mean
from cowork.formats.mender import Fields
from cowork.formats.persona_words import CATEGORIES
from cowork.twins import template_files
from cowork.twins.template_files import TemplateFile, Templates
from cowork.twins.templates import template_file


@dataclass(frozen=True)
class TemplateItem:
    """A template in a list. `scope`: enterprise, user, plugin or builtin; `pack` brings it, `packs` link to it."""

    id: str
    name: str
    icon: str
    category: str
    autonomy: str
    interval_minutes: int
    tasks_enabled: int
    tasks_total: int
    scope: str
    pack: str
    description: str
    tags: tuple[str, ...]
    packs: tuple[str, ...]
    path: str


@dataclass(frozen=True)
class PersonaList:
    """Templates sorted by category, then by id."""

    category: str | None
    search: str
    items: tuple[TemplateItem, ...]
    count: int


@dataclass(frozen=True)
class PersonaCategory:
    """A category and how many templates it has."""

    name: str
    count: int


@dataclass(frozen=True)
class PersonaCategories:
    """The categories that have templates, by name; `total` is how many templates there are."""

    items: tuple[PersonaCategory, ...]
    count: int
    total: int


@dataclass(frozen=True)
class PreviewTask:
    """A task that the twin would have. `prompt` is empty unless the whole is asked for."""

    id: str
    name: str
    description: str
    category: str
    frequency_minutes: int
    priority: int
    enabled: bool
    evidence: tuple[str, ...]
    prompt: str


@dataclass(frozen=True)
class PreviewSkill:
    """A skill that the twin is better with, and whether it is here."""

    id: str
    reason: str
    required: bool
    installed: bool


@dataclass(frozen=True)
class PersonaPreview:
    """What activating a template would create. `twin` is the name it would get now; `hides` are weaker ones of its id."""

    id: str
    version: str
    name: str
    icon: str
    color: str
    category: str
    description: str
    twin: str
    display_name: str
    autonomy: str
    capabilities: tuple[str, ...]
    personality: str
    soul: dict[str, Any]
    heartbeat_enabled: bool
    interval_minutes: int
    stagger_minutes: int
    offload: tuple[str, ...]
    tasks: tuple[PreviewTask, ...]
    skills: tuple[PreviewSkill, ...]
    tags: tuple[str, ...]
    seniority: tuple[str, ...]
    scope: str
    pack: str
    packs: tuple[str, ...]
    path: str
    hides: tuple[str, ...]
    system_prompt: str


def list_templates(*, category: str | None = None, search: str = "") -> tuple[PersonaList, tuple[Notice, ...]]:
    """The templates of a category (whatever its case) in which every word of `search` occurs: in id, name, description or tags.

    Raises `persona.unknown_category` with a suggestion.
    """
    templates = template_files.load()
    kept = [file for file in templates.found.values() if _holds(file.document, search)]
    if category is not None:
        category = known_category(category, templates)
        kept = [file for file in kept if file.document["category"] == category]
    items = sorted((_item(file, templates) for file in kept), key=lambda item: (item.category, item.id))
    mended = tuple(notice for file in kept for notice in file.notices)
    return PersonaList(category, search, tuple(items), len(items)), (*templates.notices, *mended)


def list_categories() -> tuple[PersonaCategories, tuple[Notice, ...]]:
    """The categories with their counts."""
    templates = template_files.load()
    counts = Counter(file.document["category"] for file in templates.found.values())
    items = tuple(PersonaCategory(name, counts[name]) for name in sorted(counts))
    return PersonaCategories(items, len(items), counts.total()), templates.notices


def preview(template_id: str, *, full: bool = False) -> tuple[PersonaPreview, tuple[Notice, ...]]:
    """What activation would create, with prompts when it is `full`. Raises `persona.not_found`, `persona.invalid`, `file.*`."""
    from cowork.registry.skills import list_skills
    from cowork.twins.store import roles
    from cowork.twins.twin import free_name

    templates = template_files.load()
    file = template_file(templates, template_id)
    document, role, heartbeat = file.document, file.document["role"], file.document["heartbeat"]
    here = {skill.id for skill in list_skills()[0].items}
    tasks = sorted(document["cognitiveOffload"]["proactiveTasks"], key=lambda task: (task["priority"], task["id"]))
    page = PersonaPreview(
        id=document["id"],
        version=document["version"],
        name=document["name"],
        icon=document["icon"],
        color=document["color"],
        category=document["category"],
        description=document["description"],
        twin=free_name(f"twin-{document['id']}", roles.names()),
        display_name=f"{document['name']} Twin",
        autonomy=role["autonomyLevel"],
        capabilities=tuple(role["capabilities"]),
        personality=role["personalityId"],
        soul=role["soul"],
        heartbeat_enabled=heartbeat["enabled"],
        interval_minutes=heartbeat["intervalMinutes"],
        stagger_minutes=heartbeat["staggerOffset"],
        offload=tuple(document["cognitiveOffload"]["primaryCategories"]),
        tasks=tuple(_task(task, full=full) for task in tasks),
        skills=tuple(_skill(skill, here) for skill in document["skills"]),
        tags=tuple(document["tags"]),
        seniority=tuple(document["seniorityRange"]),
        scope=file.place.scope,
        pack=file.place.pack,
        packs=templates.packs.get(document["id"], ()),
        path=str(file.path),
        hides=tuple(map(str, file.hides)),
        system_prompt=role["systemPrompt"] if full else "",
    )
    return page, file.notices


def _item(file: TemplateFile, templates: Templates) -> TemplateItem:
    document, tasks = file.document, file.document["cognitiveOffload"]["proactiveTasks"]
    return TemplateItem(
        id=document["id"],
        name=document["name"],
        icon=document["icon"],
        category=document["category"],
        autonomy=document["role"]["autonomyLevel"],
        interval_minutes=document["heartbeat"]["intervalMinutes"],
        tasks_enabled=sum(task["enabled"] for task in tasks),
        tasks_total=len(tasks),
        scope=file.place.scope,
        pack=file.place.pack,
        description=document["description"],
        tags=tuple(document["tags"]),
        packs=templates.packs.get(document["id"], ()),
        path=str(file.path),
    )


def _task(task: Fields, *, full: bool) -> PreviewTask:
    return PreviewTask(
        id=task["id"],
        name=task["name"],
        description=task["description"],
        category=task["category"],
        frequency_minutes=task["frequencyMinutes"],
        priority=task["priority"],
        enabled=task["enabled"],
        evidence=tuple(task["evidence"]),
        prompt=task["promptTemplate"] if full else "",
    )


def _skill(skill: Fields, here: set[str]) -> PreviewSkill:
    return PreviewSkill(skill["skillId"], skill["reason"], skill["required"], skill["skillId"] in here)


def _holds(document: Fields, search: str) -> bool:
    text = "\n".join((document["id"], document["name"], document["description"], *document["tags"])).casefold()
    return all(word in text for word in search.casefold().split())


def known_category(wanted: str, templates: Templates, more: Iterable[str] = ()) -> str:
    """The category that is meant, whatever its case: a usual one, one of a template, or one more.

    Raises `persona.unknown_category` with a suggestion.
    """
    known: set[str] = {*CATEGORIES, *(file.document["category"] for file in templates.found.values()), *more}
    folded = {name.casefold(): name for name in known}
    if wanted.casefold() in folded:
        return folded[wanted.casefold()]
    hint = did_you_mean(wanted, known, f"there are: {', '.join(sorted(known))}")
    raise NotFound("persona.unknown_category", f"there is no category '{wanted}'", hint=hint, details={"category": wanted})
