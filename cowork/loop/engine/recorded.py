"""What a recording says of the run that it was made in: who worked, and the word in the promise."""

from __future__ import annotations

import re
from pathlib import Path

from cowork.loop.agents.replaying import read
from cowork.loop.agents.work import AgentSpec


def agents_of(file: str) -> tuple[AgentSpec, ...]:
    """Who worked, tables only where nobody else did. Raises `replay.unreadable` and `replay.corrupt`."""
    found = dict.fromkeys(call.agent for call in read(Path(file)))
    return tuple(agent for agent in found if agent.kind != "pattern") or tuple(found)


def nonce_of(file: str, promise: str) -> str:
    """The word in the promise that the agents were asked for; empty when there was none. Raises what `agents_of` raises."""
    shape = re.compile(rf"<promise>{re.escape(promise)}:([0-9a-f]{{8}})</promise>")
    found = (shape.search(call.prompt) for call in read(Path(file)))
    return next((match[1] for match in found if match), "")
