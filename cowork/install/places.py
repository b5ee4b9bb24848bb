"""Where installed packs stand: the user's own, or those of a project. Computing a place touches nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple

from cowork.core.errors import Denied
from cowork.core.paths import home, project_dir
from cowork.core.transactions import LOCKFILE, STAGING

ScopeName = Literal["user", "project"]


class Place(NamedTuple):
    """A directory with packs in `extensions`, what is known of them in `cowork.lock`, and work in progress in `staging`."""

    scope: ScopeName
    base: Path

    @property
    def extensions(self) -> Path:
        """Each directory in it is a pack."""
        return self.base / "extensions"

    @property
    def lock(self) -> Path:
        """The lockfile."""
        return self.base / LOCKFILE

    @property
    def staging(self) -> Path:
        """Unfinished installations, on the file system of the packs, so that a rename puts them in place."""
        return self.base / STAGING

    def refuse_links(self) -> None:
        """Raises `place.link` where writing into a project would write elsewhere: whoever made the project chose where to."""
        for path in (self.base, self.extensions, self.staging) if self.scope == "project" else ():
            if path.is_symlink():
                raise Denied(
                    "place.link",
                    f"{path} is a link",
                    cause="what a project brings may not decide where on this machine is written",
                    hint="look where it leads; replace it by a directory if you want packs in the project",
                    details={"path": str(path)},
                )


def place_of(scope: ScopeName) -> Place:
    """`~/.cowork` for the user, `.cowork` of the project that the working directory belongs to."""
    return Place(scope, home() if scope == "user" else project_dir() / ".cowork")


def store_dir() -> Path:
    """Where everything that was ever installed is kept for rollback, by pack and tree hash."""
    return home() / "store"
