"""Which names a pack's files may have: names that mean the same file, and only that file, on every system."""

from __future__ import annotations

import re
import unicodedata

from cowork.core.errors import InvalidInput
from cowork.core.text import one_line, printable

MAX_COMPONENT_BYTES = 255
MAX_PATH_BYTES = 1_024
MAX_DEPTH = 32
_DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|clock\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(\..*)?", re.IGNORECASE)
_FORBIDDEN = re.compile(r'[<>:"|?*]')
# What HFS+ ignores when it compares names, so that `.g<U+200C>it` is `.git` there.
_IGNORED = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
_GIT_SHORT = re.compile(r"git~[0-9]+", re.IGNORECASE)


def judge_name(path: str) -> None:
    """Refuse a path that climbs, hides, or is another file elsewhere. Raises InvalidInput `install.path_*`."""
    if not path or path.startswith("/") or re.match(r"[A-Za-z]:", path):
        raise _refusal("path_climbs", path, "it is absolute or empty")
    if "\\" in path:
        raise _refusal("path_backslash", path, "a backslash separates directories on Windows")
    if any("\ud800" <= character <= "\udfff" for character in path):
        raise _refusal("path_unreadable", path, "it is not UTF-8")
    parts = path.split("/")
    if any(part in ("", ".", "..") for part in parts):
        raise _refusal("path_climbs", path, "it has empty parts, . or ..")
    if len(parts) > MAX_DEPTH or len(path.encode()) > MAX_PATH_BYTES:
        raise _refusal("path_too_long", path, f"more than {MAX_DEPTH} levels or {MAX_PATH_BYTES} bytes")
    for part in parts:
        _judge_part(part, path)


def _judge_part(part: str, path: str) -> None:
    plain = _IGNORED.sub("", part).rstrip(". ").casefold()
    if plain == ".git" or _GIT_SHORT.fullmatch(plain) or part.split(":")[0].rstrip(". ").casefold() == ".git":
        raise _refusal("path_git", path, "git itself would read it, and run what it says")
    if printable(part) != part or any(unicodedata.category(character) == "Cc" for character in part):
        raise _refusal("path_control", path, "it has control or invisible characters")
    if len(part.encode()) > MAX_COMPONENT_BYTES:
        raise _refusal("path_too_long", path, f"a name has more than {MAX_COMPONENT_BYTES} bytes")
    if _DEVICES.fullmatch(part) or _FORBIDDEN.search(part) or part != part.rstrip(". "):
        raise _refusal("path_reserved", path, "Windows reserves or changes such a name")


def folded(path: str) -> str:
    """The form in which two paths are equal where a file system ignores case or Unicode forms."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def _refusal(what: str, path: str, why: str) -> InvalidInput:
    shown = one_line(path.encode("utf-8", "backslashreplace").decode(), 120)
    return InvalidInput(
        f"install.{what}",
        f"the file name {shown!r} cannot be installed",
        cause=why,
        hint="ask the author of the pack to rename the file",
        details={"path": shown},
    )
