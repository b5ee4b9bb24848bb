"""What of a git repository may be written inside: enough to commit, and nothing that git would run outside.

Hooks and configuration name programs. `commondir` names the place where both are looked for. What a `.git` file points to
is believed only as far as the other side confirms it.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from cowork.core.sandboxing.layout import Drawing

_READ = ("config", "config.worktree", "modules", "worktrees", "commondir", "gitdir")
_SHARED = ("objects", "refs", "logs", "reftable")
_LONGEST = 4096
_PATIENCE_S = 5.0


def draw(drawing: Drawing, directory: Path, environ: Mapping[str, str]) -> None:
    """Add the rules for a working directory that is the root of a repository or of a worktree of one."""
    dot = directory / ".git"
    if dot.is_dir():
        drawing.watch(dot)
        if not dot.is_symlink() or Path(os.path.realpath(dot)).is_relative_to(directory):
            _own(drawing, dot)
    elif dot.is_file():
        _elsewhere(drawing, dot)
    if os.path.lexists(dot):
        _hooks_elsewhere(drawing, directory, environ)


def _own(drawing: Drawing, git: Path) -> None:
    """A directory with everything in it."""
    drawing.add(git, "write")  # a place of its own cannot be renamed
    if (git / "hooks").is_symlink():
        drawing.watch(git / "hooks")
    drawing.add(git / "hooks", "read" if (git / "hooks").is_dir() else "hide")
    _protect(drawing, git)


def _elsewhere(drawing: Drawing, dot: Path) -> None:
    """A file that points to the directory of a worktree or of a submodule."""
    drawing.add(dot, "read")
    git = _pointed(dot, b"gitdir: ")
    if git is None:
        return
    common = _pointed(git / "commondir", b"")
    if common is None:
        if _is_repository(git) and _is_submodule(git, dot.parent):
            _own(drawing, git)
        return
    back = _pointed(git / "gitdir", b"")
    if back != Path(os.path.realpath(dot)) or git.parent != common / "worktrees" or not _is_repository(common):
        return
    drawing.add(common, "read")
    for name in _SHARED:
        if (common / name).is_dir():
            drawing.add(common / name, "write")
    drawing.add(git, "write")
    _protect(drawing, git)


def _protect(drawing: Drawing, git: Path) -> None:
    for name in _READ:
        drawing.watch(git / name)
        if (git / name).exists():
            drawing.add(git / name, "read")


def _pointed(file: Path, start: bytes) -> Path | None:
    """The real path that a file holds."""
    try:
        with file.open("rb") as stream:
            raw = stream.read(_LONGEST)
    except OSError:
        return None
    if not raw.startswith(start) or b"\0" in raw:
        return None
    return Path(os.path.realpath(file.parent / os.fsdecode(raw[len(start) :].rstrip(b"\r\n"))))


def _is_repository(git: Path) -> bool:
    return (git / "HEAD").is_file() and (git / "objects").is_dir() and (git / "refs").is_dir()


def _is_submodule(git: Path, directory: Path) -> bool:
    """Whether a directory is among the modules of a repository around the working directory."""
    return any(git.is_relative_to(above / ".git" / "modules") for above in Path(os.path.realpath(directory)).parents)


def _hooks_elsewhere(drawing: Drawing, directory: Path, environ: Mapping[str, str]) -> None:
    """Hooks in the working tree, where the configuration says so."""
    words = ["git", "config", "--type=path", "--get", "core.hooksPath"]
    try:
        done = subprocess.run(  # noqa: S603 - fixed words
            words,
            cwd=directory,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE_S,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return
    said = os.fsdecode(done.stdout.rstrip(b"\n"))
    if done.returncode == 0 and said:
        hooks = directory / said
        if drawing.access(Path(os.path.realpath(hooks))) == "write":
            drawing.watch(hooks)
            if hooks.is_dir():
                drawing.add(hooks, "read")
