"""Opening files that somebody else may be swapping: by a path without links, one directory at a time, and looked at again.

A path that was judged is a text. Between the judging and the opening a directory of it can be replaced by a link, so nothing
here follows one: a path is resolved once, judged as it is, and every part of it is opened without following.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from cowork.agent.tools.base import Access, ToolFailure, Workspace
from cowork.core.text import one_line

# Passing through a directory needs no right to read it. macOS has no O_PATH.
_DIRECTORY = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_SIBLINGS = 2000
_KINDS = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISFIFO, "a named pipe (FIFO)"),
    (stat.S_ISCHR, "a character device"),
    (stat.S_ISBLK, "a block device"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISLNK, "a symbolic link"),
)


def resolve(workspace: Workspace, text: str, access: Access) -> Path:
    """The real path a call means, judged. Raises ToolFailure."""
    if not text.strip("\0 "):
        raise ToolFailure("The path is empty. Name a file.")
    if "\0" in text:
        raise ToolFailure("A path cannot hold a NUL character.")
    real = workspace.real(text)
    refuse(workspace, real, access)
    return real


def refuse(workspace: Workspace, real: Path, access: Access) -> None:
    """Raises ToolFailure when a real path may not be touched."""
    reason = workspace.judge(real, access) if workspace.judge is not None else None
    if reason is not None:
        raise ToolFailure(reason)


@contextlib.contextmanager
def parent_of(real: Path, *, make: bool = False) -> Iterator[int]:
    """A handle of the directory that holds a real path, opened without following links; made if asked. Raises OSError."""
    handle = os.open(real.anchor, _DIRECTORY)
    try:
        for part in real.parts[1:-1]:
            if make:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(part, dir_fd=handle)
            deeper = os.open(part, _DIRECTORY, dir_fd=handle)
            os.close(handle)
            handle = deeper
        yield handle
    finally:
        os.close(handle)


@contextlib.contextmanager
def regular(real: Path) -> Iterator[int]:
    """A handle to read a regular file with. Raises ToolFailure for everything else, in words."""
    with explained(real), parent_of(real) as directory:
        before = os.stat(real.name or ".", dir_fd=directory, follow_symlinks=False)
        refuse_kind(real, before.st_mode)  # opening a device can do things
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
        handle = os.open(real.name, flags, dir_fd=directory)
    try:
        refuse_kind(real, os.fstat(handle).st_mode)
        yield handle
    finally:
        os.close(handle)


def refuse_kind(real: Path, mode: int) -> None:
    """Raises ToolFailure for what is not a regular file, saying what it is."""
    if stat.S_ISREG(mode):
        return
    kind = next((name for test, name in _KINDS if test(mode)), "not a regular file")
    advice = "List it with Glob, or with Bash: ls." if stat.S_ISDIR(mode) else "Only regular files can be used here."
    raise ToolFailure(f"{shown(real)} is {kind}, not a file. {advice}")


@contextlib.contextmanager
def explained(real: Path) -> Iterator[None]:
    """What the system says of a path as a ToolFailure that says what to do."""
    try:
        yield
    except OSError as error:
        raise ToolFailure(_explanation(real, error)) from error


def _explanation(real: Path, error: OSError) -> str:
    name = shown(real)
    if error.errno == errno.ENOENT:
        return f"{name} does not exist.{_nearby(real)}"
    if error.errno == errno.ELOOP:
        return f"{name} leads through symbolic links that do not end, or that changed meanwhile."
    if error.errno == errno.ENOTDIR:
        return f"{name} cannot be there: something above it is not a directory, or changed meanwhile."
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"{name} cannot be opened: permission denied. The user has to change its permissions."
    if error.errno == errno.ENAMETOOLONG:
        return f"The path {one_line(str(real), 80)} is too long."
    return f"{name} cannot be used: {error.strerror or error}."


def _nearby(real: Path) -> str:
    """What the model may have meant: a name like it in the same directory, or the directory that is missing."""
    from cowork.core.text import suggest

    for above in real.parents:
        if above.is_dir():
            break
    else:
        return ""
    if above != real.parent:
        return f" Nor does the directory {shown(real.parent)}; {shown(above)} does."
    names: list[str] = []
    with contextlib.suppress(OSError), os.scandir(above) as entries:
        for entry in entries:
            names.append(entry.name)
            if len(names) == _SIBLINGS:
                break
    found = suggest(real.name, names)
    return f" Did you mean {shown(above / found)}?" if found else " Look for it with Glob."


def shown(path: Path) -> str:
    """A path in a message: on one line, whatever its name holds."""
    return one_line(str(path), 400)
