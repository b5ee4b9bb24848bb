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
        _elsewhere(drawing, dot, environ)
    if os.path.lexists(dot):
        _hooks_elsewhere(drawing, directory, environ)


def _own(drawing: Drawing, git: Path) -> None:
    """A directory with everything in it."""
    drawing.add(git, "write")  # a place of its own cannot be renamed
    if os.path.lexists(git / "hooks"):
        drawing.guard(git / "hooks")
    else:
        drawing.add(git / "hooks", "hide")
    _protect(drawing, git)


def _elsewhere(drawing: Drawing, dot: Path, environ: Mapping[str, str]) -> None:
    """A file that points to the directory of a worktree or of a submodule."""
    drawing.add(dot, "read")
    git = _pointed(dot, b"gitdir: ")
    if git is None:
        return
    common = _pointed(git / "commondir", b"")
    if common is None:
        if _is_repository(git) and _is_submodule(git, dot.parent, environ):
            _own(drawing, git)
        return
    back = _pointed(git / "gitdir", b"")
    if back != Path(os.path.realpath(dot)) or git.parent != common / "worktrees" or not _is_repository(common):
        return
    drawing.add(common, "read")
    for name in _SHARED:
        if Path(os.path.realpath(common / name)) == common / name and (common / name).is_dir():
            drawing.add(common / name, "write")
    drawing.add(git, "write")
    _protect(drawing, git)


def _protect(drawing: Drawing, git: Path) -> None:
    for name in _READ:
        drawing.guard(git / name)


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


def _is_submodule(git: Path, directory: Path, environ: Mapping[str, str]) -> bool:
    """Whether a directory is that of a submodule of a repository around it, by the word of both."""
    real = Path(os.path.realpath(directory))
    if not any(git.is_relative_to(above / ".git" / "modules") for above in real.parents):
        return False
    said = _configured(["--file", str(git / "config"), "core.worktree"], git, environ)
    return said is not None and Path(os.path.realpath(git / said)) == real


def _hooks_elsewhere(drawing: Drawing, directory: Path, environ: Mapping[str, str]) -> None:
    """Hooks in the working tree, where the configuration says so."""
    said = _configured(["--type=path", "core.hooksPath"], directory, environ)
    if said:
        drawing.guard(directory / said)


def _configured(words: list[str], directory: Path, environ: Mapping[str, str]) -> str | None:
    """A value of git's configuration, None where there is none or git cannot tell. Reading it runs nothing."""
    try:
        done = subprocess.run(  # noqa: S603 - fixed words
            ["git", "config", *words[:-1], "--get", words[-1]],  # noqa: S607 - the user's own git
            cwd=directory,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE_S,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return os.fsdecode(done.stdout.rstrip(b"\n")) if done.returncode == 0 else None
