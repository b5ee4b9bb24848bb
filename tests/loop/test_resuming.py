"""Going on with a session: cut after any line of its journal, it ends as if nothing had happened."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cowork.core import settings
from cowork.core.errors import Conflict, Degraded, InvalidInput
from cowork.loop import single
from cowork.loop.budget import Budget
from cowork.loop.request import Wish, prepare
from cowork.loop.results import LoopRun
from cowork.loop.seating import seat_specs
from cowork.sessions import journal, places
from tests.loop.provider_server import Provider, provider
from tests.support import FakeClock

SEATS = ["first=groq/one", "second=groq/two", "judge=cerebras/three", "planning=cerebras/four"]
WISH = Wish("debate", seat_specs(SEATS), steps=("planning",))
ASKED_IN_ALL = 7


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Keys of two providers that are one server here."""

    def set_(server: Provider) -> None:
        for name in ("GROQ", "CEREBRAS"):
            monkeypatch.setenv(f"{name}_API_KEY", "k")
            monkeypatch.setenv(f"{name}_BASE_URL", server.url)

    return set_


def answers(body: dict[str, Any], _number: int) -> str:
    """Two debaters that disagree, a judge that prefers files, a planner."""
    prompt = body["messages"][-1]["content"]
    if body["model"] == "four":
        return json.dumps({"plan": "look at the crash first"})
    if body["model"] == "three":
        before_b = prompt.split('side="B"')[0].split('side="A"')[1]
        return json.dumps({"winner": "A" if "files" in before_b else "B", "confidence": 0.9, "reason": "supported"})
    answer = "files" if body["model"] == "one" else "database"
    return json.dumps({"answer": answer, "confidence": 0.8, "reason": f"reason for {answer} in {len(prompt)}"})


def start() -> LoopRun:
    loaded, clock = settings.load(), FakeClock()
    request, _ = prepare("Files or a database?", (), loaded, WISH)
    return single.start(request, loaded, clock)


def resume() -> LoopRun:
    return single.resume("last", settings.load(), FakeClock())


def the_journal() -> Path:
    (place,) = places.of_kind("loop")
    return place.journal


def told(run: LoopRun) -> dict[str, Any]:
    """A result without what differs from run to run."""
    from cowork.core.plain import to_plain

    return {key: value for key, value in to_plain(run).items() if key not in ("session_id", "seconds")}


def mended(keys: Any, rule: Callable[..., str | int]) -> tuple[LoopRun, list[str]]:
    """A run that was degraded by what is broken in a rule, resumed when it is not any more, and the models asked for that."""
    broken = True
    with provider(lambda body, number: rule(body, number, broken=broken)) as server:
        keys(server)
        with pytest.raises(Degraded):
            start()
        server.requests.clear()
        broken = False
        return resume(), [body["model"] for body in server.requests]


def test_cut_after_any_line_it_ends_alike_and_asks_only_what_is_not_on_record(keys: Any, home: Path) -> None:
    with provider(answers) as server:
        keys(server)
        whole = start()
        lines = the_journal().read_bytes().splitlines(keepends=True)
        assert len(server.requests) == ASKED_IN_ALL
        for cut in range(1, len(lines)):
            kept = lines[:cut]
            the_journal().write_bytes(b"".join(kept))
            server.requests.clear()
            resumed = resume()
            answered = sum(b'"type":"call.completed"' in line for line in kept)
            assert (told(resumed), len(server.requests)) == (told(whole), ASKED_IN_ALL - answered), f"cut after line {cut}"
            assert [event["seq"] for event in journal.read(the_journal())][: cut + 1] == list(range(1, cut + 2))


