"""Trusting a project: what it would run is shown, the decision recorded with a digest, and asked for where it is missing."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cowork.agent.project_powers import Power, powers
from cowork.core.clock import Clock
from cowork.core.errors import Denied, NotFound
from cowork.core.outcome import Notice
from cowork.core.paths import home, project_dir
from cowork.core.plan import Step
from cowork.policy import gate, trusting
from cowork.policy.actions import Action
from cowork.trust.state import Trust, state


@dataclass(frozen=True)
class TrustedItem:
    """A directory that was trusted. `status`: trusted, changed, untrusted (it cannot be judged), nothing_to_trust, missing."""

    path: str
    status: str
    trusted_at: str
    digest: str


@dataclass(frozen=True)
class TrustAnswer:
    """A project's trust as it is now, or with `dry_run` would be, and what its files may do with it.

    `status`: trusted, untrusted, changed, nothing_to_trust; null for a list. `changed` are the files that differ from what was
    trusted before: `+` new, `-` gone, `~` other. `items`, sorted by path, are filled by --list.
    """

    path: str | None
    status: str | None
    digest: str | None
    changed: tuple[str, ...]
    powers: tuple[Power, ...]
    items: tuple[TrustedItem, ...]
    count: int
    dry_run: bool
    plan: tuple[Step, ...]


def trust_project(
    directory: str | None, clock: Clock, confirm: Callable[[TrustAnswer], None], *, dry_run: bool = False
) -> tuple[TrustAnswer, tuple[Notice, ...]]:
    """Trust the project at `directory` (default: the one we are in) as it is now.

    `confirm` is shown what the files may do and raises where nobody agrees. Raises `trust.no_directory`, `trust.impossible`,
    `trust.corrupt`, `file.*`, and Denied as the gate does. What changed between the question and the answer is not trusted.
    """
    root = _root(directory)
    gate.require(Action("config trust", what=str(root)), dry_run=dry_run)
    trust = state(root, home())
    trusting.recorded()  # a corrupt record is said first, and nobody asked in vain
    if trust.problem:
        raise _impossible(trust)
    may = powers(trust.project, trust.files)
    if trust.status in ("nothing_to_trust", "trusted"):
        why = "nothing in it runs or allows anything" if trust.status == "nothing_to_trust" else "it is trusted as it is"
        return _answer(trust, trust.status, may, Step("keep", trust.project, why), dry_run), ()
    step = Step("trust", trust.project, f"{len(trust.files)} files, digest {trust.digest[:12]}")
    if not dry_run:
        confirm(_answer(trust, trust.status, may, step, dry_run=False))
        if state(root, home()).digest != trust.digest:
            raise Denied("trust.moving", f"the files of {trust.project} changed meanwhile", hint="look at them again")
        trusting.remember(trust.project, trust.digest, trust.files, clock)
    return _answer(trust, trust.status if dry_run else "trusted", may, step, dry_run), ()


def untrust_project(directory: str | None, *, dry_run: bool = False) -> TrustAnswer:
    """Take back the trust in a project, which need not exist any more. Raises `trust.corrupt`, `file.*`, Denied as the gate."""
    root = os.path.realpath(directory) if directory else os.path.realpath(_root(None))
    gate.require(Action("config untrust", what=root, removes=True), dry_run=dry_run)
    known = root in trusting.recorded()
    if known and not dry_run:
        trusting.forget(root)
    step = Step("untrust", root) if known else Step("keep", root, "it was not trusted")
    return TrustAnswer(root, state(root, home()).status, None, (), (), (), 0, dry_run, (step,))


def list_trusted(*, dry_run: bool = False) -> TrustAnswer:
    """Every directory that was trusted, and whether it still is. Raises `trust.corrupt`, `file.*`."""
    items = tuple(
        TrustedItem(
            path,
            state(path, home()).status if Path(path).is_dir() else "missing",
            str(record.get("trusted_at", "")),
            str(record.get("digest", "")),
        )
        for path, record in sorted(trusting.recorded().items())
    )
    step = Step("list", str(trusting.path()), "nothing changes")
    return TrustAnswer(None, None, None, (), (), items, len(items), dry_run, (step,))


def require_trusted(project: str | os.PathLike[str], what: str) -> None:
    """Let something of a project pass that counts only with the user's trust. Raises Denied `trust.untrusted` (exit 6).

    `what` is said to the user: "the hooks", "the connector 'x'".
    """
    trust = state(project, home())
    if not trust.trusted:
        raise trusting.untrusted(trust.project, what, trust.why)


def _root(directory: str | None) -> Path:
    if directory is None:
        return project_dir()
    path = Path(directory).expanduser()
    if not path.is_dir():
        raise NotFound("trust.no_directory", f"there is no directory {directory}", hint="name a project's directory")
    return path


def _impossible(trust: Trust) -> Denied:
    return Denied(
        "trust.impossible",
        f"{trust.project} cannot be trusted",
        cause=trust.problem,
        hint="trust a single project's directory whose .claude and .cowork files can be read",
        details={"project": trust.project},
    )


def _answer(trust: Trust, status: str, may: tuple[Power, ...], step: Step, dry_run: bool) -> TrustAnswer:
    return TrustAnswer(trust.project, status, trust.digest, trust.changed, may, (), 0, dry_run, (step,))
