"""Heartbeats whose results cannot be delivered: that is part of the answer to a program."""

from __future__ import annotations

import pytest

from cowork.twins.activation import activate
from tests.support import FakeClock, run_here

UNDELIVERED = "twin-tester: 1 result not delivered to env:NOPE: the variable NOPE is not set; see: cowork twin deliver --retry"


@pytest.fixture(autouse=True)
def telling(clock: FakeClock, installation: object) -> None:
    """A twin whose results go where nobody is."""
    activate("tester", clock, deliver=("env:NOPE",))


def test_a_document_warns_of_what_was_not_delivered() -> None:
    ran = run_here("twin", "beat", "tester", "--no-model", "--json")

    assert {"code": "twin.not_delivered", "message": UNDELIVERED} in ran.document["warnings"]


def test_a_person_reads_it_once_after_the_answer() -> None:
    ran = run_here("twin", "beat", "tester", "--no-model")

    assert ran.err.count("NOPE is not set") == 1
    assert UNDELIVERED not in ran.err
