"""What a run of an agent used and cost, counted once however often it is said."""

from __future__ import annotations

from collections import OrderedDict

from cowork.models.chat import Usage
from cowork.models.command_line.events import Used

_STEPS = 1000  # that may still be replaced by a later record; older ones are added up


class Costs:
    """Takes what is said of tokens and money: of steps, which are added up, or of all."""

    def __init__(self) -> None:
        self._total: Used | None = None
        self._steps: OrderedDict[str, Used] = OrderedDict()
        self._older = Used(Usage())

    @property
    def usage(self) -> Usage:
        """The total if one was given, else that of all steps."""
        if self._total and self._total.usage.source != "unknown":
            return self._total.usage
        return _sum([self._older, *self._steps.values()]).usage

    @property
    def usd(self) -> float | None:
        """The same for money; None when nothing was said of it."""
        if self._total and self._total.usd is not None:
            return self._total.usd
        return _sum([self._older, *self._steps.values()]).usd

    def take(self, said: Used) -> None:
        """Count what was said, unless that is nothing."""
        if said.usage.source == "unknown" and said.usd is None:
            return
        if said.total:
            self._total = said
        elif said.key:
            self._steps[said.key] = said
            if len(self._steps) > _STEPS:
                self._older = _sum([self._older, self._steps.popitem(last=False)[1]])
        else:
            self._older = _sum([self._older, said])


def _sum(parts: list[Used]) -> Used:
    known = [part.usage for part in parts if part.usage.source != "unknown"]
    money = [part.usd for part in parts if part.usd is not None]
    usage = Usage()
    if known:
        usage = Usage(
            sum(part.input_tokens for part in known),
            sum(part.output_tokens for part in known),
            "reported",
            sum(part.cached_input_tokens for part in known),
        )
    return Used(usage, usd=sum(money) if money else None)
