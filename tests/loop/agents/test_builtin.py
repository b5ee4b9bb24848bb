"""The agent of this program at work in a loop: in the job's directory, under its rules, and heard of in the loop's journal."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cowork.agent import session
from cowork.agent.preparing import compose
from cowork.agent.request import Options
from cowork.core.errors import LimitReached
from cowork.loop.agents import naming
from cowork.loop.agents.opening import open_agent, shared_limiter
from cowork.loop.agents.work import Execution, Job
from cowork.loop.engine.events import TERMINAL, problems
from cowork.models.errors import AuthError, ProviderError
from cowork.sessions.places import Workplace
from tests.agent.scripted_model import Hold, Script, ScriptedModel, call, refusal, scripted_model, turn
from tests.loop.agents.jobs import Site, with_job
from tests.models.surroundings import CANARY, settings
from tests.support import gone

NAME = "cowork:anthropic/scripted"


Asked = Callable[[Any], AbstractContextManager[ScriptedModel]]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Starts the scripted model and points the program at it."""

    @contextmanager
    def running(script: Script) -> Iterator[ScriptedModel]:
        with scripted_model(script) as model:
            for name, value in model.environment("anthropic").items():
                monkeypatch.setenv(name, value)
            yield model

    return running


class TestTheWork:
    def test_is_done_in_the_directory_of_the_job(self, asked: Asked, site: Site) -> None:
        (site.directory / "a.txt").write_text("from the worktree")
        Path("a.txt").write_text("from where the program runs")
        script = [turn("Let me look.", call("Bash", command="pwd; cat a.txt")), turn("Done.")]
        with asked(script) as model:
            done = site.work(NAME, allow=("Bash(pwd)", "Bash(cat *)"))
        text = model.requests[1].results[0][1]
        assert (str(site.directory) in text, "from the worktree" in text) == (True, True)
        assert str(site.directory) in model.requests[0].system
        assert model.requests[0].prompt == "Do it."
        assert (done.message, done.exit_code, done.model, done.usage.source) == ("Done.", None, "scripted", "reported")
        assert done.usage.input_tokens > 0

    def test_changes_files_as_far_as_it_is_allowed(self, asked: Asked, site: Site) -> None:
        script = [turn("", call("Write", file_path="made.txt", content="x")), turn("Done.")]
        with asked(script):
            site.work(NAME)
            assert not (site.directory / "made.txt").exists()
        assert site.data("tool.judged")["verdict"] == "denied"
        with asked(script):
            site.work(NAME, mode="acceptEdits")
        assert (site.directory / "made.txt").read_text() == "x"
        with asked(script):
            (site.directory / "made.txt").unlink()
            site.work(NAME, mode="acceptEdits", deny=("Write",))
        assert not (site.directory / "made.txt").exists()

    def test_keeps_to_the_rules_of_the_place(self, asked: Asked, site: Site) -> None:
        (site.directory / ".claude").mkdir()
        (site.directory / ".claude" / "settings.json").write_text(json.dumps({"permissions": {"deny": ["Bash(rm *)"]}}))
        with asked([turn("", call("Bash", command="rm x")), turn("Done.")]):
            site.work(NAME, mode="bypass")
        assert (site.data("tool.judged")["verdict"], site.data("tool.judged")["rule"]) == ("denied", "Bash(rm *)")

    def test_is_heard_of_as_the_loop_calls_it_and_ends_no_loop(self, asked: Asked, site: Site, home: Path) -> None:
        with asked([turn("Let me look.", call("Glob", pattern="*")), turn("Done.")]):
            site.work(NAME)
        assert site.said == "Let me look.\nDone.\n" == site.output.read_text()
        kinds = site.kinds()
        assert {"turn.started", "turn.completed", "tool.judged", "tool.completed"} <= set(kinds)
        assert not [kind for kind in kinds if kind in TERMINAL or kind.startswith("run.")]
        assert all((data["iteration"], data["task"], data["agent"]) == (1, "a", NAME) for _, data in site.events)
        assert not [text for kind, data in site.events for text in problems(kind, data)]
        assert not (home / "sessions").exists(), "it has no session of its own"
        assert {path.name for path in site.place.iterdir()} == {"worktree", "0001.log"}

    def test_of_subagents_is_told_apart(self, asked: Asked, site: Site) -> None:
        wish = call("Agent", subagent_type="general-purpose", description="Look", prompt="Look around.")

        def script(request: Any) -> Any:
            if "Look around." in request.prompt:
                return turn("Nothing here.")
            return turn("Done.") if request.results else turn("", wish)

        with asked(script):
            assert site.work(NAME).message == "Done."
        agents = {data["agent"] for kind, data in site.events if kind == "turn.completed"}
        assert agents == {NAME, f"{NAME}/general-purpose-1"}
        assert "Nothing here." not in site.output.read_text()


