"""`pack rollback`: back to a tree that was installed before, from the store, without a network."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from cowork.core.clock import Clock, rfc3339
from cowork.core.errors import Conflict, NotFound
from cowork.core.outcome import Notice
from cowork.core.plan import Step
from cowork.install import commit, lockfile, store
from cowork.install.approval import Request
from cowork.install.approved import approved_before, approved_here
from cowork.install.differences import TreeDiff, diff
from cowork.install.install import Options
from cowork.install.lockfile import Earlier, Locked
from cowork.install.material import Progress
from cowork.install.offline import from_store, is_whole
from cowork.install.placing import entry_of, put
from cowork.install.sources import parse
from cowork.install.staging import staging
from cowork.install.wanted import Wanted


@dataclass(frozen=True)
class RolledBack:
    """A pack that went back; `choices` are the versions and trees it could go back to, the newest first."""

    name: str
    from_version: str
    from_hash: str
    to_version: str
    to_hash: str
    diff: TreeDiff
    choices: tuple[Earlier, ...]
    dry_run: bool
    plan: tuple[Step, ...]


def rollback(
    name: str, to: str | None, options: Options, clock: Clock, progress: Progress
) -> tuple[RolledBack, tuple[Notice, ...]]:
    """Go back to the tree before, or to the version, commit or tree hash `to`.

    Raises `rollback.nothing` and `rollback.not_found` (NotFound), `update.local_edits` (Conflict), `store.*`, and what judging
    raises: rules that were added since hold for old trees too.
    """
    place = options.place
    if not options.dry_run:
        commit.recover(place)
    entry = lockfile.find(lockfile.read(place), name, place)
    target = _target(entry, to)
    refuse_edits(options, entry)
    receipt = store.receipt_of(name, target.tree_hash) or {}
    receipt = receipt if is_whole(receipt) else {}
    wanted = Wanted(parse(entry.source), entry.plugin, (name,), target.tree_hash, verb="pack rollback", dry_run=options.dry_run)
    with staging(None if options.dry_run else place) as work:
        judged = from_store(_complete(receipt, target, entry), wanted, work, progress)
        changed = diff(place.extensions / name, judged.root, entry.capabilities, judged.capabilities)
        fresh = entry_of(judged, entry, rfc3339(clock.now()))
        if not options.dry_run:
            request = Request(name, judged.version, judged.located.origin.canonical, judged.capabilities, judged.scan.warnings)
            approved = (*approved_before(place, entry, judged.located.origin), *approved_here(name, target.tree_hash))
            by = options.approval.decide(request, approved)
            put(place, judged, replace(fresh, approved_by=by), entry, work)
    plan = (
        Step("replace", str(place.extensions / name), f"{entry.version} by {judged.version}"),
        Step("record", str(place.lock)),
    )
    answer = RolledBack(
        name, entry.version, entry.tree_hash, judged.version, judged.tree_hash, changed, entry.history, options.dry_run, plan
    )
    text = f"`cowork pack update` would bring '{name}' forward again; `cowork pack pin {name} --reason ...` keeps it here"
    return answer, (*judged.notices, Notice("rollback.not_pinned", text))


def refuse_edits(options: Options, entry: Locked) -> None:
    """Raises `update.local_edits` when somebody changed the installed files and nobody said to replace them."""
    found = commit.installed_tree(options.place, entry.name)
    if found not in (None, entry.tree_hash) and not options.force:
        raise Conflict(
            "update.local_edits",
            f"the files of '{entry.name}' were changed since it was installed",
            cause=str(options.place.extensions / entry.name),
            hint="--force replaces them and keeps the changed tree in the store; or copy your changes elsewhere first",
            details={"name": entry.name, "expected": entry.tree_hash, "found": found},
        )


def _target(entry: Locked, to: str | None) -> Earlier:
    if not entry.history:
        raise NotFound("rollback.nothing", f"'{entry.name}' was never anything else", hint="there is nothing to go back to")
    if to is None:
        return entry.history[0]
    for item in entry.history:
        if to in (item.version, item.tree_hash) or (len(to) >= 7 and (item.commit or "").startswith(to)):
            return item
    choices = ", ".join(item.version or item.tree_hash[:15] for item in entry.history)
    raise NotFound("rollback.not_found", f"'{entry.name}' was never at {to}", hint=f"it was at: {choices}", details={"to": to})


def _complete(receipt: dict[str, Any], target: Earlier, entry: Locked) -> dict[str, Any]:
    """A receipt, with what it lacks (of a tree that somebody edited, or when it is gone) taken from the entry."""
    basis = {**entry.document(), "name": entry.name, "commit": target.commit, "ref": None}
    return {**basis, **receipt, "tree_hash": target.tree_hash}
