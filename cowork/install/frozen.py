"""`pack install --frozen`: what the lockfile says, exactly, or nothing at all."""

from __future__ import annotations

from pathlib import Path

from cowork.core.clock import Clock, rfc3339
from cowork.core.errors import Conflict, InvalidInput, NotFound
from cowork.core.outcome import Notice
from cowork.core.plan import Step
from cowork.install import commit, lockfile, store
from cowork.install.approval import Request
from cowork.install.approved import approved_before, receipt
from cowork.install.commit import Change
from cowork.install.install import Options
from cowork.install.judging import Judged, judge_located
from cowork.install.local import list_local
from cowork.install.locate import locate
from cowork.install.lockfile import Locked
from cowork.install.material import Progress
from cowork.install.offline import from_store
from cowork.install.results import Installation, item_of
from cowork.install.sources import parse
from cowork.install.staging import staging
from cowork.install.wanted import Wanted


def restore(
    options: Options, clock: Clock, progress: Progress, *, offline: bool = False
) -> tuple[Installation, tuple[Notice, ...]]:
    """Bring every pack of the lockfile to the tree that it names, in one step; the lockfile stays as it is.

    Approvals are those that the user's lockfile records; for a project's, those that were given on this machine. Raises
    `frozen.*`, and whatever keeps one pack from being restored; then none is.
    """
    place = options.place
    if not options.dry_run:
        commit.recover(place)
    packs = lockfile.read(place)
    if not packs:
        hint = "install something first, or commit cowork.lock with the project"
        raise NotFound("frozen.no_lockfile", f"there is nothing in {place.lock}", hint=hint)
    with staging(None if options.dry_run else place) as work:
        changes: list[Change] = []
        notices: list[Notice] = []
        items, steps = [], []
        for number, entry in enumerate(packs.values()):
            present = commit.installed_tree(place, entry.name) == entry.tree_hash
            judged = None if present else _bring(entry, work / str(number), options, progress, offline=offline)
            if judged is not None:
                _as_locked(entry, judged)
                _approved(entry, judged, options)
                notices += judged.notices
                changes.append(Change(entry.name, entry, entry, judged.root))
            steps.append(Step("keep" if present else "restore", entry.name, entry.tree_hash))
            capabilities = judged.capabilities if judged else ()
            path = str(place.extensions / entry.name)
            items.append(item_of(entry, place.scope, path, capabilities, changed=not present))
        if changes and not options.dry_run:
            for change in changes:
                assert change.root is not None
                _keep(place_entry=packs[change.name], root=change.root)
                commit.preserve_edits(place, change.name, packs[change.name], rfc3339(clock.now()))
            commit.apply(place, changes, work)
    return Installation(tuple(items), len(items), (), options.dry_run, tuple(steps)), tuple(notices)


def _bring(entry: Locked, work: Path, options: Options, progress: Progress, *, offline: bool) -> Judged:
    """The tree of an entry, from the store when it is there, else from its origin at the recorded commit."""
    work.mkdir()
    origin = parse(entry.origin)
    wanted = Wanted(
        parse(entry.source),
        entry.plugin,
        expected_names=(entry.name,),
        expected_hash=entry.tree_hash,
        dry_run=options.dry_run,
        offline=offline,
    )
    receipt = store.receipt_of(entry.name, entry.tree_hash)
    if store.path_of(entry.name, entry.tree_hash).is_dir() and receipt is not None and not receipt.get("edited"):
        return from_store({**entry.document(), "name": entry.name}, wanted, work, progress)
    if offline and origin.kind != "local":
        raise NotFound("store.missing", f"the store does not hold {entry.name} {entry.version}", hint="leave --offline out")
    if entry.commit is not None:
        origin = origin._replace(ref=entry.commit)
    wanted = wanted._replace(source=origin, offline=False)
    return judge_located(locate(wanted, work, progress), work, progress)


def _approved(entry: Locked, judged: Judged, options: Options) -> None:
    """Ask about what nobody here approved. Raises what `Approval.decide` raises."""
    if not options.dry_run:
        origin = judged.located.origin
        request = Request(entry.name, judged.version, origin.canonical, judged.capabilities, judged.scan.warnings)
        options.approval.decide(request, approved_before(options.place, entry, origin))


def _as_locked(entry: Locked, judged: Judged) -> None:
    """Hold the tree to everything the entry records beyond its hash."""
    if judged.executables != entry.executables:
        raise InvalidInput(
            "frozen.executables",
            f"other files of '{entry.name}' may be executed than the lockfile says",
            cause=f"{', '.join(judged.executables) or 'none'} instead of {', '.join(entry.executables) or 'none'}",
            hint="install it anew and look at what changed",
        )
    more = sorted({item.id for item in judged.capabilities} - set(entry.capabilities))
    if more:
        raise Conflict(
            "frozen.capabilities",
            f"'{entry.name}' can do what the lockfile does not record: {', '.join(more)}",
            hint="install it anew and approve what it can do",
        )


def _keep(*, place_entry: Locked, root: Path) -> None:
    store.keep(root, list_local(root), place_entry.name, place_entry.tree_hash, receipt(place_entry))
