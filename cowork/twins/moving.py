"""`twin export` and `twin import`: how twins are set up, for another machine. Secrets and what they did stay here."""

from __future__ import annotations

import dataclasses
import json
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cowork.core.clock import Clock, rfc3339
from cowork.core.errors import Conflict, CoworkError, InvalidInput, NotFound
from cowork.core.files import need_directory, write_atomic
from cowork.core.outcome import Notice
from cowork.core.paths import project_dir
from cowork.core.plan import Step
from cowork.core.text import counted, one_line
from cowork.formats.limits import MAX_MANIFEST_BYTES
from cowork.policy import gate
from cowork.policy.actions import Action
from cowork.twins import addresses as known_addresses
from cowork.twins import directory, values
from cowork.twins.addresses import FROM_ENVIRONMENT, shown
from cowork.twins.store import addresses, roles
from cowork.twins.store.opening import reading, writing
from cowork.twins.twin import Twin, TwinName, TwinTask

if TYPE_CHECKING:
    from cowork.formats.twins_document import TwinEntry

_SAME = (
    "name display_name status template_id template_version template_digest category icon color autonomy interval_minutes "
    "stagger_minutes system_prompt soul provider model workspace quiet_hours timezone"
).split()
_LISTS = ("capabilities", "allow_rules", "deny_rules")
_TASK = "id name description category frequency_minutes priority enabled prompt_template".split()


@dataclass(frozen=True)
class TwinsExported:
    """The twins in `document`. `path` is the file it was written to, in full, None for the answer alone."""

    path: str | None
    items: tuple[TwinName, ...]
    count: int
    document: dict[str, Any]
    dry_run: bool
    plan: tuple[Step, ...]


@dataclass(frozen=True)
class TwinsImported:
    """The twins of a document under the names they have here."""

    path: str
    items: tuple[TwinName, ...]
    count: int
    dry_run: bool
    plan: tuple[Step, ...]


def export(
    names: Sequence[str] | None, output: str | None, *, dry_run: bool, force: bool = False
) -> tuple[TwinsExported, tuple[Notice, ...]]:
    """The document of the twins with these names, or of all. With `force` a file that is there is replaced.

    Raises `twin.not_found`, `twin.ambiguous`, `export.exists`, `file.*`, policy and database errors.
    """
    from cowork.formats import twins_document

    gate.require(Action("twin export", what="all" if names is None else one_line(", ".join(names))), dry_run=dry_run)
    if output is not None:
        _refuse_target(Path(output).absolute(), force=force)
    entries, notices = list[dict[str, Any]](), list[Notice]()
    with reading() as connection:
        if connection is None:
            raise NotFound(
                "twin.not_found", "there is no twin", hint="activate one with: cowork twin activate software-engineer"
            )
        twins = roles.read(connection) if names is None else directory.find_all_in(connection, names)
        for twin in twins:
            told = addresses.of_in(connection, twin.id)
            kept = [(task_id, url) for task_id, url in told if url.startswith(FROM_ENVIRONMENT)]
            entries.append(_portable(twin, kept))
            if len(kept) < len(told):
                left = ", ".join(sorted({shown(url) for _, url in told if not url.startswith(FROM_ENVIRONMENT)}))
                notices.append(Notice("twin.secret_left_out", f"{twin.name}: {left} holds a secret and is left out"))
    document = twins_document.document(entries)
    path = None if output is None else Path(output).absolute()
    if path is not None and not dry_run:
        write_atomic(path, json.dumps(document, indent=2).encode() + b"\n")
    plan = (Step("write", output or "the answer", counted(len(twins), "twin")),)
    where = None if path is None else str(path)
    return TwinsExported(where, _named(twins), len(twins), document, dry_run, plan), tuple(notices)


def _refuse_target(path: Path, *, force: bool) -> None:
    need_directory(path)
    if not force and (path.exists() or path.is_symlink()):
        raise Conflict("export.exists", f"there is a file {path} already", hint="name another file, or add --force")


