"""The scanner as a fixture."""

from __future__ import annotations

from tests.install.scan.samples import scanner

__all__ = ["scanner"]
