"""`pack scan` and `pack allow`: the scanner over files and directories of this machine, and leave for what it found."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from cowork.core.clock import Clock, rfc3339
from cowork.core.errors import InvalidInput, NotFound
from cowork.core.outcome import Notice
from cowork.core.plan import Step
from cowork.core.text import did_you_mean
from cowork.formats.problem import Problem
from cowork.formats.sarif import sarif
from cowork.install.local import list_local
from cowork.install.scan import allowances
from cowork.install.scan.finding import Finding
from cowork.install.scan.report import ScanReport
from cowork.install.scan.rule import Severity
from cowork.install.scan.rules import RULES
from cowork.install.scan.scanner import Allowed, scan
from cowork.install.tree import TreeFile
from cowork.policy import gate
from cowork.policy.actions import Action


@dataclass(frozen=True)
class ScannedPath:
    """A path that was scanned. The counts leave out what is allowed; files of findings are named as the user named the path."""

    path: str
    files: int
    bytes: int
    critical: int
    warnings: int
    notes: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Scanned:
    """Items in the order of the paths, and their counts together. No findings does not mean that there is nothing to find."""

    items: tuple[ScannedPath, ...]
    count: int
    critical: int
    warnings: int
    notes: int
    allowed: int


@dataclass(frozen=True)
class AllowedFile:
    """A file whose findings of the rule are allowed from now on, as long as its SHA-256 stays the same."""

    file: str
    digest: str
    findings: int


@dataclass(frozen=True)
class AllowAnswer:
    """What was allowed, or would be; files sorted by name."""

    rule: str
    reason: str
    files: tuple[AllowedFile, ...]
    dry_run: bool
    plan: tuple[Step, ...]


def scan_paths(paths: Iterable[str | Path]) -> tuple[Scanned, tuple[Notice, ...]]:
    """Scan every path. Raises `scan.no_such_path`, and `install.*` for a directory that could not be a pack."""
    held = allowances.read()
    items = tuple(_scan_path(Path(path), held.reasons) for path in paths)
    found = [finding for item in items for finding in item.findings]
    counts = (sum(item.critical for item in items), sum(item.warnings for item in items), sum(item.notes for item in items))
    return Scanned(items, len(items), *counts, sum(item.allowed is not None for item in found)), held.notices


def allow(path: str, rule: str, reason: str, clock: Clock, *, dry_run: bool = False) -> AllowAnswer:
    """Allow what a rule finds in a path now. Raises `scan.unknown_rule`, `scan.no_reason`, `scan.nothing_to_allow`, `policy.*`.

    An allowance holds for the bytes of the file: when they change, the finding is back.
    """
    if rule not in RULES:
        hint = did_you_mean(rule, RULES, "see the rules in brackets in: cowork pack scan")
        raise NotFound("scan.unknown_rule", f"there is no rule '{rule}'", hint=hint, details={"rule": rule})
    if not reason.strip():
        raise InvalidInput(
            "scan.no_reason", "an allowance needs a reason", hint="say why the finding does no harm: --reason TEXT"
        )
    files = _files_of(rule, _scan_path(Path(path), {}))
    if not files:
        raise NotFound(
            "scan.nothing_to_allow",
            f"the rule '{rule}' finds nothing in {path} that could be allowed",
            hint=f"see: cowork pack scan {path}",
            details={"rule": rule, "path": path},
        )
    gate.require(Action("pack allow", source=path, what=rule), dry_run=dry_run)
    plan = tuple(Step("allow", file.file, f"{rule}, {file.findings} finding(s), in {allowances.path()}") for file in files)
    if not dry_run:
        now, user = rfc3339(clock.now()), _user()
        allowances.add(allowances.Allowance(rule, file.digest, reason.strip(), now, user) for file in files)
    return AllowAnswer(rule, reason.strip(), files, dry_run, plan)


def as_sarif(scanned: Scanned, version: str, root: str) -> dict[str, Any]:
    """The findings as SARIF; those that are allowed are suppressed, with the reason."""
    levels: dict[Severity, Any] = {"critical": "error", "warning": "warning", "note": "note"}
    found = [finding for item in scanned.items for finding in item.findings]
    problems = [
        Problem(item.file, item.excerpt, item.rule, levels[item.severity], item.message, item.fix, item.line, item.column)
        for item in found
    ]
    document = sarif(problems, version, root=root, titles={rule.id: rule.title for rule in RULES.values()})
    for result, finding in zip(document["runs"][0]["results"], found, strict=True):
        if finding.allowed is not None:
            result["suppressions"] = [{"kind": "external", "justification": finding.allowed}]
    return document


def _scan_path(path: Path, reasons: Allowed) -> ScannedPath:
    root, files = _listed(path)
    report: ScanReport = scan(root, files, reasons)
    base = PurePosixPath(str(path.parent if root != path else path))
    findings = tuple(replace(item, file=str(base / item.file)) for item in report.findings)
    counts = (report.critical, report.warnings, report.notes)
    return ScannedPath(str(path), report.files, report.bytes, *counts, findings)


def _listed(path: Path) -> tuple[Path, tuple[TreeFile, ...]]:
    if path.is_dir():
        return path, list_local(path, leave_out=(".git",))
    if path.is_file():
        return path.parent, (TreeFile(path.name, path.stat().st_size, os.access(path, os.X_OK)),)
    raise NotFound(
        "scan.no_such_path", f"there is no file or directory {path}", hint="check the path", details={"path": str(path)}
    )


def _files_of(rule: str, scanned: ScannedPath) -> tuple[AllowedFile, ...]:
    found = [item for item in scanned.findings if item.rule == rule and item.digest]
    files = sorted({(item.file, item.digest) for item in found})
    return tuple(AllowedFile(file, digest, sum(item.file == file for item in found)) for file, digest in files)


def _user() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user id without a name, as in containers
        return f"uid {os.getuid()}"
