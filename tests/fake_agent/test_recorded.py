"""A fake agent that is recorded through the real adapter, and replayed without it in another clone."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from cowork.core.errors import CoworkError
from cowork.loop.agents.recording import Recording
from cowork.loop.agents.replaying import Given, Replaying, Tape
from cowork.loop.agents.work import Agent, AgentSpec, Execution, Heard, Job
from cowork.models import select
from cowork.models.chat import ChatRequest
from cowork.models.command_line.model import CommandRun
from cowork.models.errors import WaitError
from cowork.models.select import Target
from tests.fake_agent.running import Stage, install
from tests.models.surroundings import settings


class Adapted:
    """The fake agent as the adapter runs it."""

    spec = AgentSpec("fake-agent", "command", "fake-agent", "default")

    async def work(self, job: Job, heard: Heard) -> Execution:
        run = CommandRun(job.directory, True, job.output, grace_s=0.2)
        model = select.open_model(Target("fake-agent", "default"), settings(), run)
        reply = await model.reply(ChatRequest(job.prompt), lambda text: heard("agent.output", {"text": text}))
        return Execution(reply.text, 0, reply.usage, None, reply.model, 0.1)

    async def close(self) -> None:
        """Nothing is open."""


def worked(agent: Agent, place: Path, keys: list[str]) -> list[tuple[object, ...]]:
    """What comes of some jobs, one after the other: final messages, and classes and waits of errors."""

    async def work() -> list[tuple[object, ...]]:
        found: list[tuple[object, ...]] = []
        for number, key in enumerate(keys, 1):
            try:
                said = await agent.work(Job(key, f"Go on: {key}", place, place.parent / "output", number), print)
                found.append((said.message, said.usage, said.model))
            except CoworkError as error:
                found.append((type(error), error.message, getattr(error, "retry_after", None)))
        await agent.close()
        return found

    return asyncio.run(work())


def test_a_run_comes_again_over_iterations_limits_and_a_resume(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    install(stage.place / "bin")
    monkeypatch.setenv("PATH", f"{stage.place / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("COWORK_FAKE_AGENT", str(stage.script))
    stage.write(
        {"write": {"path": "a/one.txt", "text": "1\n"}, "say": "one"},
        {"append": {"path": "a/one.txt", "text": "2\n"}, "rate_limit": {"in_s": 40}},
        {"run": "head -c 3000 /dev/zero > zeros", "say": "two"},
        {"delete": "a/one.txt", "say": "three. {{promise}}"},
    )
    keys = ["1/1", "2/1", "2/2", "3/1"]
    file = stage.place / "calls.jsonl"
    first = worked(Recording(Adapted(), file), stage.work, keys)
    again, clone = [], stage.place / "clone"
    clone.mkdir()

    again += worked(Replaying(file), clone, keys[:2])
    assert (clone / "a" / "one.txt").read_text() == "1\n2\n"
    again += worked(Replaying(Tape(file, done=[Given(key) for key in keys[:2]])), clone, keys[2:])

    assert again == first
    assert first[1] == (WaitError, first[1][1], 40.0)
    assert [path.name for path in clone.rglob("*") if path.is_file()] == ["zeros"]
    assert (clone / "zeros").read_bytes() == bytes(3000)
