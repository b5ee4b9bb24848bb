"""The journal is the truth: every event is on disk before anyone hears of it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from cowork.core.errors import CoworkError, InvalidInput
from cowork.sessions import journal
from cowork.sessions.journal import Journal
from tests.support import FakeClock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.jsonl"


def write(path: Path, *kinds: str) -> None:
    book = Journal(path, FakeClock())
    for kind in kinds:
        book.append(kind, {"about": kind})
    book.close()


def test_events_are_numbered_dated_and_read_back(path: Path) -> None:
    write(path, "one", "two")
    first, second = journal.read(path)
    assert first == {
        "schema": "cowork.event/1",
        "seq": 1,
        "at": "2026-01-31T08:05:00.000Z",
        "type": "one",
        "data": {"about": "one"},
    }
    assert second["seq"] == 2


def test_a_listener_hears_of_an_event_after_it_is_on_disk(path: Path) -> None:
    seen: list[int] = []
    book = Journal(path, FakeClock(), (lambda event: seen.append(len(journal.read(path)) - event["seq"]),))
    book.append("one", {})
    book.append("two", {})
    book.close()
    assert seen == [0, 0]


def test_an_event_is_forced_to_the_disk_before_anyone_hears_of_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: order.append("synced") or real(handle))
    book = Journal(path, FakeClock(), (lambda _: order.append("heard"),))
    book.append("one", {})
    book.close()
    assert order == ["synced", "heard"]


def test_a_last_line_cut_by_a_crash_is_left_out(path: Path) -> None:
    write(path, "one", "two")
    whole = path.read_bytes()
    for cut in range(whole.index(b"\n") + 1, len(whole)):
        path.write_bytes(whole[:cut])
        assert [event["type"] for event in journal.read(path)] == ["one"]


def test_a_bad_line_before_the_last_is_refused_with_its_number(path: Path) -> None:
    write(path, "one", "two", "three")
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], "garbage", lines[2], ""]))
    with pytest.raises(InvalidInput) as refused:
        journal.read(path)
    assert refused.value.code == "session.journal_corrupt"
    assert f"{path}:2" in refused.value.message


def test_text_of_any_kind_stays_on_one_line(path: Path) -> None:
    book = Journal(path, FakeClock())
    text = "a\nb\u2028c\x1b[2J \ud800 \U0001f9ec"
    book.append("said", {"text": text})
    book.close()
    assert path.read_bytes().count(b"\n") == 1
    assert json.loads(path.read_bytes())["data"]["text"] == text


def test_a_full_disk_is_an_error_that_names_the_file() -> None:
    book = Journal(Path("/dev/full"), FakeClock())
    with pytest.raises(CoworkError) as failed:
        book.append("one", {})
    book.close()
    assert failed.value.code == "file.not_writable"
    assert "/dev/full" in failed.value.message
