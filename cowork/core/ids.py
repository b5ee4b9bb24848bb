"""Identifiers and seeded choices."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime


def session_id(now: datetime) -> str:
    """A session id that sorts by time: 20260131-080500-3f9a1c."""
    return f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


def seeded(*parts: object) -> int:
    """A 64-bit number that depends on the parts alone, the same on every machine and run."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8], "big")
