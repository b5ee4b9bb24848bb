"""Transcripts in documents come from real runs: `$ cowork ...` blocks are run again and compared.

A transcript is a fenced `console` block. Each line that starts with `$ ` is run by a shell in a fresh home at the root of the
repository, in the order of the document, and everything up to the next one must be what it prints on stdout and stderr. What
differs from run to run (session ids, seconds) is compared by its shape only. `# ...` lines are remarks.

A fenced block right after `<!-- file ~/shop/prd.json -->` is written to that file before what follows. Directories are made.

A block that begins with `console varying` is about this repository, which is another with every commit: of what it prints only
the bones are compared, the lines that name results, say how they were made, or end in an exit code.

A document that speaks of `http://127.0.0.1:8419` has a model there that says what the evidence in its prompt says.

A document that speaks of `http://127.0.0.1:8418` has a git server there: its repository `quotes` is what `samples.QUOTES` holds
at first, and `<!-- publish quotes 1.1.0 -->` between two blocks publishes a version.

What a document leaves running in the background ends with it: every process that has its home in the environment is killed.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from cowork.core.strays import kill_strays

ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(
    r"^```console(?P<varying> varying)?\n(?P<block>.*?)^```$"
    r"|^<!-- publish (?P<version>\S+ \S+) -->$"
    r"|^<!-- file ~/(?P<file>\S+) -->\n```\w*\n(?P<content>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
_SERVER = "127.0.0.1:8418"
_MODEL = "127.0.0.1:8419"
_BONES = re.compile(r".*\(r[0-9a-f]{8}\)$|_A digest.*|(?:error|warning):.*|exit \d+|.*\[unverified\].*")
_NO_SESSION = -1  # processes of session 0 are those of whoever runs this machine
_TEMPORARY = "/tmp" if os.path.isdir("/tmp") else None  # a short path: where lines break depends on it
_VARIES = (
    (re.compile(r"\d{8}-\d{6}-[0-9a-f]{6}"), "20260131-080500-3f9a1c"),
    (re.compile(r"locks/[0-9a-f]{32}"), f"locks/{'0123456789abcdef' * 2}"),
    (re.compile(r"\b\d+\.\d+ s\b"), "0.1 s"),
    (re.compile(r"\b(process +)\d+"), r"\g<1>4711"),
    (re.compile(r"\b(4711 on )\S+( since)"), r"\1host\2"),
    (re.compile(r"\bcommitted [0-9a-f]{12}\b"), "committed 5d41402abc4b"),
    (re.compile(r"\br[0-9a-f]{8}\b"), "r5d41402a"),
    (re.compile(r"\b[0-9a-f]{40}\b"), "5d41402abc4b2a76b9719d911017c592ae9b2c1f"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"), "2026-01-31T08:05:00.000Z"),
)


class Session:
    """One document's commands: a fresh home, and a git server when the document speaks of one."""

    def __init__(self, text: str, home: str, server: contextlib.ExitStack) -> None:
        self._home = home
        self._address = _SERVER
        self._model = _MODEL
        server.callback(kill_strays, f"COWORK_HOME={home}/cowork", _NO_SESSION)
        if _MODEL in text:
            from tests.tools.reading_model import reading_model

            self._model = server.enter_context(reading_model())
        if _SERVER in text:
            from tests.install.git_server import git_server, make_repo
            from tests.tools.samples import quotes

            root = Path(home) / "repositories"
            root.mkdir()
            self._repo = make_repo(root, "quotes", quotes("1.0.0"))
            self._address = server.enter_context(git_server(root)).host

    def prepare(self, match: re.Match[str]) -> bool:
        """Do what a remark of the document asks for; False when the match is a transcript."""
        if match["version"]:
            self.publish(match["version"])
        elif match["file"]:
            path = Path(self._home, match["file"])
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(match["content"], encoding="utf-8")
        return match["block"] is None

    def publish(self, what: str) -> None:
        """Publish a version in the repository."""
        from tests.tools.samples import quotes

        self._repo.commit(quotes(what.split()[1]), what)

    def run(self, command: str) -> str:
        """What a command prints, with addresses and the home as the document has them."""
        meant = command.replace(_SERVER, self._address).replace(_MODEL, self._model)
        said = run(meant, self._home, self._address).replace(self._address, _SERVER).replace(self._model, _MODEL)
        for name in _authors():
            said = re.sub(r"\s+".join(map(re.escape, name.split())), "Ada", said)  # it may be on two lines
        said = said.replace(str(ROOT), "~/cowork")
        said = self._home_as("~/.cowork", f"{self._home}/cowork", said)
        return self._home_as("~", self._home, said)

    @staticmethod
    def _home_as(shown: str, real: str, text: str) -> str:
        """The home under another name, with the columns of tables where they were."""
        pad = " " * (len(real) - len(shown))
        return re.sub(rf"{re.escape(real)}(\S*)(  )?", lambda match: f"{shown}{match[1]}{pad + '  ' if match[2] else ''}", text)


