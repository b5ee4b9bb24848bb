"""What changed in a directory, as a patch that holds binary files too, and how it is made to happen again.

A repository of our own looks at the directory, whether or not it is in one itself. So nothing is left behind there, and nothing
of the project's configuration, such as its filters and hooks, is ever run.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path

LARGEST_PATCH = 32 * 1024 * 1024
_PATIENCE_S = 600.0
_AS_THEY_ARE = "* -text -ident -filter -working-tree-encoding !diff\n"
_OWN = ".cowork"  # what loops write about themselves


class NoChanges(Exception):
    """They cannot be told, or not be made to happen; the message says why."""


class Shadow:
    """A repository that looks at a directory. `hidden` are files in it that are none of its business."""

    def __init__(self, directory: Path, hidden: tuple[Path, ...] = ()) -> None:
        self._directory = directory.resolve()
        self._hidden = hidden
        self._lock = threading.Lock()
        self._place: Path | None = None

    def tree(self) -> str:
        """What is in the directory now, by a name for `patch`. Raises NoChanges."""
        with self._lock:
            spared = [f":(exclude,top,literal){name}" for name in (_OWN, *self._inside())]
            self._git("add", "--all", "--ignore-errors", "--", ":/", *spared, good=(0, 1))
            return self._git("write-tree").decode().strip()

    def patch(self, before: str, after: str) -> bytes:
        """What makes one state of the directory into another; empty when they are the same. Raises NoChanges."""
        if before == after:
            return b""
        with self._lock:
            options = ("--binary", "--full-index", "--no-ext-diff", "--no-textconv", "--no-renames", "--ignore-submodules=all")
            patch = self._git("diff", *options, before, after)
        if len(patch) > LARGEST_PATCH:
            raise NoChanges(f"they are {len(patch)} bytes, more than {LARGEST_PATCH}")
        return patch

    def apply(self, patch: bytes) -> None:
        """Make the changes of a patch, all or none: never outside the directory, through a link, or in `.git`.

        Raises NoChanges.
        """
        if patch.strip():
            with self._lock:
                self._git("apply", "--binary", "--whitespace=nowarn", "-p1", "-", feed=patch)

    def close(self) -> None:
        """Take the repository away."""
        with self._lock:
            if self._place is not None:
                shutil.rmtree(self._place, ignore_errors=True)
                self._place = None

    def _inside(self) -> list[str]:
        places = [path.resolve() for path in self._hidden]
        return [str(path.relative_to(self._directory)) for path in places if path.is_relative_to(self._directory)]

    def _git(self, *words: str, good: tuple[int, ...] = (0,), feed: bytes = b"") -> bytes:
        if self._place is None:
            place = Path(tempfile.mkdtemp(prefix="cowork-shadow-"))
            self._call(place, "init", "--quiet", "--bare", "--template=", str(place))
            (place / "info").mkdir(exist_ok=True)
            (place / "info" / "attributes").write_text(_AS_THEY_ARE)
            self._place = place
        told = ("--git-dir", str(self._place), "--work-tree", str(self._directory))
        excludes = self._directory / ".git" / "info" / "exclude"
        ignored = excludes if excludes.is_file() else os.devnull
        return self._call(self._place, *told, "-c", f"core.excludesFile={ignored}", *words, good=good, feed=feed)

    def _call(self, place: Path, *words: str, good: tuple[int, ...] = (0,), feed: bytes = b"") -> bytes:
        git = shutil.which("git")
        if git is None:
            raise NoChanges("the program git is not there")
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(place),
            "LC_ALL": "C",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_OPTIONAL_LOCKS": "0",
        }
        quiet = ("-c", "core.fsmonitor=false", "-c", "advice.addEmbeddedRepo=false", "-c", "core.quotePath=true")
        try:
            done = subprocess.run(  # noqa: S603 - words of our own, and no shell
                [git, *quiet, *words],
                cwd=self._directory,
                env=environment,
                input=feed,
                capture_output=True,
                timeout=_PATIENCE_S,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NoChanges(f"git does not run: {error}") from error
        if done.returncode not in good:
            raise NoChanges(done.stderr.decode("utf-8", "replace").strip()[:1000] or f"git ended with {done.returncode}")
        return done.stdout
