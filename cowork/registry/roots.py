"""Where packs and components are looked for, in the order they register: a later one is stronger."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from cowork.core.paths import data_dir, home, project_dir
from cowork.policy.files import is_set

if TYPE_CHECKING:
    from cowork.formats.scope import Scope


class Root:
    """A directory to look in. Its children are packs, or with `single` it holds components itself."""

    __slots__ = ("path", "scope", "single")

    def __init__(self, path: Path, scope: Scope, *, single: bool = False) -> None:
        self.path = path
        self.scope: Scope = scope
        self.single = single


def roots() -> list[Root]:
    """Every place, weakest first: bundled, plugins, the user's own, the project's, the organization's, the enterprise's.

    Packs come from the first kind of place; single skills, agents and commands from `.claude` directories and from
    `$COWORK_ENTERPRISE_CONFIG`.
    """
    user, project = Path.home() / ".claude", project_dir() / ".claude"
    found = [
        Root(data_dir("packs"), "bundled"),
        Root(user / "plugins", "personal"),
        Root(home() / "extensions", "personal"),
    ]
    if project != user:
        found.append(Root(project / "plugins", "project"))
    installed = project_dir() / ".cowork" / "extensions"
    if installed != home() / "extensions":
        found.append(Root(installed, "project"))
    found.append(Root(user, "personal", single=True))
    if project != user:
        found.append(Root(project, "project", single=True))
    found.append(Root(organization_dir(), "organization"))
    enterprise = os.environ.get("COWORK_ENTERPRISE_CONFIG")
    if enterprise:
        found.append(Root(Path(enterprise).expanduser().absolute(), "organization", single=True))
    return found


def builtin_root() -> Root:
    """The agents and commands that come with the program: weaker than everything else."""
    return Root(data_dir("templates"), "bundled", single=True)


def organization_dir() -> Path:
    """`general.orgPluginDir` of the policies, by default `org-plugins` in the home."""
    if is_set():
        from cowork.policy.store import organization_dir as configured

        return configured() or home() / "org-plugins"
    return home() / "org-plugins"
