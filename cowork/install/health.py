"""Whether what is installed can be trusted to be what was installed."""

from __future__ import annotations

from cowork.core.errors import CoworkError
from cowork.core.health import Check
from cowork.install.places import place_of


def check() -> Check:
    """For `doctor`: the lockfiles of the user and the project, and the packs they list."""
    from cowork.install.verify import verify

    count = 0
    for place in (place_of("user"), place_of("project")):
        try:
            count += verify(place).count
        except CoworkError as error:
            return Check(
                "installed packs", "warn" if error.code == "verify.failed" else "fail", f"{place.lock}: {error.message}"
            )
    return Check("installed packs", "ok", f"{count} as installed" if count else "none")
