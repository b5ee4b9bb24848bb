"""Reading and writing files so that a crash or a bad file never costs the user anything."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from pathlib import Path
from typing import Any

from cowork.core.errors import CoworkError, InvalidInput, NotFound

MAX_JSON_BYTES = 4 * 1024 * 1024


def cannot_write(path: Path, error: OSError) -> CoworkError:
    """The error for a path that cannot be created or written."""
    return CoworkError(
        "file.not_writable",
        f"cannot write {path}",
        cause=error.strerror or str(error),
        hint="check the path and its permissions, or point COWORK_HOME at a writable directory",
        details={"path": str(path)},
    )


def ensure_dir(path: Path) -> Path:
    """Create a private directory (mode 0700), and its parents just as private. Raises `file.not_writable`."""
    try:
        for parent in reversed(path.parents):
            if not parent.exists():
                parent.mkdir(mode=0o700, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise cannot_write(path, error) from error
    return path


def need_directory(path: Path) -> None:
    """Refuse a file that somebody named in a directory that is not there. Raises NotFound `file.no_directory`."""
    if not path.parent.is_dir():
        hint = "make it, or name a file in another directory"
        raise NotFound(
            "file.no_directory", f"there is no directory {path.parent}", hint=hint, details={"path": str(path.parent)}
        )


def write_atomic(path: Path, content: bytes, *, mode: int = 0o600, durable: bool = True) -> None:
    """Replace `path` by `content`: readers see the old or the new file, never a part. Raises `file.not_writable`.

    What can be made anew need not be `durable`: it may be gone after a power failure.
    """
    ensure_dir(path.parent)
    temporary = unused(path.parent, f".{path.name}.")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fchmod(stream.fileno(), mode)
            if durable:
                os.fsync(stream.fileno())
        temporary.replace(path)
        if durable:
            sync_dir(path.parent)
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def unused(directory: Path, prefix: str) -> Path:
    """A path in a directory that nobody else uses or can guess. `tempfile` would take as long to load as all of this module."""
    return directory / f"{prefix}{os.urandom(8).hex()}"


def sync_dir(path: Path) -> None:
    """Make renames and creations in `path` durable."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_regular(path: Path, limit: int) -> bytes:
    """The first `limit` + 1 bytes of a file. Raises OSError, also for a FIFO or device: reading those may never end."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "it is not a regular file")
    with path.open("rb") as stream:
        return stream.read(limit + 1)


def read_json(path: Path, *, what: str, limit: int = MAX_JSON_BYTES) -> Any:
    """The parsed JSON document at `path`.

    Raises `file.unreadable`, `file.too_large` or `file.corrupt` (InvalidInput), each naming the file and the place.
    `FileNotFoundError` is left to the caller, who knows what absence means.
    """
    try:
        raw = read_regular(path, limit)
    except FileNotFoundError:
        raise
    except NotADirectoryError as error:  # something above it is a file: it is not there either
        raise FileNotFoundError(error.errno, error.strerror, str(path)) from error
    except OSError as error:
        raise InvalidInput(
            "file.unreadable",
            f"cannot read {what} {path}",
            cause=error.strerror or str(error),
            hint="check the path and its permissions",
            details={"path": str(path)},
        ) from error
    if len(raw) > limit:
        raise InvalidInput(
            "file.too_large",
            f"{what} {path} is larger than {limit} bytes",
            hint="split or shorten it",
            details={"path": str(path), "limit": limit},
        )
    return parse_json(raw, path=path, what=what)


def parse_json(raw: bytes, *, path: Path, what: str) -> Any:
    """Parse strict JSON (no NaN, no infinity, no invalid UTF-8). Raises `file.corrupt` with line and column where known."""
    import json  # not for those who write, or look first whether there is anything

    try:
        return json.loads(raw.decode("utf-8-sig"), parse_constant=_refuse_constant, parse_float=_finite)
    except json.JSONDecodeError as error:
        place, cause = f"{path}:{error.lineno}:{error.colno}", error.msg
    except (ValueError, RecursionError) as error:
        place, cause = str(path), str(error) or type(error).__name__
    raise InvalidInput(
        "file.corrupt",
        f"{what} is not valid JSON: {place}",
        cause=cause,
        hint="mend the file, or move it away to start from the defaults",
        details={"path": str(path)},
    )


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if abs(number) == float("inf"):
        raise ValueError(f"the number {text[:20]} is out of range")
    return number
