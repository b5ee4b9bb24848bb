"""Interpreters: a rule with a wildcard allows a script in a file, never code among the words or from standard input."""

from __future__ import annotations

import re
from typing import Final

_SHELLS: Final = frozenset("sh bash dash zsh ksh mksh fish ash csh tcsh rbash".split())
_OTHERS: Final = frozenset(
    """python pypy node nodejs perl ruby php lua luajit tclsh wish osascript Rscript R julia ghc runghc runhaskell deno bun
    ts-node tsx elixir erl escript iex groovy scala kotlin clojure guile racket sbcl ocaml swipl octave irb jshell
    pwsh powershell gjs ipython jruby raku m4 gnuplot dc""".split()
)
_FILTERS: Final = frozenset("awk gawk mawk nawk sed gsed".split())
_FLAGS: Final = {
    "shell": re.compile(r"-[euxvfn]+"),
    "python": re.compile(r"-[uBOsSEIvqbd]+|--version|-V|--help|-h"),
    "pypy": re.compile(r"-[uBOsSEIvq]+|--version|-V"),
    "node": re.compile(
        r"--version|-v|--help|-h|--test|--check|-c|--enable-source-maps|--no-warnings|--trace-warnings|--expose-gc"
    ),
    "perl": re.compile(r"-[cwWT]+|--version|-v|--help"),
    "ruby": re.compile(r"-[cwW]+|--version|-v|--help"),
    "php": re.compile(r"-l|--version|-v|--help|-m"),
}
_ANY_FLAG: Final = re.compile(r"--version|-v|-V|--help|-h")
_RUNS_CODE: Final = frozenset(
    "timeit code pdb trace cProfile profile runpy asyncio idlelib doctest IPython bdb pstats ensurepip lib2to3 sqlite3".split()
)
_AWK_DANGER: Final = re.compile(r"system|getline|[|>@`]|close|fflush|include|load|ENVIRON")
_SED_COMMAND: Final = re.compile(
    r"(?:(?:\d+|\$)(?:,(?:\d+|\$|[+~]\d+))?|/[^/\\\n]*/(?:,(?:\d+|\$|/[^/\\\n]*/))?)?!?"
    r"(?:[pdqD=]|s(?P<d>[/|#,:@!])(?:(?!(?P=d))[^\\\n]|\\[^\n])*(?P=d)(?:(?!(?P=d))[^\\\n]|\\[^\n])*(?P=d)[gpiI0-9]*"
    r"|y/[^/\\\n]*/[^/\\\n]*/)"
)


def is_interpreter(name: str) -> bool:
    """Whether a program of this name (without a version) runs code that it is given."""
    return name in _SHELLS or name in _OTHERS or name in _FILTERS


def hazard(name: str, args: tuple[str, ...]) -> str | None:
    """Why these words behind an interpreter may run code that no rule names, None when they run a script in a file."""
    if name in ("sed", "gsed"):
        return _sed(args)
    if name in _FILTERS:
        return _awk(args)
    flags = _FLAGS.get("shell" if name in _SHELLS else name, _ANY_FLAG)
    for at, word in enumerate(args):
        if name in ("deno", "bun") and word in ("run", "test", "fmt", "lint", "check", "install", "add", "build"):
            return _script(name, args[at + 1 :]) if word == "run" else None
        if name == "python" and word == "-m":
            return _module(args[at + 1 : at + 2])
        if not word.startswith(("-", "+")) or word == "-":
            return _script(name, args[at:])
        if not flags.fullmatch(word):
            return f"'{name} {word}' is not a script in a file"
    only_told = len(args) == 1 and re.fullmatch(r"--version|-[vV]|--help|-h|-m", args[0])
    return (
        None
        if only_told and not (name in _SHELLS and args[0] == "-v")
        else f"'{name}' without a script reads code from elsewhere"
    )


def _script(name: str, rest: tuple[str, ...]) -> str | None:
    if not rest or rest[0].startswith(("-", "+")) or not rest[0]:
        return f"'{name}' is given no script in a file"
    path = re.sub(r"/+", "/", rest[0])
    if path.startswith(("/dev/", "/proc/")) or "://" in rest[0] or (".." in rest[0].split("/") and "/dev/" in path):
        return f"'{rest[0]}' is no script in a file"
    if name in ("bun", "deno") and rest[0] in ("eval", "x", "repl", "exec"):
        return f"'{name} {rest[0]}' runs what its words say"
    return None


def _module(rest: tuple[str, ...]) -> str | None:
    if not rest or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.]*", rest[0]) or rest[0].partition(".")[0] in _RUNS_CODE:
        return "'python -m' with a module that runs code it is given"
    return None


def _awk(args: tuple[str, ...]) -> str | None:
    at = 0
    while at < len(args) and args[at].startswith("-") and args[at] not in ("-", "--"):
        word = args[at]
        if word in ("-F", "-v"):
            at += 2
        elif re.fullmatch(r"-F.+|-v[A-Za-z_]\w*=.*", word, re.S):
            at += 1
        else:
            return f"'awk {word}' can read a program from elsewhere"
    at += args[at : at + 1] == ("--",)
    if at >= len(args):
        return "awk is given no program"
    return "the program of awk can run commands or write files" if _AWK_DANGER.search(args[at]) else None


def _sed(args: tuple[str, ...]) -> str | None:
    scripts: list[str] = []
    rest: list[str] = []
    at, explicit = 0, False
    while at < len(args):
        word = args[at]
        at += 1
        if word in ("-e", "--expression"):
            scripts.append(args[at] if at < len(args) else "")
            at, explicit = at + 1, True
        elif word.startswith("--expression="):
            scripts.append(word.partition("=")[2])
            explicit = True
        elif re.fullmatch(r"-[nErsuz]+i?|-[nErsuz]*i(\.[A-Za-z0-9]+)?|--quiet|--silent|--regexp-extended|--posix", word):
            continue
        elif word.startswith("-") and word != "-":
            return f"'sed {word}' can read a script from elsewhere"
        else:
            rest.append(word)
    if not explicit:
        scripts = rest[:1]
    if not scripts or not all(_is_plain_sed(script) for script in scripts):
        return "the script of sed can run commands or write files"
    return None


def _is_plain_sed(script: str) -> bool:
    """Whether a script prints, deletes, stops and substitutes, and does nothing else, so far as that is plain to see."""
    at, script = 0, script.strip()
    while at < len(script):
        found = _SED_COMMAND.match(script, at)
        if not found:
            return False
        at = found.end()
        joined = re.compile(r"\s*;\s*").match(script, at)
        if joined:
            at = joined.end()
        elif at < len(script):
            return False
    return bool(script)