@cache
def _authors() -> tuple[str, ...]:
    """Who wrote this repository: documents are about what they wrote."""
    said = subprocess.run(["git", "log", "--format=%an"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    return tuple(sorted(set(said.splitlines()) - {""}, key=len, reverse=True))


def differences(document: Path) -> list[str]:
    """One line for each command whose output is not what the document says."""
    found = []
    text = document.read_text(encoding="utf-8")
    with _session(text) as session:
        for match in _BLOCK.finditer(text):
            if session.prepare(match):
                continue
            for command, expected in _commands(match["block"]):
                actual = session.run(command)
                of_it = _bones if match["varying"] else _comparable
                if of_it(actual) != of_it(expected):
                    found.append(f"$ {command}\n--- in the document\n{expected}\n--- from the program\n{actual}")
    return found


def run(command: str, home: str, address: str = "") -> str:
    """What a command line prints, in a fresh home without keys, 100 columns wide."""
    keep = {name: os.environ[name] for name in ("LANG", "LC_ALL") if name in os.environ}
    environment = {
        **keep,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "HOME": home,
        "COWORK_HOME": f"{home}/cowork",
        "COLUMNS": "100",
        "COWORK_PRIVATE_HOSTS": address,
        "OLLAMA_BASE_URL": "http://127.0.0.1:9/v1",
        "PLUGIN_PACK_REGISTRY": str(ROOT / "registry"),
    }
    done = subprocess.run(
        command, shell=True, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60
    )
    return done.stdout.decode()


def rewrite(document: Path) -> None:
    """Run every transcript of a document anew and write down what comes."""

    def renew(match: re.Match[str]) -> str:
        if session.prepare(match):
            return match[0]
        parts = [f"$ {command}\n{_steady(session.run(command))}" for command, _ in _commands(match["block"])]
        return f"```console{match['varying'] or ''}\n" + "".join(parts) + "```"

    text = document.read_text(encoding="utf-8")
    with _session(text) as session:
        written = _BLOCK.sub(renew, text)
    document.write_text(written, encoding="utf-8")


@contextlib.contextmanager
def _session(text: str) -> Iterator[Session]:
    with tempfile.TemporaryDirectory(dir=_TEMPORARY) as home, contextlib.ExitStack() as server:
        yield Session(text, home, server)


def _commands(block: str) -> list[tuple[str, str]]:
    parts = re.split(r"^\$ (.*)\n", block, flags=re.MULTILINE)[1:]
    return list(zip(parts[::2], parts[1::2], strict=True))


def _steady(text: str) -> str:
    for pattern, same in _VARIES:
        text = pattern.sub(same, text)
    return text


def _bones(text: str) -> str:
    """What is the same whatever the repository is like."""
    return "\n".join(line for line in _comparable(text).splitlines() if _BONES.fullmatch(line))


def _comparable(text: str) -> str:
    """As `_steady`, with runs of blanks as one: how wide a column is depends on where the home is."""
    return re.sub(r" +", " ", re.sub(r" +$", "", _steady(text), flags=re.MULTILINE))


if __name__ == "__main__":
    for name in sys.argv[1:]:
        rewrite(Path(name))
