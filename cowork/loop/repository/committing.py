"""Commits of finished tasks, as the user would make them: with their identity, their hooks and their signature.

What a commit holds is everything below the project that is not ignored, but the program's own files and repositories within
that nobody made submodules. When git refuses, because of a hook perhaps, that is an answer and no error; then nothing is staged
that was not, unless the user had staged something: what is theirs cannot be told from ours by then. Nothing is committed into
something that somebody has begun (a merge, a rebase), and nothing on a detached HEAD, where the commit would belong to no
branch.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cowork.core.errors import CoworkError
from cowork.core.text import one_line
from cowork.loop.repository.facts import EXCLUDED, Repository, find, is_excluded, pathspec
from cowork.loop.repository.git import Git

TEMPLATE = "{{taskType}}: {{taskId}} {{taskTitle}}"
"""The usual message. Its variables: taskType, taskId, taskTitle, and what else a loop gives."""
TRAILER = "Cowork-Task"
"""The line at the end of a message that says which task of which session a commit is of."""
TIMEOUT_S = 300.0  # hooks may run tests
_LOOKED_BACK = 500  # commits
_STAYS = " (all of it stays staged)"
_PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_TRAILERS = re.compile(r"(?:[A-Za-z0-9-]+: .*\n?)+")
_TYPES: Mapping[str, str] = {
    **{word: word for word in "feat fix chore docs refactor test perf build ci style".split()},
    "feature": "feat",
    "enhancement": "feat",
    "bug": "fix",
    "bugfix": "fix",
    "documentation": "docs",
    "tests": "test",
    "performance": "perf",
}


@dataclass(frozen=True)
class Commit:
    """What came of committing: the `hash` of a commit, or None and perhaps a `failure` in words; neither: nothing had changed.

    `earlier` says that the commit was found, made before a crash by all appearance.
    """

    hash: str | None
    subject: str
    failure: str | None = None
    earlier: bool = False


def type_of(labels: Sequence[str]) -> str:
    """The type of change that labels tell: feat, fix, docs...; chore when they tell none."""
    return next((_TYPES[label.casefold()] for label in labels if label.casefold() in _TYPES), "chore")


def message_of(template: str, variables: Mapping[str, str], key: str) -> str:
    """The message of a commit: the template filled in one pass, every value on one line, and the trailer with the key.

    Placeholders nobody knows stay as they are.
    """
    lines = template.replace("\r\n", "\n").strip().split("\n")
    filled = [_PLACEHOLDER.sub(lambda match: one_line(variables.get(match[1], match[0])), line).rstrip() for line in lines]
    subject = one_line(filled[0]) or one_line(f"chore: {key}")
    body = "\n".join(filled[1:]).strip()
    last = body.rpartition("\n\n")[2]
    joint = "\n" if last and _TRAILERS.fullmatch(last) else "\n\n"
    return f"{subject}\n\n{body}{joint}{_trailer(key)}\n" if body else f"{subject}\n\n{_trailer(key)}\n"


async def commit(
    directory: Path,
    template: str,
    variables: Mapping[str, str],
    *,
    key: str,
    excluded: tuple[str, ...] = EXCLUDED,
    again: bool = False,
    timeout_s: float = TIMEOUT_S,
) -> Commit:
    """Commit what changed below a directory, with the `key` SESSION/TASK/ITERATION. Never raises for what git or a hook says.

    When the recent history holds a commit with that key, it is found and nothing is committed, unless `again`.
    """
    message = message_of(template, variables, key)
    subject = message.partition("\n")[0]
    try:
        repository = await find(directory)
        reason = await _reason_against(repository)
        if reason or repository is None:
            return Commit(None, subject, reason)
        found = None if again else await made_earlier(repository, key)
        return found or await _commit(repository, message, excluded, timeout_s)
    except CoworkError as error:
        return Commit(None, subject, one_line(f"{error.message}: {error.cause}" if error.cause else error.message, 500))


async def made_earlier(repository: Repository, key: str) -> Commit | None:
    """The latest commit with a key in the recent history of what is checked out. Raises `git.*`."""
    shape = f"%H%x1f%s%x1f%(trailers:key={TRAILER},valueonly,separator=%x1e)"
    words = ("log", "-z", f"-n{_LOOKED_BACK}", "--no-show-signature", "--no-color", f"--format={shape}")
    done = await repository.git.run(*words)  # a failure before the first commit
    wanted = one_line(key)
    for entry in done.names if done.ok else ():
        commit_hash, subject, values = entry.split("\x1f", 2)
        if wanted in (value.strip() for value in values.split("\x1e")):
            return Commit(commit_hash, one_line(subject), earlier=True)
    return None


async def _reason_against(repository: Repository | None) -> str | None:
    if repository is None:
        return "there is no git repository"
    if repository.underway:
        return f"a {repository.underway} is under way"
    if await repository.branch() is None:
        return "HEAD is detached: a commit would belong to no branch"
    return None


async def _commit(repository: Repository, message: str, excluded: tuple[str, ...], timeout_s: float) -> Commit:
    git, subject = repository.git, message.partition("\n")[0]
    within = pathspec(excluded, repository.prefix)
    before = await _staged(git, ())
    await _add(git, excluded)
    staged = await _staged(git, within)
    if not staged:
        return Commit(None, subject)
    # What is staged beside that, elsewhere or of the program's own, stays staged.
    only = ["--", *within] if await _staged(git, ()) != staged else []
    words = ("commit", "-q", "--no-edit", "--cleanup=whitespace", "-F", "-")
    made = False
    try:
        done = await git.run(*words, *only, feed=message.encode("utf-8", "replace"), timeout_s=timeout_s)
        made = done.ok
    finally:
        if not made and not before:
            await _unstage(git, staged)
    if not made:
        return Commit(None, subject, f"{done.why}{_STAYS if before else ''}")
    return Commit(await repository.head(), subject)


async def _unstage(git: Git, names: Sequence[str]) -> None:
    """Have the index as it was, as far as that can be done: the user had staged nothing."""
    feed = b"".join(os.fsencode(name) + b"\0" for name in names)
    top = git.having(environment={"GIT_LITERAL_PATHSPECS": "1"})
    with contextlib.suppress(CoworkError):
        await top.run("reset", "-q", "--pathspec-from-file=-", "--pathspec-file-nul", feed=feed)


async def _add(git: Git, excluded: tuple[str, ...]) -> None:
    """Stage what changed: by name, for git calls it a failure when an excluded file is ignored as well."""
    looking = git.having({"core.fsmonitor": "false"})
    listed = await looking.must("ls-files", "-z", "-o", "-m", "-d", "--exclude-standard")
    names = {name for name in listed.names if not name.endswith("/") and not is_excluded(name, excluded)}
    if names:
        feed = b"".join(os.fsencode(name) + b"\0" for name in sorted(names))
        literally = git.having(environment={"GIT_LITERAL_PATHSPECS": "1"})
        await literally.must("add", "-A", "--pathspec-from-file=-", "--pathspec-file-nul", feed=feed)


async def _staged(git: Git, within: Sequence[str]) -> tuple[str, ...]:
    words = ("diff", "--cached", "--name-only", "-z", "--no-renames", "--no-ext-diff", "--ignore-submodules=none")
    return (await git.must(*words, *(["--", *within] if within else []))).names


def _trailer(key: str) -> str:
    return f"{TRAILER}: {one_line(key)}"
