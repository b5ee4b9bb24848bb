"""Whether the catalogue offers a newer version than the one that is here."""

from __future__ import annotations

from cowork.core.errors import CoworkError
from cowork.core.files import read_json
from cowork.core.paths import data_dir
from cowork.registry.world import PackRecord


class Offers:
    """What the catalogue offers, by pack name. An update badge is a courtesy: no listing ever fails for it."""

    __slots__ = ("_versions",)

    def __init__(self) -> None:
        self._versions: dict[str, str] | None = None

    def update(self, pack: PackRecord) -> str | None:
        """The newer version of a pack; None when there is none. Bundled packs come with cowork itself."""
        if pack.scope == "bundled":
            return None
        if self._versions is None:
            self._versions = _versions()
        offered, held = self._versions.get(pack.name), pack.head["version"]
        return offered if offered and is_newer(offered, held) else None


def is_newer(offered: str, held: str) -> bool:
    """Whether `offered` is the newer one, by semantic versioning; versions that are none compare as not newer."""
    if offered == held:
        return False
    from semver import Version

    try:
        return Version.parse(offered) > Version.parse(held)
    except ValueError:
        return False


def _versions() -> dict[str, str]:
    try:
        document = read_json(data_dir("registry") / "pack-catalog.json", what="pack catalogue")
        return {item["name"]: item["version"] for item in document["packs"] if isinstance(item["version"], str)}
    except (CoworkError, OSError, KeyError, TypeError):
        return {}
