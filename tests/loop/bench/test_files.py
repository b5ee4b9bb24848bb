"""What a bench leaves behind: CSV that no spreadsheet runs, and a picture that stays well-formed whatever names are in it."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import pytest

from cowork.loop.bench.files import table
from cowork.loop.bench.plot import svg
from cowork.loop.bench.results import ArmReport, BenchReport, Row, Share

HOSTILE = '</text><script>alert("1")</script>&lt;\x00\x1b[31m\ud800\uffff\u202e'


def row(**changed: object) -> Row:
    usual = Row("debate", "q1", 1, "majority", "yes", True, 6, 6, 0, 0, 10, 5, "reported", 0.01, 1.5, ())
    return replace(usual, **changed)  # type: ignore[arg-type]


def arm(name: str, share: Share | None = None) -> ArmReport:
    seats = ("first=groq/one",)
    counts = {"runs": 1, "questions": 1, "right": 1, "undecided": 0, "degraded": 0, "failed": 0, "calls": 6}
    tokens = {"input_tokens": 10, "output_tokens": 5, "tokens_source": "reported", "usd": 0.01, "calls_per_run": 6.0}
    return ArmReport(
        name, "pattern", "debate", seats, False, None, accuracy=share, latency=None, difference=None, **counts, **tokens
    )  # type: ignore[arg-type]


def report(arms: tuple[ArmReport, ...], rows: tuple[Row, ...] = (), source: str = "q.jsonl") -> BenchReport:
    return BenchReport("id", "completed", source, 1, 1, False, 1, 1, 6, 15, 0.01, None, arms, (), rows, False, ())


def cells(*rows: Row) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table(report((arm("debate"),), rows)), newline="")))


@pytest.mark.parametrize("answer", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", '=HYPERLINK("http://x")'])
def test_a_text_that_begins_like_a_formula_gets_a_quote_before_it(answer: str) -> None:
    (found,) = cells(row(answer=answer, question=answer, problems=(answer,)))
    assert (found["answer"], found["question"], found["problems"]) == (f"'{answer}",) * 3


def test_every_run_is_one_row_and_what_is_not_known_is_empty() -> None:
    first, second = cells(row(answer='a "quote", a comma\nand a line'), row(question="q2", answer=None, usd=None, right=False))
    assert (first["arm"], first["kind"], first["right"], first["usd"]) == ("debate", "pattern", "yes", "0.01")
    assert first["answer"] == 'a "quote", a comma\nand a line'
    assert (second["answer"], second["usd"], second["right"]) == ("", "", "no")


def test_the_picture_is_well_formed_with_hostile_names() -> None:
    drawn = svg(report((arm(HOSTILE, Share(0.5, 0.25, 0.75)), arm("none")), source=HOSTILE))
    root = ElementTree.fromstring(drawn)
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags == {"svg", "title", "rect", "line", "circle", "text"}
    assert any('</text><script>alert("1")</script>' in (element.text or "") for element in root.iter())
    assert not set("\x00\x1b\u202e\uffff") & set(drawn)


def test_the_picture_has_estimate_and_interval_where_the_numbers_are() -> None:
    root = ElementTree.fromstring(svg(report((arm("debate", Share(0.5, 0.25, 0.75)),))))
    (circle,) = root.iter("{http://www.w3.org/2000/svg}circle")
    lines = [element.attrib for element in root.iter("{http://www.w3.org/2000/svg}line") if element.get("stroke") != "#dddddd"]
    axis = sorted(
        float(item.get("x1", "")) for item in root.iter("{http://www.w3.org/2000/svg}line") if item.get("stroke") == "#dddddd"
    )
    assert float(circle.attrib["cx"]) == axis[2]
    assert (float(lines[0]["x1"]), float(lines[0]["x2"])) == (axis[1], axis[3])
