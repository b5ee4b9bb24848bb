"""The journal is the truth: every event is on disk before anyone hears of it."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from pathlib import Path
from typing import Any

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


def forcing(monkeypatch: pytest.MonkeyPatch, order: list[str]) -> tuple[threading.Event, threading.Event]:
    """A disk that tells when it was asked to take something, and takes it once it is let."""
    asked, let = threading.Event(), threading.Event()
    real = os.fsync

    def fsync(handle: int) -> None:
        order.append("asked")
        asked.set()
        let.wait(30)
        real(handle)
        order.append("synced")

    monkeypatch.setattr(os, "fsync", fsync)
    return asked, let


def test_what_is_noted_is_in_the_file_and_heard_of_without_the_disk(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    forcing(monkeypatch, order)
    book = Journal(path, FakeClock(), (lambda event: order.append(event["type"]),))
    book.note("one", {})
    assert (order, [event["type"] for event in journal.read(path)]) == (["one"], ["one"])
    book.close()


def test_an_event_is_committed_once_it_is_on_the_disk_while_others_go_on(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []

    async def write_all() -> None:
        asked, let = forcing(monkeypatch, order)
        book = Journal(path, FakeClock(), (lambda event: order.append(f"heard {event['type']}"),))
        first = asyncio.create_task(book.commit("one", {}))
        await asyncio.to_thread(asked.wait, 30)
        order.append("others go on")
        assert (first.done(), [event["type"] for event in journal.read(path)]) == (False, ["one"])
        let.set()
        await first
        book.close()

    asyncio.run(write_all())
    assert order == ["asked", "others go on", "synced", "heard one"]


def test_what_is_committed_at_the_same_time_is_forced_to_the_disk_together(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []

    async def write_all() -> None:
        asked, let = forcing(monkeypatch, order)
        book = Journal(path, FakeClock(), (lambda event: order.append(event["type"]),))
        first = asyncio.create_task(book.commit("first", {}))
        await asyncio.to_thread(asked.wait, 30)
        late = [asyncio.create_task(book.commit(f"late {number}", {})) for number in range(3)]
        await asyncio.sleep(0)  # they have begun
        book.note("noted", {})
        let.set()
        await asyncio.gather(first, *late)
        book.close()

    asyncio.run(write_all())
    # The first time on the disk began before the others were written, and says nothing of them. All are heard in their order.
    assert order == ["asked", "synced", "first", "asked", "synced", "late 0", "late 1", "late 2", "noted"]


def test_who_is_cancelled_while_it_commits_does_not_take_the_others_along(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def write_all() -> list[bool]:
        asked, let = forcing(monkeypatch, [])
        book = Journal(path, FakeClock())
        tasks = [asyncio.create_task(book.commit(kind, {})) for kind in ("one", "two")]
        await asyncio.to_thread(asked.wait, 30)
        tasks[0].cancel()
        let.set()
        await asyncio.gather(*tasks, return_exceptions=True)
        book.close()
        return [task.cancelled() for task in tasks]

    assert asyncio.run(write_all()) == [True, False]
    assert [event["type"] for event in journal.read(path)] == ["one", "two"]


def test_an_append_beside_a_commit_keeps_the_order_and_waits_for_the_disk(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[int] = []

    async def write_all() -> None:
        asked, let = forcing(monkeypatch, [])
        book = Journal(path, FakeClock(), (lambda event: heard.append(event["seq"]),))
        first = asyncio.create_task(book.commit("one", {}))
        await asyncio.to_thread(asked.wait, 30)
        let.set()
        book.append("two", {})
        await first
        book.close()

    asyncio.run(write_all())
    assert heard == [1, 2]


def test_a_disk_that_fails_is_heard_of_by_all_who_commit(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fsync(_handle: int) -> None:
        raise OSError(5, "Input/output error")

    async def write_all() -> list[Any]:
        book = Journal(path, FakeClock())
        monkeypatch.setattr(os, "fsync", fsync)
        failed = await asyncio.gather(book.commit("one", {}), book.commit("two", {}), return_exceptions=True)
        book.close()
        return [getattr(error, "code", error) for error in failed]

    assert asyncio.run(write_all()) == ["file.not_writable"] * 2


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
