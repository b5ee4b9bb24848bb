"""Requests to a run: none is lost, none overtakes another, and what is no request harms nobody."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.core.errors import CoworkError, InvalidInput
from cowork.loop.control import inbox as inboxes
from cowork.loop.control import requests
from cowork.loop.control.inbox import Inbox, post
from cowork.sessions import places
from cowork.sessions.places import Workplace
from tests.support import ROOT, FakeClock


@pytest.fixture
def place() -> Workplace:
    made = places.create("20260131-080500-aaaaaa")
    made.journal.touch()
    return made


def wishes(found: list[requests.Request]) -> list[str]:
    return [request.wish for request in found]


def test_requests_are_taken_in_the_order_in_which_they_were_made(place: Workplace) -> None:
    for wish in ("pause", "resume", "stop"):
        post(place, wish)
    post(place, "answer", task="t-1", text='"yes" & $(no)\n')
    post(place, "limits", iterations=0, usd=1.5, tokens=None)
    found = Inbox(place).take()
    assert wishes(found) == ["pause", "resume", "stop", "answer", "limits"]
    assert found[3].data == {"task": "t-1", "text": '"yes" & $(no)\n'}
    assert found[4].data == {"iterations": 0, "usd": 1.5, "tokens": None}
    assert Inbox(place).take() == []


def test_the_thousandth_comes_after_the_ninth_and_the_millionth_after_it(place: Workplace) -> None:
    posted = post(place, "pause")
    (place.inbox / posted.name).rename(place.inbox / f"999999-{posted.id}.json")
    post(place, "stop")
    assert wishes(Inbox(place).take()) == ["pause", "stop"]


def test_what_was_peeked_at_is_there_until_it_is_done(place: Workplace) -> None:
    """As after a kill between the journal and the removal."""
    posted = post(place, "pause")
    assert Inbox(place).peek() == Inbox(place).peek() == [posted]
    box = Inbox(place)
    box.done(posted)
    box.done(posted)
    assert not box.waiting()


def test_of_requests_from_before_answers_and_limits_hold_and_steering_is_forgotten(place: Workplace) -> None:
    for wish in ("pause", "stop", "resume", "cancel"):
        post(place, wish)
    post(place, "answer", task=None, text="yes")
    post(place, "limits", usd=2)
    assert wishes(Inbox(place).left()) == wishes(Inbox(place).peek()) == ["answer", "limits"]


def test_a_request_has_an_identity_of_its_own_also_when_numbers_begin_anew(place: Workplace) -> None:
    first = post(place, "pause")
    Inbox(place).take()
    second = post(place, "pause")
    assert first.name.split("-")[0] == second.name.split("-")[0]
    assert first.id != second.id


def test_sixteen_processes_post_at_once_and_nothing_is_lost(place: Workplace) -> None:
    script = (
        "import sys\nfrom pathlib import Path\nfrom cowork.loop.control.inbox import post\n"
        "from cowork.sessions.places import Workplace\nplace = Workplace(sys.argv[1], Path(sys.argv[2]))\n"
        "for n in range(5): post(place, 'answer', task=None, text=f'{sys.argv[3]} {n}')"
    )
    words = [sys.executable, "-c", script, place.session_id, str(place.path)]
    posting = [subprocess.Popen([*words, str(number)], cwd=ROOT) for number in range(16)]
    assert [one.wait(60) for one in posting] == [0] * 16
    said = [request.data["text"] for request in Inbox(place).take()]
    assert len(said) == len(set(said)) == 80
    for number in range(16):
        assert [text for text in said if text.split()[0] == str(number)] == [f"{number} {n}" for n in range(5)]


@pytest.mark.parametrize(
    ("wish", "data"),
    [
        ("dance", {}), ("pause", {"now": True}), ("answer", {}), ("answer", {"text": " \n"}), ("answer", {"text": 1}),
        ("answer", {"task": 1, "text": "x"}), ("answer", {"text": "x", "more": 1}), ("limits", {}), ("limits", {"cups": 3}),
        ("limits", {"iterations": None}), ("limits", {"iterations": 1.5}), ("limits", {"iterations": True}),
        ("limits", {"usd": -1}), ("limits", {"usd": float("nan")}), ("limits", {"usd": float("inf")}),
        ("limits", {"seconds": "1"}), ("answer", {"text": "x" * requests.MOST_BYTES}),
    ],
)  # fmt: skip
def test_what_nobody_can_wish_is_refused_and_nothing_is_written(place: Workplace, wish: Any, data: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as refused:
        post(place, wish, **data)
    assert refused.value.code == "loop.bad_request"
    assert not place.inbox.exists()


def test_a_session_that_is_none_gets_no_request(home: Path) -> None:
    with pytest.raises(CoworkError) as refused:
        post(Workplace("nope", home / "sessions" / "nope"), "pause")
    assert (refused.value.exit_code, home.exists()) == (3, False)


def test_an_inbox_that_cannot_be_written_is_an_error_that_names_it(place: Workplace) -> None:
    place.inbox.write_text("a file")
    with pytest.raises(CoworkError) as refused:
        post(place, "pause")
    assert refused.value.code == "file.not_writable"
    assert not Inbox(place).waiting()


BAD = {
    "000001-00000000.json": b"{",
    "000002-00000000.json": b"[]",
    "000003-00000000.json": b'{"id":"x","wish":"dance","data":{}}',
    "000004-00000000.json": b'{"id":"x","wish":"pause","data":{},"more":1}',
    "000005-00000000.json": b"\xff\xfe",
    "000006-00000000.json": b"[" * 100_000,
    "000007-00000000.json": b'{"id":"x","wish":"answer","data":{"text":"' + b"x" * requests.MOST_BYTES + b'"}}',
    "readme.txt": b"hello",
}


def test_what_is_no_request_is_set_aside_and_reported_and_the_rest_is_taken(place: Workplace) -> None:
    post(place, "pause")
    for name, content in BAD.items():
        (place.inbox / name).write_bytes(content)
    good = place.path / "good.json"
    good.write_bytes(requests.written("x", "cancel", {}))
    (place.inbox / "000008-00000000.json").symlink_to(good)
    os.mkfifo(place.inbox / "000009-00000000.json")
    (place.inbox / "000010-00000000.json").mkdir()
    post(place, "stop")

    box = Inbox(place)
    assert wishes(box.take()) == ["pause", "stop"]
    bad = box.bad()
    assert {one.name for one in bad} == {*BAD, *(f"{number:06d}-00000000.json" for number in (8, 9, 10))}
    assert all(one.reason and os.path.lexists(one.path) for one in bad)
    assert (box.bad(), box.waiting(), box.peek()) == ([], False, [])
    assert place.journal.is_file()


def test_what_cannot_be_set_aside_is_reported_once_and_wakes_nobody(place: Workplace) -> None:
    place.inbox.mkdir()
    (place.inbox / "bad").write_text("x")
    (place.inbox / ".aside").write_text("in the way")
    box = Inbox(place)
    assert box.peek() == box.peek() == []
    assert [one.path for one in box.bad()] == [str(place.inbox / "bad")]
    assert not box.waiting()


def test_what_is_still_being_written_is_not_seen(place: Workplace) -> None:
    place.inbox.mkdir()
    (place.inbox / ".000001-00000000.json.17").write_text("{")
    assert not Inbox(place).waiting()


def test_whoever_watches_hears_of_a_request_and_lets_others_work_meanwhile(place: Workplace) -> None:
    clock = FakeClock()

    async def run() -> list[str]:
        box = Inbox(place)
        watching = asyncio.create_task(box.watch(clock, 0.5))
        for _ in range(5):
            await asyncio.sleep(0)
        assert not watching.done()
        post(place, "pause")
        await watching
        return wishes(box.take())

    assert asyncio.run(run()) == ["pause"]
    assert set(clock.slept) == {0.5}


@settings(max_examples=200)
@given(content=st.binary(max_size=80) | st.builds(lambda value: json.dumps(value).encode(), st.fixed_dictionaries({
    "id": st.text(max_size=4), "wish": st.sampled_from([*requests.WISHES, "x"]), "data": st.dictionaries(
        st.sampled_from(["task", "text", "usd", "iterations"]), st.none() | st.integers() | st.floats() | st.text(max_size=4)),
})))  # fmt: skip
def test_any_content_is_a_request_that_can_be_written_again_or_is_refused(content: bytes) -> None:
    try:
        found = requests.parsed("000001-00000000.json", content)
    except InvalidInput as error:
        assert error.code == "loop.bad_request"
        return
    assert requests.parsed(found.name, requests.written(found.id, found.wish, found.data)) == found


def test_names_of_files_are_ordered_by_number(place: Workplace) -> None:
    assert sorted(["1000000-a.json", "0000002-00000000.json", "000010-00000000.json"], key=inboxes._order)[1:] == [
        "0000002-00000000.json",
        "000010-00000000.json",
    ]


def test_what_came_after_somebody_took_over_is_meant_for_him(place: Workplace) -> None:
    post(place, "stop")
    post(place, "limits", iterations=3)
    inbox = Inbox(place)
    before = inbox.names()
    post(place, "pause")
    assert [request.wish for request in inbox.left(before)] == ["limits", "pause"]
    assert [request.wish for request in inbox.peek()] == ["limits", "pause"]
