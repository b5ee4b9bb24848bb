"""Installing from the store, for when there is no network: what was installed before from the same source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cowork.core.errors import CoworkError, Unavailable
from cowork.install import lockfile, store
from cowork.install.contents import Offer
from cowork.install.judging import Judged, examine, judge_located
from cowork.install.locate import Located, locate
from cowork.install.material import FileMaterial, Progress
from cowork.install.pack_names import judge_pack_name
from cowork.install.sources import Source, parse
from cowork.install.wanted import Wanted, permit
from cowork.policy import gate
from cowork.policy.actions import Action


def stored(wanted: Wanted, work: Path, progress: Progress) -> Judged:
    """The newest stored tree that came from the wanted source, judged as if it had been fetched.

    A local source needs no network. Raises `install.offline` (Unavailable) when nothing fits.
    """
    if wanted.source.kind == "local":
        return judge_located(locate(wanted, work, progress), work, progress)
    for receipt in store.receipts():
        if _fits(receipt, wanted):
            return from_store(receipt, wanted, work, progress)
    raise Unavailable(
        "install.offline",
        f"the store holds nothing from {wanted.source.canonical}",
        cause="--offline takes only what was installed before",
        hint="leave --offline out",
        details={"source": wanted.source.canonical},
    )


def from_store(receipt: dict[str, Any], wanted: Wanted, work: Path, progress: Progress) -> Judged:
    """The stored tree of a receipt, judged. Raises `store.missing`, `store.damaged`, and what judging raises."""
    from cowork.install.wanted import via

    origin = parse(receipt["origin"])
    permit(wanted, origin)
    alike = judge_pack_name(receipt["name"], wanted.expected_names)
    action = Action(wanted.verb, pack=receipt["name"], source=origin.canonical, via=via(origin))
    gate.require(action, dry_run=wanted.dry_run)
    files = store.take(receipt["name"], receipt["tree_hash"], work / "tree" / receipt["name"])
    material = FileMaterial(receipt["url"], (), lambda _paths: iter(()), commit=receipt.get("commit"), ref=receipt.get("ref"))
    offer = Offer(receipt["name"], "pack", receipt.get("path", ""))
    wanted = wanted._replace(expected_hash=wanted.expected_hash or receipt["tree_hash"], plugin=receipt.get("plugin"))
    return examine(work / "tree" / receipt["name"], files, Located(material, offer, origin, wanted, alike), progress)


def is_whole(receipt: dict[str, Any]) -> bool:
    """Whether a receipt says everything that a lock entry does; what was damaged, or is of an edited tree, does not."""
    try:
        lockfile.parse({"version": lockfile.VERSION, "packs": {str(receipt.get("name")): receipt}}, "receipt")
    except CoworkError:
        return False
    return True


def _fits(receipt: dict[str, Any], wanted: Wanted) -> bool:
    """Whether a receipt is of the wanted source, plugin, ref and hash."""
    if receipt.get("edited") or not is_whole(receipt) or (wanted.plugin is not None and receipt.get("plugin") != wanted.plugin):
        return False
    try:
        sources: list[Source] = [parse(str(receipt.get("source"))), parse(str(receipt.get("origin")))]
    except CoworkError:
        return False
    if wanted.expected_hash is not None:
        return bool(receipt.get("tree_hash") == wanted.expected_hash)
    ref = wanted.source.ref
    named = ref is None or ref in (receipt.get("commit"), receipt.get("version"), *(source.ref for source in sources))
    return named and any(source.base == wanted.source.base for source in sources)
