"""Changing `policies.json`: the whole of it, a part of it, or back to the defaults. The file before is kept beside it."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any

from cowork.core.clock import Clock
from cowork.core.errors import InvalidInput
from cowork.core.files import cannot_write, ensure_dir, sync_dir, write_atomic
from cowork.core.locks import locked
from cowork.core.outcome import Notice
from cowork.core.plan import Step
from cowork.core.text import one_line
from cowork.formats import policies as format_
from cowork.formats.policies import Policies
from cowork.formats.policies_check import unknown_keys
from cowork.formats.problem import Problem
from cowork.policy import gate, naming, store, view
from cowork.policy.actions import Action
from cowork.policy.files import policy_path
from cowork.policy.naming import Known


@dataclass(frozen=True)
class PolicyChange:
    """The policies as they are now in force, or with `dry_run` would be. `kept` is where the file before is."""

    path: str
    changed: bool
    kept: str | None
    policies: dict[str, Any]
    dry_run: bool
    plan: tuple[Step, ...]


Make = Callable[[Mapping[str, Any]], Mapping[str, Any]]
Changed = tuple[PolicyChange, tuple[Notice, ...]]


def set_policies(document: Any, *, origin: Path, known: Known, dry_run: bool = False) -> Changed:
    """Replace the whole document by one from `origin`. Raises `policy.invalid`, and Denied as the gate does."""
    judged(document, path=origin, known=known)
    action = Action("admin policy set", source=str(origin))
    return _change(action, lambda _: document, origin=origin, known=known, dry_run=dry_run)


def update_policies(change: Mapping[str, Any], *, known: Known, dry_run: bool = False) -> Changed:
    """Lay `change` over the document, section by section; lists are replaced, what is not named stays.

    Raises `policy.invalid` when what comes of it breaks the schema, and Denied as the gate does.
    """
    fields = [
        f"{section}.{key}" if key else section
        for section, value in change.items()
        for key in (value if isinstance(value, Mapping) and value else ("",))
    ]
    action = Action("admin policy update", what=", ".join(fields) or None)
    path = policy_path()
    return _change(action, lambda before: format_.merge(before, change), origin=path, known=known, dry_run=dry_run)


def reset_section(section: str, *, known: Known, dry_run: bool = False) -> Changed:
    """Take a section out of the document, so that its defaults hold. Raises `policy.unknown_field`, `policy.unreadable`."""

    def without(before: Mapping[str, Any]) -> Mapping[str, Any]:
        if section not in before and section not in format_.SECTIONS:
            raise view.unknown_field(section, dict(before))
        return {key: value for key, value in before.items() if key != section}

    action = Action("admin policy reset", what=section)
    return _change(action, without, origin=policy_path(), known=known, dry_run=dry_run)


def judged(document: Any, *, path: Path, known: Known) -> Policies:
    """The policies in a document from `path`, also checked against what there is. Raises `policy.invalid`."""
    policies = format_.parse(document, path=path)
    if clashes := naming.clashes(policies, known, str(path)):
        raise format_.invalid(path, clashes)
    return policies


def warnings(policies: Policies, known: Known, path: Path) -> list[Problem]:
    """What is odd about valid policies: keys without effect, names of nothing."""
    return [*unknown_keys(policies.document, str(path)), *naming.unknown(policies, known, str(path))]


def reset_all(clock: Clock, *, dry_run: bool = False) -> PolicyChange:
    """Back to the defaults: the policy file is moved aside, to `policies.json.bak`, or under a name of its own if it is broken.

    This is the way out of a file that cannot be read. Raises `file.not_writable`, `file.locked`, `audit.not_writable`.
    """
    gate.require(Action("admin policy reset", mends=True), dry_run=dry_run)
    path, defaults = policy_path(), Policies().effective()
    with _locked(dry_run):
        if not os.path.lexists(path):
            step = Step("keep", str(path), "there is no policy file: the defaults hold")
            return PolicyChange(str(path), False, None, defaults, dry_run, (step,))
        kept = _free_name(path, clock)
        if not dry_run:
            try:
                path.rename(kept)
                sync_dir(path.parent)
            except OSError as error:
                raise cannot_write(kept, error) from error
    plan = (Step("move", str(path), f"to {kept.name}"), Step("reset", "policies", "the defaults hold"))
    return PolicyChange(str(path), True, str(kept), defaults, dry_run, plan)


def _change(action: Action, make: Make, *, origin: Path, known: Known, dry_run: bool) -> Changed:
    """Ask the gate, make the new document from the one in force, judge it, and put it in place."""
    gate.require(action, dry_run=dry_run)
    path, backup = policy_path(), _backup(policy_path())
    with _locked(dry_run):
        before = gate.policies_or_refuse().document
        after = judged(make(before), path=origin, known=known)
        steps = _differences(before, after.document)
        existed = path.exists()
        if steps and not dry_run:
            if existed:
                write_atomic(backup, path.read_bytes())
            mode = path.stat().st_mode & 0o755 if existed else 0o600  # as it was, but not for others to write
            write_atomic(path.resolve(), _text(after.document), mode=mode)
    kept = str(backup) if steps and existed else None
    plan = steps or (Step("keep", str(path), "nothing changes"),)
    return PolicyChange(str(path), bool(steps), kept, after.effective(), dry_run, plan), naming.notices(
        warnings(after, known, origin)
    )


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Step, ...]:
    """Every field that is not the same, old → new."""
    old, new = _fields(before), _fields(after)
    steps = []
    for path in dict.fromkeys((*old, *new)):
        if path in old and path in new and _same(old[path], new[path]):
            continue
        words = [_shown(path, fields) for fields in (old, new)]
        steps.append(Step("set" if path in new else "remove", path, " → ".join(words)))
    return tuple(steps)


def _fields(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document by the paths of its fields, two levels deep."""
    found: dict[str, Any] = {}
    for section, value in document.items():
        if isinstance(value, Mapping) and value:
            found |= {f"{section}.{key}": item for key, item in value.items()}
        else:
            found[section] = value
    return found


def _same(old: Any, new: Any) -> bool:
    """Whether two JSON values are the same; Python alone would hold 1 for True."""
    return json.dumps(old, sort_keys=True) == json.dumps(new, sort_keys=True)


def _shown(path: str, fields: Mapping[str, Any]) -> str:
    if path in fields:
        return one_line(json.dumps(fields[path], ensure_ascii=False))
    default = Policies().value(path) if path in format_.BY_PATH else None
    return "not set" if default is None else f"{json.dumps(default)} (the default)"


def _text(document: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n"
    except UnicodeEncodeError:  # half a character, which JSON can only hold escaped
        return json.dumps(document, indent=2).encode() + b"\n"


def _backup(path: Path) -> Path:
    return path.with_name(f"{path.name}.bak")


def _free_name(path: Path, clock: Clock) -> Path:
    """Where the policy file goes when it is reset: a good one becomes the backup, a broken one gets a name of its own."""
    try:
        store.load()
    except InvalidInput:
        stamp, number = f"{path.name}.broken-{clock.now().astimezone(UTC):%Y%m%dT%H%M%SZ}", 1
        while os.path.lexists(name := path.with_name(stamp if number == 1 else f"{stamp}-{number}")):
            number += 1
        return name
    return _backup(path)


def _locked(dry_run: bool) -> contextlib.AbstractContextManager[None]:
    """Nobody else changes the policies meanwhile; a dry run writes nothing, not even a lock."""
    if dry_run:
        return contextlib.nullcontext()
    path = policy_path()
    ensure_dir(path.parent)
    return locked(path.with_suffix(".lock"))
