"""What a skill of a manifest says that it needs, and what of it is not here. It is told, and keeps no skill from being used."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any

from cowork.core.text import one_line


def missing(requires: Mapping[str, Any] | None) -> tuple[str, ...]:
    """One sentence for each program, variable or system of `requires` that is not here."""
    if not requires:
        return ()
    import shutil

    lacking = [
        f"it needs the program '{name}', which is not on PATH" for name in requires.get("bins", ()) if not shutil.which(name)
    ]
    any_of = requires.get("anyBins", ())
    if any_of and not any(shutil.which(name) for name in any_of):
        lacking.append(f"it needs one of the programs {', '.join(any_of)}, and none is on PATH")
    lacking += [
        f"it needs the environment variable {name}, which is not set"
        for name in requires.get("env", ())
        if not os.environ.get(name)
    ]
    systems = requires.get("os", ())
    if systems and sys.platform not in systems:
        lacking.append(f"it is for {', '.join(systems)}, not for {sys.platform}")
    return tuple(one_line(text) for text in lacking)
