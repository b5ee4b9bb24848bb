"""Reading a journal: all that was finished, nothing that was not, and what is new while it grows."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.core.errors import CoworkError, InvalidInput
from cowork.sessions import journal, reading
from cowork.sessions.journal import Journal, Position, follow
from cowork.sessions.reading import Stream
from tests.support import FakeClock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.jsonl"


def line(seq: Any, **fields: Any) -> bytes:
    event = {"schema": "cowork.event/1", "seq": seq, "at": "2026-01-31T08:05:00.000Z", "type": "said", "data": {}}
    return json.dumps({**event, **fields}).encode() + b"\n"


def numbers(events: list[journal.Event]) -> list[int]:
    return [event["seq"] for event in events]


NOT_EVENTS = {
    "garbage": b"garbage\n",
    "empty": b"\n",
    "zeros": b"\0" * 4096 + b"\n",
    "no object": b"[1]\n",
    "a number": b"7\n",
    "no schema": b'{"seq": 2}\n',
    "a foreign schema": line(2, schema="other/1"),
    "a number again": line(1),
    "a number skipped": line(3),
    "a number backwards": line(0),
    "a number that is true": line(True),
    "a number with a fraction": line(2.0),
    "a number as text": line("2"),
    "data that are a list": line(2, data=[]),
    "a type that is null": line(2, type=None),
    "a time that is a number": line(2, at=5),
    "two on a line": line(2)[:-1] + line(3),
    "bad UTF-8": line(2)[:-2] + b"\xff}\n",
    "deep": b"[" * 100_000 + b"\n",
    "a long number": b'{"schema":' + b"9" * 10_000 + b"}\n",
}
each_bad = pytest.mark.parametrize("bad", NOT_EVENTS.values(), ids=NOT_EVENTS)


@each_bad
def test_a_last_line_that_is_no_event_is_left_out_and_cut_off(path: Path, bad: bytes) -> None:
    path.write_bytes(line(1) + bad)
    assert numbers(journal.read(path)) == [1]
    mended = journal.mend(path)
    assert (mended.last, mended.cut, numbers(mended.events)) == (1, len(bad), [1])
    assert path.read_bytes() == line(1)


@each_bad
def test_an_earlier_one_is_refused_with_its_line_and_nothing_is_touched(path: Path, bad: bytes) -> None:
    path.write_bytes(line(1) + bad + line(3))
    for reader in (journal.read, journal.mend):
        with pytest.raises(InvalidInput) as refused:
            reader(path)
        assert (refused.value.code, refused.value.details["line"]) == ("session.journal_corrupt", 2)
        assert f"{path}:2" in refused.value.message
    assert path.read_bytes() == line(1) + bad + line(3)


@each_bad
def test_whoever_follows_waits_at_a_bad_last_line_and_stops_at_an_earlier_one(path: Path, bad: bytes) -> None:
    path.write_bytes(line(1) + bad)
    events, position = follow(path, Position())
    assert (numbers(events), position) == ([1], Position(len(line(1)), 1))
    assert follow(path, position) == ([], position)
    with path.open("ab") as stream:
        stream.write(b"x")
    with pytest.raises(InvalidInput) as refused:
        follow(path, position)
    assert refused.value.details["line"] == 2


def test_what_a_power_failure_left_is_cut_off_whatever_its_length(path: Path) -> None:
    whole = line(1) + line(2)
    for tail in (b"\0" * 4096, line(3)[:10] + b"\0" * 100, line(3)[:-1]):
        path.write_bytes(whole + tail)
        assert journal.mend(path)[:2] == (2, len(tail))
        assert path.read_bytes() == whole
    assert journal.mend(path)[:2] == (2, 0)


def test_a_journal_of_nothing_is_empty(path: Path) -> None:
    for content, cut in ((b"", 0), (b"garbage", 7), (b"garbage\n", 8), (b"\0\0", 2)):
        path.write_bytes(content)
        assert journal.read(path) == []
        assert journal.mend(path) == (0, cut, [])


def test_after_mending_the_next_event_has_the_next_number(path: Path) -> None:
    path.write_bytes(line(1) + line(2)[:20])
    book = Journal(path, FakeClock(), after=journal.mend(path).last)
    book.append("next", {})
    book.close()
    assert numbers(journal.read(path)) == [1, 2]


def test_a_clock_that_goes_backwards_does_not_matter(path: Path) -> None:
    clock = FakeClock()
    book = Journal(path, clock)
    for _ in range(3):
        book.append("said", {})
        clock.advance(-86_400)
    book.close()
    assert numbers(journal.read(path)) == [1, 2, 3]


def test_a_line_that_is_too_long_is_no_event(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LONGEST_LINE", 200)
    monkeypatch.setattr(reading, "_PIECE", 64)
    long = line(2, data={"text": "x" * 300})
    path.write_bytes(line(1) + long)
    assert journal.mend(path)[:2] == (1, len(long))
    path.write_bytes(line(1) + long + line(3))
    with pytest.raises(InvalidInput, match=":2"):
        journal.read(path)
    events, position = follow(path, Position())
    assert numbers(events) == [1]
    with pytest.raises(InvalidInput, match=":2"):
        follow(path, position)


def test_a_disk_that_refuses_leaves_the_journal_as_it_is(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_bytes(line(1) + b"torn")

    def refused(_handle: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", refused)
    with pytest.raises(CoworkError) as error:
        journal.mend(path)
    assert error.value.code == "file.not_writable"


def test_a_growing_journal_is_followed_byte_by_byte(path: Path) -> None:
    whole = b"".join(line(number, data={"text": "ä\u2028" * number}) for number in range(1, 6))
    path.write_bytes(b"")
    seen, position = [], Position()
    with path.open("ab", buffering=0) as stream:
        for byte in whole:
            stream.write(bytes([byte]))
            events, position = follow(path, position)
            seen += events
    assert (numbers(seen), position) == ([1, 2, 3, 4, 5], Position(len(whole), 5))


def test_whoever_follows_goes_on_after_a_torn_line_was_mended(path: Path) -> None:
    path.write_bytes(line(1) + line(2)[:9])
    events, position = follow(path, Position())
    journal.mend(path)
    with path.open("ab") as stream:
        stream.write(line(2))
    more, _ = follow(path, position)
    assert numbers(events + more) == [1, 2]


def test_a_journal_that_was_replaced_by_a_shorter_one_is_noticed(path: Path) -> None:
    path.write_bytes(line(1) + line(2))
    _, position = follow(path, Position())
    path.write_bytes(line(1))
    with pytest.raises(InvalidInput, match="journal"):
        follow(path, position)


def test_a_hundred_thousand_events_are_read_well_within_two_seconds(path: Path) -> None:
    """It takes 0.3 s; the rest is for machines that are busy."""
    path.write_bytes(b"".join(line(number, data={"summary": "x" * 300}) for number in range(1, 100_001)))
    began = time.process_time()
    assert len(journal.read(path)) == 100_000
    assert time.process_time() - began < 2


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
DATA = st.dictionaries(st.text(max_size=8), VALUES, max_size=4)


@settings(max_examples=60)
@given(said=st.lists(st.tuples(st.text(min_size=1), DATA), max_size=6), tail=st.binary(max_size=40), cut=st.integers(0, 400))
def test_every_prefix_of_a_journal_with_any_tail_reads_as_its_whole_events(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[str, dict[str, Any]]], tail: bytes, cut: int
) -> None:
    path = tmp_path_factory.mktemp("journal") / "journal.jsonl"
    book = Journal(path, FakeClock())
    written = [book.append(kind, data) for kind, data in said]
    book.close()
    whole = path.read_bytes()
    assert journal.read(path) == written

    path.write_bytes(whole[:cut] + tail.replace(b"\n", b""))
    kept = path.read_bytes().count(b"\n")
    assert journal.read(path) == written[:kept]
    assert follow(path, Position())[0] == written[:kept]
    assert list(Stream(path)) == written[:kept]
    assert journal.mend(path).events == written[:kept]
    assert journal.mend(path).cut == 0


def in_pieces(size: int) -> Any:
    """Journals are read so many bytes at a time."""
    return mock.patch.object(reading, "_PIECE", size)


@settings(max_examples=200)
@given(content=st.binary(max_size=300) | st.lists(st.sampled_from([line(1), line(2), b"\n", b"{", b"\0"])).map(b"".join))
def test_whatever_the_file_holds_it_is_read_or_refused_and_all_readers_agree(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.jsonl"
    path.write_bytes(content)
    try:
        events = journal.read(path)
    except InvalidInput as error:
        assert error.code == "session.journal_corrupt"
        with pytest.raises(InvalidInput):
            journal.mend(path)
        for size in (1, 7, 4096):
            with pytest.raises(InvalidInput) as refused, in_pieces(size):
                list(Stream(path))
            assert refused.value.details == error.details
        assert path.read_bytes() == content
        return
    assert follow(path, Position())[0] == events
    for size in (1, 7, 4096):
        with in_pieces(size):
            stream = Stream(path)
            assert (list(stream), stream.size) == (events, len(content))
    mended = journal.mend(path)
    assert stream.length == path.stat().st_size
    assert (mended.events, mended.last, mended.cut + path.stat().st_size) == (events, len(events), len(content))
