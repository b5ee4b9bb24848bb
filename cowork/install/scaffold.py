"""`pack scaffold`: a new pack of one's own, written aside and put in place in one step."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cowork.core.errors import Conflict, InvalidInput, NotFound
from cowork.core.files import cannot_write, sync_dir
from cowork.core.outcome import Notice
from cowork.core.paths import data_dir
from cowork.core.plan import Step
from cowork.core.text import did_you_mean, one_line, printable
from cowork.formats.policies import known_as
from cowork.install import commit, lockfile
from cowork.install.pack_names import similar_names
from cowork.install.places import Place, place_of
from cowork.install.scaffold_content import Wanted, files_of
from cowork.install.staging import staging
from cowork.install.store import write_file
from cowork.policy import gate
from cowork.policy.actions import Action
from cowork.registry import world
from cowork.registry.roots import roots

CATEGORIES = (
    *("Engineering", "Sales", "Finance", "HR", "Design", "Data", "Marketing"),
    *("Operations", "Security", "Productivity", "Management", "Product", "Custom"),
)
"""What packs are usually filed under. Others are possible."""
SHORTEST_NAME, LONGEST_NAME = 2, 64
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST = {"display name": 80, "description": 300, "category": 40, "icon": 16, "author": 80}


@dataclass(frozen=True)
class Scaffolded:
    """A new pack. `files` are paths below `path`; `discovered`: cowork looks for packs where it is, so it is on already."""

    name: str
    path: str
    files: tuple[str, ...]
    discovered: bool
    dry_run: bool
    plan: tuple[Step, ...]


def scaffold(
    name: str,
    *,
    display_name: str | None = None,
    description: str | None = None,
    category: str = "Custom",
    icon: str = "📦",
    author: str = "Custom",
    persona: str | None = None,
    examples: bool = True,
    directory: str | None = None,
    dry_run: bool = False,
) -> tuple[Scaffolded, tuple[Notice, ...]]:
    """Create a pack in `directory`, by default where personal packs are.

    Raises `scaffold.bad_name`, `scaffold.bad_text` (InvalidInput), `scaffold.name_taken`, `scaffold.exists` (Conflict),
    `scaffold.no_directory`, `persona.not_found` (NotFound), policy and file errors.
    """
    shown = _text("display name", _title(_judge_name(name)) if display_name is None else display_name)
    about = f"A pack of our own: {shown}" if description is None else description
    filed, notices = _category(_text("category", category))
    wanted = Wanted(
        name=name,
        display_name=shown,
        description=_text("description", about),
        category=filed,
        icon=_text("icon", icon),
        author=_text("author", author),
        persona=_persona(persona),
        examples=examples,
    )
    gate.require(Action("pack scaffold", pack=name, via="created"), dry_run=dry_run)
    _refuse_taken(name)
    place = place_of("user")
    target = (_existing(directory) if directory is not None else place.extensions) / name
    files = files_of(wanted)
    if os.path.lexists(target):
        raise _exists(target)
    if not dry_run:
        _create(place, target, files)
    discovered = any(not root.single and root.path == target.parent for root in roots())
    plan = tuple(Step("create", str(target / path), f"{len(content)} bytes") for path, content in files.items())
    return Scaffolded(name, str(target), tuple(files), discovered, dry_run, plan), (*notices, *similar_names(name))


def _judge_name(name: str) -> str:
    if _NAME.fullmatch(name) and SHORTEST_NAME <= len(name) <= LONGEST_NAME and lockfile.is_name(name):
        return name
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-0123456789")[:LONGEST_NAME].strip("-")
    usable = len(plain) >= SHORTEST_NAME and lockfile.is_name(plain)
    raise InvalidInput(
        "scaffold.bad_name",
        f"'{one_line(name, 80)}' cannot be the name of a pack",
        cause=f"{SHORTEST_NAME} to {LONGEST_NAME} characters: words of a-z and 0-9 with single dashes between them, "
        "a letter first, and no name that a system reserves",
        hint=f"for example: cowork pack scaffold {plain if usable else 'my-pack'}",
        details={"name": printable(name)},
    )


def _title(name: str) -> str:
    return " ".join(word.capitalize() for word in name.split("-"))


def _text(what: str, value: str) -> str:
    """A text for the manifest: one line that shows what it is."""
    limit = _LONGEST[what]
    if not value.strip() or value != one_line(value, limit) or (what == "icon" and " " in value):
        raise InvalidInput(
            "scaffold.bad_text",
            f"'{one_line(value, 60)}' cannot be the {what} of a pack",
            cause=f"1 to {limit} visible characters on one line, with single spaces between them",
            hint=f"write it anew: --{what.replace(' ', '-')}",
            details={"field": what.replace(" ", "_")},
        )
    return value


def _category(wanted: str) -> tuple[str, tuple[Notice, ...]]:
    """The category as it is usually written, and a notice for one that is not usual."""
    usual = next((known for known in CATEGORIES if known.casefold() == wanted.casefold()), None)
    if usual is not None:
        return usual, ()
    hint = did_you_mean(wanted, CATEGORIES, f"usual are: {', '.join(CATEGORIES)}")
    return wanted, (Notice("scaffold.unusual_category", f"'{wanted}' is a category of its own; {hint}"),)


def _persona(wanted: str | None) -> str | None:
    """The id of a persona template that exists."""
    known = sorted(path.stem for path in data_dir("personas").glob("*.json"))
    if wanted is not None and wanted not in known:
        hint = did_you_mean(wanted, known, f"there are: {', '.join(known)}")
        text = f"there is no persona '{one_line(wanted, 60)}'"
        raise NotFound("persona.not_found", text, hint=hint, details={"persona": printable(wanted)})
    return wanted


def _refuse_taken(name: str) -> None:
    """A pack answers to its name, to its directory's, and to either with or without `-pack`; so do policies."""
    for pack in world.load().packs:
        if known_as(name) & known_as(pack.name, pack.directory):
            raise Conflict(
                "scaffold.name_taken",
                f"there is a pack '{one_line(pack.name, 80)}' already",
                cause=f"it is a {pack.scope} pack, and '{name}' would be taken for it",
                hint=f"choose another name, or look at it: cowork pack show {one_line(pack.name, 80)}",
                details={"name": name, "taken": pack.name, "scope": pack.scope},
            )


