"""What collectors saw before is bounded, private, and never in the way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cowork.core.files import MAX_JSON_BYTES
from cowork.twins.evidence import previous


def entry(number: int, **more: object) -> dict[str, object]:
    return {"digest": f"d{number}", "at": f"2026-01-01T00:00:{number:02}.000Z", **more}


def kept(root: Path, subject: str = "a.xml") -> list[str]:
    return [entry["digest"] for entry in previous.recall(root, "test").get(subject, [])]


def files(home: Path) -> list[Path]:
    return list((home / "cache" / "evidence-history").rglob("*.json"))


def test_reading_creates_nothing(tmp_path: Path, home: Path) -> None:
    assert previous.recall(tmp_path, "test") == {}
    assert not home.exists()


def test_entries_are_kept_in_the_order_of_their_moments_and_once_for_each_content(tmp_path: Path) -> None:
    previous.remember(tmp_path, "test", {"a.xml": [entry(2)]})
    previous.remember(tmp_path, "test", {"a.xml": [entry(1), entry(2)], "b.xml": [entry(2)]})
    assert kept(tmp_path) == ["d1", "d2"]
    assert kept(tmp_path, "b.xml") == ["d2"]


def test_the_oldest_give_way(tmp_path: Path) -> None:
    previous.remember(tmp_path, "test", {"a.xml": [entry(number) for number in range(30)]})
    assert kept(tmp_path) == [f"d{number}" for number in range(10, 30)]


def test_what_is_kept_can_be_read_again_however_much_it_was(tmp_path: Path, home: Path) -> None:
    large = "x" * (MAX_JSON_BYTES // 8)
    previous.remember(tmp_path, "test", {"a.xml": [entry(number, text=large) for number in range(20)]})
    assert files(home)[0].stat().st_size <= MAX_JSON_BYTES
    assert kept(tmp_path)[-1] == "d19"
    previous.remember(tmp_path, "test", {"c.xml": [entry(1, text="x" * (MAX_JSON_BYTES + 1))]})
    assert "c.xml" not in previous.recall(tmp_path, "test")


def test_workspaces_and_names_do_not_mix(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    previous.remember(tmp_path, "test", {"a.xml": [entry(1)]})
    assert previous.recall(tmp_path / "other", "test") == previous.recall(tmp_path, "else") == {}
    (tmp_path / "link").symlink_to(tmp_path)
    assert kept(tmp_path / "link") == ["d1"]


def test_it_is_private(tmp_path: Path, home: Path) -> None:
    previous.remember(tmp_path, "test", {"a.xml": [entry(1)]})
    assert files(home)[0].stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"subjects": 3}', '{"subjects": {"a.xml": [1, {}, {"digest": 1, "at": 2}]}}']
)
def test_what_was_damaged_is_forgotten(tmp_path: Path, home: Path, content: str) -> None:
    previous.remember(tmp_path, "test", {"a.xml": [entry(1)]})
    files(home)[0].write_text(content)
    assert kept(tmp_path) == []
    previous.remember(tmp_path, "test", {"a.xml": [entry(2)]})
    assert kept(tmp_path) == ["d2"]


def test_a_home_that_cannot_be_written_costs_only_the_history(tmp_path: Path, home: Path) -> None:
    home.write_text("a file")
    previous.remember(tmp_path, "test", {"a.xml": [entry(1)]})
    assert kept(tmp_path) == []


def test_nothing_is_written_when_nothing_is_new(tmp_path: Path, home: Path) -> None:
    previous.remember(tmp_path, "test", {"a.xml": [entry(1)]})
    before = files(home)[0].stat().st_ino
    previous.remember(tmp_path, "test", {"a.xml": [entry(1)]})
    assert files(home)[0].stat().st_ino == before
    assert json.loads(files(home)[0].read_text())["subjects"]["a.xml"] == [entry(1)]
