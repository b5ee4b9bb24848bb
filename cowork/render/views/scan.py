"""What the scanner found, for a person: one line a finding, as compilers write it, what stands there, and how to mend it."""

from __future__ import annotations

from cowork.install.scan.finding import Finding
from cowork.install.scan.paths import AllowAnswer, Scanned
from cowork.render.screen import Screen

_STYLE = {"critical": "bold red", "warning": "yellow", "note": ""}


def scanned(data: Scanned, screen: Screen) -> None:
    """Each path with its findings, and the counts."""
    for item in data.items:
        screen.title(item.path, f"{item.files} file(s), {item.bytes:,} bytes")
        if not item.findings:
            screen.text("no findings", indent=2)
        for finding in item.findings:
            _finding(finding, screen)
    if any(item.findings for item in data.items):
        allowed = f", {data.allowed} allowed" if data.allowed else ""
        screen.text(f"{data.critical} critical, {data.warnings} warnings, {data.notes} notes{allowed}")


def allowed(data: AllowAnswer, screen: Screen) -> None:
    """What is allowed from now on."""
    word = "would allow" if data.dry_run else "allowed"
    for file in data.files:
        screen.text(f"{word} {data.rule} in {file.file} ({file.findings} finding(s)), while it stays as it is")
    screen.text(f"reason: {data.reason}", style="dim")


def _finding(finding: Finding, screen: Screen) -> None:
    place = f"{finding.file}:{finding.line}:{finding.column}"
    style = _STYLE[finding.severity] if finding.allowed is None else "dim"
    screen.text(f"{place}: {finding.severity}: {finding.message} [{finding.rule}]", style=style, indent=2)
    if finding.excerpt:
        screen.text(finding.excerpt, indent=4)
    screen.text(finding.fix if finding.allowed is None else f"allowed: {finding.allowed}", style="dim", indent=4)
