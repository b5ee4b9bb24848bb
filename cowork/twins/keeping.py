"""`twin backup` and `twin restore`: copies of everything that twins are, did and know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cowork.core.clock import Clock, millis
from cowork.core.files import need_directory
from cowork.core.paths import home
from cowork.core.plan import Step
from cowork.core.text import one_line
from cowork.policy import gate
from cowork.policy.actions import Action
from cowork.twins.store import copies
from cowork.twins.store.opening import database_path, reading


@dataclass(frozen=True)
class BackedUp:
    """The copy at `path`, of schema `version`, and what is in it."""

    path: str
    version: int
    twins: int
    tasks: int
    results: int
    dry_run: bool
    plan: tuple[Step, ...]


@dataclass(frozen=True)
class Restored:
    """The copy that was put back, and what is in it. `kept` is the copy of what was there before."""

    path: str
    kept: str | None
    version: int
    twins: int
    tasks: int
    results: int
    dry_run: bool
    plan: tuple[Step, ...]


def backup(target: str | None, clock: Clock, *, dry_run: bool, force: bool = False) -> BackedUp:
    """Copy the database, by default to a file named by the time. With `force` a file that is there is replaced.

    Raises `backup.*`, `file.no_directory`, policy and database errors.
    """
    path = Path(target).absolute() if target is not None else _unused("cowork", clock.now())
    gate.require(Action("twin backup", what=one_line(str(path))), dry_run=dry_run)
    if target is not None:
        need_directory(path)
        copies.refuse_target(path, force=force)
    held = _held() if dry_run else copies.backup(path, force=force)
    step = Step("write", str(path), copies.told(held))
    return BackedUp(str(path), held.version, held.twins, held.tasks, held.results, dry_run, (step,))


def restore(source: str, clock: Clock, *, force: bool, dry_run: bool) -> Restored:
    """Put a copy in the place of the database, which is kept as a copy. Raises as `copies.restore`, and policy errors."""
    path, now = Path(source).absolute(), clock.now()
    gate.require(Action("twin restore", what=one_line(str(path)), removes=True), dry_run=dry_run)
    held = copies.examine(path)
    kept: Path | None = _unused("replaced", now) if database_path().exists() else None
    if not dry_run:
        kept = copies.restore(path, kept or _unused("replaced", now), millis(now), force=force)
    plan = [Step("keep", str(kept), "a copy of what is there now")] if kept is not None else []
    plan.append(Step("restore", str(path), copies.told(held)))
    where = None if kept is None else str(kept)
    return Restored(str(path), where, held.version, held.twins, held.tasks, held.results, dry_run, tuple(plan))


def _held() -> copies.Contents:
    from cowork.twins.store import opening

    with reading() as connection:
        if connection is None:
            raise copies.nothing()
        return copies.contents(connection, opening.version(connection, database_path()))


def _unused(what: str, now: datetime) -> Path:
    """A file in the directory of copies that is not there yet."""
    name, number = f"{what}-{now:%Y%m%d-%H%M%S}", 1
    while (path := home() / "backups" / f"{name}{'' if number == 1 else f'-{number}'}.db").exists():
        number += 1
    return path
