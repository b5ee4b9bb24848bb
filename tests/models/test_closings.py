"""The files of limits: what they are called, what is in them, and when they go."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cowork.core.errors import InvalidInput
from cowork.models.closings import SCHEMA, account, close, closed_for, lasting, place, read, reopen
from cowork.models.doors import account_of
from cowork.models.rehearsal import Rehearsal
from tests.models.calls import Scripted
from tests.models.surroundings import CANARY, SetKeys
from tests.support import FakeClock

NOW = datetime(2026, 1, 31, 8, 5, tzinfo=UTC)
KEY = "sk-canary-0123456789"
GROQ = account("groq", KEY)


def shut(seconds: float = 100, kind: str = "rate_limited", model: str | None = None, *, key: str = KEY) -> None:
    close(account("groq", key), lasting(kind, seconds, NOW, model), NOW)


def test_the_key_is_in_neither_the_name_nor_the_content() -> None:
    shut()

    path = place(GROQ)
    assert KEY not in str(path)
    assert path.stem not in (account("groq", None), account("groq", "another"), account("xai", KEY))
    assert json.loads(path.read_text()) == {
        "schema": SCHEMA,
        "closings": [
            {
                "kind": "rate_limited",
                "model": None,
                "since": "2026-01-31T08:05:00+00:00",
                "until": "2026-01-31T08:06:40+00:00",
            }
        ],
    }
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_whoever_may_ask_is_told_for_how_long_and_why() -> None:
    assert closed_for("groq", KEY, now=NOW) is None
    shut()
    assert closed_for("groq", KEY, now=NOW) == (100.0, "rate_limited")
    assert closed_for("groq", KEY, now=NOW + timedelta(seconds=99)) == (1.0, "rate_limited")
    assert closed_for("groq", KEY, now=NOW + timedelta(seconds=100)) is None
    assert closed_for("groq", None, now=NOW) is None
    assert closed_for("xai", KEY, now=NOW) is None


def test_the_quota_of_a_model_is_told_of_that_model() -> None:
    shut(7200, "daily_quota", "big")

    assert closed_for("groq", KEY, model="big", now=NOW) == (7200.0, "daily_quota")
    assert closed_for("groq", KEY, model="small", now=NOW) is None
    assert closed_for("groq", KEY, now=NOW) == (7200.0, "daily_quota")


def test_asking_makes_nothing_and_never_raises(home: Path) -> None:
    assert closed_for("groq", KEY) is None
    assert not home.exists()
    place(GROQ).mkdir(parents=True)
    assert closed_for("groq", KEY) is None


def test_asking_costs_little_when_nothing_is_there() -> None:
    took = []
    for _ in range(50):
        started = time.perf_counter()
        closed_for("groq", KEY)
        took.append(time.perf_counter() - started)
    assert min(took) < 0.001


def test_what_is_over_goes_when_something_new_is_written_and_what_is_not_ours_stays() -> None:
    shut(10, key="old")
    shut(1000, key="current")
    foreign = place("foreign")
    foreign.write_text("mine")
    later = NOW + timedelta(seconds=20)

    close(GROQ, lasting("funds", 60, later), later)

    assert not place(account("groq", "old")).exists()
    assert place(account("groq", "current")).exists()
    assert foreign.read_text() == "mine"
    assert [closing.kind for closing in read(GROQ, later)] == ["funds"]


def test_an_answer_disproves_what_was_said_before_it_was_asked_for() -> None:
    shut(1000)
    shut(1000, "daily_quota", "big")
    late = NOW + timedelta(seconds=500)

    reopen(GROQ, "small", NOW - timedelta(seconds=1), late)
    assert len(read(GROQ, late)) == 2
    reopen(GROQ, "small", NOW + timedelta(seconds=1), late)
    assert [closing.kind for closing in read(GROQ, late)] == ["daily_quota"]
    reopen(GROQ, "big", NOW + timedelta(seconds=1), late)
    assert not place(GROQ).exists()


def test_what_another_process_was_told_while_the_answer_came_stays() -> None:
    close(GROQ, lasting("rate_limited", 1000, NOW + timedelta(minutes=5)), NOW + timedelta(minutes=5))

    reopen(GROQ, "small", NOW, NOW + timedelta(minutes=6))

    assert closed_for("groq", KEY, now=NOW + timedelta(minutes=6)) is not None


def test_entries_do_not_grow_without_end() -> None:
    for number in range(80):
        shut(1000 + number, "daily_quota", f"m-{number}")

    assert len(read(GROQ, NOW)) == 50
    assert closed_for("groq", KEY, model="m-79", now=NOW) is not None


@pytest.mark.parametrize(
    ("provider", "shared"), [("groq", True), ("anthropic", True), ("ollama", False), ("vllm", False), ("nobody", False)]
)
def test_servers_of_this_machine_are_each_processs_own_matter(provider: str, shared: bool) -> None:
    assert (account_of(Scripted(FakeClock(), provider=provider)) is not None) is shared


def test_the_account_is_that_of_the_key_in_the_environment(keys: SetKeys) -> None:
    groq = Scripted(FakeClock(), provider="groq")
    keys("GROQ_API_KEY")
    assert account_of(groq) == account("groq", CANARY)
    keys(GROQ_API_KEY="another")
    assert account_of(groq) == account("groq", "another")


def test_a_rehearsal_has_no_account() -> None:
    assert account_of(Rehearsal()) is None


times = st.one_of(st.text(max_size=30), st.datetimes().map(str), st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat))
values = st.one_of(
    times, st.none(), st.integers(), st.lists(st.integers(), max_size=2), st.sampled_from(["funds", "rate_limited"])
)
written = st.one_of(
    st.binary(max_size=200),
    st.fixed_dictionaries(
        {
            "schema": st.sampled_from([SCHEMA, "x"]),
            "closings": st.lists(
                st.fixed_dictionaries({"kind": values, "model": values, "since": times, "until": times}) | values, max_size=3
            )
            | values,
        }
    ).map(lambda document: json.dumps(document).encode()),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(written, st.datetimes(timezones=st.just(UTC)))
def test_whatever_is_in_the_file_the_key_is_open_or_closed_for_a_sane_time(home: Path, raw: bytes, now: datetime) -> None:
    path = place(GROQ)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(raw)
    found: Any = ()
    try:
        found = read(GROQ, now)
    except InvalidInput as error:
        assert error.details["path"] == str(path)
    assert all(0 < closing.left(now) <= 32 * 86_400 for closing in found)
    told = closed_for("groq", KEY, now=now)
    assert (told is not None) is bool(found)
