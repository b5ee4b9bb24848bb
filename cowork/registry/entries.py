"""What the index keeps of a pack: a head for lists, a body with what is inside, and the files both depend on.

Entries are plain JSON values. They are built once, with every check, and read back without any.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from cowork import __version__
from cowork.core.errors import CoworkError, InvalidInput
from cowork.core.files import read_json
from cowork.formats.cowork_plugin import FILE_NAME, ManifestView, validate
from cowork.registry.stamps import Stamp, stamp

if TYPE_CHECKING:
    from cowork.formats.scope import Scope
    from cowork.registry.roots import Root


class Head(TypedDict):
    """What a list of packs needs. `problem` is set when the pack cannot be used, and then little else is."""

    path: str
    kind: str
    stamps: list[Stamp]
    name: str
    display_name: str
    version: str
    description: str
    category: str
    icon: str
    persona_template_id: str | None
    skills: int
    warnings: list[str]
    problem: dict[str, Any] | None


class SkillHead(TypedDict):
    """A skill as lists show it. `file` is where its text is: the manifest, or its own SKILL.md.

    `alias` is a second name it answers to, the one in its file; `for_users` and `for_models` say who may invoke it.
    """

    id: str
    name: str
    description: str
    icon: str
    category: str
    enabled: bool
    required: list[str]
    file: str
    alias: str
    for_users: bool
    for_models: bool
    warnings: list[str]


class ComponentHead(TypedDict):
    """An agent or a command of a plugin or a `.claude` directory."""

    name: str
    description: str
    file: str
    warnings: list[str]


class Body(TypedDict):
    """What is inside a pack."""

    author: str
    keywords: list[str]
    recommended_connectors: list[str]
    skills: list[SkillHead]
    slash_commands: list[dict[str, str]]
    agent_roles: list[dict[str, Any]]
    agents: list[ComponentHead]
    commands: list[ComponentHead]
    connectors: list[dict[str, Any]]
    mcp_servers: list[str]
    hooks: bool
    try_asking: list[str]


Entry = tuple[Head, Body]


def empty_body() -> Body:
    """A body with nothing in it."""
    return Body(
        author="",
        keywords=[],
        recommended_connectors=[],
        skills=[],
        slash_commands=[],
        agent_roles=[],
        agents=[],
        commands=[],
        connectors=[],
        mcp_servers=[],
        hooks=False,
        try_asking=[],
    )


def build(directory: Path, root: Root) -> Entry:
    """The entry of a directory. A bad pack has its problem in the head; a directory that is no pack is of kind `none`."""
    manifest = directory / FILE_NAME
    stamps = [stamp(str(manifest))]
    try:
        if manifest.is_file() and not root.single:
            view, warnings = read_manifest(manifest, root.scope)
            if view.document.get("type") != "pack":  # a channel, a tool: valid, and none of ours
                return none_of_ours(directory, stamps)
            _check_platform(view, manifest)
            return entry_of(view, manifest, stamps, [*warnings, *_wants_newer(view, manifest)])
        from cowork.registry import plugin_entries

        return plugin_entries.build(directory, single=root.single)
    except CoworkError as error:
        return broken(directory, stamps, error)


def none_of_ours(directory: Path, stamps: list[Stamp]) -> Entry:
    """The entry of a directory that is no pack: kept only to know that it need not be looked at again."""
    head, body = broken(directory, stamps, CoworkError("pack.none", "no pack"))
    head["kind"], head["problem"] = "none", None
    return head, body


def broken(directory: Path, stamps: list[Stamp], error: CoworkError) -> Entry:
    """The entry of a pack that cannot be used: its name is its directory's, and its head says what is wrong."""
    head = Head(
        path=str(directory),
        kind="invalid",
        stamps=stamps,
        name=directory.name,
        display_name=directory.name,
        version="",
        description="",
        category="",
        icon="",
        persona_template_id=None,
        skills=0,
        warnings=[],
        problem={"code": error.code, "message": error.message, "hint": error.hint},
    )
    return head, empty_body()


