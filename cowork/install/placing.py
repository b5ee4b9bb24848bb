"""The second half of an installation: what was located is judged, approved, and put in place with its lock entry."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from cowork.core.clock import Clock, rfc3339
from cowork.core.errors import Conflict
from cowork.core.outcome import Notice
from cowork.core.plan import Step
from cowork.install import commit, lockfile, store
from cowork.install.approval import Request
from cowork.install.approved import approved_before, receipt
from cowork.install.commit import Change
from cowork.install.git import Pending
from cowork.install.install import Options
from cowork.install.judging import Judged, judge_located
from cowork.install.locate import Located, locate
from cowork.install.lockfile import Earlier, Locked
from cowork.install.material import Progress
from cowork.install.places import Place
from cowork.install.results import Installation, item_of
from cowork.install.sources import parse
from cowork.install.wanted import Wanted

MOST_HISTORY = 20


def bring(
    wanted: Wanted, pending: Pending | None, options: Options, clock: Clock, progress: Progress, work: Path
) -> tuple[Installation, tuple[Notice, ...]]:
    """Judge what is wanted in the staging directory `work` and put it in place. Raises the errors of every step."""
    place = options.place
    before = lockfile.read(place)
    judged = _judged(wanted, pending, work, progress)
    held = before.get(judged.name)
    entry = entry_of(judged, held, rfc3339(clock.now()))
    standing = _standing(place, judged, held, force=options.force)
    plan = tuple(plan_of(judged, held, place, unchanged=standing))
    if standing and held is not None:
        return _answer(held, judged, options, plan, changed=False), judged.notices
    if options.dry_run:
        return _answer(replace(entry, approved_by=""), judged, options, plan, changed=True), judged.notices
    request = request_of(judged)
    approved = approved_before(place, held, judged.located.origin)
    entry = replace(entry, approved_by=options.approval.decide(request, approved))
    progress("install.committing", {"name": judged.name})
    put(place, judged, entry, held, work)
    return _answer(entry, judged, options, plan, changed=True), judged.notices


def request_of(judged: Judged) -> Request:
    """What a person is asked about a judged pack."""
    origin = judged.located.origin.canonical
    return Request(judged.name, judged.version, origin, judged.capabilities, judged.scan.warnings)


def _judged(wanted: Wanted, pending: Pending | None, work: Path, progress: Progress) -> Judged:
    if wanted.offline:
        from cowork.install.offline import stored

        return stored(wanted, work, progress)
    return judge_located(locate(wanted, work, progress, pending), work, progress)


def put(place: Place, judged: Judged, entry: Locked, held: Locked | None, work: Path) -> None:
    """Keep the tree in the store and put it in place with its entry. What stood there is kept in the store too."""
    store.keep(judged.root, judged.files, judged.name, judged.tree_hash, receipt(entry))
    commit.preserve_edits(place, judged.name, held, entry.updated_at)
    commit.apply(place, [Change(judged.name, held, entry, judged.root)], work)


def entry_of(judged: Judged, held: Locked | None, now: str) -> Locked:
    """The lock entry of a judged pack; what stood before goes into its history."""
    located = judged.located
    history: tuple[Earlier, ...] = ()
    if held is not None:
        earlier = Earlier(held.version, held.tree_hash, held.commit, held.updated_at)
        kept = [item for item in held.history if item.tree_hash not in (held.tree_hash, judged.tree_hash)]
        history = (*([earlier] if held.tree_hash != judged.tree_hash else []), *kept)[:MOST_HISTORY]
    return Locked(
        name=judged.name,
        version=judged.version,
        kind=judged.kind,
        source=located.wanted.source.canonical,
        origin=located.origin.canonical,
        url=_recorded(located),
        plugin=located.wanted.plugin,
        path=located.offer.path,
        ref=located.material.ref,
        commit=located.material.commit,
        tree_hash=judged.tree_hash,
        files=len(judged.files),
        bytes=sum(file.size for file in judged.files),
        executables=judged.executables,
        capabilities=tuple(item.id for item in judged.capabilities),
        approved_by="",
        scan=judged.scan_summary,
        installed_at=held.installed_at if held else now,
        updated_at=now,
        pinned=held.pinned if held else None,
        history=history,
        unknown=held.unknown if held else {},
    )


def _recorded(located: Located) -> str:
    """Where it came from in the end. What a redirect added as a query is a key that lasts for minutes, and stays out."""
    url = located.material.url
    return url if url == located.origin.url else url.partition("?")[0]


def plan_of(judged: Judged, held: Locked | None, place: Place, *, unchanged: bool) -> list[Step]:
    """What the real run does, step by step."""
    located = judged.located
    what = f"{judged.name} {judged.version}".strip()
    if unchanged:
        return [Step("keep", what, "exactly this is installed")]
    at = located.material.commit or judged.tree_hash
    steps = [Step("fetch", located.origin.canonical, at)]
    steps += [Step("approve", item.id, "; ".join(item.details[:4])) for item in judged.capabilities]
    verb = "replace" if held or (place.extensions / judged.name).exists() else "install"
    steps.append(Step(verb, str(place.extensions / judged.name), f"{what}, {len(judged.files)} files"))
    steps.append(Step("record", str(place.lock), judged.tree_hash))
    return steps


def _standing(place: Place, judged: Judged, held: Locked | None, *, force: bool) -> bool:
    """Whether exactly this is there already.

    Raises Conflict when something else is that nobody said to replace: a pack from elsewhere, files that were changed here, or
    the same source with newer content, which is for `update`. Naming another ref of the same source says it.
    """
    found, path = commit.installed_tree(place, judged.name), place.extensions / judged.name
    if found is None and (force or not os.path.lexists(path)):  # a link or a file of that name is somebody's, too
        return False
    wanted = judged.located.wanted
    asked = wanted.source.canonical
    if (
        held is not None
        and (held.source, held.plugin) == (asked, wanted.plugin)
        and found == judged.tree_hash == held.tree_hash
    ):
        return True
    other_ref = held is not None and held.source != asked and parse(held.source).base == wanted.source.base
    if force or (held is not None and other_ref and found == held.tree_hash):
        return False
    if held is None:
        raise Conflict(
            "install.exists",
            f"there is a pack '{judged.name}' already that was not installed from anywhere",
            cause=str(path),
            hint="--force replaces it and keeps its content in the store",
            details={"name": judged.name, "path": str(path)},
        )
    raise Conflict(
        "install.exists",
        f"'{judged.name}' {held.version} is installed already",
        cause=f"from {held.source}" + (", with local edits" if found != held.tree_hash else ""),
        hint=f"cowork pack update {judged.name}, or --force to replace it",
        details={"name": judged.name, "source": held.source, "version": held.version, "edited": found != held.tree_hash},
    )


def _answer(entry: Locked, judged: Judged, options: Options, plan: tuple[Step, ...], *, changed: bool) -> Installation:
    path = str(options.place.extensions / entry.name)
    item = item_of(entry, options.place.scope, path, judged.capabilities, changed=changed)
    return Installation((item,), 1, (), options.dry_run, plan)
