"""Transcripts in documents come from real runs: `$ cowork ...` blocks are run again and compared.

A transcript is a fenced `console` block. Each line that starts with `$ ` is run by a shell in a fresh home at the root of the
repository, in the order of the document, and everything up to the next one must be what it prints on stdout and stderr. What
differs from run to run (session ids, seconds) is compared by its shape only. `# ...` lines are remarks.

A document that speaks of `http://127.0.0.1:8418` has a git server there: its repository `quotes` is what `samples.QUOTES` holds
at first, and `<!-- publish quotes 1.1.0 -->` between two blocks publishes a version.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(r"^```console\n(?P<block>.*?)^```$|^<!-- publish (?P<version>\S+ \S+) -->$", re.DOTALL | re.MULTILINE)
_SERVER = "127.0.0.1:8418"
_TEMPORARY = "/tmp" if os.path.isdir("/tmp") else None  # a short path: where lines break depends on it
_VARIES = (
    (re.compile(r"\d{8}-\d{6}-[0-9a-f]{6}"), "20260131-080500-3f9a1c"),
    (re.compile(r"\b\d+\.\d s\b"), "0.1 s"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"), "2026-01-31T08:05:00.000Z"),
)


class Session:
    """One document's commands: a fresh home, and a git server when the document speaks of one."""

    def __init__(self, text: str, home: str, server: contextlib.ExitStack) -> None:
        self._home = home
        self._address = _SERVER
        if _SERVER in text:
            from tests.install.git_server import git_server, make_repo
            from tests.tools.samples import quotes

            root = Path(home) / "repositories"
            root.mkdir()
            self._repo = make_repo(root, "quotes", quotes("1.0.0"))
            self._address = server.enter_context(git_server(root)).host

    def publish(self, what: str) -> None:
        """Publish a version in the repository."""
        from tests.tools.samples import quotes

        self._repo.commit(quotes(what.split()[1]), what)

    def run(self, command: str) -> str:
        """What a command prints, with addresses and the home as the document has them."""
        said = run(command.replace(_SERVER, self._address), self._home, self._address)
        return self._home_as("~/.cowork", said.replace(self._address, _SERVER))

    def _home_as(self, shown: str, text: str) -> str:
        """The home under another name, with the columns of tables where they were."""
        real = f"{self._home}/cowork"
        pad = " " * (len(real) - len(shown))
        return re.sub(rf"{re.escape(real)}(\S*)(  )?", lambda match: f"{shown}{match[1]}{pad + '  ' if match[2] else ''}", text)


def differences(document: Path) -> list[str]:
    """One line for each command whose output is not what the document says."""
    found = []
    text = document.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory(dir=_TEMPORARY) as home, contextlib.ExitStack() as server:
        session = Session(text, home, server)
        for match in _BLOCK.finditer(text):
            if match["version"]:
                session.publish(match["version"])
                continue
            for command, expected in _commands(match["block"]):
                actual = session.run(command)
                if _comparable(actual) != _comparable(expected):
                    found.append(f"$ {command}\n--- in the document\n{expected}\n--- from the program\n{actual}")
    return found


def run(command: str, home: str, address: str = "") -> str:
    """What a command line prints, in a fresh home without keys, 100 columns wide."""
    keep = {name: os.environ[name] for name in ("LANG", "LC_ALL") if name in os.environ}
    environment = {
        **keep,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
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
        if match["version"]:
            session.publish(match["version"])
            return match[0]
        parts = [f"$ {command}\n{_steady(session.run(command))}" for command, _ in _commands(match["block"])]
        return "```console\n" + "".join(parts) + "```"

    text = document.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory(dir=_TEMPORARY) as home, contextlib.ExitStack() as server:
        session = Session(text, home, server)
        written = _BLOCK.sub(renew, text)
    document.write_text(written, encoding="utf-8")


def _commands(block: str) -> list[tuple[str, str]]:
    parts = re.split(r"^\$ (.*)\n", block, flags=re.MULTILINE)[1:]
    return list(zip(parts[::2], parts[1::2], strict=True))


def _steady(text: str) -> str:
    for pattern, same in _VARIES:
        text = pattern.sub(same, text)
    return text


def _comparable(text: str) -> str:
    """As `_steady`, with runs of blanks as one: how wide a column is depends on where the home is."""
    return re.sub(r" +", " ", re.sub(r" +$", "", _steady(text), flags=re.MULTILINE))


if __name__ == "__main__":
    for name in sys.argv[1:]:
        rewrite(Path(name))
