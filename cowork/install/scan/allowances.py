"""`scan-allowances.json`: findings that somebody looked at and allowed, each for one rule and exactly these bytes.

{"version": 1, "allowed": [{"rule", "digest", "reason", "at", "by"}]}. A file that cannot be read allows nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cowork.core.errors import InvalidInput
from cowork.core.files import read_json
from cowork.core.outcome import Notice
from cowork.core.paths import home
from cowork.install.scan.patterns import compiled

_FIELDS = ("rule", "digest", "reason", "at", "by")
_DIGEST = "[0-9a-f]{64}"


class Allowance(NamedTuple):
    """A rule that does not count for the file with this SHA-256: why, since when, and who said so."""

    rule: str
    digest: str
    reason: str
    at: str
    by: str


class Allowances(NamedTuple):
    """What is allowed, the reasons by rule and digest, and what was wrong with the file."""

    items: tuple[Allowance, ...] = ()
    notices: tuple[Notice, ...] = ()

    @property
    def reasons(self) -> Mapping[tuple[str, str], str]:
        """The reason by rule and digest."""
        return {(item.rule, item.digest): item.reason for item in self.items}


def path() -> Path:
    """Where the file is, whether or not it exists."""
    return home() / "scan-allowances.json"


def read() -> Allowances:
    """What is allowed. A corrupt file allows nothing, and a notice says so."""
    try:
        return Allowances(read_strict())
    except InvalidInput as error:
        return Allowances(notices=(Notice("allowances.corrupt", f"{error.message}: no finding counts as allowed"),))


def read_strict() -> tuple[Allowance, ...]:
    """What is allowed, in the order of the file. Raises InvalidInput (`allowances.invalid`, `file.*`) for a bad file."""
    try:
        document = read_json(path(), what="scan allowances")
    except FileNotFoundError:
        return ()
    if not isinstance(document, dict) or document.get("version") != 1 or not isinstance(document.get("allowed"), list):
        raise _invalid("it must be an object with version 1 and a list 'allowed'")
    return tuple(_allowance(number, item) for number, item in enumerate(document["allowed"]))


def add(new: Iterable[Allowance]) -> None:
    """Add allowances; one for the same rule and digest takes the place of the old. Raises `allowances.*` and `file.*`."""
    import json

    from cowork.core.files import ensure_dir, write_atomic
    from cowork.core.locks import locked

    ensure_dir(home())
    with locked(path().with_suffix(".lock")):
        held = {(item.rule, item.digest): item for item in (*read_strict(), *new)}
        document = {"version": 1, "allowed": [held[key]._asdict() for key in sorted(held)]}
        write_atomic(path(), json.dumps(document, indent=2).encode() + b"\n")


def _allowance(number: int, item: Any) -> Allowance:
    if not isinstance(item, dict) or not all(isinstance(item.get(name), str) and item[name] for name in _FIELDS):
        raise _invalid(f"allowed[{number}] must have the texts {', '.join(_FIELDS)}")
    if not compiled(_DIGEST).fullmatch(item["digest"]):
        raise _invalid(f"allowed[{number}].digest must be 64 hexadecimal digits")
    return Allowance(*(item[name] for name in _FIELDS))


def _invalid(rule: str) -> InvalidInput:
    return InvalidInput(
        "allowances.invalid",
        f"{path()} is not a file of scan allowances: {rule}",
        hint="mend it, or move it away and allow again what has to be",
        details={"path": str(path())},
    )
