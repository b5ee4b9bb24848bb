"""GitHub's command line, which knows the user's login: asked for JSON, bounded in time and in what it says, without prompts."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from cowork.core.processes import Beginning, Running
from cowork.loop.repository.git import git_environment
from cowork.twins.evidence.findings import ANOTHER_WORKSPACE, CannotCollect
from cowork.twins.evidence.look import Look
from cowork.twins.evidence.wording import quoted

Kind = Literal[
    "absent", "logged_out", "no_repository", "rate_limited", "no_network", "old", "forbidden", "disabled", "late", "failed"
]
_LOOK_UP_S = 0.25
MOST_SAID_BYTES = 8 * 1024 * 1024
_MOST_COMPLAINED_BYTES = 64 * 1024
_NEEDS_LOGIN = 4
"""`gh help exit-codes`: a command requires authentication."""
TOKENS = ("GH_TOKEN", "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN", "GH_HOST", "GH_CONFIG_DIR")
"""What of the environment gh logs in with (`gh help environment`); every other secret stays here."""
_OTHERWISE = ("GH_REPO", "GH_DEBUG", "DEBUG", "GH_FORCE_TTY", "CLICOLOR_FORCE")
"""What would make it speak of another repository than the workspace's, or say more than its answer."""
_QUIET = {
    "GH_PROMPT_DISABLED": "1",
    "GH_NO_UPDATE_NOTIFIER": "1",
    "GH_NO_EXTENSION_UPDATE_NOTIFIER": "1",
    "GH_SPINNER_DISABLED": "1",
    "GH_PAGER": "cat",
    "NO_COLOR": "1",
}
_UNKNOWN_FIELD = re.compile(r'Unknown JSON field: "(\w+)"')


class GhFailed(CannotCollect):
    """gh gave no answer; `kind` says why for programs."""

    def __init__(self, kind: Kind, reason: str, hint: str = "") -> None:
        super().__init__(reason, hint)
        self.kind = kind


class Answer(NamedTuple):
    """What gh answered, and the fields that this gh does not know."""

    items: list[dict[str, Any]]
    missing: tuple[str, ...] = ()


class _Known(NamedTuple):
    """A complaint of gh, by what it says."""

    said: re.Pattern[str]
    kind: Kind
    reason: str
    hint: str = ""


def _known(said: str, kind: Kind, reason: str, hint: str = "") -> _Known:
    return _Known(re.compile(said, re.IGNORECASE), kind, reason, hint)


# In this order: what a repository is called may stand in any of them, and a login is advised in several.
_COMPLAINTS = (
    _known(
        r"unknown json field|unknown flag|unknown command", "old", "this gh is too old", "update gh: https://cli.github.com"
    ),
    _known(r"not a git repository", "no_repository", "this is not a git repository"),
    _known(r"no git remotes found", "no_repository", "the repository has no remote", "git remote add origin URL"),
    _known(
        r"none of the git remotes",
        "no_repository",
        "no remote of the repository is on a GitHub that gh is logged in to",
        "for GitHub Enterprise: gh auth login --hostname HOST",
    ),
    _known(r"rate limit|http 429|abuse detection", "rate_limited", "GitHub's rate limit is reached", "gh api rate_limit"),
    _known(r"http 401|bad credentials", "logged_out", "GitHub does not accept gh's login", "gh auth login"),
    _known(r"has disabled issues", "disabled", "the repository has disabled issues"),
    _known(
        r"error connecting to|dial tcp|no such host|connection (?:refused|reset)|timeout|tls handshake|network is unreachable",
        "no_network",
        "GitHub cannot be reached",
        "check the network, or https://githubstatus.com",
    ),
    _known(
        r"http 5\d\d", "no_network", "GitHub answered with an error of its own", "try again later: https://githubstatus.com"
    ),
    _known(
        r"could not resolve to a repository|http 404",
        "forbidden",
        "GitHub knows no such repository, or gh's login may not see it",
        "gh auth status; gh auth refresh -s repo",
    ),
    _known(
        r"http 403|resource not accessible|saml|forbidden|insufficient.scopes|must have",
        "forbidden",
        "gh's login may not read this",
        "gh auth status; gh auth refresh -s repo",
    ),
)


