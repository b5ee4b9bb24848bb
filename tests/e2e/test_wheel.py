"""The wheel: built, installed into a clean environment outside the repository, and used from another directory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

from tests.support import ROOT


def run(*words: str | Path, cwd: Path) -> str:
    done = subprocess.run([str(word) for word in words], cwd=cwd, capture_output=True, text=True, env=clean_environment())
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}


def test_an_installed_wheel_carries_its_data(tmp_path: Path) -> None:
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    run(*pip, "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", tmp_path / "dist", ROOT, cwd=tmp_path)
    (wheel,) = (tmp_path / "dist").glob("cowork-*.whl")
    venv.create(tmp_path / "clean", with_pip=False)
    python = tmp_path / "clean" / "bin" / "python"
    run(*pip, "--python", python, "install", "-q", "--no-compile", "-c", ROOT / "constraints.txt", wheel, cwd=tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    cowork = tmp_path / "clean" / "bin" / "cowork"
    packs = json.loads(run(cowork, "pack", "list", "--json", cwd=elsewhere))["data"]
    assert [pack["name"] for pack in packs["items"]] == sorted(path.parent.name for path in ROOT.glob("packs/*/*.json"))
    assert all(Path(pack["path"]).is_relative_to(tmp_path / "clean") for pack in packs["items"])
    twin = json.loads(run(cowork, "twin", "activate", "software-engineer", "--json", cwd=elsewhere))
    assert twin["ok"]
    assert json.loads(run(cowork, "registry", "search", "--json", cwd=elsewhere))["data"]["count"]
    debate = run(cowork, "loop", "start", "A or B?", "--pattern", "debate", "--provider", "rehearsal", "--json", cwd=elsewhere)
    assert json.loads(debate)["ok"]