def _existing(directory: str) -> Path:
    there = bool(directory)  # "" comes from a variable that is not set, and does not mean the working directory
    with contextlib.suppress(OSError):
        there = there and Path(directory).is_dir()
    if not there:
        raise NotFound(
            "scaffold.no_directory",
            f"there is no directory {one_line(directory) or 'without a name'}",
            hint="create it first, or name another with --in",
            details={"directory": printable(directory)},
        )
    return Path(directory).absolute()


def _exists(target: Path) -> Conflict:
    return Conflict(
        "scaffold.exists",
        f"there is something at {one_line(str(target))} already",
        hint="choose another name, or move it away",
        details={"path": printable(str(target))},
    )


def _create(place: Place, target: Path, files: Mapping[str, bytes]) -> None:
    """Write the files aside and rename their directory to `target`. Raises `scaffold.exists` when somebody was faster."""
    commit.recover(place)
    with _aside(place, target) as work:
        root = work / target.name
        try:
            root.mkdir()
            for path, content in files.items():
                write_file(root / path, content, executable=False)
            sync_dir(root)
        except OSError as error:
            raise cannot_write(Path(error.filename or root), error) from error
        with commit.holding(place) if target.parent == place.extensions else contextlib.nullcontext():
            if os.path.lexists(target):
                raise _exists(target)
            try:
                root.rename(target)
                sync_dir(target.parent)
            except OSError as error:
                raise cannot_write(target, error) from error


@contextlib.contextmanager
def _aside(place: Place, target: Path) -> Iterator[Path]:
    """A directory on the file system of `target`: in cowork's own staging, which sweeps itself, or else beside the target."""
    import tempfile

    with staging(place) as work:
        if target.parent == place.extensions or work.stat().st_dev == target.parent.stat().st_dev:
            yield work
            return
    try:
        beside = tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-")
    except OSError as error:
        raise cannot_write(target.parent, error) from error
    with beside as name:
        yield Path(name)
