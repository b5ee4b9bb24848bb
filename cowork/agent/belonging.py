"""Whose trust decides on what packs, agents and skills of a project may run: that of the project they come from.

The registry finds components from the working directory upwards; an agent may be at work elsewhere, as a twin in its own
workspace. That its place is trusted, or holds nothing that would have to be, says nothing of the components.
"""

from __future__ import annotations

import os
from pathlib import Path

from cowork.core.paths import home, project_dir
from cowork.trust.state import Trust, state


def source_trust(project: Path, trust: Trust | None = None) -> Trust:
    """The trust in the project that components come from; `trust` is known of the one that is worked in."""
    return trust if trust is not None and is_source(project) else state(project_dir(), home())


def is_source(project: Path) -> bool:
    """Whether the components of a project come from this one."""
    return os.path.realpath(project) == os.path.realpath(project_dir())
