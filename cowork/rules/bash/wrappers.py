"""Commands that run the rest of their words, and which of them an allow rule looks through: those that change nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_DURATION: Final = re.compile(r"[0-9]+(\.[0-9]+)?[smhd]?")
_SIGNAL: Final = re.compile(r"[A-Za-z0-9]+")
_NUMBER: Final = re.compile(r"[+-]?[0-9]+")
_BUFFER: Final = re.compile(r"[0L]|[0-9]+[KMG]?B?")

# Name -> flags without a value, options with one (and its form), positional words before the command
_STRIPPED: Final[dict[str, tuple[frozenset[str], dict[str, re.Pattern[str]], tuple[re.Pattern[str], ...]]]] = {
    "timeout": (
        frozenset({"--preserve-status", "--foreground", "-v", "--verbose"}),
        {"-s": _SIGNAL, "--signal": _SIGNAL, "-k": _DURATION, "--kill-after": _DURATION},
        (_DURATION,),
    ),
    "time": (frozenset({"-p"}), {}, ()),
    "nice": (frozenset(), {"-n": _NUMBER, "--adjustment": _NUMBER}, ()),
    "nohup": (frozenset(), {}, ()),
    "stdbuf": (
        frozenset(),
        {"-i": _BUFFER, "-o": _BUFFER, "-e": _BUFFER, "--input": _BUFFER, "--output": _BUFFER, "--error": _BUFFER},
        (),
    ),
    "command": (frozenset(), {}, ()),
    "builtin": (frozenset(), {}, ()),
    "noglob": (frozenset(), {}, ()),
    "xargs": (frozenset(), {}, ()),
}

RUNNERS: Final = frozenset(
    """env sudo doas su runuser setsid ionice flock watch script strace ltrace gdb lldb busybox toybox chroot unshare nsenter
    parallel entr setarch taskset chrt numactl systemd-run at batch crontab expect screen tmux run-parts
    start-stop-daemon pkexec setpriv capsh runcon cgexec prlimit unbuffer rlwrap timelimit cpulimit chpst softlimit
    setuidgid gosu su-exec tini dumb-init daemonize torsocks tsocks proxychains proxychains4 linux32 linux64 eatmydata
    fakeroot fakechroot proot firejail bwrap faketime xvfb-run dbus-run-session dbus-launch valgrind perf catchsegv
    exec eval source . trap ssh-agent socat nc ncat netcat nix-shell direnv mise asdf ld.so ld-linux-x86-64.so.2 i386
    x86_64 arch sg newgrp machinectl coproc""".split()
)
"""Run what their words say. No rule with a wildcard allows them; a denial looks through all of them."""

STATE: Final = frozenset(
    """alias unalias enable hash set shopt bind complete compopt compgen fc export declare typeset local readonly unset read
    mapfile readarray getopts let eval source . exec trap coproc function ulimit umask disown suspend logout exit
    return break continue shift caller dirs popd pushd times wait""".split()
)
"""Builtins that change what later commands of the same line mean: allowed only where a rule is the whole line."""


def strip_once(words: tuple[str, ...]) -> int | None:
    """How many words a stripped wrapper takes, itself included; None when there is none or it has unusual options."""
    name = words[0]
    form = _STRIPPED.get(name)
    if form is None:
        return None
    flags, valued, positional = form
    at = 1
    while at < len(words) and words[at].startswith("-") and words[at] != "-":
        taken = _option(words, at, flags, valued)
        if taken is None:
            return None
        at += taken
    for shape in positional:
        if at >= len(words) or not shape.fullmatch(words[at]):
            return None
        at += 1
    return at if at < len(words) and words[at] and not words[at].startswith("-") else None


def _option(words: tuple[str, ...], at: int, flags: frozenset[str], valued: dict[str, re.Pattern[str]]) -> int | None:
    word = words[at]
    if word in flags:
        return 1
    name, equals, value = word.partition("=")
    if word.startswith("--") and equals and name in valued:
        return 1 if valued[name].fullmatch(value) else None
    if word in valued:
        return 2 if at + 1 < len(words) and valued[word].fullmatch(words[at + 1]) else None
    if not word.startswith("--") and word[:2] in valued:
        return 1 if valued[word[:2]].fullmatch(word[2:]) else None
    if words[0] == "nice" and re.fullmatch(r"-[0-9]+", word):
        return 1
    return None


def is_wrapper(name: str) -> bool:
    """Whether a command of this name runs the rest of its words and is looked through."""
    return name in _STRIPPED


def views(words: tuple[str, ...]) -> Iterator[int]:
    """Where the command may be said to begin: at the first word, then behind each wrapper that is looked through."""
    at = 0
    yield at
    while (taken := strip_once(words[at:])) is not None:
        at += taken
        yield at
