"""What a journal says has been spent."""

from __future__ import annotations

from typing import Any

from cowork.loop.bench.record import record_of


def event(kind: str, **data: Any) -> dict[str, Any]:
    return {"type": kind, "data": {"run": "debate#1#1", **data}}


def test_calls_that_failed_or_were_tried_again_are_spent_too() -> None:
    usage = {"input": 10, "output": 5, "source": "reported"}
    answer = {"key": "solo:1", "saw": "a", "seat": "solo", "text": "x", "state": "ok", "by": "", "usage": usage}
    events = [
        event("call.started"),
        event("call.retrying"),
        event("call.completed", provider="rehearsal", asked_model="extract-1", **answer),
        event("call.failed", partial=""),
        event("call.cancelled"),
    ]
    record = record_of(events)
    assert (record.spent.calls, record.spent.tokens) == (4, 15)
    assert list(record.answers["debate#1#1"].answers) == [("solo:1", "a")]
