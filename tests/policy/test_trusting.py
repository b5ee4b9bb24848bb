"""The record of trust: written whole, under a lock, and never over a bad one."""

from __future__ import annotations

import json
import stat
import threading
from pathlib import Path

import pytest

from cowork.core.errors import Denied, InvalidInput
from cowork.policy import trusting
from tests.support import FakeClock


def test_what_is_remembered_can_be_forgotten(home: Path) -> None:
    trusting.remember("/p", "d1", {"a": "1"}, FakeClock())
    trusting.remember("/q", "d2", {}, FakeClock())

    assert trusting.recorded() == {
        "/p": {"digest": "d1", "trusted_at": "2026-01-31T08:05:00.000Z", "files": {"a": "1"}},
        "/q": {"digest": "d2", "trusted_at": "2026-01-31T08:05:00.000Z", "files": {}},
    }
    assert stat.S_IMODE((home / "trust.json").stat().st_mode) == 0o600
    assert trusting.forget("/p")
    assert not trusting.forget("/p")
    assert list(trusting.recorded()) == ["/q"]


def test_reading_and_forgetting_what_is_not_there_makes_nothing(home: Path) -> None:
    assert trusting.recorded() == {}
    assert not trusting.forget("/p")
    assert not home.exists()


@pytest.mark.parametrize(
    "content", ["{", "[]", "{}", '{"version": 1, "projects": []}', '{"version": 1, "projects": {"/p": 1}}']
)
def test_a_bad_record_is_reported_and_never_replaced(home: Path, content: str) -> None:
    home.mkdir()
    (home / "trust.json").write_text(content)

    for change in (lambda: trusting.remember("/p", "d", {}, FakeClock()), lambda: trusting.forget("/p"), trusting.recorded):
        with pytest.raises(InvalidInput) as caught:
            change()
        assert str(home / "trust.json") in caught.value.message
    assert (home / "trust.json").read_text() == content


def test_many_may_trust_at_once_and_none_is_lost(home: Path) -> None:
    threads = [threading.Thread(target=trusting.remember, args=(f"/p{n}", "d", {}, FakeClock())) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert sorted(trusting.recorded()) == [f"/p{n}" for n in range(8)]
    assert json.loads((home / "trust.json").read_text())["version"] == 1


def test_a_refusal_says_how_to_get_on() -> None:
    error = trusting.untrusted("/p", "the hooks", "nobody said so yet")

    assert isinstance(error, Denied)
    assert (error.exit_code, error.code, error.hint) == (
        6,
        "trust.untrusted",
        "look at it and trust it: cowork config trust /p",
    )
