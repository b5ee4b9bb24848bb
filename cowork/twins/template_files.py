"""Where persona templates come from, and which of one id is used.

Weakest first: those that ship, those that active packs bring in `personas/`, the user's (`COWORK_HOME/personas`), the
organization's (`personas/` in its plugin directory and in `$COWORK_ENTERPRISE_CONFIG`). A later one hides an earlier one of its
id. A project has none, also not in its packs: a repository must not decide what `software-engineer` means to who stands in it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from cowork.core.errors import CoworkError
from cowork.core.files import read_json
from cowork.core.outcome import Notice
from cowork.core.paths import data_dir, home
from cowork.formats.mender import Fields
from cowork.formats.persona_mending import mend
from cowork.registry import world
from cowork.registry.components import scope_of
from cowork.registry.roots import organization_dir

MOST_FILES = 200
"""How many templates one directory may hold."""
MOST_BYTES = 1_048_576
"""How large one template may be."""
_STRENGTH = ("builtin", "plugin", "user", "enterprise")


class Place(NamedTuple):
    """A directory with templates; `pack` is empty where it is no pack's."""

    path: Path
    scope: str
    pack: str = ""


class TemplateFile(NamedTuple):
    """A template as its file has it, mended; `notices` are what was mended, `hides` the paths of weaker ones of its id."""

    document: Fields
    notices: tuple[Notice, ...]
    path: Path
    place: Place
    hides: tuple[Path, ...] = ()


class Templates(NamedTuple):
    """Templates by id, in order; what cannot be used, by file name and by id; what there is to say about all of them.

    `packs` are the ones that link a template, by its id.
    """

    found: dict[str, TemplateFile]
    broken: dict[str, CoworkError]
    notices: tuple[Notice, ...]
    packs: dict[str, tuple[str, ...]]


def load() -> Templates:
    """Every template there is now. A file that cannot be used is left out with a notice; nothing is raised for it."""
    everything = world.load()
    found: dict[str, TemplateFile] = {}
    broken: dict[str, CoworkError] = {}
    notices: list[Notice] = []
    for place in sorted(_places(everything), key=lambda item: _STRENGTH.index(item.scope)):
        for path in _files(place, notices):
            document: Any = None
            try:
                document = read_json(path, what="persona template", limit=MOST_BYTES)
                file = TemplateFile(*mend(document, path=path), path, place)
            except FileNotFoundError:
                continue  # it went while we looked
            except CoworkError as error:
                broken |= dict.fromkeys((path.stem, _id_in(document)), error)
                notices.append(Notice(error.code, f"{error.message} (the template is left out)"))
                continue
            _add(file, found, notices)
    return Templates(dict(sorted(found.items())), broken, tuple(notices), _linking(everything))


def _id_in(document: Any) -> str:
    """The id that a template gives itself, though nothing else in it may be right."""
    return str(document.get("id", "")) if isinstance(document, dict) else ""


def _add(file: TemplateFile, found: dict[str, TemplateFile], notices: list[Notice]) -> None:
    name = file.document["id"]
    hidden = found.get(name)
    if hidden:
        text = f"the persona '{name}' of {file.path} hides that of {hidden.path}"
        notices.append(Notice("persona.shadowed", text))
        file = file._replace(hides=(hidden.path, *hidden.hides))
    found[name] = file


def _places(everything: world.World) -> Iterator[Place]:
    yield Place(data_dir("personas"), "builtin")
    for pack in everything.packs:
        if pack.state == "active" and pack.scope != "project":
            yield Place(Path(pack.head["path"]) / "personas", scope_of(pack), pack.name)
    yield Place(home() / "personas", "user")
    yield Place(organization_dir() / "personas", "enterprise")
    enterprise = os.environ.get("COWORK_ENTERPRISE_CONFIG")
    if enterprise:
        yield Place(Path(enterprise).expanduser().absolute() / "personas", "enterprise")


def _files(place: Place, notices: list[Notice]) -> list[Path]:
    """The templates of a directory by name: no hidden files, no links, nothing from below, and not more than MOST_FILES."""
    if place.path.is_symlink():
        return []
    try:
        with os.scandir(place.path) as entries:
            names = sorted(
                entry.name
                for entry in entries
                if entry.name.endswith(".json") and entry.name[0] != "." and entry.is_file(follow_symlinks=False)
            )
    except OSError:
        return []  # a directory that is not there holds no templates
    if len(names) > MOST_FILES:
        text = f"{place.path} holds {len(names)} templates; the first {MOST_FILES} by name are used"
        notices.append(Notice("persona.too_many", text))
    return [place.path / name for name in names[:MOST_FILES]]


def _linking(everything: world.World) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for pack in everything.packs:
        linked = pack.head["persona_template_id"]
        if linked and pack.state == "active":
            found.setdefault(linked, set()).add(pack.name)
    return {template: tuple(sorted(names)) for template, names in found.items()}
