"""`pack-states.json`: which packs and skills the user turned on and off.

{"packs": {name: bool}, "skills": {pack: {skill id: bool}}, "updatedAt"?}; the legacy flat form {name: bool} is read too. What
is not listed is on, a skill as its manifest says. A file that cannot be read is reported and left alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cowork.core.errors import InvalidInput
from cowork.core.files import read_json
from cowork.core.outcome import Notice
from cowork.core.paths import home


class States:
    """The switches that were set, and what was odd about the file."""

    __slots__ = ("notices", "packs", "skills")

    def __init__(self, notices: list[Notice] | None = None) -> None:
        self.packs: dict[str, bool] = {}
        self.skills: dict[str, dict[str, bool]] = {}
        self.notices = notices or []


def path() -> Path:
    """Where the file is, whether or not it exists."""
    return home() / "pack-states.json"


def read() -> States:
    """The switches. A corrupt file gives none, and a notice that says so."""
    try:
        return read_strict()
    except InvalidInput as error:
        return States(notices=[Notice("states.corrupt", f"{error.message}: all switches count as not set")])


def read_strict() -> States:
    """The switches; raises InvalidInput when the file cannot be read."""
    try:
        return _parse(read_json(path(), what="pack states"))
    except FileNotFoundError:
        return States()


def set_switch(pack: str, skill: str | None, *, enabled: bool, now: str) -> None:
    """Set one switch under a lock, keeping everything else in the file. Raises `file.*` and `states.locked`."""
    import json

    from cowork.core.files import ensure_dir, write_atomic
    from cowork.core.locks import locked

    ensure_dir(home())
    with locked(path().with_suffix(".lock")):
        try:
            document = read_json(path(), what="pack states")
        except FileNotFoundError:
            document = {}
        document = _modern(document)
        if skill is None:
            document["packs"][pack] = enabled
        else:
            document["skills"].setdefault(pack, {})[skill] = enabled
        document["updatedAt"] = now
        write_atomic(path(), json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n")


def forget(pack: str, *, now: str) -> None:
    """Remove every switch of a pack, keeping everything else in the file. Raises `file.*`, `states.*`."""
    import json

    from cowork.core.files import write_atomic
    from cowork.core.locks import locked

    if not path().exists():
        return
    with locked(path().with_suffix(".lock")):
        document = _modern(read_json(path(), what="pack states"))
        held = (document["packs"].pop(pack, None), document["skills"].pop(pack, None))
        if held != (None, None):
            document["updatedAt"] = now
            write_atomic(path(), json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n")


def _modern(document: Any) -> dict[str, Any]:
    """The document in today's form, unknown keys kept. Raises `states.invalid` for what is no states file at all."""
    if not isinstance(document, dict):
        raise _invalid("it must be an object")
    if "packs" not in document and "skills" not in document:
        flat = {key: value for key, value in document.items() if isinstance(value, bool)}
        rest = {key: value for key, value in document.items() if key not in flat}
        return {"packs": flat, "skills": {}, **rest}
    for key in ("packs", "skills"):
        if not isinstance(document.setdefault(key, {}), dict):
            raise _invalid(f"'{key}' must be an object")
    for pack, switches in document["skills"].items():
        if not isinstance(switches, dict):
            raise _invalid(f"skills.{pack} must be an object")
    return document


def _parse(document: Any) -> States:
    if not isinstance(document, dict):
        raise _invalid("it must be an object")
    flat = "packs" not in document and "skills" not in document
    packs = document if flat else document.get("packs", {})
    skills = {} if flat else document.get("skills", {})
    states = States()
    states.packs = _switches(packs, "packs", states, skip=("updatedAt",) if flat else ())
    if not isinstance(skills, Mapping):
        raise _invalid("'skills' must be an object")
    for pack, switches in skills.items():
        states.skills[pack] = _switches(switches, f"skills.{pack}", states)
    return states


def _switches(value: Any, where: str, states: States, skip: tuple[str, ...] = ()) -> dict[str, bool]:
    if not isinstance(value, Mapping):
        raise _invalid(f"'{where}' must be an object")
    found = {}
    for name, switch in value.items():
        if isinstance(switch, bool):
            found[name] = switch
        elif name not in skip:
            text = f"{path()}: {where}.{name} is neither true nor false and is ignored"
            states.notices.append(Notice("states.not_boolean", text))
    return found


def _invalid(rule: str) -> InvalidInput:
    return InvalidInput(
        "states.invalid",
        f"{path()} is not a pack states file: {rule}",
        hint="mend it, or move it away to turn everything back on",
        details={"path": str(path())},
    )
