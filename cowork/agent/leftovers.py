"""What a run leaves on disk beside its journal: long output of commands, which may hold secrets that its text did not show."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from cowork.core.errors import CoworkError
from cowork.core.files import write_atomic


def clean_outputs(directory: Path, clean: Callable[[str], str]) -> None:
    """Take the secrets out of every file of a session's output. One that cannot be rewritten is removed instead."""
    for path in sorted(directory.rglob("*")):
        if not path.is_file() or path.is_symlink():
            continue
        try:
            held = path.read_bytes().decode("utf-8", "surrogateescape")
            cleaned = clean(held)
            if cleaned != held:
                write_atomic(path, cleaned.encode("utf-8", "surrogateescape"))
        except (OSError, CoworkError):
            with contextlib.suppress(OSError):
                path.unlink()
