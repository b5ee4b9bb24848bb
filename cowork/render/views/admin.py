"""Policies and their decisions, for a person."""

from __future__ import annotations

import json

from cowork.policy.audit_log import AuditList
from cowork.policy.changes import PolicyChange
from cowork.policy.checking import PackVerdict
from cowork.policy.explaining import Explanation
from cowork.policy.validating import PolicyReport
from cowork.policy.view import PolicyView
from cowork.render.screen import Screen
from cowork.render.views.problems import show_problems


def policies(data: PolicyView, screen: Screen) -> None:
    """The policy document and where it comes from; a field alone is its value and nothing else."""
    if data.selected is not None:
        screen.raw(data.value if isinstance(data.value, str) else json.dumps(data.value, indent=2, ensure_ascii=False))
        return
    screen.title("Admin policies", data.path if data.source == "file" else f"defaults: there is no {data.path}")
    screen.raw(json.dumps(data.policies, indent=2, ensure_ascii=False))


def verdict(data: PackVerdict, screen: Screen) -> None:
    """What the policies say about a pack."""
    answer = "required" if data.required else "allowed" if data.allowed else "denied"
    screen.facts({"pack": data.pack, "verdict": answer, "rule": data.rule, "reason": data.reason})


def changed(data: PolicyChange, screen: Screen) -> None:
    """What was changed, field by field, and where the file before is."""
    if data.dry_run:
        screen.title("Would change" if data.changed else "Would change nothing", data.path)
    else:
        screen.title("Changed" if data.changed else "Nothing changed", data.path)
    screen.table(("", "FIELD", "OLD → NEW"), [(step.action, step.target, step.detail) for step in data.plan])
    if data.kept and not data.dry_run:
        screen.text(f"the file before is kept as {data.kept}", style="dim")


def validated(data: PolicyReport, screen: Screen) -> None:
    """What is wrong with a policy file."""
    if not data.exists:
        screen.text(f"there is no {data.path}: the defaults hold")
        return
    screen.title(
        f"{'✓' if data.valid else '✗'} {data.path}", "valid" if data.valid else "cannot be used: every change is refused"
    )
    show_problems(data.items, screen)


_SIGNS = {"denies": "✗ denies", "allows": "✓ allows", "passes": "· passes", "skipped": "  skipped"}


def explained(data: Explanation, screen: Screen) -> None:
    """The verdict, and what every rule says, in order."""
    screen.title(f"{'✓ allowed' if data.allowed else '✗ denied'}: cowork {data.question}")
    where = data.path if data.origin == "file" else f"the defaults: there is no {data.path}"
    screen.facts(
        {"rule": data.rule, "why": data.reason, "error": data.code, "pack": data.pack, "source": data.source, "policies": where}
    )
    if data.items:
        screen.blank()
    rows = []
    for item in data.items:
        value = "" if item.value is None else f"{json.dumps(item.value, ensure_ascii=False)} ({item.origin})"
        rows.append((_SIGNS[item.says], item.rule, value, item.reason))
    screen.table(("SAYS", "RULE", "VALUE", "BECAUSE"), rows)


def audit(data: AuditList, screen: Screen) -> None:
    """The decisions, the newest last."""
    if not data.items:
        screen.text(f"nothing is logged in {data.path} that fits")
        return
    rows = []
    for item in data.items:
        about = " ".join(part for part in (item.pack, item.connector, item.source, item.what) if part)
        rows.append((item.at, item.who, item.verdict, f"{item.verb} {about}".strip(), f"{item.rule}: {item.reason}"))
    screen.table(("AT", "WHO", "VERDICT", "WHAT", "RULE"), rows)
    if data.matched > data.count:
        screen.text(f"the newest {data.count} of {data.matched}; more with --limit", style="dim")
