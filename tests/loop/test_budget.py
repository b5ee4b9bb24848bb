"""Budgets: refused when too small to begin with, never exceeded, retries, repairs and stand-ins included."""

from __future__ import annotations

import asyncio
import json
import random
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.core import settings
from cowork.core.errors import CoworkError, Degraded, InvalidInput, LimitReached
from cowork.loop import single, spending
from cowork.loop.budget import Budget, BudgetSpent, Charge, Ledger, input_tokens
from cowork.loop.request import LoopRequest, Wish, prepare
from cowork.loop.results import LoopRun
from cowork.loop.seating import seat_specs
from cowork.loop.seats import ModelSeats
from cowork.loop.worst import worst_case
from cowork.models.chat import ChatReply, ChatRequest
from cowork.models.select import parse
from cowork.sessions import journal, places
from tests.loop.provider_server import Provider, provider
from tests.support import FakeClock

LONG = "Is it so? " * 600  # most of what a prompt holds
SEATS = ["first=groq/one,cerebras/spare", "second=groq/two", "judge=cerebras/three"]


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> Any:
    def set_(server: Provider) -> None:
        for name in ("GROQ", "CEREBRAS"):
            monkeypatch.setenv(f"{name}_API_KEY", f"key-of-{name}")
            monkeypatch.setenv(f"{name}_BASE_URL", server.url)

    return set_


def start(budget: Budget, *, rounds: int = 1) -> LoopRun:
    loaded = settings.load()
    wish = Wish("debate", seat_specs(SEATS), options={"rounds": rounds}, budget=budget)
    request, _ = prepare("Is it so?", (), loaded, wish)
    try:
        return single.start(request, loaded, FakeClock())
    except CoworkError as error:
        if isinstance(error.data, LoopRun):
            return error.data
        raise


def says(answer: str) -> str:
    return json.dumps({"answer": answer, "confidence": 0.5, "reason": "so"})


@pytest.mark.parametrize(("budget", "what"), [(Budget(calls=5), "5 calls of at most 6"), (Budget(tokens=100), "100 tokens")])
def test_a_budget_too_small_is_refused_with_the_formula_before_anything_is_asked(
    keys: Any, home: Path, budget: Budget, what: str
) -> None:
    with provider(lambda *_: says("yes")) as server:
        keys(server)
        with pytest.raises(InvalidInput) as error:
            start(budget)
    assert error.value.code == "loop.budget_too_small"
    assert what in error.value.message
    assert "2(1+R) + 2" in (error.value.cause or "")
    assert (server.requests, home.exists()) == ([], False)


def test_money_cannot_be_capped_where_a_price_is_unknown(keys: Any, home: Path) -> None:
    with provider(lambda *_: says("yes")) as server:
        keys(server)
        with pytest.raises(InvalidInput) as error:
            start(Budget(usd=100.0))
    assert error.value.code == "loop.price_unknown"
    assert "groq/one" in error.value.message


@pytest.mark.parametrize("seed", range(12))
def test_whatever_fails_no_more_calls_are_made_than_the_cap_allows(keys: Any, home: Path, seed: int) -> None:
    draw = random.Random(seed)

    def rule(body: dict[str, Any], _number: int) -> str | int:
        return draw.choice([429, 500, 404, "no json", says("yes"), says("no"), says("no"), says("perhaps")])

    cap = draw.choice([6, 7, 8])
    with provider(rule) as server:
        keys(server)
        start(Budget(calls=cap))
    assert len(server.requests) <= cap


async def seated(request: LoopRequest) -> None:
    """Play a request at its seats, without asking whether it can be paid to its end."""

    async def committed(_kind: str, _data: dict[str, Any]) -> None: ...

    async with ModelSeats(
        request, settings.load(), FakeClock(), lambda *_: None, lambda *_: None, committed=committed
    ) as seats:
        await request.pattern.run(seats, request.setup)


