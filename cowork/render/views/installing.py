"""Pages about installing, updating and removing packs."""

from __future__ import annotations

from typing import Any

from cowork.render.screen import Screen


def installation(data: Any, screen: Screen) -> None:
    """What was installed, or what a source offers."""
    if data.offers:
        rows = [
            (offer.name, offer.version, offer.kind, offer.source or offer.path or ".", offer.description)
            for offer in data.offers
        ]
        screen.table(("NAME", "VERSION", "KIND", "WHERE", "DESCRIPTION"), rows)
        return
    if data.dry_run:
        plan(data.plan, screen)
    for item in data.items:
        _installed(item, screen, data.dry_run)


def plan(steps: Any, screen: Screen) -> None:
    """What a real run would do."""
    screen.title("Would do", "nothing was changed")
    screen.table(("STEP", "WHAT", "DETAIL"), [(step.action, step.target, step.detail) for step in steps])


def _installed(item: Any, screen: Screen, dry_run: bool) -> None:
    word = "would be installed" if dry_run else "installed" if item.changed else "is installed already, exactly so"
    screen.title(f"{item.name} {item.version}".strip(), word)
    findings = (
        f"{item.scan.warnings} warnings, {item.scan.notes} notes" if item.scan.warnings or item.scan.notes else "no findings"
    )
    screen.facts(
        {
            "from": item.origin,
            "commit": item.commit,
            "tree": item.tree_hash,
            "files": item.files,
            "scan": findings,
            "can": [capability.id for capability in item.capabilities],
            "approved": item.approved_by,
            "path": item.path,
        }
    )


def outdated(data: Any, screen: Screen) -> None:
    """What the sources offer."""
    if not data.items:
        screen.text("Nothing is installed.")
        return
    rows = [
        (
            item.name,
            item.installed,
            item.available or (item.at or "")[:12],
            item.status.replace("_", " "),
            item.message or item.source,
        )
        for item in data.items
    ]
    screen.table(("PACK", "INSTALLED", "AVAILABLE", "STATUS", ""), rows)


def updated(data: Any, screen: Screen) -> None:
    """What an update did, or would do."""
    if not data.items:
        screen.text("Nothing is installed.")
        return
    for item in data.items:
        if item.status != "updated":
            screen.title(item.name, f"{item.status}{': ' + item.message if item.message else ''}")
            continue
        word = "would be updated" if data.dry_run else "updated"
        screen.title(item.name, f"{word} from {item.from_version or '?'} to {item.to_version or '?'}")
        difference(item.diff, screen)


def rolled_back(data: Any, screen: Screen) -> None:
    """Where a pack went back to."""
    word = "would go back" if data.dry_run else "went back"
    screen.title(data.name, f"{word} from {data.from_version or '?'} to {data.to_version or '?'}")
    screen.facts({"tree": data.to_hash})
    difference(data.diff, screen)


def difference(diff: Any, screen: Screen) -> None:
    """Files and capabilities that change."""
    screen.facts(
        {
            "added": diff.added,
            "changed": diff.changed,
            "removed": diff.removed,
            "can now": diff.capabilities_added,
            "can no more": diff.capabilities_removed,
        }
    )


def verified(data: Any, screen: Screen) -> None:
    """Whether everything is as it was installed."""
    if not data.items:
        screen.text("Nothing is installed.")
        return
    rows = [(item.name, item.version, item.status, item.message) for item in data.items]
    screen.table(("PACK", "VERSION", "STATUS", ""), rows)


def pinned(data: Any, screen: Screen) -> None:
    """A pin that was set or taken away."""
    word = ("pinned" if data.pinned else "follows its source") if data.changed else "was so already"
    screen.title(f"{data.name} {data.version}".strip(), f"would be {word}" if data.dry_run and data.pinned else word)
    screen.facts({"reason": data.reason})


def uninstalled(data: Any, screen: Screen) -> None:
    """A pack that was taken away."""
    if data.dry_run:
        plan(data.plan, screen)
        return
    screen.title(f"{data.name} {data.version or ''}".strip(), "uninstalled")
    if not data.purged:
        screen.text("Its content stays in the store until `cowork pack gc`.", style="dim")


def exported(data: Any, screen: Screen) -> None:
    """The list, or where it was written."""
    if data.path is None:
        import json

        screen.raw(json.dumps(data.document, indent=2, ensure_ascii=False))
    else:
        word = "would be written" if data.dry_run else "written"
        screen.title(data.path, f"{word}: {data.count} packs{' with their content' if data.bundle else ''}")


def collected(data: Any, screen: Screen) -> None:
    """What was removed from the store."""
    word = "would be removed" if data.dry_run else "removed"
    screen.title(f"{len(data.removed)} trees {word}", f"{data.bytes:,} bytes; {data.kept} kept")
    screen.bullets(data.removed)
