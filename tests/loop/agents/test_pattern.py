"""Several models at a table as one agent of a loop."""

from __future__ import annotations

import asyncio
import json
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cowork.core.clock import SystemClock
from cowork.core.errors import CoworkError, LimitReached
from cowork.loop.agents.opening import open_agent
from cowork.loop.agents.pattern import pattern_spec, records
from cowork.loop.agents.work import Execution, Job
from cowork.loop.budget import Budget
from cowork.loop.engine.events import TERMINAL, problems
from cowork.loop.request import LoopRequest, Wish, prepare
from cowork.loop.seating import seat_specs
from cowork.models.errors import DownError, WaitError
from cowork.sessions.journal import Journal, read
from tests.loop.agents.jobs import Site, nothing_else_runs, with_job
from tests.loop.provider_server import Rule, provider
from tests.models.command_line.agents import Agents
from tests.models.command_line.speech import CLAUDE
from tests.models.surroundings import settings

SEATS = ["member-1=groq/one", "member-2=groq/two", "member-3=groq/three"]


def said(text: str, answer: str = "yes") -> str:
    return f"{text}\n" + json.dumps({"answer": answer, "confidence": 0.8, "reason": "r"})


@pytest.fixture
def groq(monkeypatch: pytest.MonkeyPatch) -> Any:
    @contextmanager
    def serving(rule: Rule, **how: Any) -> Any:
        with provider(rule, **how) as server:
            monkeypatch.setenv("GROQ_API_KEY", "gsk-0123456789abcdef")
            monkeypatch.setenv("GROQ_BASE_URL", server.url)
            yield server

    return serving


def table(pattern: str = "consensus", seats: list[str] = SEATS, **wish: Any) -> LoopRequest:
    return prepare("unused", (), settings(), Wish(pattern, seat_specs(seats), seed=1, **wish))[0]


async def working(site: Site, request: LoopRequest, job: Job | None = None, **how: Any) -> Execution:
    agent = open_agent(pattern_spec(request), settings(), site.clock, pattern=request, **how)
    try:
        return await agent.work(job or site.job, site.heard)
    finally:
        await agent.close()
        await nothing_else_runs()


def work(site: Site, request: LoopRequest, job: Job | None = None, **how: Any) -> Execution:
    site.events.clear()
    return asyncio.run(working(site, request, job, **how))


def refused(site: Site, request: LoopRequest, job: Job | None = None, **how: Any) -> CoworkError:
    with pytest.raises(CoworkError) as caught:
        work(site, request, job, **how)
    return caught.value


def test_it_answers_the_prompt_of_the_job(groq: Any, site: Site) -> None:
    with groq(lambda *_: said("Because.\n<promise>COMPLETE</promise>")) as server:
        done = work(site, table())
    assert all("Do it." in body["messages"][-1]["content"] for body in server.requests)
    assert done.message.startswith("yes")
    assert (done.exit_code, done.model, done.usage.input_tokens) == (None, "consensus", 10 * len(server.requests))
    assert done.usd is None, "no price is known for these"
    assert done.notes == ()


def test_what_goes_with_the_answer_is_in_the_message(groq: Any, site: Site) -> None:
    with groq(lambda *_: said("The whole document.")):
        assert work(site, table("solo", ["solo=groq/one"])).message == "yes\n\nThe whole document."


def test_it_is_heard_of_with_its_job_and_ends_no_loop(groq: Any, site: Site) -> None:
    with groq(lambda *_: said("Because.")):
        work(site, table())
    assert site.kinds().count("call.completed") == site.kinds().count("call.started") >= 3
    for kind, data in site.events:
        assert kind not in TERMINAL
        assert not problems(kind, data)
        assert (data["iteration"], data["task"]) == (1, "a")
    assert {data["job"] for kind, data in site.events if kind.startswith("call.")} == {"1/a"}
    assert "[member-1] " in site.output.read_text()
    assert {data["agent"] for kind, data in site.events if kind == "agent.output"} >= {"consensus/member-1"}


class TestGoingOn:
    def test_asks_nobody_again_who_answered_the_same_prompt(self, groq: Any, site: Site, tmp_path: Path) -> None:
        path = tmp_path / "journal.jsonl"
        journal = Journal(path, SystemClock())
        with groq(lambda *_: said("Because.")) as server:
            agent_events: list[tuple[str, Any]] = site.events
            first = work(site, table(), committed=journal.commit)
            assert "call.completed" not in [kind for kind, _ in agent_events], "its answers went where they are committed"
            asked = len(server.requests)
            known = records(read(path))
            again = work(site, table(), record=known)
            assert (again.message, again.usage, len(server.requests)) == (first.message, first.usage, asked)
            work(site, table(), record=known, job=with_job(site, key="2/a"))
            assert len(server.requests) == 2 * asked, "another job is another question"
            work(site, table(), record=known, job=with_job(site, prompt="Do something else."))
            assert len(server.requests) == 3 * asked, "another prompt is another question"
        journal.close()

    def test_asks_those_whose_answers_are_missing(self, groq: Any, site: Site) -> None:
        with groq(lambda *_: said("Because.")) as server:
            work(site, table())
            asked = len(server.requests)
            events = [{"type": kind, "data": data} for kind, data in site.events]
            last = max(number for number, event in enumerate(events) if event["type"] == "call.completed")
            server.requests.clear()
            work(site, table(), record=records(events[:last]))
            assert 1 <= len(server.requests) < asked


class TestALostSeat:
    def test_is_noted(self, groq: Any, site: Site) -> None:
        with groq(lambda body, _: 400 if body["model"] == "three" else said("Because.")):
            done = work(site, table())
        assert done.notes[0] == "the table lost a seat: its result is not the full one"
        assert any("member-3" in note for note in done.notes[1:])

    def test_of_all_is_a_failure(self, groq: Any, site: Site) -> None:
        with groq(lambda *_: 400):
            error = refused(site, table())
        assert (type(error), error.message) == (DownError, "pattern/consensus: no seat gave an answer")

    def test_to_limits_is_a_limit_with_its_end(self, groq: Any, site: Site) -> None:
        with groq(lambda *_: 429):
            error = refused(site, table())
        assert isinstance(error, WaitError)
        assert error.retry_after is not None

    def test_to_the_budget_is_a_limit_of_ours(self, groq: Any, site: Site) -> None:
        with groq(lambda *_: said("Because.")):
            error = refused(site, table("solo", ["solo=groq/one"], budget=Budget(tokens=10)))
        assert isinstance(error, LimitReached)
        assert error.code == "loop.budget_spent"


def test_its_checks_and_its_command_lines_are_where_the_job_is(agents: Agents, site: Site) -> None:
    agents.script(agents.recording, agents.answer(CLAUDE, said("The draft.")))
    request = table("refine", ["author=claude-code", "critic=claude-code"], checks=("pwd > where; false",))
    assert work(site, request).notes, "nobody who only drafts is a critic"
    assert agents.started["cwd"] == str(site.directory)
    assert "--tools" in agents.started["argv"], "it only reads"
    assert (site.directory / "where").read_text().strip() == str(site.directory)
    assert "draft.checked" in site.kinds()
    assert not any(problems(kind, data) for kind, data in site.events)


@pytest.mark.parametrize(("limit", "code"), [("idle_s", "loop.agent_idle"), ("total_s", "loop.agent_late")])
def test_its_time_is_that_of_the_job(groq: Any, site: Site, limit: str, code: str) -> None:
    with groq(lambda *_: said("Because."), hold=True):
        assert refused(site, table(), with_job(site, **{limit: 0.5})).code == code
