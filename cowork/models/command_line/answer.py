"""An agent's events put together: the final message, tokens counted once, and what failed."""

from __future__ import annotations

from cowork.models.bounds import LONGEST_TEXT, Budget, Flood, Pieces
from cowork.models.chat import Usage
from cowork.models.command_line.costs import Costs
from cowork.models.command_line.events import Event, Failed, Finished, Named, SubagentStarted, Text, ToolStarted, Used


class Answer:
    """Takes events. A message that begins takes the place of the one before: only the last can be the answer."""

    def __init__(self) -> None:
        self.model = ""
        self.failure: Failed | None = None
        self.finished: Finished | None = None
        self.too_long = False
        self.unfinished = False  # a tool was used after the last message
        self.lost = False  # a line that was too long to read came after the last message, and may have been one
        self._held = _empty()
        self._message: str | None = None  # the one under way; None when whatever comes begins another
        self._said = False
        self._costs = Costs()

    @property
    def text(self) -> str:
        """The answer: what the agent says is its result, else its last message."""
        result = self.finished.text if self.finished else None
        return result or self._held.text

    @property
    def is_whole(self) -> bool:
        """Whether the answer is there as it was meant, and not an earlier message or a part."""
        return bool(self.finished and self.finished.text) or not (self.too_long or self.lost)

    @property
    def usage(self) -> Usage:
        """The total if one was given, else that of all steps."""
        return self._costs.usage

    @property
    def usd(self) -> float | None:
        """What it cost, as the agent says itself; None when it does not."""
        return self._costs.usd

    def take(self, event: Event) -> str:
        """Take an event; what of it is new for whoever follows the text."""
        if isinstance(event, Text):
            self._get_over()
            return "" if event.parent else self._add(event)
        if self._message == "":
            self._message = None
        if isinstance(event, Used):
            self._costs.take(event)
        elif isinstance(event, Failed):
            if self.failure is None or not self.failure.final:
                self.failure = event
        elif isinstance(event, Finished):
            return self._finish(event)
        elif isinstance(event, (ToolStarted, SubagentStarted)):
            self.unfinished = self.unfinished or (not event.parent and self.finished is None)
        elif isinstance(event, Named):
            self.model = self.model or event.model
        return ""

    def miss(self) -> None:
        """Note a line that was too long to read."""
        self.lost = self.finished is None
        self._message = None

    def _add(self, piece: Text) -> str:
        if not piece.text:
            return ""
        begins = self._message is None or piece.message != self._message
        if begins:
            self._message, self._held, self.too_long = piece.message, _empty(), False
        self.lost = self.unfinished = False
        if self.too_long:
            return ""
        try:
            self._held.add(piece.text)
        except Flood:
            self.too_long = True
            return ""
        gap, self._said = "\n\n" if begins and self._said else "", True
        return gap + piece.text

    def _finish(self, event: Finished) -> str:
        self.finished, self.unfinished = event, False
        self._get_over()
        if self._said or not event.text:
            return ""
        self._said = True
        return event.text

    def _get_over(self) -> None:
        """It goes on, so what failed does not matter unless it was final."""
        if self.failure and not self.failure.final:
            self.failure = None


def _empty() -> Pieces:
    return Pieces(Budget(LONGEST_TEXT, "the answer is"))
