"""A directory of stand-in programs that do nothing but write down how they were called, and bash with nothing else to run."""

from __future__ import annotations

import random
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

NAMES = ("alpha", "beta", "gamma", "evil")
REAL = ("timeout", "nice", "nohup", "env", "xargs", "stdbuf")
END = "(end of call)"
STUB = """#!/bin/sh
printf '%s\\037' "${{0##*/}}" "$@" '{end}' >> '{log}'
"""


@dataclass(frozen=True)
class Sandbox:
    """Where commands run: `bin` is all of PATH, `work` the directory they start in."""

    bin: Path
    work: Path
    log: Path

    def run(self, command: str) -> list[list[str]]:
        """Run a command with bash, and return what was called, with its arguments. What it left in `work` is for `files`."""
        self.log.write_bytes(b"")
        environment = {"PATH": str(self.bin), "HOME": str(self.work), "LC_ALL": "C.UTF-8"}
        bash = shutil.which("bash")
        assert bash
        subprocess.run(
            [bash, "-c", command],
            cwd=self.work,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=20,
            check=False,
        )
        calls = self.log.read_bytes().decode(errors="replace").split(f"{END}\x1f")
        return [call.split("\x1f")[:-1] for call in calls if call]

    def files(self) -> set[str]:
        """What lies in `work`; it is emptied."""
        found = {str(path.relative_to(self.work)) for path in self.work.rglob("*") if path.is_file()}
        shutil.rmtree(self.work)
        self.work.mkdir()
        return found


def sandbox(root: Path) -> Sandbox:
    """A new sandbox below a directory."""
    made = Sandbox(root / "bin", root / "work", root / "log")
    made.bin.mkdir(parents=True)
    made.work.mkdir()
    for name in NAMES:
        stub = made.bin / name
        stub.write_text(STUB.format(log=made.log, end=END))
        stub.chmod(0o755)
    for name in REAL:
        found = shutil.which(name)
        if found:
            (made.bin / name).symlink_to(found)
    return made


_STARTS = [
    "alpha", "alpha one", "alpha 'a b' \"c\"", "beta one", "beta one two", "beta two", "gamma", "gamma x", "evil",
    "evil one", "timeout 5 alpha", "nice alpha", "nohup beta one", "env alpha", "xargs alpha", "command alpha", "exec evil",
    "eval evil", "X=evil", "CI=1 alpha", "! alpha", "time alpha", "builtin echo evil", "alias alpha=evil",
    "alpha() { evil; }", "cd .",
]  # fmt: skip
_JOINS = [
    " && ", " || ", "; ", " | ", " |& ", "\n", ";", "&&", " & ", "&", "\n\n", " &&\n", ";;", " ; ; ", " #", "\\\n",
]  # fmt: skip
_NASTY = [
    "$(evil)", "`evil`", "\"$(evil)\"", "<(evil)", ">(evil)", "$X", "\"$X\"", "${X}", "${X:-`evil`}", "$'evil'",
    "$\"evil\"", "{evil,x}", "{ evil; }", "(evil)", "\\", "\\\n", "'", "\"", "`", "$", "(", ")", "{", "}", "[", "]", "*",
    "?", "~", "#", "!", "=", "&", "|", ";", "<", ">", "\n", "\t", " ", "evil", " evil", "\nevil", ";evil", "&evil", "|evil",
    "<<E\nevil\nE\n", "<<<evil", ">f", "2>f", ">&2", "2>&1", "&>f", ">/dev/null", "</dev/null", "<>f", ">|f", "-c evil",
    "e''vil", "ev\"i\"l", "\\evil", "$((1))", "[[ a ]]", "if evil; then alpha; fi", "for i in evil; do $i; done",
    "case x in x) evil;; esac", "$(<evil)", "@(evil)", "+=", "a=b ", "\u00e9", "\u00a0", "\u2028evil", "\u000b", "\r",
    "\u007f", "1>f ", "3<&0", "{fd}>f", "<<'E'\nevil\nE\n", "<<E;evil\nE\n", "\\\nevil",
]  # fmt: skip


def commands(seed: int, count: int) -> list[str]:
    """Commands that look harmless, and then are not quite: the same for the same seed."""
    chance = random.Random(seed)
    made: list[str] = []
    while len(made) < count:
        text = chance.choice(_STARTS)
        for _ in range(chance.randrange(3)):
            text += chance.choice(_JOINS) + chance.choice(_STARTS)
        for _ in range(chance.randrange(4)):
            place = chance.randrange(len(text) + 1)
            text = text[:place] + chance.choice(_NASTY) + text[place:]
        if chance.random() < 0.2 and text:
            place = chance.randrange(len(text))
            text = text[:place] + text[place + 1 :]
        made.append(text)
    return made
