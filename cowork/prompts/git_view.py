"""Reading a git repository nobody trusts, with its own git: nothing of its configuration is obeyed, so nothing of it can run.

A repository's configuration names programs (monitors, filters, hooks, signers, pagers) under names nobody can list in advance.
So git does not see it: it is given a directory of ours, with a configuration of ours, that leads to the repository's objects,
refs and index. What is needed of the repository's settings is read from its file as data, and a few harmless ones are kept.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cowork.core.errors import CoworkError
from cowork.core.files import read_regular
from cowork.install.git_process import Git

SECONDS = 10.0
"""How long git may take for everything that is asked of it at a time."""
_LONGEST = 4096
_LINKED = ("packed-refs", "refs", "reftable", "shallow")
_KEPT = frozenset("core.filemode core.ignorecase core.symlinks core.autocrlf core.eol core.precomposeunicode".split())
_FORMATS = frozenset({("extensions.objectformat", "sha256"), ("extensions.refstorage", "reftable")})


@dataclass(frozen=True)
class Repository:
    """A repository: the top of its working tree, its git directory, and the one it shares with other working trees."""

    top: Path
    own: Path
    shared: Path


class GitFailed(Exception):
    """git did not answer; the text says why."""


def find(start: Path) -> Repository | None:
    """The repository whose working tree holds `start`; None where there is none, or none that can be read."""
    for place in (start, *start.parents):
        dot = place / ".git"
        try:
            if dot.is_file():
                dot = place / _line(dot).removeprefix("gitdir:").strip()
            if not (dot / "HEAD").is_file():
                continue
            shared = dot / _line(dot / "commondir") if (dot / "commondir").is_file() else dot
            return Repository(place, dot, shared) if (shared / "objects").is_dir() else None
        except (OSError, ValueError):
            return None
    return None


def _line(path: Path) -> str:
    return os.fsdecode(read_regular(path, _LONGEST)).strip()


class View:
    """Asks git about one repository, from the directory `cwd` in it. `shallow` says whether its history is cut off."""

    def __init__(self, git: Git, repository: Repository, end: float) -> None:
        self.repository = repository
        self.shallow = (repository.shared / "shallow").is_file()
        self._git, self._end = git, end

    def start(self, *words: str, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        """Start git, to be waited for with `answer` or `ended`: several work at the same time. Raises GitFailed."""
        try:
            return self._git.start(["--literal-pathspecs", *words], stdin=stdin)
        except CoworkError as error:
            raise GitFailed(error.message) from error
        except OSError as error:
            raise GitFailed(error.strerror or str(error)) from error

    def answer(self, process: subprocess.Popen[bytes], *, others: Sequence[int] = ()) -> bytes:
        """What it said. Raises GitFailed when it failed, took too long or said too much; status codes of `others` are fine."""
        try:
            done = self._git.finish(process, timeout_s=max(0.0, self._end - time.monotonic()))
        except subprocess.TimeoutExpired as error:
            raise GitFailed("git took too long, or said too much") from error
        if done.returncode not in (0, *others):
            said = done.stderr.decode("utf-8", "replace").strip().split("\n")[0][:200]
            raise GitFailed(said or f"git ended with {done.returncode}")
        return done.stdout

    def ended(self, process: subprocess.Popen[bytes], seconds: float) -> subprocess.CompletedProcess[bytes]:
        """How it ended, whatever that is. Raises subprocess.TimeoutExpired when that took longer, or it said too much."""
        return self._git.finish(process, timeout_s=seconds)

    def ask(self, *words: str, others: Sequence[int] = ()) -> bytes:
        """Run git to its end. Raises GitFailed."""
        return self.answer(self.start(*words), others=others)


@contextlib.contextmanager
def opened(repository: Repository, cwd: Path, *, seconds: float = SECONDS) -> Iterator[View]:
    """A view of the repository, gone again afterwards. Raises GitFailed."""
    import tempfile

    end = time.monotonic() + seconds
    try:
        place = tempfile.TemporaryDirectory(prefix="cowork-git-")
    except OSError as error:
        raise GitFailed(f"there is no room for temporary files: {error.strerror}") from error
    with place as name:
        directory = Path(name)
        try:
            head = read_regular(repository.own / "HEAD", _LONGEST)
            _lay_out(directory, repository, head)
            settings = _settings(View(Git(directory), repository, end), repository)
            formats = [pair for pair in settings if pair in _FORMATS]
            if formats:
                (directory / "config").write_text(_with_formats(formats))
        except OSError as error:
            raise GitFailed(error.strerror or str(error)) from error
        also = {
            "GIT_WORK_TREE": str(repository.top),
            "GIT_INDEX_FILE": str(repository.own / "index"),
            "GIT_OBJECT_DIRECTORY": str(repository.shared / "objects"),
        }
        config = {"core.symlinks": "true", "core.untrackedCache": "false", **_kept(settings, head)}
        config |= _global_excludes()
        yield View(Git(directory, config=config, cwd=cwd, also=also), repository, end)


def _lay_out(directory: Path, repository: Repository, head: bytes) -> None:
    """A git directory that leads to what the repository has."""
    (directory / "HEAD").write_bytes(head)
    (directory / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = false\n")
    (directory / "objects").mkdir()
    for name in _LINKED:
        if (repository.shared / name).exists():
            (directory / name).symlink_to((repository.shared / name).absolute())
    if not (directory / "refs").exists():
        (directory / "refs").mkdir()
    (directory / "info").mkdir()
    if (repository.shared / "info" / "exclude").is_file():
        (directory / "info" / "exclude").symlink_to((repository.shared / "info" / "exclude").absolute())
    for index in repository.own.glob("sharedindex.*"):
        (directory / index.name).symlink_to(index.absolute())


def _settings(view: View, repository: Repository) -> list[tuple[str, str]]:
    """The repository's settings, as data: what they include is not looked at."""
    config = repository.shared / "config"
    if not config.is_file():
        return []
    said = view.ask("config", "--no-includes", "--file", str(config.absolute()), "--list", "-z")
    pairs = (item.partition("\n") for item in os.fsdecode(said).split("\0") if item)
    return [(key, value) for key, equal, value in pairs if equal]


