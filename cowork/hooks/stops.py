"""How often a Stop or SubagentStop hook may send an agent back to work: a hook that always does would never let it end."""

from cowork.hooks.records import Merged

DEFAULT_CAP = 8  # as in Claude Code


class StopBlocks:
    """Counts consecutive blocks. Work that the agent does in between (`worked`) begins the count anew."""

    def __init__(self, cap: int = DEFAULT_CAP) -> None:
        if cap < 1:
            raise ValueError("the cap on consecutive blocks must be at least 1")
        self.cap = cap
        self.count = 0
        self.reached = False

    def goes_on(self, merged: Merged) -> bool:
        """Whether the agent goes on after its Stop hooks said `merged`; at the cap it does not: `reached`, `notice`."""
        if not merged.blocked or merged.halt:
            self.count = 0
            return False
        if self.count >= self.cap:
            self.reached = True
            return False
        self.count += 1
        return True

    def worked(self) -> None:
        """The agent used a tool since."""
        self.count = 0

    @property
    def notice(self) -> str:
        """What to report when the cap is reached; empty before."""
        return f"Stop hooks blocked {self.cap} times in a row; the agent ends all the same" if self.reached else ""
