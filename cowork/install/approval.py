"""Approving what a pack can do. Nobody is assumed to agree: without a terminal each capability is named on the command line."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from cowork.core.errors import Denied, UsageError

if TYPE_CHECKING:
    from cowork.install.capabilities import Capability

_ID = r"hooks|mcp|lsp|shell|script|prompt-shell|tools|executables|network(:\S+)?"
NOT_NEEDED = "nothing to approve"


class Request(NamedTuple):
    """What a person is asked: the pack, where it comes from, and what it can do that was not approved before."""

    name: str
    version: str
    origin: str
    capabilities: tuple[Capability, ...]
    warnings: int


class Approval:
    """What was approved on the command line, and how to ask for the rest; `ask` is None where nobody can be asked."""

    __slots__ = ("ask", "given")

    def __init__(self, given: tuple[str, ...] = (), ask: Callable[[Request], bool] | None = None) -> None:
        self.given, self.ask = given, ask
        for name in given:
            if not re.fullmatch(_ID, name):
                kinds = "hooks, mcp, lsp, shell, script, prompt-shell, tools, executables, network, network:HOST"
                raise UsageError(
                    "usage.bad_capability", f"'{name}' is no capability", cause=f"there are: {kinds}", hint="mend --approve"
                )

    def decide(self, request: Request, before: Sequence[str] = ()) -> str:
        """Who approved what the pack can do beyond `before`, for the lockfile.

        Raises `install.approval_needed` (UsageError) where nobody can be asked, `install.not_approved` (Denied) for a no.
        """
        from cowork.install.capabilities import missing

        lacking = missing(request.capabilities, before)
        if not lacking:
            return NOT_NEEDED if not request.capabilities else "approved before"
        lacking = missing(lacking, self.given)
        if not lacking:
            return "--approve " + ",".join(self.given)
        names = [item.id for item in lacking]
        if self.ask is None:
            raise UsageError(
                "install.approval_needed",
                f"'{request.name}' can do what somebody has to approve: {', '.join(names)}",
                cause="there is no terminal to ask on, and --yes does not stand for a person",
                hint=f"look at it with --dry-run, then add --approve {','.join([*self.given, *names])}",
                details={"capabilities": [{"id": item.id, "details": list(item.details)} for item in lacking]},
            )
        asked = Request(request.name, request.version, request.origin, lacking, request.warnings)
        if not self.ask(asked):
            raise Denied(
                "install.not_approved",
                f"'{request.name}' was not approved",
                cause=f"it wants: {', '.join(names)}",
                hint="nothing was installed",
            )
        return "a person at a terminal"
