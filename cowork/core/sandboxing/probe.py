"""Whether a sandbox really works: once, before anything that matters runs in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path

from cowork.core.errors import CoworkError, Unavailable
from cowork.core.health import Check
from cowork.core.sandboxing.plan import Sandbox, plan, unavailable
from cowork.core.text import one_line

PATIENCE_S = 10.0
_NAMESPACES = ("mnt", "pid", "ipc", "user")


def prove(sandbox: Sandbox) -> Sandbox:
    """The same sandbox, once something ran in it. Raises Unavailable `sandbox.unavailable` with what its tool said.

    That a program of this name does something is not enough: inside, the namespaces have to be others than outside.
    """
    _proved(sandbox, PATIENCE_S)
    return sandbox


@lru_cache(maxsize=64)
def _proved(sandbox: Sandbox, patience_s: float) -> None:
    names = [name for name in _NAMESPACES if sandbox.tool == "bwrap"]
    names += ["net"] if names and not sandbox.network else []
    look = "".join(f"readlink /proc/self/ns/{name} || exit 1\n" for name in names)
    environment = {"PATH": os.environ.get("PATH", os.defpath)}
    try:
        done = subprocess.run(  # noqa: S603 - our own words
            sandbox.wrap(["/bin/sh", "-c", look or ":"], sandbox.directory),
            cwd=sandbox.directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=patience_s,
            start_new_session=True,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _refused(sandbox, f"it did not run anything within {patience_s:g} s") from None
    except OSError as error:
        raise _refused(sandbox, error.strerror or str(error)) from error
    if done.returncode:
        raise _refused(sandbox, one_line(done.stderr.decode("utf-8", "replace")) or f"it ended with {done.returncode}")
    inside = done.stdout.decode("utf-8", "replace").split()
    outside = [str(Path(f"/proc/self/ns/{name}").readlink()) for name in names]
    if len(inside) != len(outside) or any(a == b for a, b in zip(inside, outside, strict=True)):
        raise _refused(sandbox, "what it ran was not separated from the rest")


def _refused(sandbox: Sandbox, cause: str) -> Unavailable:
    """The error that the tool is there and does not do it."""
    found = unavailable(f"{sandbox.program} cannot make a sandbox here", cause)
    if sandbox.tool == "bwrap":
        found.hint = (
            "unprivileged user namespaces may be forbidden: look at the sysctls kernel.unprivileged_userns_clone, "
            "user.max_user_namespaces and kernel.apparmor_restrict_unprivileged_userns; --sandbox off runs without one"
        )
    return found


def check() -> Check:
    """What the doctor says. A machine without a sandbox is no broken installation."""
    with tempfile.TemporaryDirectory() as place:
        directory, home = Path(place, "work"), Path(place, "home")
        directory.mkdir()
        home.mkdir()
        try:
            sandbox = plan("auto", directory=directory, home=home)
            assert sandbox is not None
            prove(sandbox)
        except CoworkError as error:
            return Check("sandbox", "warn", f"{error.message}: {error.cause}; agents only run with --sandbox off")
    version = ""
    if sandbox.tool == "bwrap" and shutil.which(sandbox.program):
        said = subprocess.run([sandbox.program, "--version"], capture_output=True, timeout=PATIENCE_S, check=False)  # noqa: S603
        version = one_line(said.stdout.decode("utf-8", "replace")) + " at "
    return Check("sandbox", "ok", f"{version}{sandbox.program} works")
