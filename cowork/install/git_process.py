"""Running git on a repository nobody trusts: a rebuilt environment, no shell, no configuration, no checkout, bounded.

Every switch closes a way by which an address, a ref or a repository made git run or read something: other transports, the
user's rewriting rules, templates and hooks, filters, submodules, prompts, replacement objects, redirects.

Not run as other processes are (`cowork.core.processes`): git needs limits on what it writes, and its pipes are read in step.
"""

from __future__ import annotations

import contextlib
import os
import resource
import selectors
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from cowork.core.search_path import fixed_path
from cowork.install.git_errors import no_git

PIN = "refs/cowork/pin"
"""The ref of a fetched repository that names the commit that was asked for."""
LARGEST_FILE_BYTES = 512 * 1024 * 1024
MOST_SAID_BYTES = 32 * 1024 * 1024
_PRLIMIT = hasattr(resource, "prlimit")
_KEPT = (
    "SSH_AUTH_SOCK", "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "no_proxy", "NO_PROXY", "all_proxy",
    "ALL_PROXY", "GIT_SSL_CAINFO", "SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE",
)  # fmt: skip
_CONFIG = {
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "core.fsync": "none",  # the repository does not outlive the installation; what is installed is forced to disk by us
    "core.symlinks": "false",
    "core.protectHFS": "true",
    "core.protectNTFS": "true",
    "credential.helper": "",
    "fetch.fsckObjects": "true",
    "fetch.unpackLimit": "1",  # one file that holds everything is read and removed sooner than one for each object
    "transfer.fsckObjects": "true",
    "http.followRedirects": "false",
    "http.lowSpeedLimit": "1000",
    "http.lowSpeedTime": "30",
    "submodule.recurse": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "protocol.version": "2",
}


class Git:
    """git with its own empty home in `directory`. `plain_http` lets http through for a host that the user trusts.

    It starts in `cwd`, else in `directory`, and finds what `also` names in its environment.
    """

    def __init__(
        self,
        directory: Path,
        *,
        plain_http: bool = False,
        config: dict[str, str] | None = None,
        ssh: str = "",
        cwd: Path | None = None,
        also: dict[str, str] | None = None,
    ) -> None:
        self._cwd = cwd or directory
        environment = _environment(directory, plain_http=plain_http, config={**_CONFIG, **(config or {})}, ssh=ssh)
        self._environment = environment | (also or {})

    def run(self, words: Sequence[str], *, timeout_s: float) -> subprocess.CompletedProcess[bytes]:
        """Run git to its end. On timeout its whole group is killed. Raises subprocess.TimeoutExpired."""
        return self.finish(self.start(words), timeout_s=timeout_s)

    def finish(self, process: subprocess.Popen[bytes], *, timeout_s: float) -> subprocess.CompletedProcess[bytes]:
        """What a process says until it ends; `run` for one that was started before."""
        try:
            out, err = _read(process, timeout_s)
        finally:
            stop(process)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def start(
        self, words: Sequence[str], *, stdin: int = subprocess.DEVNULL, stderr: int = subprocess.PIPE
    ) -> subprocess.Popen[bytes]:
        """Start git in a group of its own. Raises `install.no_git`."""
        try:
            process = subprocess.Popen(  # noqa: S603 - a list of words
                ["git", *words],  # noqa: S607 - which git it is, the user's PATH says
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=stderr,
                env=self._environment,
                cwd=self._cwd,
                start_new_session=True,
                preexec_fn=None if _PRLIMIT else _limit,
            )
        except (FileNotFoundError, PermissionError) as error:
            if error.filename != "git":
                raise
            raise no_git() from None
        if _PRLIMIT:
            with contextlib.suppress(ProcessLookupError):
                _limit(process.pid)
        return process


def stop(process: subprocess.Popen[bytes]) -> None:
    """Kill a process with its group, and wait until it is gone."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
    process.wait()


def _read(process: subprocess.Popen[bytes], timeout_s: float) -> tuple[bytes, bytes]:
    """What a process says on stdout and stderr until it ends. A server that never stops talking counts as a timeout."""
    assert process.stdout is not None
    assert process.stderr is not None
    said: dict[int, bytearray] = {process.stdout.fileno(): bytearray(), process.stderr.fileno(): bytearray()}
    end = time.monotonic() + timeout_s
    with selectors.DefaultSelector() as waiting:
        for descriptor in said:
            waiting.register(descriptor, selectors.EVENT_READ)
        while waiting.get_map():
            ready = waiting.select(max(0.0, end - time.monotonic()))
            if not ready or sum(map(len, said.values())) > MOST_SAID_BYTES:
                raise subprocess.TimeoutExpired(process.args, timeout_s)
            for key, _ in ready:
                chunk = os.read(key.fd, 1 << 16)
                said[key.fd] += chunk
                if not chunk:
                    waiting.unregister(key.fd)
    process.wait(max(0.0, end - time.monotonic()))
    return bytes(said[process.stdout.fileno()]), bytes(said[process.stderr.fileno()])


def _limit(process: int = 0) -> None:
    """Bound the files that git writes; on Linux from outside, which leaves no Python code to run after a fork."""
    limits = ((resource.RLIMIT_FSIZE, LARGEST_FILE_BYTES), (resource.RLIMIT_CORE, 0))
    for name, most in limits:
        if process:
            resource.prlimit(process, name, (most, most))
        else:
            resource.setrlimit(name, (most, most))


def _environment(directory: Path, *, plain_http: bool, config: dict[str, str], ssh: str) -> dict[str, str]:
    known_hosts = Path.home() / ".ssh" / "known_hosts"
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environment |= {
        "PATH": fixed_path(os.environ.get("PATH", os.defpath)),
        "HOME": str(directory),
        "LC_ALL": "C",
        "TMPDIR": str(directory),  # where nothing is left behind
        "GIT_DIR": str(directory),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "true",
        "SSH_ASKPASS": "true",
        "GIT_ALLOW_PROTOCOL": "https:ssh:http" if plain_http else "https:ssh",
        "GIT_PROTOCOL_FROM_USER": "0",
        "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_SSH_COMMAND": f"ssh -oBatchMode=yes -oStrictHostKeyChecking=yes -oUserKnownHostsFile={_shell_word(known_hosts)}"
        f" -oConnectTimeout=15 -oClearAllForwardings=yes -oPermitLocalCommand=no {ssh}",
        "GIT_CONFIG_COUNT": str(len(config)),
    }
    # In the environment, where no process list shows it: a token may be among the values.
    for number, (key, value) in enumerate(config.items()):
        environment[f"GIT_CONFIG_KEY_{number}"] = key
        environment[f"GIT_CONFIG_VALUE_{number}"] = value
    return environment


def _shell_word(path: Path) -> str:
    import shlex

    return shlex.quote(str(path))
