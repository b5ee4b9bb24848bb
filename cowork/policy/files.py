"""Where the policy file is. Listings ask this first: where there is none, nothing of the policies need be loaded."""

from __future__ import annotations

import os
from pathlib import Path

from cowork.core.paths import home


def policy_path() -> Path:
    """Where the policy file lives, whether or not it exists."""
    return home() / "policies.json"


def is_set() -> bool:
    """Whether there is a policy file, readable or not."""
    return os.path.lexists(policy_path())
