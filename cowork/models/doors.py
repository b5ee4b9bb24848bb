"""What one process knows of a provider's key: until when it is closed, and who tries it first when it opens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cowork.models.catalogue import providers
from cowork.models.chat import ChatModel
from cowork.models.closings import account

PROBE_S = 10.0
"""A first call that was not refused for so long was let in: a refusal comes at once, an answer may take its time."""


@dataclass
class Door:
    """`account` names the key to other processes; None where the closings are this process's alone.

    `shut` holds from a closing until a call that began after it was let in. All times are those of a clock that only moves on,
    but `told_until`, the end of the last closing that this process told the others.
    """

    account: str | None
    shut: bool = False
    since: float = 0.0
    open_at: float = 0.0
    kind: str = ""
    told_until: datetime | None = None
    _probe: float | None = None

    def close(self, now: float) -> None:
        """It was closed just now."""
        self.shut, self.since = True, now

    def keep(self, kind: str, until: float) -> None:
        """Keep it closed in this process; of two ends the later counts."""
        if until >= self.open_at:
            self.kind, self.open_at = kind, until

    def enter(self, now: float) -> bool:
        """Whether a call may go: all when it is open, else one, until that one was let in or another has to try."""
        if not self.shut:
            return True
        if self._probe is None:
            self._probe = now
            return True
        self.shut = now - self._probe < PROBE_S
        return not self.shut

    def let_in(self, entered: float) -> bool:
        """Whether a call that entered at this time opens the door by being let in."""
        opens = self.shut and entered > self.since
        if opens:
            self.shut = False
        return opens

    def leave(self, entered: float) -> None:
        """A call is over, however it ended: if it was the first, the next may try."""
        if self._probe == entered:
            self._probe = None


def account_of(model: ChatModel) -> str | None:
    """The account that a model's calls count towards; None for rehearsal, servers on this machine and unknown providers."""
    if model.rehearsal:
        return None
    provider = next((provider for provider in providers() if provider.id == model.provider), None)
    return account(provider.id, provider.key()) if provider and not provider.local else None
