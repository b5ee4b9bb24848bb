"""`cowork.plugin.json`: the pack manifest.

Two readers of one format. `ManifestView` reads a manifest that is known to be good (bundled packs, checked by our tests)
without pydantic, which costs more than the start-up budget of a listing. `validate` checks everything and explains; most
manifests are fine, and for those it needs no pydantic either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cowork.core.errors import InvalidInput
from cowork.formats.parameter import Parameter

if TYPE_CHECKING:
    from cowork.formats.problem import Problem
    from cowork.formats.scope import Scope

FILE_NAME = "cowork.plugin.json"


class ManifestView:
    """A manifest read field by field, with the defaults the format gives. Nothing is checked and nothing is built."""

    __slots__ = ("directory", "document", "scope")

    def __init__(self, document: Mapping[str, Any], *, scope: Scope, directory: Path) -> None:
        self.document = document
        self.scope: Scope = scope
        self.directory = directory

    def head(self) -> dict[str, Any]:
        """What every list of packs shows, by field name."""
        manifest = self.document
        return {
            "name": manifest["name"],
            "display_name": manifest["displayName"],
            "version": manifest["version"],
            "description": manifest["description"],
            "category": manifest.get("category") or "Custom",
            "icon": manifest.get("icon") or "📦",
        }

    def skills(self) -> Sequence[Mapping[str, Any]]:
        """The skills as they stand in the file."""
        found: Sequence[Mapping[str, Any]] = self.document.get("skills", ())
        return found

    def skill_head(self, skill: Mapping[str, Any]) -> dict[str, Any]:
        """What every list of skills shows, by field name."""
        return {
            "id": skill["id"],
            "name": skill["name"],
            "description": skill["description"],
            "icon": skill.get("icon") or "⚡",
            "category": skill.get("category") or self.document.get("category") or "Custom",
            "enabled": skill.get("enabled", True),
        }

    def parameters(self, skill: Mapping[str, Any]) -> tuple[Parameter, ...]:
        """A skill's parameters."""
        return tuple(
            Parameter(
                name=item["name"],
                type=item["type"],
                description=item.get("description", ""),
                required=item.get("required", False),
                default=item.get("default"),
                options=tuple(item.get("options", ())),
            )
            for item in skill.get("parameters", ())
        )


def problems(manifest: Any, path: Path) -> list[Problem]:
    """Everything that is wrong with a parsed manifest: errors, and warnings about what has no effect. Raises nothing."""
    from cowork.formats.cowork_plugin_rules import manifest_problems

    return manifest_problems(manifest, str(path))


def validate(manifest: Any, *, path: Path) -> list[str]:
    """Check a manifest against every rule; returns the JSON paths of unknown keys, which are kept.

    Raises `pack.manifest_invalid` naming the file, the JSON path and the rule of the first error; everything found is in
    `details.problems`.
    """
    from cowork.formats.cowork_plugin_quick import quickly_valid

    unknown = quickly_valid(manifest)
    if unknown is not None:
        return unknown
    found = problems(manifest, path)
    errors = [problem for problem in found if problem.severity == "error"]
    if errors:
        first = errors[0]
        raise InvalidInput(
            "pack.manifest_invalid",
            f"{path}: {first.where}: {first.message}",
            cause=f"{len(errors)} problem(s) in the manifest",
            hint=first.fix,
            details={"path": str(path), "problems": [problem.as_dict() for problem in found]},
        )
    return [problem.where.removeprefix("$").removeprefix(".") for problem in found if problem.rule == "manifest.unknown_key"]
