"""Whatever a program writes, a dialect reads it without failing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.core.errors import InvalidInput
from cowork.models.command_line.answer import Answer
from cowork.models.command_line.dialects import DIALECTS, dialect
from cowork.models.command_line.tracing import SubagentReport, Tracer
from tests.models.command_line.speech import ALL, NESTED_OTHERS
from tests.support import FakeClock

_KNOWN = [record for speech in ALL for record in (*speech.answered("Hello."), *speech.failed("No."))] + NESTED_OTHERS
_ODD = st.sampled_from([None, True, 0, -1, 2**70, 1.5, "", "x", "\ud83d", [], [1], ["x"], {}, {"type": "text"}, [{"type": []}]])


def _changed(draw: st.DrawFn, value: Any) -> Any:
    if draw(st.integers(0, 9)) == 0:
        return draw(_ODD)
    if isinstance(value, dict):
        return {key: _changed(draw, item) for key, item in value.items() if draw(st.integers(0, 15))}
    if isinstance(value, list):
        return [_changed(draw, item) for item in value]
    return value


@st.composite
def records(draw: st.DrawFn) -> Any:
    """Records of any of the four, with parts missing or of another kind."""
    found = _changed(draw, draw(st.sampled_from(_KNOWN)))
    return found if isinstance(found, dict) else {}


@pytest.mark.parametrize("name", DIALECTS)
@given(given_records=st.lists(records(), max_size=12))
def test_odd_records_break_nothing(name: str, given_records: list[Any]) -> None:
    answer, reports = Answer(), list[SubagentReport]()
    tracer = Tracer("full", reports.append, FakeClock())
    streamed = []
    for record in given_records:
        for event in dialect(name)(record):
            streamed.append(answer.take(event))
            tracer.take(event)
    tracer.end()
    whole = "".join(streamed) + answer.text + json.dumps([vars(report) for report in reports], ensure_ascii=False)
    whole.encode()  # nothing that no file takes
    assert answer.usage.cached_input_tokens <= answer.usage.input_tokens


def test_there_is_no_other() -> None:
    with pytest.raises(InvalidInput) as caught:
        dialect("claud")
    assert (caught.value.code, caught.value.hint) == ("provider.no_dialect", "did you mean 'claude'?")