def bring(
    path: Path, clock: Clock, *, dry_run: bool, trust_addresses: bool = False
) -> tuple[TwinsImported, tuple[Notice, ...]]:
    """Create the twins of a document, all of them or none; one whose name is taken gets the next number.

    Of its addresses only `env:NAME` unless they are trusted.

    Raises `import.*`, `file.*`, policy and database errors.
    """
    from cowork.formats import twins_document

    entries = twins_document.read(path)
    now, notices = clock.now(), dict[Notice, None]()
    twins, told = list[Twin](), list[list[tuple[str, str]]]()
    for number, entry in enumerate(entries, 1):
        try:
            twins.append(_twin(entry, now, notices))
            pairs = [(to.task, known_addresses.checked_of_others(to.url, trust=trust_addresses)) for to in entry.deliver]
            told.append(pairs)
        except CoworkError as error:
            text = f"{path}: twin {number}: {error.message}"
            raise InvalidInput("import.invalid", text, hint=error.hint, details={"path": str(path), "twin": number}) from error
    shortest = min(twin.interval_minutes for twin in twins) * 60
    gate.require(Action("twin import", what=one_line(str(path)), heartbeat_s=shortest), dry_run=dry_run)
    if dry_run:
        stored = roles.numbered(_rebased(twins, roles.names()), roles.names())
    else:
        with writing() as connection:
            stored = roles.add_numbered_in(connection, _rebased(twins, roles.names_in(connection)))
            for twin, pairs in zip(stored, told, strict=True):
                addresses.add_in(connection, twin.id, pairs)
    plan = tuple(
        Step("create", twin.name, f"{twin.status} twin of {twin.template_id} {one_line(twin.template_version, 40)}")
        for twin in stored
    )
    return TwinsImported(str(path.absolute()), _named(stored), len(stored), dry_run, plan), tuple(notices)


def _portable(twin: Twin, told: Sequence[tuple[str, str]]) -> dict[str, Any]:
    return {
        **{field: getattr(twin, field) for field in _SAME},
        **{field: list(getattr(twin, field)) for field in _LISTS},
        "tasks": [{**{field: getattr(task, field) for field in _TASK}, "evidence": list(task.evidence)} for task in twin.tasks],
        "deliver": [{"task": task_id, "url": url} for task_id, url in told],
    }


def _twin(entry: TwinEntry, now: datetime, notices: dict[Notice, None]) -> Twin:
    """The twin of an entry as new, every value checked as if a template said it or somebody had typed it."""
    anchor = rfc3339(now + timedelta(minutes=entry.stagger_minutes))
    ids = [task.id for task in entry.tasks]
    loose = {address.task for address in entry.deliver} - {"", *ids}
    if len(set(ids)) < len(ids) or loose:
        what = "addresses of a task that it does not have" if loose else "a task twice"
        raise InvalidInput("import.invalid", f"it has {what}", hint="mend it, or export anew")
    tasks = tuple(
        TwinTask(**{field: getattr(task, field) for field in _TASK}, evidence=tuple(task.evidence), due_at=anchor)
        for task in entry.tasks
    )
    checked = {
        "display_name": values.display_name(entry.display_name),
        "autonomy": values.autonomy(entry.autonomy),
        "capabilities": tuple(entry.capabilities),
        "interval_minutes": values.interval(entry.interval_minutes),
        "system_prompt": values.system_prompt(entry.system_prompt, longest=MAX_MANIFEST_BYTES),
        "model": values.model(entry.model),
        "allow_rules": values.rules(entry.allow_rules),
        "deny_rules": values.rules(entry.deny_rules),
        "quiet_hours": values.quiet_hours(entry.quiet_hours),
        "timezone": values.timezone(entry.timezone),
        "workspace": _workspace(entry, notices),
        "provider": _provider(entry, notices),
    }
    stamps = {"created_at": rfc3339(now), "updated_at": rfc3339(now), "anchor_at": anchor}
    same = {field: getattr(entry, field) for field in _SAME}
    return Twin(**{**same, **checked, **stamps, "id": str(uuid.uuid4()), "tasks": tasks})


def _workspace(entry: TwinEntry, notices: dict[Notice, None]) -> str:
    """Its directory if it is here, too; else the present project."""
    if entry.workspace:
        try:
            return values.workspace(entry.workspace, Path("/"))
        except InvalidInput:
            what = f"{entry.name}: there is no {one_line(entry.workspace)} here; it looks at {project_dir()}"
            notices[Notice("twin.no_workspace", what)] = None
    return str(project_dir())


def _provider(entry: TwinEntry, notices: dict[Notice, None]) -> str:
    try:
        return values.provider(entry.provider)
    except NotFound:
        what = f"{entry.name}: there is no provider '{one_line(entry.provider, 40)}' here; it asks the usual one"
        notices[Notice("twin.no_provider", what)] = None
        return ""


def _rebased(twins: Sequence[Twin], taken: set[str]) -> list[Twin]:
    """The twins; those whose name is taken without its number, so that they get the next one."""
    used, found = set(taken), []
    for twin in twins:
        name = twin.name
        if name in used and re.fullmatch(rf"twin-{re.escape(twin.template_id)}(-\d+)?", name):
            name = f"twin-{twin.template_id}"
        used.add(name)
        found.append(dataclasses.replace(twin, name=name))
    return found


def _named(twins: Sequence[Twin]) -> tuple[TwinName, ...]:
    return tuple(TwinName(twin.name, twin.display_name, twin.template_id) for twin in twins)
