"""Which commands are in the built-in set, and with which words."""

from __future__ import annotations

import re
from typing import Final

from cowork.rules.bash.hazards_options import Entry

FREE: Final[dict[str, Entry]] = {
    "echo": Entry(),
    "printf": Entry(starts=("-v",)),
    "true": Entry(),
    "false": Entry(),
    "sleep": Entry(),
    "seq": Entry(),
    "type": Entry(),
    "which": Entry(),
    "help": Entry(),
    "pwd": Entry(),
    "whoami": Entry(),
    "tr": Entry(),
    "cal": Entry(),
    "basename": Entry(),
    "dirname": Entry(),
}
"""Commands that open no files, whatever their words are."""

READERS: Final[dict[str, Entry]] = {
    "ls": Entry(),
    "cat": Entry(),
    "head": Entry(),
    "tail": Entry(("--follow", "--retry"), "fF"),
    "grep": Entry(("--dereference-recursive",), "R"),
    "egrep": Entry(("--dereference-recursive",), "R"),
    "fgrep": Entry(("--dereference-recursive",), "R"),
    "rg": Entry(("--follow", "--pre", "--hostname-bin", "--ignore-file"), "Lz"),
    "find": Entry(words=frozenset({"-L", "-follow", "-H"})),
    "wc": Entry(("--files0-from",)),
    "diff": Entry(("--recursive", "--from-file", "--to-file", "--output", "--exclude-from"), "rX"),
    "cmp": Entry(),
    "stat": Entry(),
    "du": Entry(("--files0-from", "--dereference", "--exclude-from"), "LDHX"),
    "df": Entry(("--output",)),
    "sort": Entry(("--temporary-directory",), "T"),
    "cut": Entry(),
    "jq": Entry(("--rawfile", "--slurpfile", "--library-path", "--from-file"), "Lf"),
    "tree": Entry(("--fromfile", "--info"), "lo"),
    "file": Entry(("--compile", "--files-from", "--uncompress", "--uncompress-noreport"), "CfzZ"),
    "md5sum": Entry(("--check",), "c"),
    "sha1sum": Entry(("--check",), "c"),
    "sha256sum": Entry(("--check",), "c"),
    "test": Entry(),
    "realpath": Entry(),
    "readlink": Entry(),
    "strings": Entry(starts=("@",)),
    "od": Entry(),
    "nl": Entry(),
    "rev": Entry(),
    "base64": Entry(),
}
"""Commands that read the files their words name."""

_VERSION: Final = r"(--version|-[vV])\x1f"

ONLY: Final[dict[str, str]] = {
    "sed": r"-n\x1f(?:[0-9]+|\$)(?:,(?:[0-9]+|\$))?p\x1f(?:[A-Za-z0-9_][^\x1f]*\x1f)*",
    "date": r"(?:(?:\+[^\x1f]*|-u|--utc|-R|-I[a-z]*|--iso-8601(=[a-z]+)?|--rfc-3339=[a-z]+)\x1f)*",
    "hostname": r"(?:-[sfidIA]\x1f)?",
    "uname": r"(?:-[asnrvmpio]+\x1f)*",
    "id": r"(?:-[ugGnr]+\x1f)*",
    "uptime": r"(?:-[ps]\x1f)?",
    "free": r"(?:-[bkmgh]+\x1f)?",
    "ps": r"(?:(?:-[efAlFjHw]+|[auxwlf]+|-p|[0-9]+)\x1f)*",
    "node": _VERSION,
    "npm": _VERSION,
    "python": _VERSION,
    "python3": _VERSION,
    "docker": r"ps\x1f(?:-[aq]+\x1f)*",
}
"""Commands whose words must have this form, each with SEPARATOR behind it."""

_BRANCH: Final = r"-[avr]+|-vv|--list|--all|--remotes|--show-current|--verbose|--merged|--no-merged|--no-color"
_GIT: Final[dict[str, str | None]] = {
    "status": None, "log": None, "diff": None, "show": None, "blame": None, "rev-parse": None, "ls-files": None,
    "shortlog": None, "describe": None, "branch": _BRANCH, "tag": r"-l|--list|-n[0-9]*",
    "remote": r"-v|--verbose", "stash": r"list|--oneline|-p",
}  # fmt: skip
_GIT_REFUSED: Final = ("--output", "--ext-diff", "--textconv", "--no-index", "--contents", "--ignore-revs-file", "--filters")


def git_reads(args: tuple[str, ...]) -> str | None:
    """Why git with these words is not in the set, None when it only reads the repository."""
    if not args or args[0] not in _GIT:
        return f"'git {args[0] if args else ''}'".replace(" '", "'") + " is not in the built-in set"
    form = _GIT[args[0]]
    if form is not None and not all(re.fullmatch(form, arg) for arg in args[1:]):
        return f"'git {args[0]}' is in the built-in set only as a listing"
    if args[0] == "stash" and args[1:2] != ("list",):
        return "'git stash' is in the built-in set only as 'git stash list'"
    for arg in args[1:]:
        option = arg.partition("=")[0]
        if arg.startswith(("-O", "--")) and (arg.startswith("-O") or any(long.startswith(option) for long in _GIT_REFUSED)):
            if arg == "--":
                continue
            return f"'git {args[0]} {arg}' is not in the built-in set"
    return None


def shown() -> tuple[str, ...]:
    """The set as a person reads it, sorted."""
    listed = [*FREE, *READERS]
    listed += [f"{name} (some words only)" for name in ONLY]
    listed += [f"git {name}" + (" (listing only)" if form else "") for name, form in _GIT.items()]
    return tuple(sorted([*listed, "cd (below the working directory)"]))
