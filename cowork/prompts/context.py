"""Context files: text the user hands over with a task."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cowork.core.errors import InvalidInput

MAX_BYTES = 2 * 1024 * 1024


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
