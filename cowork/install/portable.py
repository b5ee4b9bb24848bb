"""`pack export` and `pack import`: what is installed, as a list for another machine, or as a bundle with the content."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cowork.core.clock import Clock, rfc3339
from cowork.core.errors import Conflict, InvalidInput
from cowork.core.files import parse_json, read_json, write_atomic
from cowork.core.outcome import Notice
from cowork.core.plan import Step
from cowork.install import commit, lockfile, store
from cowork.install.approval import Request
from cowork.install.approved import approved_before, receipt
from cowork.install.commit import Change
from cowork.install.contents import Offer
from cowork.install.install import Options
from cowork.install.judging import Judged, examine, judge_located
from cowork.install.local import list_local
from cowork.install.locate import Located, locate
from cowork.install.lockfile import Locked
from cowork.install.material import FileMaterial, Material, Progress, open_source
from cowork.install.pack_names import judge_pack_name
from cowork.install.places import Place
from cowork.install.placing import entry_of
from cowork.install.results import Installation, item_of
from cowork.install.sources import Source, parse
from cowork.install.staging import staging
from cowork.install.store import write_file
from cowork.install.tree import Entry, judge
from cowork.install.wanted import Wanted, permit, via
from cowork.policy import gate
from cowork.policy.actions import Action

LIST_NAME = "cowork-packs.json"


@dataclass(frozen=True)
class Exported:
    """The list in `document`. `path` is the file it was written to, None for the answer alone; `bundle`: with the content."""

    path: str | None
    bundle: bool
    packs: tuple[str, ...]
    count: int
    document: dict[str, Any]
    dry_run: bool
    plan: tuple[Step, ...]


def export(place: Place, output: str | None, *, bundle: bool, dry_run: bool) -> tuple[Exported, tuple[Notice, ...]]:
    """The list of what is installed, or with `bundle` an archive of list and content.

    Raises `verify.changed` (Conflict) when the content of a bundle would not be what the lockfile says, and `file.*`.
    """
    gate.require(Action("pack export"), dry_run=dry_run)
    packs = lockfile.read(place)
    document = json.loads(lockfile.content({name: replace(entry, history=(), unknown={}) for name, entry in packs.items()}))
    local = [name for name, entry in packs.items() if not bundle and parse(entry.origin).kind == "local"]
    notices = tuple(
        Notice("export.local", f"'{name}' came from this machine; only a --bundle carries it to another") for name in local
    )
    if output is not None and not dry_run:
        content = _bundle(place, packs, document) if bundle else json.dumps(document, indent=2, sort_keys=True).encode() + b"\n"
        write_atomic(Path(output).absolute(), content, mode=0o644)
    plan = (Step("write", output or "the answer", f"{len(packs)} packs{' with their content' if bundle else ''}"),)
    return Exported(output, bundle, tuple(packs), len(packs), document, dry_run, plan), notices


def bring(path: Path, options: Options, clock: Clock, progress: Progress) -> tuple[Installation, tuple[Notice, ...]]:
    """Install what a list or a bundle names: exactly those trees, judged and approved anew, all of them or none.

    Raises `import.invalid`, `install.*`, `lock.*`; a pack that is there with another content is a Conflict without `force`.
    """
    place = options.place
    if not options.dry_run:
        commit.recover(place)
    held = lockfile.read(place)
    with staging(None if options.dry_run else place) as work:
        material = None if path.suffix == ".json" else open_source(Source("local", str(path.absolute())), work, progress)
        packs = _list(path, material)
        changes: list[Change] = []
        items, steps = [], []
        notices: list[Notice] = []
        for number, wanted in enumerate(packs.values()):
            before = held.get(wanted.name)
            present = commit.installed_tree(place, wanted.name)
            if before is not None and present == wanted.tree_hash:
                steps.append(Step("keep", wanted.name, wanted.tree_hash))
                items.append(item_of(before, place.scope, str(place.extensions / wanted.name), (), changed=False))
                continue
            _refuse_other(wanted, present, force=options.force)
            judged = _judged(wanted, material, work / str(number), options, progress)
            notices += judged.notices
            fresh = entry_of(judged, before, rfc3339(clock.now()))
            entry = replace(
                fresh, source=wanted.source, origin=wanted.origin, plugin=wanted.plugin, ref=wanted.ref, pinned=wanted.pinned
            )
            if not options.dry_run:
                origin = judged.located.origin.canonical
                request = Request(judged.name, judged.version, origin, judged.capabilities, judged.scan.warnings)
                approved = approved_before(place, before, judged.located.origin)
                entry = replace(entry, approved_by=options.approval.decide(request, approved))
            changes.append(Change(wanted.name, before, entry, judged.root))
            steps += [Step("approve", item.id, wanted.name) for item in judged.capabilities]
            steps.append(Step("install", wanted.name, wanted.tree_hash))
            items.append(item_of(entry, place.scope, str(place.extensions / wanted.name), judged.capabilities, changed=True))
            if not options.dry_run:
                store.keep(judged.root, judged.files, entry.name, entry.tree_hash, receipt(entry))
                commit.preserve_edits(place, entry.name, before, entry.updated_at)
        if changes and not options.dry_run:
            commit.apply(place, changes, work)
    return Installation(tuple(items), len(items), (), options.dry_run, tuple(steps)), tuple(notices)


def _list(path: Path, material: Material | None) -> dict[str, Locked]:
    if material is None:
        try:
            document = read_json(path, what="list of packs")
        except FileNotFoundError:
            raise InvalidInput("import.invalid", f"there is no file {path}", hint="make one with: cowork pack export") from None
        return lockfile.parse(document, str(path))
    found = next(iter(material.contents([LIST_NAME])), None) if any(e.path == LIST_NAME for e in material.entries) else None
    if found is None:
        raise InvalidInput("import.invalid", f"{path} is no bundle of packs", hint="make one with: cowork pack export --bundle")
    return lockfile.parse(parse_json(found[1], path=path / LIST_NAME, what="list of packs"), f"{path}/{LIST_NAME}")


def _judged(entry: Locked, bundle: Material | None, work: Path, options: Options, progress: Progress) -> Judged:
    """The tree of an entry, out of the bundle or from its origin at the recorded commit."""
    work.mkdir()
    origin = parse(entry.origin)
    expected: dict[str, Any] = {"expected_names": (entry.name,), "expected_hash": entry.tree_hash, "verb": "pack import"}
    if bundle is None:
        source = origin._replace(ref=entry.commit) if entry.commit else origin
        wanted = Wanted(source, entry.plugin, dry_run=options.dry_run, **expected)
        return judge_located(locate(wanted, work, progress), work, progress)
    wanted = Wanted(origin, entry.plugin, dry_run=options.dry_run, **expected)
    permit(wanted, Source("local", bundle.url))  # whatever it says of its origin, this is where it comes from
    permit(wanted, origin)
    alike = judge_pack_name(entry.name)
    gate.require(Action("pack import", pack=entry.name, source=entry.origin, via=via(origin)), dry_run=options.dry_run)
    base = f"packs/{entry.name}/"
    inside = {item.path: item for item in bundle.entries if item.path.startswith(base)}
    files = judge(Entry(item.path[len(base) :], item.size, item.kind, item.executable) for item in inside.values())
    root = work / "tree" / entry.name
    for path, content in bundle.contents(inside):
        target = root / path[len(base) :]
        target.parent.mkdir(parents=True, exist_ok=True)
        write_file(target, content, executable=inside[path].executable)
    material = FileMaterial(entry.url, (), lambda _paths: iter(()), commit=entry.commit, ref=entry.ref)
    offer = Offer(entry.name, "pack", entry.path)
    return examine(root, files, Located(material, offer, origin, wanted, alike), progress)


def _refuse_other(wanted: Locked, present: str | None, *, force: bool) -> None:
    if present is not None and not force:
        raise Conflict(
            "install.exists",
            f"there is another '{wanted.name}' already",
            cause=f"its tree is {present}, listed is {wanted.tree_hash}",
            hint="--force replaces it and keeps its content in the store",
            details={"name": wanted.name},
        )


def _bundle(place: Place, packs: dict[str, Locked], document: dict[str, Any]) -> bytes:
    """A tar with gzip that is the same for the same packs: no times, no owners, sorted."""
    unpacked = io.BytesIO()
    with tarfile.open(fileobj=unpacked, mode="w", format=tarfile.PAX_FORMAT) as archive:
        _add(archive, LIST_NAME, json.dumps(document, indent=2, sort_keys=True).encode() + b"\n", 0o644)
        for name, content, mode in _contents(place, packs):
            _add(archive, name, content, mode)
    return gzip.compress(unpacked.getvalue(), mtime=0)


def _contents(place: Place, packs: dict[str, Locked]) -> Iterator[tuple[str, bytes, int]]:
    for entry in packs.values():
        if commit.installed_tree(place, entry.name) != entry.tree_hash:
            raise Conflict(
                "verify.changed",
                f"'{entry.name}' is not as it was installed",
                hint="restore it with: cowork pack install --frozen",
                details={"name": entry.name},
            )
        root = place.extensions / entry.name
        for file in list_local(root):  # no cache, and nothing that a link in one leads to
            mode = 0o755 if file.path in entry.executables else 0o644
            yield f"packs/{entry.name}/{file.path}", (root / file.path).read_bytes(), mode


def _add(archive: tarfile.TarFile, name: str, content: bytes, mode: int) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), mode
    archive.addfile(member, io.BytesIO(content))
