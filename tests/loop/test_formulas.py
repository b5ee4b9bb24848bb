"""Calls and depth are the formula's: every pattern through the real engine, over HTTP, to its full depth.

The depth is found again from the journal, where a call belongs to a later level than all that had been answered before it
began.
"""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from cowork.core import settings
from cowork.core.plain import to_plain
from cowork.loop import single
from cowork.loop.request import Wish, prepare
from cowork.loop.seating import SeatSpec
from cowork.patterns import directory
from cowork.sessions import journal, places
from cowork.sessions.journal import Event
from tests.loop.full_depth import AGREE, IN_A_ROW, reply
from tests.loop.provider_server import Provider, provider
from tests.support import FakeClock

MEMBERS = 16


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A provider that keeps every pattern going."""
    with provider(lambda body, number: reply(body["messages"][-1]["content"], number)) as found:
        monkeypatch.setenv("GROQ_API_KEY", "k")
        monkeypatch.setenv("GROQ_BASE_URL", found.url)
        yield found


def played(pattern: str, *, task: str = IN_A_ROW, **wish: Any) -> tuple[dict[str, Any], list[Event]]:
    """The result as JSON shows it, and the journal."""
    loaded, clock = settings.load(), FakeClock()
    request, _ = prepare(task, (), loaded, Wish(pattern, provider="groq", model="m", **wish))
    run = single.start(request, loaded, clock)
    return json.loads(json.dumps(to_plain(run))), journal.read(next(iter(places.of_kind("loop"))).journal)


def levels(events: list[Event]) -> int:
    """The longest chain of calls of which each began after the one before it was answered."""
    level_of: dict[int, int] = {}
    answered = 0  # the deepest level of which a call has been answered
    for event in events:
        if event["type"] == "call.started":
            level_of[event["data"]["call"]] = answered + 1
        elif event["type"] == "call.completed":
            answered = max(answered, level_of[event["data"]["call"]])
    return max(level_of.values(), default=0)


def assert_exact(server: Provider, run: dict[str, Any], events: list[Event], calls: int, depth: int) -> None:
    """The numbers of the result, of the journal and of the server are those of the formula."""
    completed = [event for event in events if event["type"] == "call.completed"]
    assert (run["status"], run["problems"]) == ("completed", [])
    assert (run["calls"]["made"], len(completed), len(server.requests)) == (calls, calls, calls)
    assert [run["calls"][name] for name in ("repairs", "retries", "extra")] == [0, 0, 0]
    assert (run["depth"]["made"], levels(events)) == (depth, depth)


def assert_full(server: Provider, pattern: str, calls: int, depth: int, **wish: Any) -> None:
    """A run that makes all the calls it may, one level after the other."""
    run, events = played(pattern, **wish)
    assert_exact(server, run, events, calls, depth)
    assert (run["calls"]["most"], run["depth"]["most"]) == (calls, depth)


def test_no_pattern_is_left_out() -> None:
    assert set(directory.PATTERNS) <= {name.split("_")[1] for name in globals() if name.startswith("test_")}


@pytest.mark.parametrize("samples", [1, 3, 16])
@pytest.mark.parametrize("sequential", [False, True])
def test_solo_makes_k_calls(server: Provider, samples: int, sequential: bool) -> None:
    options = {"samples": samples, "sequential": sequential}
    assert_full(server, "solo", samples, samples if sequential else 1, options=options)


@pytest.mark.parametrize("rounds", [0, 1, 3])
@pytest.mark.parametrize("speaks", [False, True])
def test_debate_makes_two_statements_a_round_and_two_verdicts(server: Provider, rounds: int, speaks: bool) -> None:
    options = {"rounds": rounds, "judge_speaks": speaks}
    spoken = rounds if speaks else 0
    assert_full(server, "debate", 2 * (1 + rounds) + 2 + spoken, rounds + 2 + spoken, options=options)


@pytest.mark.parametrize("members", [2, 3, 5, 16])
def test_team_makes_a_proposal_and_a_ballot_a_member(server: Provider, members: int) -> None:
    ranked = members > 2  # two proposals are not ranked
    assert_full(server, "team", members * (1 + ranked) + 1, 1 + ranked + 1, count=members)


@pytest.mark.parametrize("layers", [1, 3])
def test_layers_of_a_team_are_levels(server: Provider, layers: int) -> None:
    assert_full(server, "team", 3 * layers + 1, layers + 1, count=3, options={"layers": layers})


@pytest.mark.parametrize("reviewers", [1, 2, 8])
@pytest.mark.parametrize("separate", [False, True])
def test_chain_makes_a_call_a_seat_or_a_rewrite_after_every_review(server: Provider, reviewers: int, separate: bool) -> None:
    calls = 1 + reviewers * (1 + separate)
    assert_full(server, "chain", calls, calls, count=reviewers, options={"separate": separate})


@pytest.mark.parametrize("rounds", [1, 3])
@pytest.mark.parametrize("advocates", [1, 2, 5])
def test_devil_makes_the_attacks_and_a_reply_a_round(server: Provider, rounds: int, advocates: int) -> None:
    calls, depth = 1 + rounds * (advocates + 1) + 2, 2 + 2 * rounds
    assert_full(server, "devil", calls, depth, count=advocates, options={"rounds": rounds})


@pytest.mark.parametrize("rounds", [0, 1, 3])
@pytest.mark.parametrize("experts", [2, 8])
@pytest.mark.parametrize("writer", [False, True])
def test_panel_makes_a_turn_an_expert_and_round(server: Provider, rounds: int, experts: int, writer: bool) -> None:
    seats = {"role-writer": SeatSpec("groq/m")} if writer else {}
    calls, depth = writer + experts * (1 + rounds) + 1, writer + 1 + rounds + 1
    assert_full(server, "panel", calls, depth, count=experts, seats=seats, options={"rounds": rounds})


@pytest.mark.parametrize("rounds", [1, 2, 6])
def test_refine_makes_a_critique_and_a_revision_a_round(server: Provider, rounds: int) -> None:
    assert_full(server, "refine", 1 + 2 * rounds, 1 + 2 * rounds, options={"rounds": rounds})


@pytest.mark.parametrize("rounds", [1, 2, 4])
@pytest.mark.parametrize("attackers", [1, 2, 6])
def test_redblue_makes_the_attacks_a_check_and_a_patch_a_round(server: Provider, rounds: int, attackers: int) -> None:
    calls, depth = 1 + rounds * (attackers + 1 + 1), 1 + 3 * rounds
    assert_full(server, "redblue", calls, depth, count=attackers, options={"rounds": rounds})


@pytest.mark.parametrize("rounds", [0, 1, 3])
@pytest.mark.parametrize("members", [2, 3, 16])
@pytest.mark.parametrize("writer", [False, True])
def test_consensus_makes_an_answer_a_member_and_round(server: Provider, rounds: int, members: int, writer: bool) -> None:
    task = AGREE.format(1 + rounds) if writer else "Never agree."  # the writer words an agreement alone
    seats, words = ({"writer": SeatSpec("groq/m")} if writer else {}), writer and rounds > 0
    calls, depth = members * (1 + rounds) + words, 1 + rounds + words
    assert_full(server, "consensus", calls, depth, task=task, count=members, seats=seats, options={"rounds": rounds})


@pytest.mark.parametrize("tasks", [1, 3, 8])
@pytest.mark.parametrize("verified", [False, True])
def test_hierarchy_makes_a_call_a_task_and_check(server: Provider, tasks: int, verified: bool) -> None:
    seats = {"verifier": SeatSpec("groq/m")} if verified else {}
    calls = 2 + tasks * (1 + verified)
    assert_full(server, "hierarchy", calls, calls, seats=seats, options={"tasks": tasks})


@pytest.mark.parametrize("tasks", [3, 8])
def test_a_hierarchy_whose_tasks_need_not_wait_is_as_deep_as_one_of_them(server: Provider, tasks: int) -> None:
    run, events = played("hierarchy", task="Do it side by side.", options={"tasks": tasks})
    assert_exact(server, run, events, 2 + tasks, 3)


@pytest.mark.parametrize("tasks", [2, 3])
def test_a_hierarchy_of_two_levels_makes_the_calls_of_a_tree(server: Provider, tasks: int) -> None:
    calls, depth = 2 + 2 * tasks + tasks**2, 4 + tasks**2
    assert_full(server, "hierarchy", calls, depth, options={"tasks": tasks, "levels": 2})


@pytest.mark.parametrize("models", [1, MEMBERS])
def test_sixteen_seats_are_asked_at_once(monkeypatch: pytest.MonkeyPatch, models: int) -> None:
    """The provider answers no member before all of them have asked; first for proposals, then for ballots."""
    all_have_asked = threading.Barrier(MEMBERS)

    def rule(body: dict[str, Any], number: int) -> str:
        if number <= 2 * MEMBERS:
            all_have_asked.wait(timeout=30)
        return reply(body["messages"][-1]["content"], number)

    members = {f"member-{number + 1}": SeatSpec(f"groq/model-{number % models}") for number in range(MEMBERS)}
    with provider(rule) as server:
        monkeypatch.setenv("GROQ_API_KEY", "k")
        monkeypatch.setenv("GROQ_BASE_URL", server.url)
        assert_full(server, "team", 2 * MEMBERS + 1, 3, seats=members)


def test_the_steps_around_a_pattern_are_levels_of_their_own(server: Provider) -> None:
    steps = ("planning", "thinking", "review")
    assert_full(server, "refine", 3 + 1 + 1 + 2, 3 + 1 + 1 + 2, options={"rounds": 1}, steps=steps)