def _with_formats(formats: list[tuple[str, str]]) -> str:
    lines = "".join(f"\t{key.partition('.')[2]} = {value}\n" for key, value in formats)
    return f"[core]\n\trepositoryformatversion = 1\n\tbare = false\n[extensions]\n{lines}"


def _kept(settings: list[tuple[str, str]], head: bytes) -> dict[str, str]:
    """How files are compared, where the repository's remotes are, and what the current branch follows."""
    kept = {key: value for key, value in settings if key in _KEPT or (key.startswith("remote.") and key.endswith(".url"))}
    branch = os.fsdecode(head).strip().removeprefix("ref: refs/heads/")
    follows = {f"branch.{branch}.remote", f"branch.{branch}.merge"}
    kept |= {key: value for key, value in settings if key in follows}
    fetch = f"remote.{kept.get(f'branch.{branch}.remote')}.fetch"
    return kept | {key: value for key, value in settings if key == fetch}


def _global_excludes() -> dict[str, str]:
    """What the user leaves out everywhere: their own word, so git is let read it."""
    words = ["git", "config", "--global", "--type=path", "--get", "core.excludesFile"]
    try:
        done = subprocess.run(words, capture_output=True, timeout=SECONDS, stdin=subprocess.DEVNULL, cwd="/")  # noqa: S603
        named = os.fsdecode(done.stdout).rstrip("\n") if done.returncode == 0 else ""
    except (OSError, subprocess.SubprocessError):
        named = ""
    usual = Path(os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config"), "git", "ignore")  # noqa: PTH111 - never fails
    return {"core.excludesFile": named or str(usual)}
