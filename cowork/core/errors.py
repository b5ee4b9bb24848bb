"""Every failure a user can meet, as types.

CoworkError                 1   failed, expected and typed
├── UsageError              2   the command line is wrong
├── NotFound                3   a named thing does not exist
├── InvalidInput            4   a file or value breaks its rules
├── Conflict                5   something is there already, or somebody holds the lock
├── Denied                  6   policy, trust or a tool rule says no
├── Unavailable             7   a provider or the network does not answer
├── LimitReached            8   iterations, time or budget ran out, or the answer is still pending
├── Degraded                9   a result exists, but it is partial
├── InternalError          70   a bug in cowork
├── Interrupted           130   SIGINT
└── Terminated            143   SIGTERM
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cowork.core.outcome import Notice


class CoworkError(Exception):
    """A failure with a stable `code`, a `cause`, a `hint` to act on and an exit status.

    `data` carries whatever partial result exists: nothing valid is lost because the rest failed. `notices`
    are the warnings that would have gone with the answer.
    """

    exit_code = 1

    def __init__(
        self,
        code: str,
        message: str,
        *,
        cause: str | None = None,
        hint: str | None = None,
        details: Mapping[str, Any] | None = None,
        data: Any = None,
        notices: tuple[Notice, ...] = (),
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.cause = cause
        self.hint = hint
        self.details = dict(details or {})
        self.data = data
        self.notices = notices


class UsageError(CoworkError):
    """The command line cannot be understood."""

    exit_code = 2


class NotFound(CoworkError):
    """A pack, skill, session or other named thing does not exist."""

    exit_code = 3


class InvalidInput(CoworkError):
    """A file or a value breaks the rules of its format."""

    exit_code = 4


class Conflict(CoworkError):
    """The thing exists already, or another process holds its lock."""

    exit_code = 5


class Denied(CoworkError):
    """An admin policy, a trust decision or a tool rule refuses the action."""

    exit_code = 6


class Unavailable(CoworkError):
    """A provider, a program or the network does not answer; trying later may help."""

    exit_code = 7


class LimitReached(CoworkError):
    """A limit on iterations, time, tokens or money stopped the work."""

    exit_code = 8


class Degraded(CoworkError):
    """A result exists but is not the full one; `data` holds it."""

    exit_code = 9


class InternalError(CoworkError):
    """A bug in cowork."""

    exit_code = 70


class Interrupted(CoworkError):
    """The user pressed Ctrl-C."""

    exit_code = 130


class Terminated(CoworkError):
    """The process was asked to end (SIGTERM)."""

    exit_code = 143
