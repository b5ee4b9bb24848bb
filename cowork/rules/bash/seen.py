"""Every way in which a denial looks at one command: by base name, behind wrappers, without options before the subcommand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from cowork.rules.bash.model import SEPARATOR
from cowork.rules.bash.patterns import Pattern
from cowork.rules.wild import WILD, may_overlap

_NEVER_RUN: Final = frozenset(
    """echo printf cat ls pwd head tail grep egrep fgrep wc which whereis type diff cmp stat du df cd date whoami id hostname
    tr cut jq tree ps lsof file md5sum sha1sum sha256sum shasum sleep true false test [ seq basename dirname
    realpath readlink strings od nl rev cal free uptime mkdir rmdir touch rm cp mv ln chmod chown chgrp tee gzip
    gunzip unzip curl wget uniq comm paste join fold column npm pnpm yarn pip pip3 apt apt-get brew dnf yum
    apk cargo go gem git gh rg sed awk export declare readonly local unset kill pkill killall ping dig host nslookup
    cmake gcc g++ clang rustc tsc eslint prettier ruff black mypy pytest jest vitest base64 xxd hexdump""".split()
)
"""Programs whose words are not the command of another program: they are not searched for one."""
_RUN_INSIDE: Final = frozenset(
    {
        "-exec",
        "-execdir",
        "-ok",
        "-okdir",
        "exec",
        "run",
        "dlx",
        "x",
        "-x",
        "--exec",
        "--",
        "foreach",
        "bisect",
        "--command",
        "-c",
    }
)
_VALUED: Final = {
    "git": frozenset({"-C", "-c", "--git-dir", "--work-tree", "--namespace", "--exec-path", "--super-prefix", "--config-env"}),
    "docker": frozenset({"-H", "--host", "--context", "-c", "--config", "-l", "--log-level"}),
    "kubectl": frozenset({"-n", "--namespace", "--context", "--kubeconfig", "--cluster", "--user", "-s", "--server"}),
    "npm": frozenset({"--prefix", "-C", "-w", "--workspace"}),
    "pnpm": frozenset({"--prefix", "-C", "--dir", "--filter", "-F"}),
    "yarn": frozenset({"--cwd"}),
    "gh": frozenset({"-R", "--repo"}),
    "cargo": frozenset({"--config", "-Z", "-C", "--color"}),
    "terraform": frozenset(),
    "aws": frozenset({"--profile", "--region", "--output", "--endpoint-url"}),
}


def never_runs(name: str) -> bool:
    """Whether the words of a program of this name are never another command."""
    return _base(name) in _NEVER_RUN


def scripts(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words that some program may take for a script: all, or for programs that run nothing those behind such an option."""
    start = 1
    if never_runs(words[0]):
        start = next((at + 1 for at, word in enumerate(words) if at and word in _RUN_INSIDE), len(words))
    aliases = tuple(word.partition("=!")[2] for word in words[start:] if "=!" in word)
    values = tuple(word.partition("=")[2] for word in words[start:] if word.startswith("-") and "=" in word)
    return (*words[start:], *aliases, *values)


def about(pattern: Pattern, words: tuple[str, ...]) -> bool:
    """Whether a deny or ask pattern is about a command in any of the ways it can be looked at."""
    whole = SEPARATOR.join((*pattern.assignments, pattern.body) if pattern.body else pattern.assignments)
    bodies = [whole, whole + SEPARATOR + WILD] if pattern.boundary else [whole]
    first = whole.partition(SEPARATOR)[0]
    for view in looks(words):
        if WILD not in first and WILD not in view[0] and not _could_be(first, view[0]):
            continue
        text = SEPARATOR.join(view)
        if any(may_overlap(body, text) for body in bodies if body):
            return True
    return False


def _could_be(first: str, word: str) -> bool:
    return word.startswith(first) or first.startswith(word)


def looks(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The command itself and what it may run, each also by its base name and without the options before its subcommand."""
    starts = [0]
    name = _base(words[0])
    if name not in _NEVER_RUN:
        starts += range(1, min(len(words), 64))
    else:
        starts += [at + 1 for at, word in enumerate(words[:200]) if word in _RUN_INSIDE and at + 1 < len(words)]
    for start in starts:
        rest = words[start:]
        yield rest
        value = re.match(r"[A-Za-z_][A-Za-z0-9_]*\+?=(.+)", rest[0], re.S)
        if value:
            yield (value.group(1), *rest[1:])
        base = _base(rest[0])
        if base != rest[0]:
            rest = (base, *rest[1:])
            yield rest
        bare = _without_options(rest)
        if bare != rest:
            yield bare


def _base(word: str) -> str:
    return word.rpartition("/")[2] or word


def _without_options(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words without the options between a program and its first word that is none."""
    if len(words) < 2 or not words[1].startswith(("-", "+")):
        return words
    valued, at = _VALUED.get(words[0], frozenset()), 1
    while at < len(words) and words[at].startswith(("-", "+")):
        at += 2 if words[at] in valued else 1
    return (words[0], *words[at:])
