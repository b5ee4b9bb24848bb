"""A git repository as the source of a pack: one commit of it, fetched into a bare repository."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cowork.core.errors import InvalidInput, NotFound
from cowork.core.outcome import Notice
from cowork.install.git_errors import from_git, ref_not_found, too_slow
from cowork.install.git_process import PIN, Git, stop
from cowork.install.sources import Source
from cowork.web.guard import check_url, is_trusted_host, public_addresses

if TYPE_CHECKING:
    from cowork.install.git_material import GitMaterial

TIMEOUT_S = 180.0
_FETCH = ("fetch", "-q", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head")
_BARE = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"


class Pending:
    """The default branch of a repository, being fetched into the new directory `directory`.

    Raises what the guard raises. Whoever has one calls `finish` or `close`, or git goes on for itself.
    """

    def __init__(self, source: Source, directory: Path, *, timeout_s: float = TIMEOUT_S) -> None:
        self.source = source
        self._deadline = time.monotonic() + timeout_s
        self._url = url_of(source)
        self._pin = directory / PIN
        self._git = _prepare(self._url, directory)
        self._process = self._git.start([*_FETCH, "--depth=1", "--end-of-options", self._url, f"+HEAD:{PIN}"])

    def finish(self) -> GitMaterial:
        """The commit, when it is there. Raises as `fetch`."""
        try:
            done = self._git.finish(self._process, timeout_s=max(0.0, self._deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise too_slow(self._url, TIMEOUT_S) from None
        _check_fetched(done, self._url, None)
        pinned = self._pin.read_bytes().decode("ascii", "replace").strip()  # HEAD names a commit: nothing has to be peeled
        if not re.fullmatch(r"[0-9a-f]{40}([0-9a-f]{24})?", pinned):
            raise from_git("bad object", self._url)
        from cowork.install.git_material import GitMaterial  # not before git is at work

        return GitMaterial(self._git, self._url, pinned, "HEAD", (), self._deadline)

    def close(self) -> None:
        """Stop git, if it still runs."""
        stop(self._process)


def fetch(source: Source, directory: Path, *, timeout_s: float = TIMEOUT_S) -> GitMaterial:
    """Fetch the commit that a source names into the new directory `directory`.

    Raises Unavailable, NotFound and Denied `install.*` and `web.*`; nothing is checked out and nothing of it is run.
    """
    if source.ref is None:
        return Pending(source, directory, timeout_s=timeout_s).finish()
    deadline = time.monotonic() + timeout_s
    url = url_of(source)
    git = _prepare(url, directory)
    ref, expected, notices = _choose(git, source, source.ref, url, deadline)
    try:
        _fetch(git, url, ref, deadline)
    except NotFound as error:
        if not source.is_commit or error.code != "install.commit_not_found":
            raise
        _fetch(git, url, None, deadline)  # a server that gives out tips only: take them all, the commit may be below one
    wanted = source.ref if source.is_commit else PIN
    done = _run(git, ["rev-parse", "--verify", "--end-of-options", f"{wanted}^{{commit}}"], url, deadline)
    commit = done.stdout.decode().strip()
    if done.returncode or not re.fullmatch(r"[0-9a-f]{40}([0-9a-f]{24})?", commit):
        raise from_git("not our ref", url, source.ref)
    if wanted != PIN:
        _run(git, ["update-ref", PIN, commit], url, deadline)
    if expected and commit != expected:
        raise InvalidInput("install.ref_moved", f"'{source.ref}' of {url} moved while it was fetched", hint="try again")
    from cowork.install.git_material import GitMaterial

    return GitMaterial(git, url, commit, ref, notices, deadline)


def resolve(source: Source, directory: Path, *, timeout_s: float = 60.0) -> tuple[str, str]:
    """The full name and the commit of what a source names now, without fetching it. Raises as `fetch`."""
    if source.is_commit:
        assert source.ref is not None
        return source.ref, source.ref
    deadline, url = time.monotonic() + timeout_s, url_of(source)
    found = _remote_refs(_prepare(url, directory), url, source.ref, deadline)
    name = _pick(found, source.ref)
    if name is None:
        raise ref_not_found(url, source.ref or "HEAD")
    return name, found.get(f"{name}^{{}}", found[name])


def tags(source: Source, directory: Path, *, timeout_s: float = 60.0) -> tuple[str, ...]:
    """The names of all tags, sorted. Raises as `fetch`."""
    url = url_of(source)
    found = _remote_refs(_prepare(url, directory), url, None, time.monotonic() + timeout_s)
    return tuple(sorted(name[10:] for name in found if name.startswith("refs/tags/") and not name.endswith("^{}")))


def url_of(source: Source) -> str:
    """What git is given."""
    return f"https://github.com/{source.url}.git" if source.kind == "github" else source.url


def _choose(git: Git, source: Source, ref: str, url: str, deadline: float) -> tuple[str, str | None, tuple[Notice, ...]]:
    """What to fetch, the commit it must turn out to be where that is known, and what to say about it."""
    found = _remote_refs(git, url, None if source.is_commit else ref, deadline)
    if source.is_commit:
        tips = set(found.values())
        text = f"the commit {ref[:12]} is no tip of a branch or tag: nothing shows that it belongs to {url}"
        return ref, None, () if ref in tips else (Notice("install.commit_unlisted", text),)
    name = _pick(found, ref)
    if name is None:
        raise ref_not_found(url, ref)
    both = {f"refs/tags/{ref}", f"refs/heads/{ref}"} <= set(found)
    text = f"'{ref}' is a tag and a branch of {url}: the tag is taken"
    return name, found.get(f"{name}^{{}}", found[name]), (Notice("install.ref_ambiguous", text),) if both else ()


def _pick(found: dict[str, str], ref: str | None) -> str | None:
    names = ["HEAD"] if ref is None else [f"refs/tags/{ref}", f"refs/heads/{ref}"]
    return next((name for name in names if name in found), None)


def _remote_refs(git: Git, url: str, ref: str | None, deadline: float) -> dict[str, str]:
    wanted = [] if ref is None else [f"refs/tags/{ref}", f"refs/tags/{ref}^{{}}", f"refs/heads/{ref}"]
    done = _run(git, ["ls-remote", "--end-of-options", url, *wanted], url, deadline)
    if done.returncode:
        raise from_git(done.stderr.decode("utf-8", "replace"), url, ref)
    pairs = (line.split("\t", 1) for line in done.stdout.decode("utf-8", "replace").splitlines() if "\t" in line)
    return {name: commit for commit, name in pairs}


def _fetch(git: Git, url: str, ref: str | None, deadline: float) -> None:
    refspecs = [f"+{ref}:{PIN}"] if ref else ["+refs/heads/*:refs/cowork/heads/*", "+refs/tags/*:refs/cowork/tags/*"]
    words = [*_FETCH, *(["--depth=1"] if ref else []), "--end-of-options", url, *refspecs]
    _check_fetched(_run(git, words, url, deadline), url, ref)


def _check_fetched(done: subprocess.CompletedProcess[bytes], url: str, ref: str | None) -> None:
    if done.returncode:
        complaint = done.stderr.decode("utf-8", "replace")
        raise from_git("file size limit exceeded" if done.returncode == -signal.SIGXFSZ else complaint, url, ref)


def _run(git: Git, words: list[str], url: str, deadline: float) -> subprocess.CompletedProcess[bytes]:
    left = deadline - time.monotonic()
    try:
        if left <= 0:
            raise subprocess.TimeoutExpired(words, 0)
        return git.run(words, timeout_s=left)
    except subprocess.TimeoutExpired:
        raise too_slow(url, TIMEOUT_S) from None


def _prepare(url: str, directory: Path) -> Git:
    """An empty bare repository, and git told to connect to the address that was judged and to no other."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 22)
    config, ssh = {}, ""
    if parts.scheme == "ssh":
        ssh = _pinned_ssh(host, port)
    else:
        check_url(url)
        if not _proxied(parts.scheme, host):  # a proxy resolves names itself
            config["http.curloptResolve"] = (
                f"{host}:{port}:{','.join(_bracketed(item) for item in public_addresses(host, port))}"
            )
    config |= _token(host)
    for name in ("objects", "refs"):
        (directory / name).mkdir(parents=True)
    (directory / "HEAD").write_text("ref: refs/heads/none\n")
    (directory / "config").write_text(_BARE)
    return Git(directory, plain_http=is_trusted_host(host, port), config=config, ssh=ssh)


def _token(host: str) -> dict[str, str]:
    """GitHub's token from the environment, as `gh` takes it; sent to github.com and to nobody else."""
    token = os.environ.get("GH_TOKEN") or os.environ.get("GITHUB_TOKEN")
    if host != "github.com" or not token:
        return {}
    import base64

    secret = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    return {"http.https://github.com/.extraHeader": f"Authorization: Basic {secret}"}


def _proxied(scheme: str, host: str) -> bool:
    """Whether a proxy of the environment is used for a host: not where `no_proxy` says otherwise."""
    names = (f"{scheme}_proxy", f"{scheme.upper()}_PROXY", "all_proxy", "ALL_PROXY")
    if not any(os.environ.get(name) for name in names):
        return False
    from urllib.request import getproxies_environment, proxy_bypass_environment  # type: ignore[attr-defined]

    return not proxy_bypass_environment(host, getproxies_environment())


def _pinned_ssh(host: str, port: int) -> str:
    """Options by which ssh connects to the address that was judged, and checks the key of the name."""
    address = public_addresses(host, port)[0]
    return f"-oHostName={address} -oHostKeyAlias={host if port == 22 else f'[{host}]:{port}'}"


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address
