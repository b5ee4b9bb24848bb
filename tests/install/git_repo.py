"""Bare repositories made with real git, out of reach of any user's configuration: the same files give the same ids."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

Files = Mapping[str, bytes | str]

_PERSON = "Tess Test <tess@example.com>"
_FIRST_DATE = 1_750_000_000
_REFUSES = "refuses-sha-wants"


def git(*argv: str, cwd: Path | None = None, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> str:
    """What git says on stdout, without the last newline. Fails with git's own words."""
    done = subprocess.run(
        ["git", *argv], cwd=cwd, input=stdin, capture_output=True, env={**clean_env(), **(env or {})}, timeout=60
    )
    assert done.returncode == 0, f"git {argv}: {done.stderr.decode(errors='replace')}"
    return done.stdout.decode(errors="surrogateescape").removesuffix("\n")


def clean_env() -> dict[str, str]:
    """An environment for git: nobody's configuration, nobody's prompts, one person, one date."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.devnull,
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_NAME": "Tess Test",
        "GIT_AUTHOR_EMAIL": "tess@example.com",
        "GIT_AUTHOR_DATE": f"{_FIRST_DATE} +0000",
        "GIT_COMMITTER_NAME": "Tess Test",
        "GIT_COMMITTER_EMAIL": "tess@example.com",
        "GIT_COMMITTER_DATE": f"{_FIRST_DATE} +0000",
    }


@dataclass
class Repo:
    """A bare repository `<root>/<name>.git`. Commit ids depend on files, messages and order only."""

    path: Path
    branch: str = "main"
    executable: set[str] = field(default_factory=set)
    _commits: int = field(default=0, repr=False)

    @property
    def name(self) -> str:
        """The name by which the server offers it."""
        return self.path.name.removesuffix(".git")

    @property
    def head(self) -> str:
        """The commit at the tip of the default branch."""
        return self.resolve(f"refs/heads/{self.branch}")

    def resolve(self, revision: str) -> str:
        """The object that a revision names, in 40 hexadecimal digits."""
        return self.git("rev-parse", "--verify", "--end-of-options", revision)

    def git(self, *argv: str, stdin: bytes = b"") -> str:
        """Run git in the repository."""
        return git("-C", str(self.path), *argv, stdin=stdin)

    def commit(
        self,
        files: Files,
        message: str = "Change",
        *,
        branch: str | None = None,
        executable: Iterable[str] = (),
        orphan: bool = False,
    ) -> str:
        """A commit that holds exactly `files`, on top of a branch, or without parents when `orphan`; returns its id."""
        ref = f"refs/heads/{branch or self.branch}"
        if orphan:
            self.git("update-ref", "-d", ref)
        parent = self.git("for-each-ref", "--format=%(objectname)", ref)
        stream = _commit_stream(ref, files, message, self.executable, parent, _FIRST_DATE + 60 * self._commits)
        self._commits += 1
        return self.git("fast-import", "--quiet", stdin=stream)

    def tag(self, name: str, sha: str | None = None, *, annotated: bool = False) -> str:
        """A tag on a commit (the tip of the default branch); returns what the ref holds: a tag object's id when annotated."""
        kind = ("-a", "-m", name) if annotated else ()
        self.git("tag", *kind, "--end-of-options", name, sha or self.head)
        return self.resolve(f"refs/tags/{name}")

    def move_tag(self, name: str, sha: str | None = None, *, annotated: bool = False) -> str:
        """Set a tag that exists on another commit."""
        self.git("tag", "-d", name)
        return self.tag(name, sha, annotated=annotated)

    def force_push(self, files: Files, message: str = "Rewrite", *, branch: str | None = None) -> str:
        """Replace a branch by a history that does not know the old one, which stays in the repository unreachable."""
        return self.commit(files, message, branch=branch, orphan=True)

    def delete_branch(self, branch: str | None = None) -> None:
        """Remove a branch; its commits stay as unreachable objects."""
        self.git("update-ref", "-d", f"refs/heads/{branch or self.branch}")

    def refuse_sha_wants(self, refuse: bool = True) -> None:
        """Make the server speak the old protocol here and serve only the tips it advertises."""
        marker = self.path / _REFUSES
        marker.touch() if refuse else marker.unlink(missing_ok=True)

    def allow_sha_wants(self) -> None:
        """Let any object be asked for by its id, in the old protocol too."""
        self.git("config", "uploadpack.allowAnySHA1InWant", "true")


def refuses_sha_wants(repository: Path) -> bool:
    """Whether a repository was told to serve only advertised tips."""
    return (repository / _REFUSES).exists()


def bare(root: Path, name: str, *, branch: str = "main") -> Repo:
    """A new, empty bare repository `<root>/<name>.git`: what `git init --bare` makes, without a process for it."""
    path = root / f"{name}.git"
    for directory in ("objects/pack", "refs/heads", "refs/tags"):
        (path / directory).mkdir(parents=True)
    (path / "HEAD").write_text(f"ref: refs/heads/{branch}\n")
    (path / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n")
    return Repo(path, branch)


def make_repo(
    root: Path,
    name: str,
    files: Files,
    *,
    executable: Iterable[str] = (),
    tags: Iterable[str] = (),
    branch: str = "main",
) -> Repo:
    """A bare repository `<root>/<name>.git` with one commit of `files` on `branch`, and lightweight `tags` on it."""
    repo = bare(root, name, branch=branch)
    repo.executable.update(executable)
    sha = repo.commit(files, "First")
    for tag in tags:
        repo.tag(tag, sha)
    return repo


def _commit_stream(ref: str, files: Files, message: str, executable: set[str], parent: str, date: int) -> bytes:
    head = f"commit {ref}\nmark :1\ncommitter {_PERSON} {date} +0000\n".encode()
    lines = [head, _data(message.encode())]
    if parent:
        lines.append(f"from {parent}\n".encode())
    lines.append(b"deleteall\n")
    for path, content in files.items():
        mode = "100755" if path in executable else "100644"
        lines.append(f"M {mode} inline {_quoted(path)}\n".encode(errors="surrogateescape"))
        lines.append(_data(content.encode() if isinstance(content, str) else content))
    lines.append(b"get-mark :1\n")
    return b"".join(lines)


def _data(content: bytes) -> bytes:
    return b"data %d\n%b\n" % (len(content), content)


def _quoted(path: str) -> str:
    if not path.startswith('"') and "\n" not in path:
        return path
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
