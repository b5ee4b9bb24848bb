"""Installing in tests: the whole way in this process, with a clock that stands and nobody to ask."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cowork.core.outcome import Notice
from cowork.install import install as installing
from cowork.install import update as updating
from cowork.install.approval import Approval, Request
from cowork.install.install import Options
from cowork.install.places import Place, place_of
from cowork.install.results import Installation
from cowork.install.sources import parse
from cowork.install.wanted import Wanted
from tests.registry.places import pack, skill
from tests.support import FakeClock

CONNECTOR = {
    "name": "crm",
    "description": "Customers",
    "type": "http",
    "http": {"url": "https://api.acme.example/customers", "method": "GET"},
}


def unheard(_kind: str, _data: dict[str, Any]) -> None:
    """Nobody hears of the steps."""


def options(*approve: str, ask: Any = None, **more: Any) -> Options:
    """Options for the user's place."""
    return Options(more.pop("place", None) or place_of("user"), Approval(approve, ask), **more)


def install(source: str, *approve: str, plugin: str | None = None, offline: bool = False, **more: Any) -> Installation:
    """Install; what was said beside the answer is lost."""
    return install_loudly(source, *approve, plugin=plugin, offline=offline, **more)[0]


def install_loudly(
    source: str, *approve: str, plugin: str | None = None, offline: bool = False, **more: Any
) -> tuple[Installation, tuple[Notice, ...]]:
    """Install, with what was said."""
    how = options(*approve, **more)
    wanted = Wanted(parse(source), plugin, dry_run=how.dry_run, offline=offline)
    return installing.install(wanted, how, FakeClock(), unheard)


def update(*names: str, approve: tuple[str, ...] = (), **more: Any) -> updating.Update:
    """Update packs."""
    return updating.update(names, options(*approve, **more), FakeClock(), unheard)[0]


def acme(root: Path, version: str = "1.0.0", **more: Any) -> str:
    """A directory with the pack `acme`, as a source."""
    return str(pack(root, "acme", skill("greet"), version=version, **more).parent)


def manifest(version: str = "1.0.0", **more: Any) -> str:
    """The manifest of `acme` as text, for repositories."""
    import json

    document = {
        "name": "acme",
        "displayName": "Acme",
        "version": version,
        "description": "The acme pack",
        "type": "pack",
        "skills": [skill("greet")],
        **more,
    }
    return json.dumps(document)


def everything(place: Place) -> dict[str, bytes]:
    """Every file of a place and the store, but for what a killed process may leave lying about until the next one comes."""
    roots = (place.extensions, place.lock.parent / "cowork.lock")
    files = [path for root in roots for path in ([root] if root.is_file() else root.rglob("*")) if path.is_file()]
    return {str(path.relative_to(place.base)): path.read_bytes() for path in files if not path.name.startswith(".")}


def yes(_request: Request) -> bool:
    """A person who agrees."""
    return True


def no(_request: Request) -> bool:
    """A person who does not."""
    return False
