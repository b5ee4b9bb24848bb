"""Transcripts in documents come from real runs: `$ cowork ...` blocks are run again and compared.

A transcript is a fenced `console` block. Each line that starts with `$ ` is run by a shell in a fresh home at the root of the
repository, in the order of the document, and everything up to the next one must be what it prints on stdout and stderr. What
differs from run to run (session ids, seconds) is compared by its shape only. `# ...` lines are remarks.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_VARIES = (
    (re.compile(r"\d{8}-\d{6}-[0-9a-f]{6}"), "20260131-080500-3f9a1c"),
    (re.compile(r"\b\d+\.\d s\b"), "0.1 s"),
)


def differences(document: Path) -> list[str]:
    """One line for each command whose output is not what the document says."""
    found = []
    with tempfile.TemporaryDirectory() as home:
        for block in _BLOCK.findall(document.read_text(encoding="utf-8")):
            for command, expected in _commands(block):
                actual = run(command, home)
                if _steady(actual) != _steady(expected):
                    found.append(f"$ {command}\n--- in the document\n{expected}\n--- from the program\n{actual}")
    return found


def run(command: str, home: str) -> str:
    """What a command line prints, in a fresh home without keys, 100 columns wide."""
    keep = {name: os.environ[name] for name in ("LANG", "LC_ALL") if name in os.environ}
    environment = {
        **keep,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": home,
        "COWORK_HOME": f"{home}/cowork",
        "COLUMNS": "100",
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
        parts = [f"$ {command}\n{_steady(run(command, home))}" for command, _ in _commands(match.group(1))]
        return "```console\n" + "".join(parts) + "```"

    with tempfile.TemporaryDirectory() as home:
        text = _BLOCK.sub(renew, document.read_text(encoding="utf-8"))
    document.write_text(text, encoding="utf-8")


def _commands(block: str) -> list[tuple[str, str]]:
    parts = re.split(r"^\$ (.*)\n", block, flags=re.MULTILINE)[1:]
    return list(zip(parts[::2], parts[1::2], strict=True))


def _steady(text: str) -> str:
    for pattern, same in _VARIES:
        text = pattern.sub(same, text)
    return text


if __name__ == "__main__":
    for name in sys.argv[1:]:
        rewrite(Path(name))
