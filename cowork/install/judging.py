"""A located pack, judged: names, tree, policy, validity, scan, capabilities. What comes out may be put in place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cowork.core.errors import Denied, InvalidInput
from cowork.core.outcome import Notice
from cowork.core.text import one_line
from cowork.install.capabilities import Capability, capabilities_of
from cowork.install.contents import Offer
from cowork.install.local import left_out
from cowork.install.lockfile import ScanSummary
from cowork.install.material import Material, Progress
from cowork.install.pack_names import judge_pack_name, judge_promise
from cowork.install.store import flush, write_file
from cowork.install.tree import Entry, TreeFile, judge
from cowork.install.tree_hash import tree_hash
from cowork.policy import gate
from cowork.policy.actions import Action

if TYPE_CHECKING:
    from cowork.install.locate import Located
    from cowork.install.scan.report import ScanReport


@dataclass(frozen=True)
class Judged:
    """A pack in a staging directory that passed every rule. Its capabilities are not approved yet."""

    name: str
    version: str
    kind: str
    root: Path
    files: tuple[TreeFile, ...]
    tree_hash: str
    capabilities: tuple[Capability, ...]
    scan: ScanReport
    located: Located
    notices: tuple[Notice, ...]

    @property
    def executables(self) -> tuple[str, ...]:
        """The files that may be executed."""
        return tuple(file.path for file in self.files if file.executable)

    @property
    def scan_summary(self) -> ScanSummary:
        """What the scanner found, in numbers."""
        allowed = sum(finding.allowed is not None for finding in self.scan.findings)
        return ScanSummary(self.scan.critical, self.scan.warnings, self.scan.notes, allowed)


def judge_located(located: Located, work: Path, progress: Progress) -> Judged:
    """Write the chosen files into `work` and judge them.

    Raises InvalidInput `install.*` for names, trees, contents; Denied for policies and critical findings; Conflict for names.
    """
    wanted, offer = located.wanted, located.offer
    sources = chosen_entries(located.material, offer)
    files = judge(
        [*sources.values(), *(Entry(path, len(content)) for path, content in offer.extra.items() if path not in sources)]
    )
    alike = judge_pack_name(offer.name, wanted.expected_names)
    action = Action(wanted.verb, pack=offer.name, source=located.origin.canonical, via=_via(located))
    gate.require(action, dry_run=wanted.dry_run)
    progress("install.writing", {"name": offer.name, "files": len(files)})
    root = _write(located, sources, files, work / "tree" / offer.name)
    return examine(root, files, replace(located, notices=(*located.notices, *alike)), progress)


def examine(root: Path, files: Sequence[TreeFile], located: Located, progress: Progress) -> Judged:
    """Judge a tree that is on disk in staging: its hash, whether it loads, what it holds, what it can do."""
    wanted = located.wanted
    found = tree_hash(root, [file.path for file in files])
    if wanted.expected_hash is not None and found != wanted.expected_hash:
        raise InvalidInput(
            "install.hash_mismatch",
            f"'{located.offer.name}' is not what was announced",
            cause=f"its tree hash is {found}, announced was {wanted.expected_hash}",
            hint="do not install it; ask whoever publishes it",
            details={"expected": wanted.expected_hash, "found": found},
        )
    head, notices = _loaded(root)
    judge_promise(head["name"], (located.offer.name,))
    progress("install.scanning", {"name": located.offer.name, "files": len(files)})
    report = _scanned(root, files, located.offer.name)
    return Judged(
        name=located.offer.name,
        version=head["version"],
        kind=head["kind"],
        root=root,
        files=tuple(files),
        tree_hash=found,
        capabilities=capabilities_of(root, files),
        scan=report,
        located=located,
        notices=(*located.notices, *notices),
    )


def chosen_entries(material: Material, offer: Offer) -> dict[str, Entry]:
    """The entries to install, by their path in the source, each named as it will be installed."""
    base = f"{offer.path}/" if offer.path else ""
    chosen: dict[str, Entry] = {}
    for entry in material.entries:
        if not entry.path.startswith(base):
            continue
        inner = _renamed(entry.path[len(base) :], offer.rename) if offer.rename else entry.path[len(base) :]
        if inner is not None and not left_out(inner):
            chosen[entry.path] = Entry(inner, entry.size, entry.kind, entry.executable)
    return chosen


def _renamed(path: str, rename: dict[str, str]) -> str | None:
    for old, new in rename.items():
        if path == old:
            return new
        if not old or path.startswith(f"{old}/"):
            return f"{new}/{path.removeprefix(f'{old}/')}"
    return None


def _write(located: Located, sources: dict[str, Entry], files: Sequence[TreeFile], root: Path) -> Path:
    """Write the files below `root`; sizes were promised and are kept."""
    root.mkdir(parents=True)
    made = {root}
    written = 0
    for path, content in located.material.contents(sources):
        entry = sources[path]
        target = root / entry.path
        if target.parent not in made:
            target.parent.mkdir(parents=True, exist_ok=True)
            made.add(target.parent)
        write_file(target, content, executable=entry.executable)
        written += 1
    taken = {entry.path for entry in sources.values()}
    for path, content in located.offer.extra.items():
        if path not in taken:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            write_file(root / path, content, executable=False)
            written += 1
    if written != len(files):
        raise InvalidInput("install.archive_damaged", "the source did not give out every file it lists", hint="try again")
    flush(root)  # while they are judged; whoever puts them in place waits for it
    return root


def _loaded(root: Path) -> tuple[Any, tuple[Notice, ...]]:
    """The pack as the registry will read it, and its warnings. Raises `install.invalid` for what would not load."""
    from cowork.registry.entries import build
    from cowork.registry.roots import Root

    head, _ = build(root, Root(root.parent, "personal"))
    problem = head["problem"]
    if problem is not None or head["kind"] == "none":
        about = problem or {"message": "it holds nothing that cowork loads", "hint": None, "code": "pack.none"}
        raise InvalidInput(
            "install.invalid",
            f"'{root.name}' is not a valid pack",
            cause=str(about["message"]).replace(f"{root}/", ""),
            hint=about["hint"] or "ask the author of the pack",
            details={"code": about["code"]},
        )
    return head, tuple(Notice("pack.warning", text.replace(f"{root}/", "")) for text in head["warnings"])


def _scanned(root: Path, files: Sequence[TreeFile], name: str) -> ScanReport:
    from cowork.install.scan.scanner import scan

    report = scan(root, files)
    if report.critical:
        worst = next(finding for finding in report.findings if finding.severity == "critical" and finding.allowed is None)
        raise Denied(
            "install.scan_critical",
            f"'{name}' holds {report.critical} critical finding{'s' if report.critical > 1 else ''}",
            cause=one_line(f"{worst.file}:{worst.line}:{worst.column}: {worst.message}", 200),
            hint="look at a copy with `cowork pack scan`; `cowork pack allow` records why a finding is harmless",
            details={"findings": [vars_of(finding) for finding in report.findings if finding.severity == "critical"]},
        )
    return report


def vars_of(finding: Any) -> dict[str, Any]:
    """A finding as JSON."""
    from dataclasses import asdict

    return asdict(finding)


def _via(located: Located) -> Any:
    from cowork.install.wanted import via

    return via(located.origin)
