"""git runs programs in many ways: by configuration, hooks of other repositories, transports, pagers and helpers."""

from __future__ import annotations

import re
from typing import Final

_GLOBAL: Final = frozenset(
    {"--no-pager", "-P", "--no-optional-locks", "--literal-pathspecs", "--no-replace-objects", "--version"}
)
_KNOWN: Final = frozenset(
    """add am annotate apply archive bisect blame branch bundle cat-file check-attr check-ignore checkout checkout-index
    cherry cherry-pick clean clone commit commit-tree config count-objects describe diff diff-files diff-index
    diff-tree fetch for-each-ref format-patch fsck gc grep hash-object help init log ls-files ls-remote ls-tree merge
    merge-base merge-tree mktree mv name-rev notes prune pull push range-diff read-tree rebase reflog remote repack
    replace rerere reset restore rev-list rev-parse revert rm shortlog show show-branch show-ref sparse-checkout stash
    status stripspace submodule switch symbolic-ref tag update-index update-ref var verify-commit verify-tag version
    whatchanged worktree write-tree""".split()
)
"""Git's own commands that run at most what the repository says. An unknown word may be an alias, which may be a program."""

_LONG: Final = (
    "--upload-pack", "--receive-pack", "--exec", "--exec-path", "--config", "--config-env", "--template", "--output",
    "--strategy", "--unsafe-paths",
    "--open-files-in-pager", "--git-dir", "--work-tree", "--separate-git-dir", "--remote", "--interactive",
)  # fmt: skip
_SHORT: Final = {
    "grep": "O",
    "rebase": "xis",
    "clone": "uc",
    "ls-remote": "u",
    "archive": "o",
    "merge": "s",
    "pull": "s",
}
_HELPER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9+.-]*::")
_CONFIG_READS: Final = frozenset({"--get", "--get-all", "--get-regexp", "--get-urlmatch", "--list", "-l", "get", "list"})
_MODIFIERS: Final = frozenset(
    {"--global", "--local", "--system", "--worktree", "--show-origin", "--show-scope", "--name-only", "-z"}
)


def hazard(args: tuple[str, ...]) -> str | None:
    """Why these words behind `git` may run a program, None when they run none but git's own."""
    at = 0
    while at < len(args) and args[at].startswith("-"):
        if args[at] == "--help":
            return None if len(args) == 1 else "'git --help' with more words opens a viewer"
        if args[at] not in _GLOBAL:
            return f"'git {args[at].partition('=')[0]}' can make git run other programs"
        at += 1
    if at >= len(args):
        return None
    name, rest = args[at], args[at + 1 :]
    if name not in _KNOWN:
        return f"'git {name}' may be an alias, or runs a program"
    return _of_command(name, rest) or _of_options(name, rest)


def _of_command(name: str, rest: tuple[str, ...]) -> str | None:
    if name == "config" and next((word for word in rest if word not in _MODIFIERS), "") not in _CONFIG_READS:
        return "'git config' can name programs that git runs later"
    if name == "bisect" and rest[:1] not in (
        ("start",),
        ("good",),
        ("bad",),
        ("reset",),
        ("log",),
        ("skip",),
        ("old",),
        ("new",),
    ):
        return "'git bisect' can run a command for each revision"
    if name == "submodule" and rest[:1] not in ((), ("status",), ("summary",), ("init",), ("sync",)):
        return "'git submodule' can run a command in each submodule"
    if name == "help" and len(rest) > 0:
        return "'git help' opens a viewer"
    if name == "notes" and "edit" in rest:
        return "'git notes edit' opens an editor"
    if any(_HELPER.match(word) or _HELPER.match(word.partition("=")[2]) for word in rest):
        return "an address of the form helper::address runs a program"
    return None


def _of_options(name: str, rest: tuple[str, ...]) -> str | None:
    letters = _SHORT.get(name, "")
    for word in rest:
        long = word.partition("=")[0]
        if long.startswith("--") and len(long) > 2:
            if any(option.startswith(long) for option in _LONG) and not _is_usual(name, long):
                return f"'{long}' can make git run a program, or write a file of any name"
        elif word.startswith("-") and any(letter in letters for letter in word[1:]):
            return f"'{word}' can make git run a program"
    return None


def _is_usual(name: str, option: str) -> bool:
    """Options that are harmless in one command and share their name with a dangerous one of another."""
    return (name, option) in {
        ("add", "--interactive"), ("commit", "--interactive"), ("branch", "--remote"), ("branch", "--remotes"),
        ("show-branch", "--remotes"), ("am", "--interactive"), ("clean", "--interactive"),
    }  # fmt: skip
