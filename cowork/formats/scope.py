"""Where a pack comes from."""

from __future__ import annotations

from typing import Literal

Scope = Literal["bundled", "personal", "project", "organization"]
