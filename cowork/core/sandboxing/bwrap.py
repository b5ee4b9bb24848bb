"""The words of bwrap for a layout."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from cowork.core.sandboxing.layout import Access, Layout

_LAUNCHER = Path(__file__).with_name("launcher.py")
_NAMESPACES = ("user", "pid", "ipc", "uts")


def words(program: str, layout: Layout, unset: Sequence[str], *, network: bool) -> list[str]:
    """Everything before the command and its directory.

    Namespaces are asked for by name, for a bwrap that root starts makes no user namespace by itself and keeps all powers.
    """
    found = [sys.executable, "-I", "-S", str(_LAUNCHER), program, "--die-with-parent", "--new-session"]
    found += [f"--unshare-{name}" for name in _NAMESPACES] + ["--unshare-cgroup-try", "--cap-drop", "ALL"]
    found += [] if network else ["--unshare-net"]
    found += ["--proc", "/proc"]
    if os.geteuid() == 0:  # settings of the kernel are root's to write, namespaces or not
        found += ["--remount-ro", "/proc"]
    found += ["--dev", "/dev"]
    for path, access in layout.rules:
        found += _mount(path, access)
    for at, target in layout.links:
        found += ["--symlink", target, str(at)]
    for path, access in layout.rules:
        if access == "hide" and not path.is_file():
            found += ["--remount-ro", str(path)]
    for name in unset:
        found += ["--unsetenv", name]
    return [*found, "--setenv", "TMPDIR", "/tmp"]  # noqa: S108 - that of the sandbox


def _mount(path: Path, access: Access) -> list[str]:
    place = str(path)
    if access == "private" or (access == "hide" and not path.is_file()):
        return ["--tmpfs", place]
    if access == "hide":
        return ["--ro-bind", "/dev/null", place]
    if access == "copy":
        return ["--copy", place, place]
    if path.is_relative_to("/dev"):
        return ["--dev-bind", place, place]
    return ["--bind" if access == "write" else "--ro-bind", place, place]
