"""What the source of an installed pack offers now, asked as cheaply as it can be."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple

from cowork.core.errors import Denied, InvalidInput
from cowork.install import git
from cowork.install.judging import judge_located
from cowork.install.locate import locate
from cowork.install.lockfile import Locked
from cowork.install.sources import parse
from cowork.install.wanted import Wanted, permit

State = Literal["current", "outdated", "newer_tag"]


class Upstream(NamedTuple):
    """`version` is what the source offers, where it can be told without fetching; `at` a commit, tag or tree hash."""

    state: State
    version: str | None
    at: str | None


def look(entry: Locked, work: Path, *, offline: bool = False) -> Upstream:
    """Compare an installed pack with its source. Raises `update.tag_moved`, `update.*`, and what sources raise."""
    source = parse(entry.source)
    wanted = Wanted(source, entry.plugin, verb="pack outdated", dry_run=True, offline=offline)
    if source.kind == "catalogue":
        return _entry(entry, source.url, offline=offline)
    if source.kind not in ("github", "git"):
        judged = judge_located(locate(wanted, work, lambda _kind, _data: None), work, lambda _kind, _data: None)
        return Upstream("current" if judged.tree_hash == entry.tree_hash else "outdated", judged.version, judged.tree_hash)
    permit(wanted, source)
    origin = parse(entry.origin)
    if source.is_commit or (entry.plugin is not None and origin.is_commit and origin.base != source.base):
        return Upstream("current", entry.version, entry.commit)  # a commit never moves; a marketplace is asked by `update`
    if entry.plugin is not None and origin.base != source.base:
        source = origin
    name, commit = git.resolve(source, work / "refs")
    if commit == entry.commit:
        newer = _newer_tag(entry, work) if name.startswith("refs/tags/") else None
        return Upstream("newer_tag", None, newer) if newer else Upstream("current", entry.version, commit)
    refuse_moved_tag(entry, name, commit)
    return Upstream("outdated", None, commit)


def refuse_moved_tag(entry: Locked, name: str | None, commit: str | None) -> None:
    """Raises `update.tag_moved` when a tag names another commit than when the pack was installed.

    A branch of that name which took the place of the tag is no better.
    """
    held = entry.ref or ""
    tag = held.removeprefix("refs/tags/")
    if tag != held and name in (held, f"refs/heads/{tag}") and commit != entry.commit:
        raise Denied(
            "update.tag_moved",
            f"the tag '{tag}' of {entry.origin} names another commit now",
            cause=f"it was {entry.commit} when '{entry.name}' was installed, and is {commit}",
            hint="a tag should not move: ask its owner. `pack install SOURCE --force` takes it all the same",
            details={"name": entry.name, "ref": name, "installed": entry.commit, "found": commit},
        )


def refuse_replay(entry: Locked, version: str, tree_hash: str | None) -> None:
    """Raises InvalidInput `update.older` and `update.republished` when a catalogue goes back, or changes what it published."""
    from cowork.registry.versions import is_newer

    if version == entry.version and tree_hash is not None and tree_hash != entry.tree_hash:
        raise InvalidInput(
            "update.republished",
            f"the catalogue offers '{entry.name}' {version} with other content than before",
            cause=f"installed is {entry.tree_hash}, offered is {tree_hash}",
            hint="a version should not change: ask whoever publishes it",
            details={"name": entry.name, "version": version},
        )
    if version != entry.version and is_newer(entry.version, version):
        raise InvalidInput(
            "update.older",
            f"the catalogue offers '{entry.name}' {version}, which is older than {entry.version}",
            cause="somebody may serve an old catalogue to bring back what was mended",
            hint="`cowork pack rollback` goes back on purpose",
            details={"name": entry.name, "installed": entry.version, "offered": version},
        )


def _entry(entry: Locked, pack_id: str, *, offline: bool) -> Upstream:
    from cowork.registry import catalogue
    from cowork.registry.versions import is_newer

    offered, _ = catalogue.find(pack_id, offline=offline)
    refuse_replay(entry, offered.version, offered.tree_hash)
    newer = is_newer(offered.version, entry.version)
    return Upstream("outdated" if newer else "current", offered.version, offered.tree_hash or offered.commit)


def _newer_tag(entry: Locked, work: Path) -> str | None:
    """The highest tag that is a later semantic version than the tag the pack was installed from."""
    from semver import Version

    held = (entry.ref or "").removeprefix("refs/tags/")
    tags = git.tags(parse(entry.origin)._replace(ref=None), work / "tags")

    def version(tag: str) -> Version | None:
        try:
            return Version.parse(tag.removeprefix("v"))
        except ValueError:
            return None

    present = version(held)
    if present is None:
        return None
    later = [(found, tag) for tag in tags if (found := version(tag)) is not None and found > present and not found.prerelease]
    return max(later)[1] if later else None
