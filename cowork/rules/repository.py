"""Whether a repository makes git run programs: its configuration can name some for `git status` alone, and so can its hooks."""

from __future__ import annotations

import os.path
import re
from pathlib import Path
from typing import Final

_MOST: Final = 64 * 1024 * 1024
_SECTION: Final = re.compile(r'\[([A-Za-z0-9-]+)(?:[ \t]+"[^"\\]*")?\][ \t]*(?:[#;].*)?')
_KEY: Final = re.compile(r"([A-Za-z][A-Za-z0-9-]*)[ \t]*(?:[=#;].*)?")
_WHOLE: Final = frozenset("advice branch color column fetch init pull push submodule user".split())
_KEYS: Final = {
    "core": frozenset(
        """abbrev autocrlf bare compression eol filemode hidedotfiles ignorecase logallrefupdates longpaths
        precomposeunicode preloadindex protecthfs protectntfs quotepath repositoryformatversion safecrlf sharedrepository
        sparsecheckout sparsecheckoutcone symlinks untrackedcache whitespace worktree""".split()
    ),
    "remote": frozenset("fetch mirror prune push pushurl tagopt url".split()),
    "extensions": frozenset({"objectformat", "refstorage", "worktreeconfig"}),
}
_GITLINK: Final = b"\x00\x00\xe0\x00"  # the mode of a submodule in the index, where git looks for a repository of its own


def runs_programs(directory: str) -> str | None:
    """Why git may run a program when it only reads in a directory, None when it runs none. What cannot be read may."""
    try:
        found = _repository(Path(os.path.realpath(directory)))
        return None if found is None else _judge(found)
    except (OSError, ValueError) as error:
        return f"the repository cannot be judged: {error}"


def _repository(start: Path) -> Path | None:
    """The git directory that git would find from here."""
    for place in (start, *start.parents):
        dot = place / ".git"
        if dot.is_file():
            return place / dot.read_text("utf-8").removeprefix("gitdir:").strip()
        if dot.exists():
            return dot
        if (place / "HEAD").exists() and (place / "objects").is_dir() and (place / "refs").is_dir():
            return place
    return None


def _judge(own: Path) -> str | None:
    shared = own / (own / "commondir").read_text("utf-8").strip() if (own / "commondir").is_file() else own
    for config in (shared / "config", own / "config.worktree"):
        odd = _odd(config.read_text("utf-8")) if config.exists() else None
        if odd:
            return f"the repository's configuration has '{odd[:60]}', which may make git run a program"
    if (shared / "hooks" / "post-index-change").exists():
        return "the repository has the hook post-index-change"
    for index in (*own.glob("index"), *own.glob("sharedindex.*")):
        if index.stat().st_size > _MOST or _GITLINK in index.read_bytes():
            return "the repository has submodules, each with a configuration of its own"
    return None


def _odd(text: str) -> str | None:
    """The first line of a configuration that is not surely harmless."""
    section = ""
    for line in (line.strip() for line in text.split("\n")):
        if not line or line[0] in "#;":
            continue
        if head := _SECTION.fullmatch(line):
            section = head[1].lower()
            continue
        key = _KEY.fullmatch(line)
        if key is None or not (section in _WHOLE or key[1].lower() in _KEYS.get(section, ())):
            return line
    return None
