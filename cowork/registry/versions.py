"""Which of two versions is the newer one."""

from __future__ import annotations


def is_newer(offered: str, held: str) -> bool:
    """Whether `offered` is the newer one, by semantic versioning; versions that are none compare as not newer."""
    if offered == held:
        return False
    from semver import Version

    try:
        return Version.parse(offered) > Version.parse(held)
    except ValueError:
        return False
