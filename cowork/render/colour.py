"""Whether to colour a stream: --color > NO_COLOR > FORCE_COLOR > TERM=dumb > is it a terminal."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TextIO


def wanted(stream: TextIO, choice: str, environ: Mapping[str, str] = os.environ) -> bool:
    """The decision for one stream; each stream is judged by itself."""
    if choice in ("always", "never"):
        return choice == "always"
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR"):
        return True
    return environ.get("TERM") != "dumb" and stream.isatty()
