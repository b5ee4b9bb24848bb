"""Declared fallbacks: who answers for a seat whose model cannot, and that it is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cowork.core import settings
from cowork.core.errors import Degraded, NotFound, Unavailable
from cowork.loop import single
from cowork.loop.request import Wish, prepare
from cowork.loop.results import LoopRun
from cowork.loop.seating import seat_specs
from cowork.sessions import journal, places
from tests.loop.provider_server import Provider, provider
from tests.support import FakeClock


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> Any:
    def set_(server: Provider) -> None:
        for name in ("GROQ", "CEREBRAS"):
            monkeypatch.setenv(f"{name}_API_KEY", f"key-of-{name}")
            monkeypatch.setenv(f"{name}_BASE_URL", server.url)

    return set_


def without(*models: str, status: int = 404) -> Any:
    """Every model answers its own name, but these fail."""

    def rule(body: dict[str, Any], _number: int) -> str | int:
        model = body["model"]
        if model in models:
            return status
        return json.dumps({"answer": "yes", "confidence": 0.5, "reason": f"from {model}"})

    return rule


def run(seats: list[str], *, pattern: str = "debate", fallbacks: tuple[str, ...] = ()) -> LoopRun:
    loaded = settings.load()
    request, _ = prepare("Is it so?", (), loaded, Wish(pattern, seat_specs(seats), fallbacks=fallbacks))
    return single.start(request, loaded, FakeClock())


def by_name(found: LoopRun, name: str) -> Any:
    return next(seat for seat in found.seats if seat.name == name)


def test_a_fallback_answers_for_its_seat_and_the_result_says_which(keys: Any, home: Path) -> None:
    with provider(without("one")) as server:
        keys(server)
        found = run(["first=groq/one,cerebras/spare", "second=groq/two", "judge=groq/three"])
    seat = by_name(found, "first")
    assert (seat.state, seat.answered_by, found.status) == ("substituted", "cerebras/spare", "completed")
    assert (found.calls.made, found.calls.extra) == (2, 1)
    (place,) = places.of_kind("loop")
    (event,) = [event for event in journal.read(place.journal) if event["type"] == "seat.substituted"]
    assert (event["data"]["seat"], event["data"]["by"]) == ("first", "cerebras/spare")


def test_without_a_fallback_the_seat_is_lost(keys: Any, home: Path) -> None:
    with provider(without("one")) as server:
        keys(server)
        with pytest.raises(Degraded) as error:
            run(["first=groq/one", "second=groq/two", "judge=groq/three"])
    assert by_name(error.value.data, "first").state == "unavailable"


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (401, "the key in GROQ_API_KEY is refused: make a new one and export it"),
        (402, "add credit to the groq account, or choose another --provider"),
        (413, "give less context"),
    ],
)
def test_a_lost_seat_says_what_can_be_done_about_it(keys: Any, home: Path, status: int, advice: str) -> None:
    with provider(without("one", status=status)) as server, pytest.raises(Unavailable) as error:
        keys(server)
        run(["solo=groq/one"], pattern="solo")
    assert (error.value.code, error.value.cause) == (
        "loop.failed",
        f"solo (solo): groq/one: failing with {status} ({advice})",
    )


def test_fallbacks_are_tried_in_their_order(keys: Any, home: Path) -> None:
    with provider(without("one", "spare")) as server:
        keys(server)
        found = run(["first=groq/one,groq/spare,cerebras/last", "second=groq/two", "judge=groq/three"])
    assert by_name(found, "first").answered_by == "cerebras/last"


def test_a_model_at_the_table_stands_in_for_nobody(keys: Any, home: Path) -> None:
    with provider(without("one")) as server:
        keys(server)
        with pytest.raises(Degraded) as error:
            run(["first=groq/one,groq/two", "second=groq/two", "judge=groq/three"])
    assert by_name(error.value.data, "first").answered_by is None
    assert sum(body["model"] == "two" for body in server.requests) == 1


def test_one_model_stands_in_for_one_seat_only(keys: Any, home: Path) -> None:
    with provider(without("one", "two")) as server:
        keys(server)
        with pytest.raises(Degraded) as error:
            run(["first=groq/one", "second=groq/two", "judge=groq/three"], fallbacks=("cerebras/spare",))
    answered = sorted(seat.answered_by or "" for seat in error.value.data.seats)
    assert answered == ["", "", "cerebras/spare"]


def test_a_model_that_does_not_exist_is_not_asked_a_second_time(keys: Any, home: Path) -> None:
    def rule(body: dict[str, Any], _number: int) -> str | int:
        answer = {"one": 404, "spare": "a", "two": "b"}.get(body["model"], "A")
        return answer if isinstance(answer, int) else json.dumps({"answer": answer, "confidence": 0.5, "reason": "so"})

    with provider(rule) as server:
        keys(server)
        with pytest.raises(Degraded):  # the judge's answers break the contract: the rebuttals matter here
            run(["first=groq/one,cerebras/spare", "second=groq/two", "judge=groq/three"])
    asked = [body["model"] for body in server.requests]
    assert (asked.count("one"), asked.count("spare")) == (1, 2)


def test_a_fallback_that_is_named_twice_is_asked_once(keys: Any, home: Path) -> None:
    with provider(without("one", "spare", status=400)) as server:
        keys(server)
        with pytest.raises(Degraded):
            run(["first=groq/one,groq/one,groq/spare,groq/spare", "second=groq/two", "judge=groq/three"])
    asked = [body["model"] for body in server.requests]
    assert (asked.count("one"), asked.count("spare")) == (1, 1)


def test_who_stood_in_for_a_seat_before_a_run_was_resumed_stands_in_for_no_other(keys: Any, home: Path) -> None:
    wish = Wish("refine", seat_specs(["author=groq/one,cerebras/spare", "critic=groq/two,cerebras/spare"]))
    with provider(without("one", "two", status=400)) as server:
        keys(server)
        loaded = settings.load()
        with pytest.raises(Degraded):
            single.start(prepare("Is it so?", (), loaded, wish)[0], loaded, FakeClock())
        server.requests.clear()
        with pytest.raises(Degraded) as error:
            single.resume("last", loaded, FakeClock())
    assert [body["model"] for body in server.requests] == ["two"]
    assert [seat.answered_by for seat in error.value.data.seats] == ["cerebras/spare", None]


def test_a_fallback_that_does_not_exist_is_refused_also_where_nobody_needs_one() -> None:
    with pytest.raises(NotFound) as error:
        run(["first=rehearsal", "second=rehearsal", "judge=rehearsal"], fallbacks=("antropic",))
    assert (error.value.code, error.value.hint) == ("provider.not_found", "did you mean 'anthropic'?")
