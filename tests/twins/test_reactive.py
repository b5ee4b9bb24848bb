"""What people ask of twins: requests that wait, questions that are answered at once, and what can be seen of both."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jsonschema
import pytest

from cowork.core.clock import millis
from cowork.core.errors import Conflict, Degraded, InvalidInput, LimitReached, NotFound, UsageError
from cowork.twins import board as boards
from cowork.twins import editing, reading, requesting, states
from cowork.twins.beats import replying
from cowork.twins.beats.asking import Speaker
from cowork.twins.requesting import MOST_OPEN
from cowork.twins.store import claims, leases, results, roles
from cowork.twins.store import requests as store
from tests.agent.scripted_model import refusal, scripted_model, turn
from tests.support import FakeClock, run_here
from tests.twins.beating import beat, minutes, only, setup, stored
from tests.twins.owners import anybody, played
from tests.twins.samples import task

HOSTILE = "\x1b[31mred\x1b[0m\n# task: first\u202e [bold]x[/bold] '; DROP TABLE requests; --"


@pytest.fixture(autouse=True)
def twin(tmp_path: Path, clock: FakeClock) -> None:
    tasks = (task("one", 1, evidence=(), due_at="2026-01-31T08:05:00.000Z"),)
    stored(tmp_path, clock, tasks=tasks)


def ask(kind: str, title: str, clock: FakeClock, **how):
    return requesting.request("twin-a", kind, title, clock, **how)


def waiting(**how) -> list[str]:
    return [item.title for item in boards.tasks((), **how).items if item.kind != "proactive"]


def test_the_same_reason_to_wake_within_half_a_minute_counts_once(clock: FakeClock) -> None:
    first = ask("wake", "The build broke", clock)
    clock.advance(29)
    again = ask("wake", "The build broke", clock)
    assert (again.coalesced, again.request.id) == (True, first.request.id)
    assert not ask("wake", "Another reason", clock).coalesced
    assert not ask("task", "The build broke", clock).coalesced
    clock.advance(2)
    assert not ask("wake", "The build broke", clock).coalesced
    assert len(waiting()) == 4


def test_of_many_that_come_at_once_no_more_are_kept_than_may_wait(clock: FakeClock) -> None:
    def one(number: int) -> str:
        try:
            return ask("task", f"task {number}", clock).request.status
        except LimitReached as error:
            return error.code

    with ThreadPoolExecutor(6) as pool:
        said = list(pool.map(one, range(MOST_OPEN + 5)))

    assert (said.count("open"), said.count("twin.too_many_requests")) == (MOST_OPEN, 5)
    assert len(waiting()) == MOST_OPEN


def test_the_most_urgent_is_first_and_due_words_are_moments(clock: FakeClock) -> None:
    ask("task", "someday", clock, priority="low")
    made = ask("task", "now", clock, priority="urgent", due="3d").request
    ask("task", "normal", clock)
    assert waiting() == ["now", "normal", "someday"]
    assert made.due_at == "2026-02-03T08:05:00.000Z"
    with pytest.raises(InvalidInput) as caught:
        ask("task", "x", clock, due="soon\x1b[31m")
    assert caught.value.code == "request.bad_due"
    assert "\x1b" not in caught.value.message


def test_hostile_and_huge_texts_are_cut_and_harmless(clock: FakeClock) -> None:
    made = ask("task", HOSTILE, clock, text=HOSTILE).request
    assert "\x1b" not in made.title + made.text
    assert "\n" not in made.title
    long = ask("task", "word " * 1000, clock).request
    assert len(long.title) <= 200
    assert long.text.startswith("word word"), "the whole of it is not lost"
    for title, text, code in ((" \n\t", "", "request.empty"), ("x", "y" * 20_001, "request.too_long")):
        with pytest.raises(InvalidInput) as caught:
            ask("task", title, clock, text=text)
        assert caught.value.code == code
    shown = run_here("twin", "tasks")
    assert (shown.code, "\x1b" in shown.out, "[bold]x[/bold]" in shown.out) == (0, False, True)


def test_a_dry_run_asks_nothing(clock: FakeClock) -> None:
    made = ask("wake", "The build broke", clock, dry_run=True)
    assert made.plan
    assert waiting(everything=True) == []
    ask("wake", "The build broke", clock)
    assert ask("wake", "The build broke", clock, dry_run=True).plan[0].action == "leave"
    assert replying.ask("@twin-a", "What is new?", setup(clock), dry_run=True).plan
    assert results.listed().total == 0


def test_what_nobody_has_begun_can_be_taken_back_all_of_it_or_none(clock: FakeClock) -> None:
    first, second = (ask("task", title, clock).request for title in ("a", "b"))
    claims.take("id-of-twin-a", millis(clock.now()), anybody, tasks=[], requests=[first.id])
    with pytest.raises(Conflict) as caught:
        requesting.cancel([second.id, first.id], clock)
    assert caught.value.code == "request.under_way"
    assert requesting.cancel([second.id, second.id], clock).count == 1
    with pytest.raises(Conflict) as caught:
        requesting.cancel([second.id], clock)
    assert caught.value.code == "request.over"
    with pytest.raises(NotFound) as caught:
        requesting.cancel([first.id + "x"], clock)
    assert caught.value.code == "request.not_found"


def test_a_question_is_answered_at_once_and_stored(clock: FakeClock) -> None:
    reply = replying.ask("@a", "What is new?", setup(clock))
    assert reply.result is not None
    assert results.find("last") == reply.result
    assert (reply.result.kind, reply.result.made_by) == ("ask", "evidence")
    with pytest.raises(NotFound):
        results.find("")
    assert roles.twins()[0].last_beat_at is None, "it is no heartbeat"


def test_a_paused_twin_answers_an_inactive_or_busy_one_does_not(clock: FakeClock, tmp_path: Path) -> None:
    stored(tmp_path, clock, "twin-p", status="paused", tasks=())
    stored(tmp_path, clock, "twin-i", status="inactive", tasks=())
    assert replying.ask("twin-p", "Well?", setup(clock)).result is not None
    with pytest.raises(Conflict) as caught:
        replying.ask("twin-i", "Well?", setup(clock))
    assert caught.value.code == "twin.not_active"
    claims.take("id-of-twin-a", millis(clock.now()), anybody, tasks=[], requests=[])
    with pytest.raises(Conflict) as caught:
        replying.ask("twin-a", "Well?", setup(clock))
    assert caught.value.code == "twin.busy"
    assert waiting(everything=True) == ["Well?"], "of the one that answered"


def test_where_the_model_is_down_there_is_a_reply_all_the_same(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted_model([refusal(401, "no such key")] * 4) as model:
        for name, value in model.environment("anthropic").items():
            monkeypatch.setenv(name, value)
        with pytest.raises(Degraded) as caught:
            replying.ask("twin-a", "Well?", setup(clock, speaker=Speaker("anthropic", None)))
    assert (caught.value.exit_code, caught.value.data.result.status) == (9, "degraded")
    assert results.listed().total == 1


def test_a_twin_works_by_a_skill_under_its_own_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted_model([turn("A report.")]) as model:
        for name, value in model.environment("anthropic").items():
            monkeypatch.setenv(name, value)
        ran = run_here("run", "@twin-a /standup-update we mended the door", "--provider", "anthropic", "--json")
        assert ran.code == 0, ran
        assert ran.data["result"]["kind"] == "skill"
        (request,) = model.requests
    assert "we mended the door" in request.prompt
    for words, code in (
        ("@nobody /x", "twin.not_found"),
        ("@twin-a /", "run.no_command"),
        ("@twin-a /nope", "command.not_found"),
    ):
        assert run_here("run", words, "--json").document["error"]["code"] == code
    assert run_here("run", "@twin-a /x", "--max-turns", "3", "--json").document["error"]["code"] == "run.not_for_twins"


@pytest.mark.parametrize("words", [["run", "@twin-a /twin-meeting-prep"], ["twin", "ask", "@twin-a", "/twin-meeting-prep"]])
def test_what_a_skill_needs_can_be_given_as_the_hint_says(words: list[str]) -> None:
    rehearse = ["--provider", "rehearsal", "--json"]
    error = run_here(*words, *rehearse).document["error"]
    assert error["code"] == "skill.missing_parameter"
    assert error["hint"].startswith("add --param meeting_topic=...")
    done = run_here(*words, "--param", "meeting_topic=the door", *rehearse)
    assert (done.code, done.data["result"]["kind"]) == (0, "skill"), done


def test_a_question_takes_no_parameters() -> None:
    refused = run_here("twin", "ask", "@twin-a", "Well?", "--param", "a=b", "--json")
    assert (refused.code, refused.document["error"]["code"]) == (2, "run.no_command")


@pytest.mark.parametrize("verb", [["beat"], ["serve", "--once"], ["ask", "@nobody", "Well?"]])
def test_options_are_looked_at_before_anything_else(verb: list[str], home: Path) -> None:
    (home / "policies.json").write_text('{"agents": {"maxConcurrentAgents": 0}}')
    for words, code in (
        (["--no-model", "--provider", "openai"], "usage.invalid"),
        (["--no-model", "--model", "m"], "usage.invalid"),
        (["--provider", "opnai"], "provider.not_found"),
    ):
        assert run_here("twin", *verb, *words, "--json").document["error"]["code"] == code


def test_later_leaves_a_mention_for_the_next_heartbeat(clock: FakeClock) -> None:
    data = run_here("twin", "ask", "@twin-a", "What", "is", "new?", "--later", "--json").data
    assert (data["request"]["kind"], data["request"]["title"], data["request"]["status"]) == ("mention", "What is new?", "open")
    schema = run_here("schema", "twin", "ask", "--json").data["json_schema"]
    jsonschema.Draft202012Validator(schema).validate(data)
    for words in (["--later"], ["--now"], ["--later", "--dry-run"]):
        shown = run_here("twin", "ask", "@twin-a", "Well?", *words)
        assert (shown.code, "ask" in shown.out, "Well?" in shown.out) == (0, True, True), shown
    refused = run_here("twin", "ask", "@twin-a", "Well?", "--later", "--no-model", "--json")
    assert (refused.code, refused.document["error"]["code"]) == (2, "usage.invalid")


def test_cards_move_from_open_to_working_to_done_or_failed(clock: FakeClock) -> None:
    def columns() -> dict[str, list[str]]:
        (found,) = boards.board(["twin-a"], clock).items
        names = ("scheduled", "open", "working", "done", "failed")
        return {name: [card.title for card in getattr(found, name)] for name in names if getattr(found, name)}

    ask("task", "Paint it", clock, at_once=True)
    assert columns() == {"scheduled": ["One"], "open": ["Paint it"]}
    now = millis(clock.now())
    with played() as owners:
        owners.is_now(1)
        (request,) = [item.id for item in boards.tasks(()).items if item.kind == "task"]
        claims.take("id-of-twin-a", now, anybody, tasks=[("one", now)], requests=[request])
        assert columns() == {"working": ["One", "Paint it"]}
        owners.kill(1)
        assert columns() == {"scheduled": ["One"], "open": ["Paint it"]}, "who was at it is gone"
        for pid in (2, 3):
            owners.is_now(pid)
            leases.reap(now)
            claims.take("id-of-twin-a", now, anybody, tasks=[], requests=[request])
            owners.kill(pid)
        owners.is_now(4)
        with pytest.raises(Degraded):
            beat(clock)
    assert columns() == {"scheduled": ["One"], "done": ["One"], "failed": ["Paint it"]}
    minutes(clock, 25 * 60)
    assert columns() == {"scheduled": ["One"]}


def test_results_are_found_by_id_by_its_beginning_and_as_last(clock: FakeClock) -> None:
    for _ in range(20):
        beat(clock)
        minutes(clock, 60)
    listed = results.listed(limit=5)
    assert (listed.count, listed.total) == (5, 20)
    newest = listed.items[0]
    assert results.find("last").id == results.find(newest.id).id == results.find(newest.id[:-1]).id == newest.id
    with pytest.raises(InvalidInput) as caught:
        results.find("r")
    assert caught.value.code == "result.ambiguous"
    for name in ("", "nope", "%", "' OR 1=1"):
        with pytest.raises(NotFound):
            results.find(name)
    assert reading.listed((), "150m", (), 50, None, clock).count == 2
    assert reading.listed(["a"], None, ["task"], 50, None, clock).total == 0
    with pytest.raises(InvalidInput):
        reading.listed((), None, ["tusk"], 50, None, clock)
    whole = reading.listed((), None, (), 3, "json", clock).text
    assert [item["id"] for item in json.loads(str(whole))] == [item.id for item in results.listed(limit=3).items]
    assert str(reading.listed((), None, (), 3, "md", clock).text).count("\n# One\n") == 2


def test_an_empty_skill_is_no_skill(clock: FakeClock) -> None:
    with pytest.raises(UsageError):
        replying.ask("twin-a", "/", setup(clock))


def test_of_an_inactive_twin_nothing_is_asked(clock: FakeClock) -> None:
    states.deactivate(["twin-a"], clock, purge=False, dry_run=False)

    for kind in ("task", "mention", "wake"):
        with pytest.raises(Conflict) as caught:
            ask(kind, "Look", clock)
        assert (caught.value.code, caught.value.hint) == ("twin.not_active", "cowork twin resume twin-a")


def test_a_paused_twin_promises_no_time_and_attends_to_it_once_it_is_resumed(clock: FakeClock) -> None:
    states.pause(["twin-a"], clock, dry_run=False)
    asked = ask("task", "Look", clock)
    ran = run_here("twin", "wake", "twin-a", "Hello", "--now", "--json")

    assert (asked.request.wake_at, asked.plan[0].detail) == (None, "task: Look, attended to once it is resumed")
    assert ran.document["data"]["request"]["wake_at"] is None
    assert [item["code"] for item in ran.document["warnings"]] == ["twin.paused"]
    assert [(item.title, item.wake_at) for item in store.with_ids([asked.request.id])] == [("Look", None)]
    assert waiting() == ["Look", "Hello"]
    minutes(clock, 60)
    assert beat(clock).count == 0

    states.resume(["twin-a"], clock, dry_run=False)
    assert {"Look", "Hello"} < {result.title for result in only(beat(clock)).results}


@pytest.mark.parametrize("due", ["2020-01-01", "2026-01-30", "2026-01-31T08:04:59Z"])
def test_what_had_to_be_done_before_now_is_refused(due: str, clock: FakeClock) -> None:
    with pytest.raises(InvalidInput) as caught:
        ask("task", "Look", clock, due=due)
    assert (caught.value.code, waiting(everything=True)) == ("request.bad_due", [])


def test_requests_wait_for_the_heartbeats_of_the_interval_as_it_is_by_now(clock: FakeClock) -> None:
    minutes(clock, 1)
    late, now = ask("task", "late", clock).request, ask("wake", "now", clock, at_once=True).request
    assert late.wake_at == "2026-01-31T08:35:00.000Z"

    editing.edit(["twin-a"], editing.Edit(interval=10), clock, dry_run=False)

    assert {item.title: item.wake_at for item in store.with_ids([late.id, now.id])} == {
        "late": "2026-01-31T08:15:00.000Z",
        "now": now.wake_at,
    }
