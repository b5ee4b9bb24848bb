"""Real repositories, made by real git."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path


def git(directory: Path, *words: str, ok: bool = True) -> str:
    """What git says, in a directory; it has to end well."""
    done = subprocess.run(["git", *words], cwd=directory, capture_output=True, text=True, errors="surrogateescape", timeout=60)
    assert not ok or done.returncode == 0, done.stderr
    return done.stdout.strip()


def made(directory: Path, files: dict[str, str] | None = None) -> Path:
    """A repository with one commit on the branch `main`."""
    directory.mkdir(parents=True, exist_ok=True)
    git(directory, "init", "-q", "-b", "main")
    git(directory, "config", "user.name", "Ada")
    git(directory, "config", "user.email", "ada@example.org")
    written(directory, files if files is not None else {"a.txt": "one\n", "b/c.txt": "two\n", ".gitignore": "*.log\n/env\n"})
    git(directory, "add", "-A")
    git(directory, "commit", "-q", "--allow-empty", "-m", "begin")
    return directory


def written(directory: Path, files: dict[str, str]) -> None:
    """Write files."""
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def state(directory: Path) -> dict[str, str]:
    """Every file below a directory with what is in it, those of git too: a mere look leaves it as it was."""
    found = {}
    for place, _, names in os.walk(directory):
        for name in names:
            path = Path(place) / name
            if not path.is_symlink() and path.is_file():
                found[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found
