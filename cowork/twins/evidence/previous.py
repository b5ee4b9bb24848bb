"""What collectors saw before, so that they can say what changed: summaries of former runs, one for each content.

Kept under `cache/evidence-history/<workspace>/` of COWORK_HOME. It may be deleted at any time: only the history is lost.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cowork.core.errors import CoworkError
from cowork.core.files import MAX_JSON_BYTES, ensure_dir, read_json, write_atomic
from cowork.core.locks import locked
from cowork.core.paths import home

MOST_ENTRIES = 20
"""Runs that are remembered of each subject."""
MOST_SUBJECTS = 400
_PATIENCE_S = 0.5
_WHAT = "the history of evidence"


def recall(root: Path, name: str) -> dict[str, list[dict[str, Any]]]:
    """The entries of each subject, such as a file, oldest first. Empty when there is none, or none that can be read."""
    try:
        stored = read_json(_path(root, name), what=_WHAT)
    except (CoworkError, OSError):
        return {}
    subjects = stored.get("subjects") if isinstance(stored, dict) else None
    if not isinstance(subjects, dict):
        return {}
    return {subject: _entries(entries) for subject, entries in subjects.items()}


def remember(root: Path, name: str, entries: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Add entries to subjects, each with its `digest` and the RFC 3339 moment `at` it stands for.

    A digest that is known is not added again. The oldest give way: beyond MOST_ENTRIES of a subject, beyond MOST_SUBJECTS, and
    as long as all of it is too large to be read again. Whatever goes wrong, nobody hears of it: it is only history.
    """
    path = _path(root, name)
    try:
        ensure_dir(path.parent)
        with locked(path.with_suffix(".lock"), patience_s=_PATIENCE_S):
            before = recall(root, name)
            after = _added(before, entries)
            if after != before:
                write_atomic(path, _fitting(after), durable=False)
    except CoworkError:
        return


def digest(content: bytes) -> str:
    """What tells one content from another."""
    return hashlib.sha256(content).hexdigest()[:24]


def _path(root: Path, name: str) -> Path:
    key = hashlib.sha256(os.fsencode(root.resolve())).hexdigest()[:16]
    return home() / "cache" / "evidence-history" / key / f"{name}.json"


def _entries(value: Any) -> list[dict[str, Any]]:
    """What of a stored list has the form of entries, oldest first."""
    if not isinstance(value, list):
        return []
    whole = [entry for entry in value if isinstance(entry, dict) and _is_text(entry, "digest") and _is_text(entry, "at")]
    return sorted(whole, key=lambda entry: str(entry["at"]))


def _is_text(entry: Mapping[str, Any], member: str) -> bool:
    return isinstance(entry.get(member), str)


def _added(
    before: Mapping[str, list[dict[str, Any]]], entries: Mapping[str, Sequence[Mapping[str, Any]]]
) -> dict[str, list[dict[str, Any]]]:
    after = {subject: list(known) for subject, known in before.items()}
    for subject, more in entries.items():
        known = after.setdefault(subject, [])
        seen = {entry["digest"] for entry in known}
        known += [dict(entry) for entry in more if entry["digest"] not in seen]
        after[subject] = _entries(known)[-MOST_ENTRIES:]
    latest = sorted((subject for subject in after if after[subject]), key=lambda subject: str(after[subject][-1]["at"]))
    return {subject: after[subject] for subject in sorted(latest[-MOST_SUBJECTS:])}


def _fitting(subjects: dict[str, list[dict[str, Any]]]) -> bytes:
    """As JSON that `recall` can read: of every subject the older half goes until it is small enough."""
    while True:
        content = json.dumps({"subjects": subjects}, separators=(",", ":")).encode()
        if len(content) <= MAX_JSON_BYTES:
            return content
        if all(len(entries) <= 1 for entries in subjects.values()):
            subjects = dict(list(subjects.items())[: len(subjects) // 2])
        subjects = {subject: entries[-max(1, len(entries) // 2) :] for subject, entries in subjects.items()}
