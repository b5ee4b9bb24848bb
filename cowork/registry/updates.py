"""Whether the catalogue offers a newer version than the one that is here, as far as that is known without asking anybody."""

from __future__ import annotations

from cowork.core.errors import CoworkError
from cowork.registry.versions import is_newer
from cowork.registry.world import PackRecord

__all__ = ["Offers", "is_newer"]


class Offers:
    """What the catalogue offers, by pack name. An update badge is a courtesy: no listing ever fails for it, or waits.

    Only what is held is read: the last copy of the registry's catalogue however old it is, a directory that is the registry,
    or, until the default registry was asked for the first time, what cowork ships.
    """

    __slots__ = ("_versions",)

    def __init__(self) -> None:
        self._versions: dict[str, str] | None = None

    def update(self, pack: PackRecord) -> str | None:
        """The newer version of a pack; None when there is none. Bundled packs come with cowork itself."""
        if pack.scope == "bundled":
            return None
        if self._versions is None:
            self._versions = _held_versions()
        offered, held = self._versions.get(pack.name), pack.head["version"]
        return offered if offered and is_newer(offered, held) else None


def _held_versions() -> dict[str, str]:
    from cowork.registry import catalogue_cache, catalogue_place

    try:
        place = catalogue_place.place()
        held = None if place.mode == "local" else catalogue_cache.versions(place.document)
        if held is not None:
            return held
        if place.mode != "local" and not place.is_default:
            return {}
        from cowork.registry import catalogue_source

        found = catalogue_source.local(catalogue_place.shipped() if place.is_default else place).found
        return catalogue_source.versions_of(found)
    except (CoworkError, OSError):
        return {}