def need_repository(look: Look) -> None:
    """Raise GhFailed where asking gh is of no use: no repository, no remote. Neither takes a login to know."""
    if not look.in_git:
        raise GhFailed("no_repository", "this is not a git repository", f"git init, or {ANOTHER_WORKSPACE}")
    if not look.git("remote").text:
        raise GhFailed("no_repository", "the repository has no remote", "git remote add origin URL")


def ask(look: Look, words: Sequence[str], fields: Sequence[str], *, needed: Sequence[str] = (), jq: str = "") -> Answer:
    """What `gh WORDS --json FIELDS` answers, an object as a list of one. Raises GhFailed and OutOfTime.

    Where this gh does not know some of the fields it is asked again for the others, unless one is `needed`. `jq` is an
    expression that gh itself applies to its answer.
    """
    wanted = list(fields)
    status, out, complaint = _run(look, words, wanted, jq)
    if status and (available := _available(complaint)):
        wanted = [field for field in fields if field in available]
        if unknown := [field for field in needed if field not in available]:
            raise GhFailed("old", f"this gh does not know the field '{unknown[0]}'", "update gh: https://cli.github.com")
        status, out, complaint = _run(look, words, wanted, jq)
    if status:
        raise _failure(status, complaint)
    return Answer(_items(out), tuple(field for field in fields if field not in wanted))


def _run(look: Look, words: Sequence[str], fields: Sequence[str], jq: str) -> tuple[int, bytes, str]:
    look.checkpoint()
    argv = ["gh", *words, "--json", ",".join(fields), *(["--jq", jq] if jq else [])]
    return asyncio.run(_ran(look, argv))


async def _ran(look: Look, argv: Sequence[str]) -> tuple[int, bytes, str]:
    out, err = Beginning(MOST_SAID_BYTES), Beginning(_MOST_COMPLAINED_BYTES)
    environment = {name: value for name, value in git_environment(keep=TOKENS).items() if name not in _OTHERWISE}
    try:
        running = Running(argv, cwd=look.root, environment={**environment, **_QUIET}, told=out.add, told_errors=err.add)
    except FileNotFoundError as error:
        if error.filename != "gh":
            raise GhFailed("failed", "gh cannot be run here", str(look.root)) from None
        raise GhFailed("absent", "gh is not installed", "install it (https://cli.github.com), then: gh auth login") from None
    except OSError as error:
        raise GhFailed("failed", f"gh cannot be run: {error.strerror or error}", "gh --version") from None
    try:
        await _ended(running, look)
    finally:
        status = running.close()
    if out.cut:
        raise GhFailed("failed", f"gh said more than {MOST_SAID_BYTES // 1024 // 1024} MiB")
    return status, bytes(out.held), bytes(err.held).decode("utf-8", "replace")


async def _ended(running: Running, look: Look) -> None:
    """Wait for its end, looking up now and then: whoever waits for us may end our time early. Raises GhFailed."""
    while look.remaining_s:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(look.remaining_s, _LOOK_UP_S)):
                return await running.ended()
    await running.ask_to_end()
    raise GhFailed("late", f"gh did not answer within {look.seconds:g} s", "check the network")


def _available(complaint: str) -> frozenset[str]:
    """The fields that gh says it has, when it refused one; none otherwise."""
    if not _UNKNOWN_FIELD.search(complaint):
        return frozenset()
    return frozenset(re.findall(r"^ +(\w+)$", complaint, re.MULTILINE))


def _failure(status: int, complaint: str) -> GhFailed:
    if status == _NEEDS_LOGIN:
        return GhFailed("logged_out", "gh is not logged in", "gh auth login")
    for known in _COMPLAINTS:
        if known.said.search(complaint):
            return GhFailed(known.kind, known.reason, known.hint)
    return GhFailed("failed", f"gh failed: {quoted(complaint, 200) or f'it ended with {status}'}", "gh auth status")


def _items(out: bytes) -> list[dict[str, Any]]:
    try:
        answer = json.loads(out)
    except (ValueError, RecursionError):
        raise GhFailed("failed", "gh did not answer with JSON", "is it GitHub's? gh --version") from None
    items = [answer] if isinstance(answer, dict) else answer
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise GhFailed("failed", "gh answered with JSON of an unknown form", "gh --version")
    return items