@pytest.mark.parametrize("kind", ["tokens", "usd"])
@pytest.mark.parametrize("seed", range(8))
def test_whatever_fails_no_more_is_spent_than_the_cap_allows(
    keys: Any, home: Path, monkeypatch: pytest.MonkeyPatch, seed: int, kind: str
) -> None:
    """Every answer uses all the tokens it may, under caps that end in the middle of the protocol."""
    monkeypatch.setenv("COWORK_MAX_OUTPUT_TOKENS", "60")
    home.mkdir()
    prices = {"one": (1.0, 2.0), "two": (1.0, 4.0), "three": (3.0, 3.0), "spare": (9.0, 9.0)}
    listed = {model: {"input": asked, "output": said} for model, (asked, said) in prices.items()}
    (home / "config.yaml").write_text(json.dumps({"providers": {name: {"prices": listed} for name in ("groq", "cerebras")}}))
    draw, used = random.Random(seed), []

    def rule(body: dict[str, Any], _number: int) -> int | tuple[str, int, int]:
        repair, verdict = "could not be used" in str(body["messages"]), json.dumps({**json.loads(says("")), "winner": "A"})
        said = verdict if body["model"] == "three" else says(f"answer {draw.random()}")
        said = said if repair or draw.random() < 0.1 else "no json"  # every call twice, if there were room for it
        if draw.random() < 0.05:
            return 404
        asked = sum(len(message["content"].encode()) for message in body["messages"]) // 3
        cost = (asked * prices[body["model"]][0] + 60 * prices[body["model"]][1]) / 1_000_000
        used.append(asked + 60 if kind == "tokens" else cost)
        return said, asked, 60

    with provider(rule) as server:
        keys(server)
        request, _ = prepare(LONG, (), settings.load(), Wish("debate", seat_specs(SEATS)))
        worst = worst_case(request)
        cap = (worst.tokens * 4 if kind == "tokens" else worst.usd or 0.0) * draw.choice([0.1, 0.14])
        asyncio.run(seated(replace(request, budget=Budget(**{kind: cap}))))
    assert used
    assert sum(used) <= cap


@pytest.mark.parametrize(("cap", "asked", "state"), [(6, 1, "skipped_budget"), (7, 2, "repaired")])
def test_a_repair_is_paid_from_what_the_protocol_leaves(keys: Any, home: Path, cap: int, asked: int, state: str) -> None:
    def rule(body: dict[str, Any], _number: int) -> str:
        repair = "could not be used" in body["messages"][-1]["content"]
        return "no json" if body["model"] == "one" and not repair else says("yes")

    with provider(rule) as server:
        keys(server)
        run = start(Budget(calls=cap))
    assert sum(body["model"] == "one" for body in server.requests) == asked
    assert run.seats[0].state == state


def test_a_run_whose_budget_ends_before_any_answer_ends_at_a_limit_and_not_for_want_of_a_provider(
    keys: Any, home: Path
) -> None:
    loaded = settings.load()
    wish = Wish("solo", seat_specs(["solo=groq/one"]), budget=Budget(calls=1))
    with provider(lambda *_: "no json") as server, pytest.raises(LimitReached) as error:
        keys(server)
        single.start(prepare("Is it so?", (), loaded, wish)[0], loaded, FakeClock())
    assert (error.value.code, error.value.data.seats[0].state) == ("loop.budget_spent", "skipped_budget")
    assert "higher cap" in (error.value.hint or "")


def test_a_stand_in_is_paid_from_what_the_protocol_leaves(keys: Any, home: Path) -> None:
    with provider(lambda body, _: 404 if body["model"] == "one" else says("yes")) as server:
        keys(server)
        poor, rich = start(Budget(calls=6)), start(Budget(calls=7))
    assert (poor.seats[0].state, rich.seats[0].answered_by) == ("skipped_budget", "cerebras/spare")
    for place in places.of_kind("loop"):  # and every call that was begun has an end on record
        kinds = [event["type"] for event in journal.read(place.journal)]
        assert kinds.count("call.started") == kinds.count("call.completed") + kinds.count("call.failed")


