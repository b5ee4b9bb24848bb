"""Allowances: for one rule and exactly these bytes, with a reason."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.core.errors import Conflict, InvalidInput
from cowork.core.files import write_atomic
from cowork.install.scan import allowances
from cowork.install.scan.allowances import Allowance
from cowork.install.scan.scanner import scan
from cowork.install.tree import TreeFile
from tests.formats.fuzz import broken

DIGEST = "ab" * 32
ONE = Allowance("scan.bidi", DIGEST, "a test of ours", "2026-01-31T08:05:00.000Z", "ada")


def put(text: str) -> None:
    write_atomic(allowances.path(), text.encode())


def test_without_a_file_nothing_is_allowed_and_none_is_made(home: Path) -> None:
    assert allowances.read() == allowances.Allowances()
    assert not home.exists()


def test_what_was_added_is_read_and_sorted(home: Path) -> None:
    other = Allowance("scan.autorun_file", DIGEST, "needed", ONE.at, "ada")
    allowances.add([ONE])
    allowances.add([other])
    assert allowances.read() == allowances.Allowances((other, ONE))
    assert allowances.read().reasons[("scan.bidi", DIGEST)] == "a test of ours"
    document = json.loads((home / "scan-allowances.json").read_text())
    assert (document["version"], set(document["allowed"][0])) == (1, {"rule", "digest", "reason", "at", "by"})


def test_a_newer_reason_takes_the_place_of_the_older() -> None:
    allowances.add([ONE])
    allowances.add([Allowance(ONE.rule, ONE.digest, "a better reason", ONE.at, "bob")])
    assert [item.reason for item in allowances.read().items] == ["a better reason"]


def test_those_who_add_at_the_same_time_all_succeed() -> None:
    def add(number: int) -> None:
        allowances.add([Allowance("scan.bidi", f"{number:064x}", "r", ONE.at, "ada")])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(16)))
    assert len(allowances.read().items) == 16


BAD = {
    "no JSON": "{",
    "a list": "[]",
    "another version": '{"version": 2, "allowed": []}',
    "no list": '{"version": 1, "allowed": {}}',
    "no object in the list": '{"version": 1, "allowed": ["x"]}',
    "a field less": json.dumps({"version": 1, "allowed": [{"rule": "scan.bidi", "digest": DIGEST, "reason": "r", "at": "x"}]}),
    "no reason": json.dumps({"version": 1, "allowed": [{**ONE._asdict(), "reason": ""}]}),
    "no digest": json.dumps({"version": 1, "allowed": [{**ONE._asdict(), "digest": "*"}]}),
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_a_corrupt_file_allows_nothing_and_is_left_alone(tmp_path: Path, text: str) -> None:
    put(text)

    held = allowances.read()

    assert held.items == ()
    assert [notice.code for notice in held.notices] == ["allowances.corrupt"]
    assert str(allowances.path()) in held.notices[0].message
    with pytest.raises(InvalidInput):
        allowances.add([ONE])
    assert allowances.path().read_text() == text
    (tmp_path / "a.md").write_text("a\u202eb")
    assert scan(tmp_path, [TreeFile("a.md", 5)]).critical == 1


@settings(max_examples=50)
@given(broken({"version": 1, "allowed": [ONE._asdict()]}))
def test_any_document_is_read_or_refused(document: object) -> None:
    put(json.dumps(document))
    assert isinstance(allowances.read(), allowances.Allowances)


@settings(max_examples=30)
@given(st.text(st.characters(), min_size=1))
def test_any_reason_comes_back(reason: str) -> None:
    allowances.path().unlink(missing_ok=True)
    allowances.add([Allowance("scan.bidi", DIGEST, reason, ONE.at, "ada")])
    assert allowances.read().items[0].reason == reason


def test_a_locked_file_is_waited_for_and_then_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    from cowork.core.files import ensure_dir
    from cowork.core.locks import locked

    monkeypatch.setattr("cowork.core.locks.PATIENCE_S", 0.01)
    ensure_dir(allowances.path().parent)
    with locked(allowances.path().with_suffix(".lock")), pytest.raises(Conflict):
        allowances.add([ONE])


def test_an_allowed_finding_is_shown_with_its_reason_and_not_counted(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("a\u202eb\u200bc")
    files = [TreeFile("a.md", 9)]
    [bidi, zero] = scan(tmp_path, files).findings
    allowances.add([Allowance(bidi.rule, bidi.digest, "shown on purpose", ONE.at, "ada")])

    report = scan(tmp_path, files)

    assert [item.allowed for item in report.findings] == ["shown on purpose", None]
    assert (report.critical, report.warnings) == (0, 1)
    (tmp_path / "a.md").write_text("a\u202eb\u200bc!")
    assert scan(tmp_path, files).critical == 1
    assert zero.rule == "scan.zero_width"
