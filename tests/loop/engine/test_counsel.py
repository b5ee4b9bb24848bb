"""Several models in every iteration: alone they are the agent, beside one they advise it."""

from __future__ import annotations

from typing import Any

import pytest

from cowork.core.errors import UsageError
from cowork.loop.engine.order import Limits, LoopOrder
from cowork.loop.engine.ordering import LoopWish, order_of
from cowork.loop.request import Wish
from cowork.sessions import journal
from tests.loop.engine.driving import Stage, agent, breaks, done, limited, refused, says
from tests.models.surroundings import settings
from tests.support import run_here

SEATS = Wish("debate", provider="rehearsal")


@pytest.fixture(autouse=True)
def project(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(stage.project)


def order(stage: Stage, **more: Any) -> LoopOrder:
    """With an agent beside the table."""
    made, _ = order_of(LoopWish("Write the parser", every_iteration=True, agent="rehearsal", seats=SEATS), settings())
    return stage.order(every=made.every, patterns=made.patterns, **more)


def test_the_counsel_is_asked_for_first_and_is_in_the_prompt(stage: Stage) -> None:
    stage.cast(one=[says("a"), done()], pattern__debate=[says("Begin with the lexer.", usd=1.0), says("Now the tests.")])
    ended = stage.run(order=order(stage))

    assert stage.names == ["pattern:debate", "one", "pattern:debate", "one"]
    assert [job.key for _, job in stage.asked] == ["1c", "1", "2c", "2"]
    assert "Advise it" in stage.prompts[0]
    assert "Write the parser" in stage.prompts[0]
    assert "<counsel>\nBegin with the lexer.\n</counsel>" in stage.prompts[1]
    assert "<counsel>\nNow the tests.\n</counsel>" in stage.prompts[3]
    assert [(item["agent"], item["message"]) for item in ended.of("counsel.given")] == [
        ("pattern:debate", "Begin with the lexer."),
        ("pattern:debate", "Now the tests."),
    ]
    assert ended.report.cost.usd == pytest.approx(1.03)
    assert ended.report.tokens.input == 400
    assert (ended.page["pattern"], ended.page["multi_model_per_iteration"]) == ("debate", True)
    assert ended.kinds.index("agent.started") < ended.kinds.index("counsel.given") < ended.kinds.index("prompt.built")


def test_a_promise_in_the_counsel_is_nobodys(stage: Stage) -> None:
    stage.cast(one=[says("hm"), done()], pattern__debate=[done(), done()])
    ended = stage.run(order=order(stage))
    assert ended.report.iterations == 2


def test_whoever_stands_in_gets_the_same_counsel(stage: Stage) -> None:
    stage.cast(one=[limited(600)], two=[done()], pattern__debate=[says("Begin with the lexer.")])
    ended = stage.run(order=order(stage, agents=(agent("one"), agent("two"))))
    assert stage.names == ["pattern:debate", "one", "two"]
    assert "Begin with the lexer." in stage.prompts[2]
    assert len(ended.of("counsel.given")) == 1


def test_after_a_crash_it_is_not_asked_for_again(stage: Stage) -> None:
    stage.cast(one=[done()], pattern__debate=[says("Begin with the lexer.", usd=1.0)])
    ended = stage.run(order=order(stage))
    lines = ended.place.journal.read_bytes().splitlines(keepends=True)
    cut = next(n for n, event in enumerate(ended.events) if event["type"] == "counsel.given") + 1
    ended.place.journal.write_bytes(b"".join(lines[:cut]))

    stage.cast(one=[done()], pattern__debate=[])
    again = stage.resume()
    assert (again.status, stage.names) == ("completed", ["pattern:debate", "one", "one"])
    assert "Begin with the lexer." in stage.prompts[2]
    assert (len(again.of("counsel.given")), again.report.cost.usd) == (1, 1.01)


@pytest.mark.parametrize("turn", [breaks(), limited(600), refused()], ids=["broken", "limited", "refused"])
def test_a_table_that_comes_to_nothing_is_no_reason_not_to_work(stage: Stage, turn: Any) -> None:
    """What is wrong with the table is on record under its name, and is not held against the agent."""
    stage.cast(one=[done()], pattern__debate=[turn])
    ended = stage.run(order=order(stage))
    assert (ended.status, ended.report.iterations, stage.clock.slept) == ("completed", 1, [])
    assert [item["agent"] for item in ended.of("agent.failed")] == ["pattern:debate"]
    assert ended.of("agent.limited", "agent.switched") == []
    assert "What other models advise" not in stage.prompts[1]


def test_alone_the_table_is_the_agent(stage: Stage) -> None:
    made, _ = order_of(LoopWish("Write the parser", every_iteration=True, seats=SEATS), settings())
    assert [(spec.name, spec.kind, spec.model) for spec in made.agents] == [("pattern:debate", "pattern", "debate")]
    stage.cast(pattern__debate=[says("It is half done."), done()])
    ended = stage.run(order=stage.order(agents=made.agents, every=made.every, patterns=made.patterns))
    assert (ended.status, stage.names, ended.of("counsel.given")) == ("completed", ["pattern:debate"] * 2, [])


def test_a_pattern_without_every_iteration_is_refused() -> None:
    with pytest.raises(UsageError) as caught:
        order_of(LoopWish("t", agent="rehearsal", seats=SEATS), settings())
    assert "--every-iteration" in caught.value.message


def test_the_counsel_is_bounded_by_the_time_that_is_left(stage: Stage) -> None:
    stage.cast(one=[done()], pattern__debate=[says("x", seconds=4)])
    stage.run(order=order(stage, limits=Limits(seconds=10)))
    assert [job.total_s for _, job in stage.asked] == [10, 6]


def test_a_real_table_speaks_in_every_iteration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    argv = ["loop", "run", "Say hello", "--every-iteration", "--pattern", "solo", "--max-iterations", "2", "--json"]
    ran = run_here(*argv, "--seat", "solo=rehearsal")
    assert (ran.code, ran.data["agents"], ran.data["iterations"]) == (8, ["pattern:solo"], 2)
    assert ran.data["tokens"]["input"] > 0


def test_every_event_of_the_table_is_on_record_with_its_iteration(stage: Stage) -> None:
    told = [("call.completed", {"seat": "advocate-1", "job": "1c", "asks": "x"})]
    stage.cast(one=[done()], pattern__debate=[says("x", tells=told)])
    ended = stage.run(order=order(stage))
    assert [event["data"]["iteration"] for event in journal.read(ended.place.journal) if event["type"] == "call.completed"] == [
        1
    ]
