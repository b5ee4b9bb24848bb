"""Real git repositories for tests, made by real git with an identity and no configuration of the machine's."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_AUTHOR_DATE": "2026-01-31T08:05:00+01:00",
    "GIT_COMMITTER_DATE": "2026-01-31T08:05:00+01:00",
}


def git(where: Path, *words: str) -> str:
    """What git says."""
    done = subprocess.run(["git", *words], cwd=where, env={**os.environ, **ENVIRONMENT}, capture_output=True, check=True)
    return os.fsdecode(done.stdout)


def repository(where: Path, files: dict[str, str] | None = None, *, subject: str = "Begin") -> Path:
    """A repository with one commit of these files; without files, without a commit."""
    where.mkdir(parents=True, exist_ok=True)
    git(where, "init", "-q", "-b", "main")
    if files:
        write(where, files)
        git(where, "add", "-A")
        git(where, "commit", "-qm", subject)
    return where


def write(where: Path, files: dict[str, str]) -> None:
    """Write files, with their directories."""
    for name, text in files.items():
        path = where / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def armed(where: Path, marker: Path) -> None:
    """Let a repository's own files name a program for everything that git can be made to run while it only reads."""
    program = where / ".git" / "run-me"
    program.write_text(f"#!/bin/sh\necho \"$0 $*\" >> '{marker}'\ncat\n")
    program.chmod(0o755)
    for key in (
        "core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.askPass", "core.gitProxy", "diff.external",
        "filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "diff.evil.command", "diff.evil.textconv",
        "gpg.program", "pager.log", "pager.status", "alias.status", "alias.log", "alias.ls-files", "credential.helper",
        "uploadpack.packObjectsHook", "core.alternateRefsCommand", "interactive.diffFilter", "merge.evil.driver",
    ):  # fmt: skip
        git(where, "config", key, f"!{program}" if key.startswith("alias") else str(program))
    git(where, "config", "filter.evil.required", "true")
    git(where, "config", "log.showSignature", "true")
    git(where, "config", "core.hooksPath", str(where / ".git" / "hooks"))
    (where / ".git" / "included").write_text(f"[core]\n\tfsmonitor = {program}\n")
    git(where, "config", "include.path", "included")
    for hook in ("post-index-change", "fsmonitor-watchman", "pre-auto-gc", "reference-transaction", "post-checkout"):
        (where / ".git" / "hooks").mkdir(exist_ok=True)
        (where / ".git" / "hooks" / hook).write_bytes(program.read_bytes())
        (where / ".git" / "hooks" / hook).chmod(0o755)
    (where / ".git" / "info" / "attributes").write_text("* filter=evil diff=evil merge=evil\n")
