"""Installing the fake agent under the names of the four, and asking it through the adapter."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cowork.models import select
from cowork.models.chat import ChatModel, ChatReply, ChatRequest
from cowork.models.command_line.model import CommandRun
from cowork.models.errors import ProviderError
from cowork.models.select import Target
from tests.models.command_line.speech import ALL, Speech, lines
from tests.models.surroundings import settings

PROVIDERS = {"claude": "claude-code", "codex": "codex-cli", "gemini": "gemini-cli", "opencode": "opencode"}
REQUEST = ChatRequest("Say hello.")
Step = tuple[str, Any]


@dataclass
class Agents:
    """A place where all four are installed and do what the script says."""

    place: Path
    streamed: list[str] = field(default_factory=list)

    def script(self, *steps: Step) -> None:
        """What they do when they are started."""
        (self.place / "script.json").write_text(json.dumps(steps))

    @property
    def started(self) -> dict[str, Any]:
        """How one was started, by the step `record`."""
        return json.loads((self.place / "started.json").read_text())

    @property
    def recording(self) -> Step:
        return ("record", str(self.place / "started.json"))

    def spawning(self, *, apart: bool = False) -> Step:
        return ("spawn", (str(self.place / "spawned"), apart))

    @property
    def spawned(self) -> list[int]:
        """The processes that the step `spawn` started."""
        return [int(line) for line in (self.place / "spawned").read_text().split()]

    def open(self, name: str = "claude", model: str = "default", run: CommandRun | None = None, **values: object) -> ChatModel:
        return select.open_model(Target(PROVIDERS[name], model), settings(**values), run)

    def ask(
        self, name: str = "claude", request: ChatRequest = REQUEST, run: CommandRun | None = None, **values: object
    ) -> ChatReply:
        """Ask one of them."""
        self.streamed.clear()
        return asyncio.run(self.open(name, run=run, **values).reply(request, self.streamed.append))

    def refused(
        self, name: str = "claude", request: ChatRequest = REQUEST, run: CommandRun | None = None, **values: object
    ) -> ProviderError:
        """Ask one of them, which has to fail."""
        with pytest.raises(ProviderError) as caught:
            self.ask(name, request, run, **values)
        return caught.value

    def answer(self, speech: Speech, text: str) -> Step:
        """An answer, said byte by byte."""
        return ("say", lines(*speech.answered(text)))


def installed(place: Path, monkeypatch: pytest.MonkeyPatch) -> Agents:
    """The agents in a directory that comes first on the PATH."""
    programs = place / "bin"
    programs.mkdir()
    code = (Path(__file__).parent / "fake_agent.py").read_text()
    for speech in ALL:
        program = programs / speech.name
        program.write_text(f"#!{sys.executable} -S\n{code}")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("FAKE_AGENT", str(place / "script.json"))
    return Agents(place)