def test_a_line_that_was_being_written_is_dropped_before_anything_is_appended(keys: Any, home: Path) -> None:
    with provider(answers) as server:
        keys(server)
        start()
        lines = the_journal().read_bytes().splitlines(keepends=True)
        the_journal().write_bytes(b"".join(lines[:4]) + lines[4][: len(lines[4]) // 2])
        resume()
    assert journal.read(the_journal())[-1]["type"] == "run.completed"


def test_only_the_seat_that_was_lost_is_asked_again(keys: Any, home: Path) -> None:
    def rule(body: dict[str, Any], number: int, *, broken: bool) -> str | int:
        return 400 if broken and body["model"] == "three" else answers(body, number)

    run, asked = mended(keys, rule)
    assert (run.status, run.answer) == ("completed", "files")
    assert asked == ["three", "three"]


def test_a_ballot_counts_for_those_whom_its_voter_saw_and_is_cast_anew_when_there_are_others(keys: Any, home: Path) -> None:
    members = [f"member-{number}" for number in range(1, 5)]
    wish = Wish("team", seat_specs([f"{member}=groq/{member}" for member in members]), empty=("writer",), seed=0)
    broken = False

    def rule(body: dict[str, Any], _number: int) -> str | int:
        """Each proposes itself, and ranks by name; the last is lost at first."""
        prompt, own = body["messages"][-1]["content"], body["model"]
        if broken and own == "member-4":
            return 400
        shown = dict(re.findall(r'label="(\w)">.*?Answer: (\S+)', prompt, re.DOTALL))
        ballot = {"ranking": sorted(shown, key=shown.__getitem__)} if shown else {"answer": f"x{own}"}
        return json.dumps({**ballot, "confidence": 0.5, "reason": "r"})

    def begin() -> LoopRun:
        loaded = settings.load()
        return single.start(prepare("Which?", (), loaded, wish)[0], loaded, FakeClock())

    with provider(rule) as server:
        keys(server)
        whole = begin()
        broken = True
        with pytest.raises(Degraded) as error:
            begin()
        broken = False
        server.requests.clear()
        resumed = single.resume(error.value.data.session_id, settings.load(), FakeClock())
    assert told(resumed) == {**told(whole), "tokens": told(resumed)["tokens"]}  # the ballots of before were paid for too
    assert resumed.tokens.input - whole.tokens.input == 10 * 3
    assert len(server.requests) == 1 + len(members)  # the proposal that was missing, and every ballot


def test_what_a_seat_was_lost_for_saying_is_asked_again(keys: Any, home: Path) -> None:
    def rule(body: dict[str, Any], number: int, *, broken: bool) -> str:
        return "no verdict" if broken and body["model"] == "three" else answers(body, number)

    run, asked = mended(keys, rule)
    assert (run.status, run.answer) == ("completed", "files")
    assert asked == ["three", "three"]
    assert run.tokens.input == 10 * (ASKED_IN_ALL + 4)  # the judge's four replies were of no use, and were paid for


def test_a_check_that_has_judged_a_draft_is_not_run_on_it_again(keys: Any, home: Path) -> None:
    wish = Wish("refine", seat_specs(["author=groq/one", "critic=groq/two"]), checks=("echo >> ran; wc -l < ran; exit 1",))

    def rule(body: dict[str, Any], _number: int) -> str:
        if body["model"] == "one":
            draft = f"draft {len(body['messages'][-1]['content'])}"
            return f"The {draft}.\n" + json.dumps({"answer": draft, "confidence": 0.5, "reason": "r"})
        scores = dict.fromkeys(("correct", "complete", "supported", "usable"), 5)
        finding = {"severity": "major", "quote": "", "claim": "thin", "fix": "more"}
        return json.dumps({"scores": scores, "findings": [finding], "satisfied": False})

    with provider(rule) as server:
        keys(server)
        loaded = settings.load()
        single.start(prepare("Write.", (), loaded, wish)[0], loaded, FakeClock())
        lines = the_journal().read_bytes().splitlines(keepends=True)
        asked = len(server.requests)
        last = max(number for number, line in enumerate(lines) if b'"type":"call.started"' in line)
        the_journal().write_bytes(b"".join(lines[:last]))
        server.requests.clear()
        ran = len(Path("ran").read_text())
        resume()
    assert (len(server.requests), asked) == (1, 5)
    assert (ran, len(Path("ran").read_text())) == (3, 4)  # the draft that was not there yet


def test_a_complete_session_has_nothing_left_to_do(keys: Any, home: Path) -> None:
    with provider(answers) as server:
        keys(server)
        start()
        before = the_journal().read_bytes()
        with pytest.raises(Conflict) as error:
            resume()
    assert (error.value.code, the_journal().read_bytes()) == ("session.finished", before)


def test_a_session_that_runs_is_not_run_twice(keys: Any, home: Path) -> None:
    with provider(answers) as server:
        keys(server)
        start()
    (place,) = places.of_kind("loop")
    with places.held(place), pytest.raises(Conflict) as error:
        resume()
    assert error.value.code == "session.running"


def test_a_journal_that_does_not_hold_the_request_is_refused(keys: Any, home: Path) -> None:
    with provider(answers) as server:
        keys(server)
        start()
    first, *_ = the_journal().read_text().splitlines()
    event = json.loads(first)
    del event["data"]["options"]
    the_journal().write_text(json.dumps(event) + "\n")
    with pytest.raises(InvalidInput) as error:
        resume()
    assert error.value.code == "session.not_resumable"


def test_what_was_said_to_an_older_transcript_is_asked_again(keys: Any, home: Path) -> None:
    """The second seat's rebuttal failed; the judges answered without it. With it they must be asked anew."""

    def rule(body: dict[str, Any], number: int, *, broken: bool) -> str | int:
        rebuttal = "Both now reply at the same time" in body["messages"][-1]["content"]
        return 400 if broken and body["model"] == "two" and rebuttal else answers(body, number)

    run, asked = mended(keys, rule)
    assert run.status == "completed"
    assert asked == ["two", "three", "three"]


def test_the_budget_goes_on_where_it_stood(keys: Any, home: Path) -> None:
    """Failed calls were paid for: no number of resumes makes more calls than the cap."""
    with provider(lambda body, number: 400 if body["model"] == "three" else answers(body, number)) as server:
        keys(server)
        loaded = settings.load()
        request, _ = prepare("Files?", (), loaded, replace(WISH, budget=Budget(calls=ASKED_IN_ALL)))
        with pytest.raises(Degraded):
            single.start(request, loaded, FakeClock())
        for _ in range(3):
            with pytest.raises(Degraded):
                resume()
    assert len(server.requests) <= ASKED_IN_ALL


@pytest.mark.parametrize("key", ["usage", "text", "asked_model", "seat"])
def test_a_journal_whose_answers_are_not_whole_is_refused(keys: Any, home: Path, key: str) -> None:
    with provider(answers) as server:
        keys(server)
        start()
    events = [json.loads(line) for line in the_journal().read_text().splitlines()][:-1]
    for event in events:
        if event["type"] == "call.completed":
            del event["data"][key]
    the_journal().write_text("".join(f"{json.dumps(event)}\n" for event in events))
    with pytest.raises(InvalidInput) as error:
        resume()
    assert error.value.code == "session.not_resumable"
