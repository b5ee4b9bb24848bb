"""`admin audit`: what it lists, in which order, and what it makes of lines that are none."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.core.clock import rfc3339
from cowork.core.errors import UsageError
from cowork.policy.audit_log import moment, parse_line, read_log
from tests.support import FakeClock, run_here

NOW = datetime(2026, 1, 31, 8, 5, tzinfo=UTC)


def line(ago_s: float, **more: Any) -> str:
    fields = {
        "at": rfc3339(NOW - timedelta(seconds=ago_s)),
        "who": "ada",
        "uid": 1000,
        "pid": 7,
        "verb": "pack enable",
        "pack": None,
        "connector": None,
        "source": None,
        "what": None,
        "verdict": "allowed",
        "rule": "default",
        "reason": "nothing forbids it",
    }
    return json.dumps({**fields, **more}) + "\n"


def put(home: Path, text: str, name: str = "audit.jsonl") -> Path:
    home.mkdir(exist_ok=True)
    (home / name).write_text(text)
    return home / name


def packs(**how: Any) -> list[str | None]:
    return [item.pack for item in read_log(FakeClock(NOW), **{"limit": 50, **how})[0].items]


def test_without_a_log_nothing_is_listed_and_nothing_is_made(home: Path) -> None:
    found, notices = read_log(FakeClock(NOW), limit=50)
    assert (found.items, found.count, found.matched, notices) == ((), 0, 0, ())
    assert run_here("admin", "audit").out.startswith("nothing is logged")
    assert not home.exists()


def test_decisions_are_sorted_by_time_with_the_newest_last_whatever_file_they_are_in(home: Path) -> None:
    put(home, line(5, pack="e") + line(7, pack="d"))
    put(home, line(30, pack="b") + line(20, pack="c"), "audit-20260131T080000Z.jsonl")
    put(home, line(40, pack="a"), "audit-20260130T080000Z.jsonl")
    put(home, line(1, pack="no log"), "audit-notes.txt")
    assert packs() == ["a", "b", "c", "d", "e"]


def test_the_limit_takes_the_newest_and_says_how_many_there_are(home: Path) -> None:
    put(home, "".join(line(100 - number, pack=str(number)) for number in range(100)))
    found, _ = read_log(FakeClock(NOW), limit=3)
    assert [item.pack for item in found.items] == ["97", "98", "99"]
    assert (found.count, found.matched) == (3, 100)


def test_decisions_of_one_moment_keep_their_order(home: Path) -> None:
    put(home, "".join(line(1, pack=str(number)) for number in range(5)))
    assert packs(limit=2) == ["3", "4"]


def test_decisions_can_be_chosen_by_verdict_pack_and_time(home: Path) -> None:
    put(
        home,
        line(3 * 86_400, pack="a")
        + line(7200, pack="b-pack", verdict="denied")
        + line(60, pack="c")
        + line(1, verdict="denied"),
    )
    assert packs(verdict="denied") == ["b-pack", None]
    assert packs(verdict="allowed") == ["a", "c"]
    assert packs(pack="b") == ["b-pack"]  # a pack is known with and without -pack
    assert packs(since="2d") == ["b-pack", "c", None]
    assert packs(since="2h") == ["b-pack", "c", None]
    assert packs(since="7199s") == ["c", None]
    assert packs(since="2026-01-31T08:04:00Z") == ["c", None]
    assert packs(since="2026-01-31T09:04:00+01:00") == ["c", None]
    assert packs(since="1w", verdict="allowed", pack="c") == ["c"]


def test_a_torn_last_line_is_reported_and_takes_nothing_with_it(home: Path) -> None:
    path = put(home, line(2, pack="a") + line(1, pack="b") + line(0)[:40])
    found, notices = read_log(FakeClock(NOW), limit=50)
    assert [item.pack for item in found.items] == ["a", "b"]
    [notice] = notices
    assert notice.code == "audit.bad_line"
    assert notice.message.startswith(f"{path}: line 3 is cut off")


def test_lines_that_are_none_are_counted_in_one_warning(home: Path) -> None:
    put(home, "x\n" * 500 + line(1, pack="a") + "\n" + '{"at": 1}\n' + "\x00\n" + "z" * 200_000)
    found, [notice] = read_log(FakeClock(NOW), limit=50)
    assert [item.pack for item in found.items] == ["a"]
    assert "lines, the first of them line 1, are cut off" in notice.message


@pytest.mark.parametrize(
    "change",
    [
        {"at": "yesterday"},
        {"at": "2026-01-31T08:05:00"},
        {"at": None},
        {"who": 1},
        {"uid": "0"},
        {"uid": True},
        {"pid": 1.5},
        {"pack": 1},
        {"verdict": "maybe"},
        {"rule": None},
    ],
)
def test_a_line_whose_fields_are_of_another_kind_is_none(change: dict[str, Any]) -> None:
    assert parse_line(line(0).encode()) is not None
    assert parse_line(line(0, **change).encode()) is None


def test_a_line_of_a_later_version_is_read_without_what_is_new() -> None:
    found = parse_line(line(0, colour="red").encode())
    assert found is not None
    assert found[1].who == "ada"


@given(st.binary() | st.text().map(str.encode) | st.recursive(st.none(), st.lists).map(lambda item: json.dumps(item).encode()))
def test_reading_a_line_raises_nothing(raw: bytes) -> None:
    parse_line(raw)


@pytest.mark.parametrize(
    ("text", "ago"),
    [("90s", 90), ("30m", 1800), ("12h", 43_200), ("7d", 604_800), ("2w", 1_209_600), (" 1d ", 86_400), ("0s", 0)],
)
def test_a_span_is_so_long_ago(text: str, ago: int) -> None:
    assert moment(text, NOW) == NOW - timedelta(seconds=ago)


@pytest.mark.parametrize("text", ["", "yesterday", "7", "d", "-1d", "7 d", "1.5h", "999999w", "2026-13-01T00:00:00Z"])
def test_what_is_no_moment_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        moment(text, NOW)
    assert caught.value.code == "audit.bad_since"


@given(st.text(max_size=12) | st.from_regex(r"[0-9]{0,8}[smhdw]", fullmatch=True))
def test_any_text_is_a_moment_or_a_usage_error(text: str) -> None:
    try:
        assert moment(text, NOW).tzinfo is not None
    except UsageError as error:
        assert error.code == "audit.bad_since"


def test_the_verb_lists_what_the_gate_decided(home: Path) -> None:
    assert run_here("pack", "disable", "devops").code == 0
    (home / "policies.json").write_text('{"packs": {"blocked": ["devops"]}}')
    assert run_here("pack", "enable", "devops").code == 6

    data = run_here("admin", "audit", "--json").data
    assert [(item["verb"], item["verdict"], item["rule"]) for item in data["items"]] == [
        ("pack disable", "allowed", "default"),
        ("pack enable", "denied", "packs.blocked"),
    ]
    assert run_here("admin", "audit", "--verdict", "denied", "--since", "1h", "--json").data["matched"] == 1
    page = run_here("admin", "audit", "--limit", "1").out
    assert "pack enable devops" in page
    assert "pack disable" not in page
    assert "the newest 1 of 2" in page
