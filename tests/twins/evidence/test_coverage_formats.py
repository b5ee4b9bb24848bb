"""Coverage reports in the formats that tools write."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.twins.evidence.coverage_formats import parse
from cowork.twins.evidence.covered import Covered, NotCoverage

COVERAGE_PY = b"""<?xml version="1.0" ?>
<coverage version="7.6.1" timestamp="1772280000000" lines-valid="4" lines-covered="3" line-rate="0.75" branches-covered="1"
 branches-valid="2" branch-rate="0.5" complexity="0"><sources><source>/src</source></sources>
<packages><package name="." line-rate="0.75" branch-rate="0.5" complexity="0"><classes>
<class name="shop.py" filename="shop.py" complexity="0" line-rate="0.75" branch-rate="0.5"><methods/><lines>
<line number="1" hits="1"/><line number="2" hits="1" branch="true" condition-coverage="50% (1/2)" missing-branches="4"/>
<line number="3" hits="1"/><line number="4" hits="0"/></lines></class></classes></package></packages></coverage>"""

COBERTURA = b"""<?xml version="1.0"?><!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">
<coverage line-rate="0.5" branch-rate="0" version="1.9" timestamp="1772280000"><packages><package name="a"><classes>
<class name="a.Foo" filename="a/Foo.java" line-rate="0.5"><methods><method name="f" signature="()V"><lines>
<line number="1" hits="9"/></lines></method></methods><lines>
<line number="1" hits="9"/><line number="2" hits="0"/></lines></class>
<class name="a.Foo$In" filename="a/Foo.java"><methods/><lines>
<line number="2" hits="1"/><line number="7" hits="0"/></lines></class>
</classes></package></packages></coverage>"""

JACOCO = b"""<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd">
<report name="shop"><sessioninfo id="h" start="1772270000000" dump="1772280000000"/><group name="core"><package name="com/acme">
<class name="com/acme/Foo" sourcefilename="Foo.java"><method name="f" desc="()V" line="3">
<counter type="LINE" missed="1" covered="1"/></method><counter type="LINE" missed="1" covered="3"/></class>
<sourcefile name="Foo.java"><line nr="3" mi="0" ci="2" mb="1" cb="1"/><counter type="INSTRUCTION" missed="5" covered="9"/>
<counter type="BRANCH" missed="1" covered="1"/><counter type="LINE" missed="1" covered="3"/></sourcefile>
<counter type="LINE" missed="1" covered="3"/></package></group><counter type="LINE" missed="1" covered="3"/></report>"""

LCOV = b"""TN:
SF:src/a.js
FN:1,f
FNDA:2,f
DA:1,2
DA:2,0
DA:3,-
BRDA:1,0,0,2
BRDA:1,0,1,-
BRF:2
BRH:1
LF:3
LH:1
end_of_record
SF:src/b.js
LF:10
LH:4
end_of_record
"""

MOMENT = datetime(2026, 2, 28, 12, 0, tzinfo=UTC)


def test_coverage_py() -> None:
    report = parse(COVERAGE_PY)
    assert (report.format, report.at, report.broken) == ("Cobertura", MOMENT, "")
    assert dict(report.files) == {"shop.py": Covered(4, 3, 2, 1)}
    assert (report.files["shop.py"].line_rate, report.files["shop.py"].branch_rate) == (75.0, 50.0)


def test_cobertura_counts_a_line_once_however_often_it_is_told() -> None:
    report = parse(COBERTURA)
    assert dict(report.files) == {"a/Foo.java": Covered(3, 2)}
    assert report.at == MOMENT


def test_jacoco_counts_source_files() -> None:
    report = parse(JACOCO)
    assert (report.format, report.at) == ("JaCoCo", MOMENT)
    assert dict(report.files) == {"com/acme/Foo.java": Covered(4, 3, 2, 1)}


def test_lcov_by_lines_or_else_by_counts() -> None:
    report = parse(LCOV)
    assert (report.format, report.at, report.broken) == ("lcov", None, "")
    assert dict(report.files) == {"src/a.js": Covered(3, 1, 2, 1), "src/b.js": Covered(10, 4)}


def test_one_that_is_cut_off_keeps_what_came_before() -> None:
    cut = parse(COVERAGE_PY[: COVERAGE_PY.index(b'<line number="4"')])
    assert dict(cut.files) == {"shop.py": Covered(3, 3, 2, 1)}
    assert cut.broken.startswith("no element found")
    assert parse(LCOV[: LCOV.index(b"BRF")]).broken == "it is cut off"


def test_entities_are_refused() -> None:
    with pytest.raises(NotCoverage):
        parse(b'<!DOCTYPE coverage [<!ENTITY a "b">]><coverage line-rate="1"/>')


@pytest.mark.parametrize(
    "data", [b"", b"text", b"<testsuite/>", b"<report/>", b'<coverage generated="1"><project/></coverage>', b"\x00\x01"]
)
def test_other_files_are_none(data: bytes) -> None:
    with pytest.raises(NotCoverage):
        parse(data)


def consistent(data: bytes) -> None:
    try:
        report = parse(data)
    except NotCoverage:
        return
    for covered in report.files.values():
        assert 0 <= covered.lines_run <= covered.lines
        assert 0 <= covered.branches_run <= covered.branches
        assert covered.line_rate is None or 0 <= covered.line_rate <= 100


@given(st.sampled_from([COVERAGE_PY, COBERTURA, JACOCO, LCOV]), st.binary(max_size=60), st.integers(0, 900), st.integers(0, 40))
def test_damage_never_raises_and_parts_never_exceed_their_whole(sample: bytes, noise: bytes, at: int, removed: int) -> None:
    consistent(sample[:at] + noise + sample[at + removed :])


_ROWS = st.sampled_from(
    "SF:a|DA:1,1|DA:x|DA:1,-5|LF:3|LH:9|BRF:1|BRH:7|BRDA:1,0,0,-|BRDA:2,,,3|end_of_record|DA|:|LF:".split("|")
)


@given(st.lists(_ROWS, max_size=20))
def test_any_rows_of_lcov_are_consistent(rows: list[str]) -> None:
    consistent("\n".join(["TN:", *rows]).encode())
