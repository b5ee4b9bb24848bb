"""Letting one of several twins beat: whatever becomes of it, the others go on."""

from __future__ import annotations

from dataclasses import dataclass

from cowork.core.errors import Conflict, CoworkError, Denied, InternalError
from cowork.core.outcome import Notice
from cowork.twins.beats.beating import beat
from cowork.twins.beats.report import Beat
from cowork.twins.beats.work import Setup
from cowork.twins.store.due import Due
from cowork.twins.store.leases import Kind


@dataclass(frozen=True)
class Ended:
    """How a twin's turn ended: with a heartbeat, with an error, or with neither, when others had done its work."""

    due: Due
    beat: Beat | None = None
    error: CoworkError | None = None

    @property
    def put_off(self) -> bool:
        """It was not the twin's turn: it is busy, or the policies say no. Its work did not fail, it was not begun."""
        return isinstance(self.error, (Conflict, Denied))

    @property
    def failed(self) -> bool:
        """It was begun and came to nothing."""
        return self.error is not None and not self.put_off

    def notice(self) -> Notice | None:
        """What is worth knowing of a turn that was put off."""
        return Notice(self.error.code, f"{self.due.name}: {self.error.message}") if self.put_off and self.error else None


async def run_one(due: Due, setup: Setup, kind: Kind | None = None) -> Ended:
    """A twin's turn; a bug that shows with this twin is an InternalError of its turn.

    Raises BrokenPipeError when nobody reads the events any more, and CancelledError after everything was given back.
    """
    try:
        return Ended(due, await beat(due, setup, kind=kind))
    except BrokenPipeError:
        raise
    except CoworkError as error:
        return Ended(due, error=error)
    except Exception as error:
        bug = InternalError("internal", f"{type(error).__name__}: {error}", hint="this is a bug in cowork; report it")
        bug.__cause__ = error
        return Ended(due, error=bug)
