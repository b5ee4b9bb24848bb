"""git at work in the user's own repository: no shell, no prompt, no pager, no editor, bounded in time and in what it says.

The user's configuration counts, for it is their repository. What a repository's own files could make of a mere look at it does
not (`Git.looking`): an agent may have written them, and a look is not what the user allowed it to run things by.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cowork.core.errors import CoworkError, Unavailable
from cowork.core.processes import Beginning, Running
from cowork.core.search_path import fixed_path
from cowork.core.secrets import child_environment
from cowork.core.text import one_line
from cowork.models.catalogue import key_names

TIMEOUT_S = 60.0
MOST_SAID_BYTES = 64 * 1024 * 1024
_MOST_COMPLAINED_BYTES = 64 * 1024
_TRIES, _LOOK_AGAIN_S = 20, 0.1
_KEPT = re.compile(r"GIT_(?:AUTHOR_|COMMITTER_|CONFIG|SSL_|SSH|CEILING_|DISCOVERY_|EXEC_PATH)")
_ALWAYS = {
    "core.pager": "cat",
    "gc.auto": "0",  # nothing goes on in the background: it would be killed with us
    "maintenance.auto": "false",
    "advice.detachedHead": "false",
    "advice.addEmbeddedRepo": "false",
    "core.quotePath": "false",
}
TREE = "COWORK_GIT_TREE"
"""The variable by which a git that outlived us is found: the tree it works on."""
_LOOKING = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.splitIndex": "false",
    "core.untrackedCache": "false",
    "submodule.recurse": "false",
}
_LOOKING_ENVIRONMENT = {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none"}
NO_HOOKS: Mapping[str, str] = {"core.hooksPath": os.devnull}


@dataclass(frozen=True)
class Done:
    """How a git ended, and what it said; `cut` when that was more than is kept."""

    status: int
    out: bytes
    complaint: str
    cut: bool = False

    @property
    def ok(self) -> bool:
        """Whether it ended with 0."""
        return self.status == 0

    @property
    def text(self) -> str:
        """What it said, without white space around it; names that are no UTF-8 as Python's own calls take them."""
        return os.fsdecode(self.out).strip()

    @property
    def names(self) -> tuple[str, ...]:
        """What it said as names that end with NUL."""
        return tuple(os.fsdecode(name) for name in self.out.split(b"\0") if name)

    @property
    def why(self) -> str:
        """Its complaint on one line: what it calls an error, else its last words."""
        lines = [line.strip() for line in self.complaint.splitlines() if line.strip()]
        errors = [line for line in lines if line.startswith(("error:", "fatal:", "CONFLICT"))]
        return one_line("; ".join(errors[:3]) or " ".join(lines[-3:]) or f"git ended with {self.status}", 500)


@dataclass(frozen=True)
class Git:
    """git in a directory. `config` and `environment` go with every call."""

    directory: Path
    config: tuple[tuple[str, str], ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    timeout_s: float = TIMEOUT_S

    def having(self, config: Mapping[str, str] | None = None, environment: Mapping[str, str] | None = None) -> Git:
        """The same with more of both."""
        more = tuple((config or {}).items()), tuple((environment or {}).items())
        return Git(self.directory, self.config + more[0], self.environment + more[1], self.timeout_s)

    def looking(self, config: Mapping[str, str] | None = None) -> Git:
        """The same when it only looks: without hooks, monitors and other repositories. It may write to an index of ours."""
        return self.having({**_LOOKING, **(config or {})}, _LOOKING_ENVIRONMENT)

    async def run(self, *words: str, feed: bytes | None = None, timeout_s: float | None = None) -> Done:
        """Run git to its end, whatever that is. Raises `git.missing`, `git.late` and `git.unusable`.

        Where another git is at work on the same index, an editor's for example, it is tried again for a while.
        """
        within = self.timeout_s if timeout_s is None else timeout_s
        for _ in range(_TRIES):
            done = await self._once(words, feed, within)
            if done.ok or "index.lock': File exists" not in done.complaint:
                break
            await asyncio.sleep(_LOOK_AGAIN_S)
        return done

    async def must(self, *words: str, feed: bytes | None = None, timeout_s: float | None = None) -> Done:
        """Run git, which has to end well. Raises `git.failed` beside what `run` raises."""
        done = await self.run(*words, feed=feed, timeout_s=timeout_s)
        if not done.ok or done.cut:
            why = "it said more than is read" if done.cut else done.why
            raise CoworkError("git.failed", f"git {words[0]} failed in {self.directory}", cause=why)
        return done

    async def says(self, *words: str) -> str | None:
        """What git says, None when it ends with a failure."""
        done = await self.run(*words)
        return done.text if done.ok else None

    async def _once(self, words: tuple[str, ...], feed: bytes | None, within: float) -> Done:
        out, err = Beginning(MOST_SAID_BYTES), Beginning(_MOST_COMPLAINED_BYTES)
        config = {**_ALWAYS, **dict(self.config)}
        argv = ["git", *(word for key, value in config.items() for word in ("-c", f"{key}={value}")), *words]
        environment = {**git_environment(), TREE: str(self.directory), **dict(self.environment)}
        try:
            running = Running(argv, cwd=self.directory, environment=environment, told=out.add, told_errors=err.add, feed=feed)
        except FileNotFoundError as error:
            if error.filename != "git":
                raise _unusable(self.directory, error) from error
            raise Unavailable("git.missing", "git is not installed", hint="install git, or work without it") from None
        except (OSError, ValueError) as error:
            raise _unusable(self.directory, error) from error
        try:
            async with asyncio.timeout(within):
                await running.ended()
        except TimeoutError:
            await running.ask_to_end()
            raise CoworkError(
                "git.late", f"git {words[0]} did not end within {within:g} s", cause=str(self.directory)
            ) from None
        except asyncio.CancelledError:
            await running.ask_to_end()  # it removes its locks
            raise
        finally:
            status = running.close()
        return Done(status, bytes(out.held), bytes(err.held).decode("utf-8", "replace"), out.cut)


def git_environment(keep: Iterable[str] = ()) -> dict[str, str]:
    """The user's, without secrets and without what an outer git set: its directory, its index, its options.

    For programs that ask git, too: `keep` are secrets that one of them needs.
    """
    outer = [name for name in os.environ if name.startswith("GIT_")]
    kept = [name for name in outer if _KEPT.match(name)]
    found = child_environment(os.environ, secret_names=key_names(), keep=(*kept, *keep))
    for name in outer:
        if name not in kept:
            found.pop(name, None)
    return {
        **found,
        "PATH": fixed_path(found.get("PATH", os.defpath)),
        "LC_ALL": "C",
        "LANGUAGE": "C",
        "GIT_PAGER": "cat",
        "GIT_EDITOR": "true",
        "GIT_SEQUENCE_EDITOR": "true",
        "GIT_MERGE_AUTOEDIT": "no",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "true",
        "SSH_ASKPASS": "true",
        "SSH_ASKPASS_REQUIRE": "never",
        "GIT_OPTIONAL_LOCKS": "0",
    }


def _unusable(directory: Path, error: Exception) -> CoworkError:
    cause = getattr(error, "strerror", None) or str(error)
    return CoworkError("git.unusable", f"git cannot be run in {directory}", cause=cause)
