"""Asking the policies about one pack, as `admin policy check` does."""

from __future__ import annotations

from dataclasses import dataclass

from cowork.policy import gate
from cowork.policy.actions import Action
from cowork.policy.packs import pack_judge
from cowork.policy.refusals import refusal


@dataclass(frozen=True)
class PackVerdict:
    """What the policies say about one pack, and the rule that says it."""

    pack: str
    allowed: bool
    required: bool
    rule: str
    reason: str


def check_pack(name: str, directory: str | None = None) -> PackVerdict:
    """What the policies say about the use of a pack: blocked beats allowed, required is forced on.

    A policy names a pack by its name or its directory's, with or without `-pack` at the end. Raises `policy.unreadable`.
    """
    return PackVerdict(name, *pack_judge()(name, directory))


def answer_pack(name: str, directory: str | None = None) -> PackVerdict:
    """As `check_pack`; a pack that is denied is raised as `policy.pack_denied`, with the verdict as data."""
    verdict = check_pack(name, directory)
    if not verdict.allowed:
        action = Action("admin policy check", pack=name, directory=directory)
        error = refusal(action, gate.ask(action))
        error.data = verdict
        raise error
    return verdict
