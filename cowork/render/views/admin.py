"""Policies, for a person."""

from __future__ import annotations

import json

from cowork.policy.gate import PackVerdict
from cowork.policy.store import PolicyView
from cowork.render.screen import Screen


def policies(data: PolicyView, screen: Screen) -> None:
    """The policy document and where it comes from."""
    screen.title("Admin policies", data.path if data.source == "file" else f"defaults: there is no {data.path}")
    screen.raw(json.dumps(data.policies, indent=2, ensure_ascii=False))


def verdict(data: PackVerdict, screen: Screen) -> None:
    """What the policies say about a pack."""
    answer = "required" if data.required else "allowed" if data.allowed else "denied"
    screen.facts({"pack": data.pack, "verdict": answer, "rule": data.rule, "reason": data.reason})
