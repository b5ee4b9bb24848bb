"""Context files: text the user hands over with a task, file by file or as a directory of them."""

from __future__ import annotations

import codecs
import os
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from cowork.core.errors import InvalidInput
from cowork.core.outcome import Notice

MAX_BYTES = 2 * 1024 * 1024
_GLANCE = 8192
_PRIVATE = (".env .env.* .envrc .netrc .npmrc .pypirc .git-credentials .htpasswd id_rsa* id_dsa* id_ecdsa* id_ed25519* *.pem "
            "*.key *.p12 *.pfx *.jks *.keystore *.kdbx credentials credentials.json *.tfstate").split()  # fmt: skip
_PUBLIC = frozenset({".env.example", ".env.sample", ".env.template"})


@dataclass(frozen=True)
class Document:
    """A text with the name it is known by in the prompt."""

    name: str
    text: str


def read_document(path: str) -> Document:
    """The text file at `path`.

    Raises `context.missing`, `context.not_a_file`, `context.too_large` (over 2 MB) or `context.binary`, naming it.
    """
    return Document(path, read_text(path, kind="context"))


@dataclass(frozen=True)
class Directory:
    """The texts of a directory, in the order of the tree, each under the directory's name and its own.

    `passed` are the files that were not read, each with why: not text, too large, private by its name, a link, no room.
    """

    name: str
    documents: tuple[Document, ...]
    passed: tuple[tuple[str, str], ...]

    @property
    def words(self) -> str:
        """What was passed over, in a sentence; empty when it was nothing."""
        counts: dict[str, list[str]] = {}
        for name, why in self.passed:
            counts.setdefault(why, []).append(name)
        return "; ".join(f"{len(names):,} {why} ({_few(names)})" for why, names in counts.items())


def read_documents(paths: Sequence[str]) -> tuple[tuple[Document, ...], tuple[Notice, ...]]:
    """The texts at paths of files and directories, and a notice for each directory with files that are not among them.

    Raises what `read_document` raises, `context.empty` for a directory without texts, `context.too_large` for one with more
    than 2 MB of them.
    """
    documents: list[Document] = []
    notices: list[Notice] = []
    for path in paths:
        if not is_directory(path):
            documents.append(read_document(path))
            continue
        found = read_directory(path)
        if any(why == _NO_ROOM for _, why in found.passed):
            raise _refused("too_large", "the directory holds more than 2 MB of text", path, "name what bears on the task")
        if not found.documents:
            raise _refused("empty", "the directory holds no text", path, "name a directory with text files")
        documents += found.documents
        notices += [Notice("context.passed_over", f"{path}: not read: {found.words}")] if found.passed else []
    return tuple(documents), tuple(notices)


def is_directory(path: str) -> bool:
    """Whether there is a directory at a path; False also for what no path can be."""
    try:
        return Path(path).is_dir()
    except (OSError, ValueError):
        return False


_NO_ROOM = "beyond 2 MB"


def read_directory(path: str, *, most_bytes: int = MAX_BYTES) -> Directory:
    """The texts below a directory that are not ignored, at most `most_bytes` of them. No link is followed.

    Raises `context.missing`, `context.not_a_directory`, `context.unreadable`.
    """
    from cowork.prompts.listing import listed
    from cowork.prompts.tree import directory_at, ordered, safe_name

    top = directory_at(path)
    documents: list[Document] = []
    passed: list[tuple[str, str]] = []
    for names in ordered(listed(top).paths):
        inner = safe_name("/".join(names))
        text = "private by its name" if _is_private(names[-1]) else _text_at(top, names, most_bytes)
        if isinstance(text, str):
            passed.append((inner, text))
            continue
        most_bytes -= len(text)
        decoded = text.decode("utf-8-sig").replace("\r\n", "\n")
        documents.append(Document(f"{safe_name(path.rstrip('/') or '/')}/{inner}", decoded))
    return Directory(path, tuple(documents), tuple(passed))


def _is_private(name: str) -> bool:
    return name.lower() not in _PUBLIC and any(fnmatch(name.lower(), pattern) for pattern in _PRIVATE)


def _text_at(top: Path, names: Sequence[str], most: int) -> bytes | str:
    """The bytes of a UTF-8 text below a directory, or why it is passed over."""
    handle = os.open(top, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for name in names:
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            deeper = os.open(name, flags, dir_fd=handle)
            os.close(handle)
            handle = deeper
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            return "not a file"
        with os.fdopen(os.dup(handle), "rb") as stream:
            raw = stream.read(min(most, found.st_size, _GLANCE) + 1)
            if not _looks_like_text(raw):
                return "not text"
            if found.st_size > most:
                return _NO_ROOM
            raw += stream.read(most + 1)
    except OSError:
        return "that cannot be read, or a link"
    finally:
        os.close(handle)
    if len(raw) > most:
        return _NO_ROOM
    return raw if _looks_like_text(raw, final=True) else "not text"


def _looks_like_text(raw: bytes, *, final: bool = False) -> bool:
    """Whether it is UTF-8 text, or the beginning of one."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(raw, final)
    except UnicodeDecodeError:
        return False
    return b"\0" not in raw


def _few(names: Iterable[str]) -> str:
    known = list(names)
    return ", ".join(known[:3]) + (", …" if len(known) > 3 else "")


def _refused(code: str, message: str, path: str, hint: str) -> InvalidInput:
    return InvalidInput(f"context.{code}", f"{message}: {path}", hint=hint, details={"path": path})


def read_text(path: str, *, kind: str) -> str:
    """The UTF-8 text of a file of at most 2 MB; error codes start with `kind`."""

    def refuse(what: str, message: str, hint: str) -> InvalidInput:
        return InvalidInput(f"{kind}.{what}", f"{message}: {path}", hint=hint, details={"path": path})

    try:
        if not Path(path).is_file():
            exists = Path(path).exists()
            raise refuse(
                "not_a_file" if exists else "missing",
                f"{kind} file is not a regular file" if exists else f"{kind} file does not exist",
                "name a text file",
            )
        with Path(path).open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise refuse("unreadable", f"cannot read {kind} file ({reason})", "check the path and its permissions") from error
    if len(raw) > MAX_BYTES:
        raise refuse("too_large", f"{kind} file is larger than 2 MB", "cut it down to what bears on the task")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise refuse("binary", f"{kind} file is not UTF-8 text", "convert it to text first") from None
    if "\x00" in text:
        raise refuse("binary", f"{kind} file is binary", "convert it to text first")
    return text.replace("\r\n", "\n")
