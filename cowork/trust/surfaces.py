"""The files of a project that can run something or allow something, and a digest of them."""

# `pathlib` would cost a hook's start-up more than all the rest.
# ruff: noqa: PTH110, PTH114, PTH115, PTH116, PTH118, PTH208

import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SURFACES = (
    ".claude/agents",
    ".claude/commands",
    ".claude/hooks",
    ".claude/plugins",
    ".claude/settings.json",
    ".claude/settings.local.json",
    ".claude/skills",
    ".cowork/config.yaml",
    ".cowork/extensions",
    ".cowork/hooks.json",
    ".mcp.json",
)
MAX_FILES = 4_000
MAX_ENTRIES = 4 * MAX_FILES  # with directories, which do not count but take time
MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 32
_CHUNK = 1024 * 1024


class TooMuch(ValueError):
    """These files cannot be judged: they are too many or too large, or one cannot be read."""


class Survey:
    """What was found: `files`, from name to a hash of its kind, mode and content, and the `digest` over all of them."""

    __slots__ = ("digest", "files")

    def __init__(self, files: dict[str, str]) -> None:
        self.files = files
        whole = _hash()
        for name in sorted(files):
            whole.update(_framed(os.fsencode(name)) + _framed(files[name].encode()))
        self.digest: str = whole.hexdigest()


def survey(project: str) -> Survey:
    """Look at every surface of a project. Raises TooMuch.

    A link counts as itself and with all that it leads to, inside the project or not: what is read through it must not be able
    to change unseen.
    """
    look = _Look(project)
    for surface in SURFACES:
        look.at(surface)
    return Survey(look.files)


class _Look:
    def __init__(self, project: str) -> None:
        self._project = project
        self._bytes = 0
        self._seen = 0
        self.files: dict[str, str] = {}

    def at(self, surface: str) -> None:
        """Take in one surface; a link on the way to it counts as well."""
        first, slash, _ = surface.partition("/")
        if slash and os.path.islink(os.path.join(self._project, first)) and f"-> {first}" not in self.files:
            self._link(first)
        if os.path.lexists(os.path.join(self._project, surface)):
            self._entry(surface, 0)

    def _entry(self, name: str, depth: int) -> None:
        path = os.path.join(self._project, name)
        self._seen += 1
        if self._seen > MAX_ENTRIES:
            raise TooMuch(f"more than {MAX_ENTRIES} files and directories")
        try:
            if stat.S_ISLNK(os.lstat(path).st_mode):
                self._link(name)
                if not os.path.exists(path):
                    return
            found = os.stat(path)
            if stat.S_ISDIR(found.st_mode):
                self._directory(name, path, depth)
            elif stat.S_ISREG(found.st_mode):
                self._keep(name, "file", stat.S_IMODE(found.st_mode), self._content(path))
            else:
                raise TooMuch(f"{name} is neither a file nor a directory")
        except OSError as error:
            raise TooMuch(f"{name} cannot be read: {error.strerror or error}") from error

    def _directory(self, name: str, path: str, depth: int) -> None:
        if depth >= MAX_DEPTH:
            raise TooMuch(f"{name} leads back to itself, or is nested too deeply")
        for child in sorted(os.listdir(path)):
            self._entry(f"{name}/{child}", depth + 1)

    def _link(self, name: str) -> None:
        target = os.readlink(os.path.join(self._project, name))
        self._keep(f"-> {name}", "link", 0, _digest(os.fsencode(target)))

    def _keep(self, name: str, kind: str, mode: int, content: str) -> None:
        if len(self.files) >= MAX_FILES:
            raise TooMuch(f"more than {MAX_FILES} files")
        self.files[name] = f"{kind} {mode:o} {content}"

    def _content(self, path: str) -> str:
        held = _hash()
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise TooMuch(f"{path} changed while it was read")
            while data := os.read(handle, _CHUNK):
                self._bytes += len(data)
                if self._bytes > MAX_BYTES:
                    raise TooMuch(f"more than {MAX_BYTES // 1024 // 1024} MB")
                held.update(data)
        finally:
            os.close(handle)
        return str(held.hexdigest())


def _hash() -> "Any":
    try:
        from _blake2 import blake2b  # a third of the start-up of `hashlib`, which is the same function
    except ImportError:
        from hashlib import blake2b
    return blake2b(digest_size=32)


def _digest(data: bytes) -> str:
    held = _hash()
    held.update(data)
    return str(held.hexdigest())


def _framed(data: bytes) -> bytes:
    return len(data).to_bytes(8, "big") + data
