"""What calls cost that gave no answer: unknown, unless it is known that they cost nothing."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from cowork.loop.engine.order import Limits
from tests.loop.engine.driving import Stage, agent, breaks, done, limited, refused, says


def test_a_call_that_failed_may_have_cost_something(stage: Stage) -> None:
    ended = stage.run(breaks(), done())
    assert (ended.state.usd_known, ended.state.tokens_known) == (False, False)
    assert [item["spent"] for item in ended.of("agent.failed")] == ["unknown"]
    assert ended.of("run.completed")[0]["usd"] is None


def test_a_cap_on_money_cannot_be_kept_then(stage: Stage) -> None:
    ended = stage.run(breaks(), limits=Limits(usd=5.0))
    assert (ended.status, ended.report.reason) == ("limit", "cost_unknown")


@pytest.mark.parametrize("turn", [limited, refused], ids=["limited", "refused"])
def test_what_was_refused_cost_nothing(stage: Stage, turn: Any) -> None:
    stage.cast(one=[turn()], two=[done()])
    ended = stage.run(agents=(agent("one"), agent("two")))
    assert (ended.status, ended.state.usd_known, ended.state.tokens_known) == ("completed", True, True)


def test_a_call_that_was_cancelled_may_have_cost_something(stage: Stage) -> None:
    async def wait(_: object) -> None:
        stage.post("cancel")
        await asyncio.Event().wait()

    ended = stage.run(says("x", meanwhile=wait))
    assert ended.status == "aborted" and not ended.state.usd_known
    assert ended.of("run.aborted")[0]["usd"] is None


def test_a_call_that_a_crash_cut_short_may_have_cost_something(stage: Stage) -> None:
    ended = stage.run(done())
    path = ended.place.journal
    lines = path.read_bytes().splitlines(keepends=True)
    begun = next(index for index, line in enumerate(lines) if b'"agent.started"' in line)
    path.write_bytes(b"".join(lines[: begun + 1]))
    again = stage.resume(done())
    assert again.status == "completed" and not again.state.usd_known