def entry_of(view: ManifestView, manifest: Path, stamps: list[Stamp], warnings: list[str]) -> Entry:
    """The entry of a valid manifest; what its skill directories depend on is added to `stamps`."""
    skills = [skill_head(view, skill, str(manifest)) for skill in view.skills()]
    if view.document.get("skillDirectories"):
        from cowork.registry.skill_directories import directory_skills

        more, notes = directory_skills(view, stamps)
        skills += more
        warnings += notes
    document, fields = view.document, view.head()
    head = Head(
        path=str(manifest.parent),
        kind="cowork",
        stamps=stamps,
        persona_template_id=document.get("personaTemplateId"),
        skills=len(skills),
        warnings=warnings,
        problem=None,
        name=fields["name"],
        display_name=fields["display_name"],
        version=fields["version"],
        description=fields["description"],
        category=fields["category"],
        icon=fields["icon"],
    )
    body = Body(
        author=document.get("author") or "",
        keywords=list(document.get("keywords", ())),
        recommended_connectors=list(document.get("recommendedConnectors", ())),
        skills=skills,
        slash_commands=[
            {"name": item["name"], "description": item.get("description", ""), "skill_id": item["skillId"]}
            for item in document.get("slashCommands", ())
        ],
        agent_roles=[dict(role) for role in document.get("agentRoles", ())],
        agents=[],
        commands=[],
        connectors=[
            {"name": item["name"], "type": item["type"], "env": env_names(item)} for item in document.get("connectors", ())
        ],
        mcp_servers=[],
        hooks=False,
        try_asking=list(document.get("tryAsking", ())),
    )
    return head, body


def _check_platform(view: ManifestView, manifest: Path) -> None:
    systems = (view.document.get("platform") or {}).get("os")
    if systems and sys.platform not in systems:
        raise InvalidInput(
            "pack.wrong_platform",
            f"{manifest}: the pack is for {', '.join(systems)}, not for {sys.platform}",
            hint="ask its author, or use it there",
        )


def _wants_newer(view: ManifestView, manifest: Path) -> list[str]:
    """A warning when a pack asks for a newer cowork. It may well work, so it is not left out."""
    wanted = view.document.get("coworkVersion")
    held = [int(part) for part in __version__.split(".")]
    asked = [int(part) for part in re.findall(r"\d+", str(wanted).partition("-")[0])[:3]] if wanted else []
    return [f"{manifest}: the pack asks for cowork {wanted} or newer, this is {__version__}"] if asked > held else []


def read_manifest(manifest: Path, scope: Scope, *, checked: bool = False) -> tuple[ManifestView, list[str]]:
    """A manifest and the warnings it gives. Raises `file.*` and `pack.manifest_invalid`.

    What we ship is validated by our tests; everything else is validated here, before anything is read from it, unless the
    index has `checked` this very file.
    """
    document = read_json(manifest, what="pack manifest")
    warnings: list[str] = []
    if scope != "bundled" and not checked:
        unknown = validate(document, path=manifest)
        warnings = [f"{manifest}: unknown key '{key}' is kept and has no effect" for key in unknown]
    try:
        view = ManifestView(document, scope=scope, directory=manifest.parent)
        view.head()
    except (KeyError, TypeError, AttributeError) as error:
        validate(document, path=manifest)  # raises with the field and the rule
        raise CoworkError("pack.unreadable", f"cannot read pack {manifest}", cause=str(error)) from error
    return view, warnings


def env_names(connector: Mapping[str, Any]) -> list[str]:
    """The environment variables a connector declares: those it lists as `env` or writes as `{{env.NAME}}`; sorted."""
    import json

    return sorted({*connector.get("env", ()), *re.findall(r"\{\{env\.(\w+)\}\}", json.dumps(connector))})


def skill_head(view: ManifestView, skill: Mapping[str, Any], file: str) -> SkillHead:
    """A skill of a manifest, as the index keeps it."""
    required = [item["name"] for item in skill.get("parameters", ()) if item.get("required")]
    fields = view.skill_head(skill)
    return SkillHead(
        id=fields["id"],
        name=fields["name"],
        description=fields["description"],
        icon=fields["icon"],
        category=fields["category"],
        enabled=fields["enabled"],
        required=required,
        file=file,
        alias="",
        for_users=True,
        for_models=True,
        warnings=[],
    )
