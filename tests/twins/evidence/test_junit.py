"""JUnit XML in the dialects that tools write."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.core.text import one_line
from cowork.twins.evidence.junit import Case, NotJunit, parse

PYTEST = b"""<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" errors="0"
 failures="1"
 skipped="1" tests="4" time="0.05" timestamp="2026-02-28T22:17:39.000000+01:00" hostname="h">
<testcase classname="tests.test_a" name="test_ok" time="0.001" /><testcase classname="tests.test_a" name="test_no"
 time="0.002">
<failure message="AssertionError: assert 1 == 2&#10;  +  where 1 = f()">def test_no(): ...</failure></testcase>
<testcase classname="tests.test_a" name="test_skip" time="0"><skipped type="pytest.skip"
 message="no network">x</skipped></testcase>
<testcase classname="tests.test_a" name="test_setup" time="0.1"><error
 message="failed on setup with &quot;OSError&quot;">y</error>
</testcase></testsuite></testsuites>"""

SUREFIRE = b"""<testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" name="a.FooTest" time="1,234.5" tests="3">
<properties><property name="java.version" value="21"/></properties>
<testcase name="flaky" classname="a.FooTest" time="0.5"><flakyFailure message="boom"
 type="E"><stackTrace>..</stackTrace></flakyFailure>
<flakyError type="E"/></testcase>
<testcase name="bad" classname="a.FooTest" time="1,234"><failure type="java.lang.AssertionError">trace</failure>
<rerunFailure message="boom" type="E"/></testcase><testcase name="off"
 classname="a.FooTest"><skipped/></testcase></testsuite>"""

GO = b"""<testsuites tests="2" failures="1"><testsuite name="example.com/shop" tests="2" failures="1" time="0.2">
<testcase name="TestA" classname="example.com/shop" time="0.100"></testcase>
<testcase name="TestB" classname="example.com/shop" time="0.100"><failure message="Failed" type=""><![CDATA[
    shop_test.go:12: got 3, want 4]]></failure></testcase></testsuite></testsuites>"""

JEST = b"""<testsuites name="jest tests" tests="1" failures="1" errors="0" time="2"><testsuite name="cart"
 timestamp="2026-03-01T10:00:00">
<testcase classname="cart adds" name="cart adds" time="0.01"><failure>Error: expect(received).toBe(expected)
 at x</failure></testcase></testsuite></testsuites>"""

NESTED = b"""<testsuites><testsuite name="outer"><testsuite name="inner"><testcase name="one"/></testsuite><testcase
 name="two"/>
</testsuite></testsuites>"""

GTEST = b"""<testsuites><testsuite name="S"><testcase name="a" status="notrun" classname="S"/>
<testcase name="b" status="run" result="skipped" classname="S"/><testcase name="c" status="run"
 classname="S"/></testsuite></testsuites>"""


def outcomes(data: bytes) -> dict[str, str]:
    return {case.id: case.outcome for case in parse(data).cases}


def test_pytest() -> None:
    report = parse(PYTEST)
    assert report.at == datetime(2026, 2, 28, 21, 17, 39, tzinfo=UTC)
    assert report.cases[1] == Case("tests.test_a::test_no", "failed", 0.002, "AssertionError: assert 1 == 2")
    assert [(case.outcome, case.message) for case in report.cases[2:]] == [
        ("skipped", "no network"),
        ("failed", 'failed on setup with "OSError"'),
    ]


def test_surefire_tells_of_attempts() -> None:
    flaky, bad, off = parse(SUREFIRE).cases
    assert (flaky.outcome, flaky.failed_before) == ("passed", 2)
    assert (bad.outcome, bad.failed_before, bad.seconds, bad.message) == ("failed", 1, 1234.0, "java.lang.AssertionError")
    assert off.outcome == "skipped"


def test_go_says_why_in_its_text() -> None:
    assert outcomes(GO) == {"example.com/shop::TestA": "passed", "example.com/shop::TestB": "failed"}
    assert parse(GO).cases[1].message == "shop_test.go:12: got 3, want 4"


def test_jest_and_nested_suites_and_google_test() -> None:
    assert parse(JEST).cases[0].message == "Error: expect(received).toBe(expected)"
    assert outcomes(NESTED) == {"inner::one": "passed", "outer::two": "passed"}
    assert outcomes(GTEST) == {"S::a": "skipped", "S::b": "skipped", "S::c": "passed"}


def test_one_that_is_cut_off_keeps_what_came_before() -> None:
    report = parse(PYTEST[: PYTEST.index(b'<testcase classname="tests.test_a" name="test_skip"')])
    assert [case.outcome for case in report.cases] == ["passed", "failed"]
    assert report.broken.startswith("no element found, line")
    assert parse(b"").broken


@pytest.mark.parametrize("data", [b"<coverage/>", b"<html><body>", b"not XML", b"<!DOCTYPE x [<!ENTITY a 'b'>]><report/>"])
def test_other_files_are_none(data: bytes) -> None:
    with pytest.raises(NotJunit):
        parse(data)


def test_entities_are_told_and_not_expanded() -> None:
    report = parse(b"<!DOCTYPE testsuite [<!ENTITY a 'ha'>]><testsuite name='x'><testcase name='&a;'/></testsuite>")
    assert report.cases == ()
    assert "document type" in report.broken


@pytest.mark.parametrize("time", ["", "nan", "inf", "-1", "x", "1e999"])
def test_times_that_are_none_are_zero(time: str) -> None:
    assert parse(f"<testsuite><testcase name='a' time='{time}'/></testsuite>".encode()).cases[0].seconds == 0


_ATTRIBUTES = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=20)
_CASES = st.lists(
    st.tuples(_ATTRIBUTES, st.sampled_from(["", "<failure/>", "<error/>", "<skipped/>", "<flakyFailure/>"])), max_size=8
)


@given(_CASES)
def test_every_case_is_told_once_with_its_outcome(cases: list[tuple[str, str]]) -> None:
    body = "".join(f"<testcase name={quoteattr(name)} classname='c'>{inner}</testcase>" for name, inner in cases)
    told = parse(f"<testsuite>{body}</testsuite>".encode()).cases
    meaning = {"": "passed", "<flakyFailure/>": "passed", "<skipped/>": "skipped", "<failure/>": "failed", "<error/>": "failed"}
    assert [case.outcome for case in told] == [meaning[inner] for _, inner in cases]
    assert all(case.id == one_line(case.id, 1000) for case in told)


@given(st.binary(max_size=200), st.integers(0, len(PYTEST)), st.integers(0, 50))
def test_damage_never_raises(noise: bytes, at: int, removed: int) -> None:
    for data in (PYTEST[:at] + noise + PYTEST[at + removed :], noise):
        try:
            report = parse(data)
        except NotJunit:
            continue
        assert report.broken or report.cases or data