class TestTheEnd:
    def test_is_a_limit_when_its_turns_are_used_up(self, asked: Asked, site: Site) -> None:
        with asked(lambda _: turn("More.", call("Glob", pattern="*"))):
            error = site.refused(NAME, {"agent_max_turns": 3})
        assert isinstance(error, LimitReached)
        assert error.data.output == "More."

    def test_is_an_error_when_the_model_fails(self, asked: Asked, site: Site) -> None:
        with asked([turn("Let me look.", call("Glob", pattern="*")), refusal(401, "bad key")]):
            error = site.refused(NAME)
        assert isinstance(error, AuthError)
        assert error.partial == "Let me look."

    def test_is_up_to_the_job(self, asked: Asked, site: Site) -> None:
        hold = Hold()
        with asked([turn("Let me look.", call("Glob", pattern="*")), turn("Done.", hold=hold)]):
            error = site.refused(NAME, job=with_job(site, idle_s=0.4))
        assert (error.code, error.partial) == ("loop.agent_idle", "Let me look.")
        with asked([turn("Done.", hold=Hold())]):
            assert site.refused(NAME, job=with_job(site, total_s=0.4)).code == "loop.agent_late"

    def test_by_cancellation_leaves_nothing_running(self, asked: Asked, site: Site) -> None:
        before = signal.getsignal(signal.SIGINT)
        code = "trap '' TERM; echo $$ > pid; setsid sleep 600 & echo $! >> pid; touch started; wait; sleep 600"
        with asked([turn("", call("Bash", command=code)), turn("Done.")]):
            site.cancelled(NAME, lambda kind, _: kind == "tool.judged", site.directory / "started", mode="bypass")
        pids = (site.directory / "pid").read_text().split()
        assert len(pids) == 2
        assert all(gone(int(pid)) for pid in pids)
        assert signal.getsignal(signal.SIGINT) is before

    def test_by_cancellation_is_told_as_that(self, asked: Asked, site: Site) -> None:
        events: list[str] = []

        class Sink:
            def append(self, kind: str, _: dict[str, Any]) -> None:
                events.append(kind)

        async def body() -> None:
            request = compose("loop start", "x", "Do it.", (), Options("anthropic"), settings(), project=site.directory)
            limiter = shared_limiter(settings(), site.clock)
            place = Workplace("1", site.place / "tools")
            working = session.work(request, site.clock, Sink(), lambda *_: None, place, limiter)
            task = asyncio.create_task(working)
            await asyncio.to_thread(hold.wait)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

        hold = Hold()
        with asked([turn("Done.", hold=hold)]):
            asyncio.run(body())
        assert (events[0], events[-1]) == ("run.started", "run.interrupted")

    def test_leaves_the_signals_to_the_loop(self, asked: Asked, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        def refused(*_: object) -> None:
            raise AssertionError("signals are the loop's")

        monkeypatch.setattr(asyncio.unix_events._UnixSelectorEventLoop, "add_signal_handler", refused)
        with asked([turn("Done.")]):
            assert site.work(NAME).message == "Done."


def test_no_secret_is_heard_or_kept(asked: Asked, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", CANARY)
    (site.directory / "leak").write_text(CANARY)
    with asked([turn(f"It is {CANARY}", call("Read", file_path="leak")), turn(f"Said: {CANARY}")]) as model:
        done = site.work(NAME)
    told = json.dumps(site.events) + site.output.read_text() + done.message
    assert "canary" not in told
    assert "canary" not in model.requests[1].results[0][1]


def test_two_at_a_time_work_each_in_its_own_place(asked: Asked, site: Site) -> None:
    places = [site.place / name for name in ("one", "two")]
    for place in places:
        place.mkdir()
        (place / "who.txt").write_text(place.name)

    def script(request: Any) -> Any:
        return turn(f"It is {request.results[0][1]}") if request.results else turn("", call("Bash", command="cat who.txt"))

    async def both() -> list[str]:
        jobs = [replace(site.job, key=place.name, directory=place, output=place / "log") for place in places]
        found = await asyncio.gather(*(site_work(job) for job in jobs))
        return [execution.message for execution in found]

    async def site_work(job: Job) -> Execution:
        agent = open_agent(naming.parse(NAME, settings()), settings(), site.clock, allow=("Bash(cat *)",))
        return await agent.work(job, site.heard)

    with asked(script):
        one, two = asyncio.run(both())
    assert ("one" in one, "two" in two) == (True, True)


def test_a_model_that_is_not_ready_is_refused_before_anything_is_written(site: Site) -> None:
    error = site.refused(NAME)
    assert isinstance(error, ProviderError)
