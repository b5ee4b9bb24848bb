"""`pack outdated` and `pack update`: what the sources offer, and taking it, one pack at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from cowork.core.clock import Clock, rfc3339
from cowork.core.errors import CoworkError, Degraded
from cowork.core.outcome import Notice
from cowork.core.plan import Step
from cowork.install import commit, lockfile
from cowork.install.approval import Request
from cowork.install.approved import approved_before
from cowork.install.differences import TreeDiff, diff
from cowork.install.install import Options
from cowork.install.judging import judge_located
from cowork.install.locate import locate
from cowork.install.lockfile import Locked
from cowork.install.material import Progress
from cowork.install.places import Place
from cowork.install.placing import entry_of, put
from cowork.install.rollback import refuse_edits
from cowork.install.sources import parse
from cowork.install.staging import staging
from cowork.install.upstream import Upstream, look, refuse_moved_tag, refuse_replay
from cowork.install.wanted import Wanted

_AT_ONCE = 8


@dataclass(frozen=True)
class OutdatedPack:
    """`status`: current, outdated, newer_tag (there is a later tag than the installed one), pinned, or failed."""

    name: str
    installed: str
    commit: str | None
    available: str | None
    at: str | None
    status: Literal["current", "outdated", "newer_tag", "pinned", "failed"]
    source: str
    error: str | None
    message: str | None


@dataclass(frozen=True)
class OutdatedList:
    """Packs sorted by name; `outdated` counts those that could be updated."""

    items: tuple[OutdatedPack, ...]
    count: int
    outdated: int


@dataclass(frozen=True)
class UpdatedPack:
    """`status`: updated, current, pinned, or failed with `error` and `message`. `diff` is None where nothing was compared."""

    name: str
    from_version: str
    to_version: str
    from_commit: str | None
    to_commit: str | None
    status: Literal["updated", "current", "pinned", "failed"]
    diff: TreeDiff | None
    error: str | None
    message: str | None


@dataclass(frozen=True)
class Update:
    """Packs sorted by name."""

    items: tuple[UpdatedPack, ...]
    count: int
    dry_run: bool
    plan: tuple[Step, ...]


def outdated(place: Place, names: tuple[str, ...], *, offline: bool) -> OutdatedList:
    """Ask the sources of all installed packs, or of the named ones, several at a time. Failures are in the answer."""
    from concurrent.futures import ThreadPoolExecutor

    packs = lockfile.read(place)
    wanted = [lockfile.find(packs, name, place) for name in names] or list(packs.values())
    with staging(None) as work, ThreadPoolExecutor(_AT_ONCE) as pool:
        items = tuple(pool.map(lambda entry: _looked(entry, work / entry.name, offline=offline), wanted))
    return OutdatedList(items, len(items), sum(item.status in ("outdated", "newer_tag") for item in items))


def update(names: tuple[str, ...], options: Options, clock: Clock, progress: Progress) -> tuple[Update, tuple[Notice, ...]]:
    """Bring installed packs to what their sources offer. A single named pack raises its failure.

    With several, each is updated or left as it is on its own; Degraded `update.partial` carries the answer when some failed.
    """
    if not options.dry_run:
        commit.recover(options.place)
    packs = lockfile.read(options.place)
    wanted = [lockfile.find(packs, name, options.place) for name in names] or list(packs.values())
    notices: list[Notice] = []
    items: list[UpdatedPack] = []
    for entry in sorted(wanted, key=lambda item: item.name):
        try:
            items.append(_update(entry, options, clock, progress, notices))
        except CoworkError as error:
            if len(wanted) == 1:
                raise
            items.append(_item(entry, "failed", error=error.code, message=error.message))
    answer = Update(tuple(items), len(items), options.dry_run, tuple(step for item in items for step in _steps(item)))
    failed = [item for item in items if item.status == "failed"]
    if failed:
        raise Degraded(
            "update.partial",
            f"{len(failed)} of {len(items)} packs could not be updated",
            cause=f"{failed[0].name}: {failed[0].message}",
            hint=f"look closer with: cowork pack update {failed[0].name}",
            data=answer,
        )
    return answer, tuple(notices)


def _update(entry: Locked, options: Options, clock: Clock, progress: Progress, notices: list[Notice]) -> UpdatedPack:
    if entry.pinned is not None:
        return _item(entry, "pinned", message=entry.pinned.reason)
    source, place = parse(entry.source), options.place
    if source.is_commit:
        return _item(entry, "current", message="installed at a commit, which cannot move")
    with staging(None if options.dry_run else place) as work:
        if source.kind in ("github", "git", "catalogue") and entry.plugin is None:
            upstream = look(entry, _made(work / "look"))
            if upstream.state != "outdated":
                return _item(entry, "current", message=_remark(upstream))
        refuse_edits(options, entry)
        wanted = Wanted(source, entry.plugin, (entry.name,), verb="pack update", dry_run=options.dry_run)
        located = locate(wanted, work, progress)
        if located.origin.base == parse(entry.origin).base:
            refuse_moved_tag(entry, located.material.ref, located.material.commit)
        judged = judge_located(located, work, progress)
        notices += judged.notices
        if judged.tree_hash == entry.tree_hash:
            return _item(entry, "current", message=None)
        if source.kind == "catalogue":
            refuse_replay(entry, judged.version, judged.tree_hash)
        changed = diff(place.extensions / entry.name, judged.root, entry.capabilities, judged.capabilities)
        if not options.dry_run:
            request = Request(
                entry.name, judged.version, judged.located.origin.canonical, judged.capabilities, judged.scan.warnings
            )
            by = options.approval.decide(request, approved_before(place, entry, located.origin))
            put(place, judged, replace(entry_of(judged, entry, rfc3339(clock.now())), approved_by=by), entry, work)
    return _item(entry, "updated", to_version=judged.version, to_commit=located.material.commit, diff=changed)


def _looked(entry: Locked, work: Path, *, offline: bool) -> OutdatedPack:
    def item(status: Any, available: str | None = None, at: str | None = None, **more: str | None) -> OutdatedPack:
        error, message = more.get("error"), more.get("message")
        return OutdatedPack(entry.name, entry.version, entry.commit, available, at, status, entry.source, error, message)

    if entry.pinned is not None:
        return item("pinned", message=entry.pinned.reason)
    try:
        found = look(entry, _made(work), offline=offline)
    except CoworkError as error:
        return item("failed", error=error.code, message=error.message)
    return item(found.state, found.version, found.at)


def _remark(upstream: Upstream) -> str | None:
    return f"there is a later tag: {upstream.at}" if upstream.state == "newer_tag" else None


def _item(
    entry: Locked, status: Any, *, to_version: str | None = None, to_commit: str | None = None, **more: Any
) -> UpdatedPack:
    return UpdatedPack(
        name=entry.name,
        from_version=entry.version,
        to_version=entry.version if to_version is None else to_version,
        from_commit=entry.commit,
        to_commit=entry.commit if to_commit is None else to_commit,
        status=status,
        diff=more.get("diff"),
        error=more.get("error"),
        message=more.get("message"),
    )


def _steps(item: UpdatedPack) -> list[Step]:
    if item.status != "updated" or item.diff is None:
        return [Step("keep", item.name, item.message or item.status)]
    changes = f"{len(item.diff.added)} files added, {len(item.diff.changed)} changed, {len(item.diff.removed)} removed"
    return [
        Step("replace", item.name, f"{item.from_version} by {item.to_version}: {changes}"),
        *(Step("approve", name, "new") for name in item.diff.capabilities_added),
    ]


def _made(path: Path) -> Path:
    path.mkdir()
    return path