def test_what_was_spent_before_a_run_was_resumed_counts(keys: Any, home: Path) -> None:
    def rule(body: dict[str, Any], _number: int) -> str:
        repair = "could not be used" in body["messages"][-1]["content"]
        if body["model"] == "three":  # a judge that has to be asked again each time
            return json.dumps({"winner": "tie", "confidence": 0.5}) if repair else "no json"
        return says("yes" if body["model"] == "one" else "no") if repair or body["model"] == "two" else "no json"

    cap = 9  # 6 of the protocol, the repairs of both statements of one seat, and one of the judge's
    with provider(rule) as server:
        keys(server)
        start(Budget(calls=cap))
        assert len(server.requests) == cap
        (place,) = places.of_kind("loop")
        lines = place.journal.read_bytes().splitlines(keepends=True)
        place.journal.write_bytes(b"".join(lines[: next(n for n, line in enumerate(lines) if b'"judge"' in line and n > 1)]))
        paid = sum(b'"type":"call.completed"' in line for line in place.journal.read_bytes().splitlines())
        server.requests.clear()
        with pytest.raises(Degraded):
            single.resume("last", settings.load(), FakeClock())
    assert (paid, len(server.requests)) == (6, cap - 6)


async def _nobody(*_: object) -> ChatReply:
    raise AssertionError("it was asked")


def test_a_stand_in_that_is_dearer_than_what_was_set_aside_is_paid_for_before_it_is_asked() -> None:
    dear = parse("anthropic/claude-sonnet-5")
    model = SimpleNamespace(provider=dear.provider, model=dear.model, rehearsal=False, reply=_nobody)
    asked = ChatRequest("p", system="", max_tokens=1_000)
    ledger = Ledger(Budget(usd=(spending.worst(dear, asked).usd or 0.0) / 2))
    assert ledger.hold("k", Charge(1, 100_000, 0.000001))
    with pytest.raises(BudgetSpent):
        asyncio.run(spending.Metered(model, dear, ledger, "k").reply(asked, lambda _: None))  # type: ignore[arg-type]


# The ledger

charges = st.builds(Charge, st.integers(0, 3), st.integers(0, 500), st.floats(0, 1, allow_nan=False))


@given(st.lists(st.tuples(charges, st.floats(0, 1))), st.integers(0, 20), st.integers(0, 3000), st.floats(0, 5))
def test_what_is_spent_and_held_never_exceeds_the_caps_when_worst_costs_are_worst(
    calls: list[tuple[Charge, float]], most_calls: int, most_tokens: int, most_usd: float
) -> None:
    ledger = Ledger(Budget(most_calls, most_tokens, most_usd))
    for number, (worst, share) in enumerate(calls):
        if ledger.hold(str(number), worst):
            usd = None if worst.usd is None else worst.usd * share
            ledger.settle(str(number), Charge(worst.calls, int(worst.tokens * share), usd))
    assert ledger.spent.calls <= most_calls
    assert ledger.spent.tokens <= most_tokens
    assert (ledger.spent.usd or 0.0) <= most_usd + 1e-9


def test_a_call_of_unknown_price_has_no_room_under_a_cap_on_money() -> None:
    assert not Ledger(Budget(usd=1.0)).hold("a", Charge(1, 10, None))
    assert Ledger(Budget(tokens=100)).hold("a", Charge(1, 10, None))


def test_what_is_set_aside_for_one_call_is_not_there_for_another_until_it_is_released() -> None:
    ledger = Ledger(Budget(tokens=100))
    assert ledger.hold("a", Charge(1, 60))
    assert not ledger.hold("b", Charge(1, 60))
    ledger.release("a")
    assert ledger.hold("b", Charge(1, 60))


def test_tokens_are_estimated_by_bytes_so_that_no_script_is_underestimated() -> None:
    assert input_tokens("日本語" * 100) >= 300
    assert input_tokens("plain words " * 100) >= 300
