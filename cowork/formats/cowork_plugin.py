"""`cowork.plugin.json`: the pack manifest.

Two readers of one format. `project` turns a manifest that is known to be good (bundled packs, checked by our tests) into
a Pack without pydantic, which costs more than the start-up budget of a listing. `validate` checks everything and explains.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cowork.core.errors import InvalidInput
from cowork.formats.pack import AgentRole, Pack, Parameter, Scope, Skill, SlashCommand

FILE_NAME = "cowork.plugin.json"


def project(manifest: Mapping[str, Any], *, scope: Scope, directory: Path) -> Pack:
    """The Pack in a valid manifest. A manifest that is not valid raises KeyError, TypeError or AttributeError."""
    icon = manifest.get("icon") or "📦"
    category = manifest.get("category") or "Custom"
    return Pack(
        name=manifest["name"],
        display_name=manifest["displayName"],
        version=manifest["version"],
        description=manifest["description"],
        author=manifest.get("author") or "",
        icon=icon,
        category=category,
        keywords=tuple(manifest.get("keywords", ())),
        scope=scope,
        path=str(directory),
        persona_template_id=manifest.get("personaTemplateId"),
        recommended_connectors=tuple(manifest.get("recommendedConnectors", ())),
        try_asking=tuple(manifest.get("tryAsking", ())),
        skills=tuple(_skill(item, category) for item in manifest.get("skills", ())),
        agent_roles=tuple(_role(item) for item in manifest.get("agentRoles", ())),
        slash_commands=tuple(
            SlashCommand(item["name"], item["description"], item["skillId"]) for item in manifest.get("slashCommands", ())
        ),
        connectors=tuple(dict(item) for item in manifest.get("connectors", ())),
    )


def _skill(item: Mapping[str, Any], category: str) -> Skill:
    return Skill(
        id=item["id"],
        name=item["name"],
        description=item["description"],
        icon=item.get("icon") or "⚡",
        category=item.get("category") or category,
        prompt=item["prompt"],
        parameters=tuple(
            Parameter(
                name=parameter["name"],
                type=parameter["type"],
                description=parameter.get("description", ""),
                required=parameter.get("required", False),
                default=parameter.get("default"),
                options=tuple(parameter.get("options", ())),
            )
            for parameter in item.get("parameters", ())
        ),
        enabled=item.get("enabled", True),
    )


def _role(item: Mapping[str, Any]) -> AgentRole:
    return AgentRole(
        name=item["name"],
        display_name=item["displayName"],
        description=item.get("description", ""),
        icon=item["icon"],
        color=item["color"],
        capabilities=tuple(item.get("capabilities", ())),
        system_prompt=item.get("systemPrompt", ""),
    )


def validate(manifest: Any, *, path: Path) -> list[str]:
    """Check a manifest against the whole schema; returns the JSON paths of unknown keys, which are kept.

    Raises `pack.manifest_invalid` naming the file, the JSON path and the rule of the first problem; all of them are in
    `details.problems`.
    """
    from pydantic import ValidationError

    from cowork.formats.cowork_plugin_schema import Manifest, unknown_keys

    try:
        model = Manifest.model_validate(manifest)
    except ValidationError as error:
        problems = [
            {"path": ".".join(str(part) for part in item["loc"]) or "$", "rule": item["msg"]} for item in error.errors()
        ]
        first = problems[0]
        raise InvalidInput(
            "pack.manifest_invalid",
            f"{path}: {first['path']}: {first['rule']}",
            cause=f"{len(problems)} problem(s) in the manifest",
            hint="mend the field named above",
            details={"path": str(path), "problems": problems},
        ) from None
    return unknown_keys(model)
