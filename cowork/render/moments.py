"""Moments as a person reads them."""

from __future__ import annotations


def minute(moment: str | None) -> str:
    """An RFC 3339 moment in UTC to the minute: 2026-01-31 08:05Z; empty for none."""
    return f"{moment[:10]} {moment[11:16]}Z" if moment else ""
