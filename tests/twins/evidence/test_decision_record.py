"""Decision records, in the formats in which people write them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.core.text import printable
from cowork.twins.evidence.decision_record import read_record


@pytest.mark.parametrize(
    ("text", "state", "status"),
    [
        ("---\nstatus: proposed\n---\n# T\n", "open", "proposed"),
        ('---\nstatus: "superseded by [ADR-0005](0005-x.md)"\n---\n# T\n', "superseded", "superseded by [ADR-0005](0005-x.md)"),
        ("# T\n\n## Status\n\nAccepted\n\n## Context\n\nproposed\n", "accepted", "Accepted"),
        ("# T\n\n## Status\n\nAccepted\n\nSupersedes [1. X](0001-x.md)\n", "accepted", "Accepted"),
        ("# T\n\n## Status\n\nSuperseded by [9. Y](0009-y.md)\n", "superseded", "Superseded by [9. Y](0009-y.md)"),
        ("# T\n\n## Status\n\nAccepted\n\nSuperseded by [9. Y](0009-y.md)\n", "superseded", "Accepted"),
        ("# T\n\nStatus: draft\n", "open", "draft"),
        ("# T\n\n* Status: proposed\n* Date: 2026-01-01\n", "open", "proposed"),
        ("# T\n\n**Status:** Accepted (2026-01-01)\n", "accepted", "Accepted (2026-01-01)"),
        ("# T\n\n- **Status**: In review\n", "open", "In review"),
        ("# T\n\n| Status | Rejected |\n|---|---|\n", "rejected", "Rejected"),
        ("# T\n\n## Status\n\n<!-- proposed | accepted -->\nDeprecated\n", "deprecated", "Deprecated"),
        ("# T\n\n## Status\n\n{proposed | rejected | accepted}\n", "missing", "{proposed | rejected | accepted}"),
        (
            "# T\n\n* Status: [proposed | rejected | accepted | deprecated]\n",
            "missing",
            "[proposed | rejected | accepted | deprecated]",
        ),
        ("# T\n\n## Status\n\n## Context\n", "missing", ""),
        ("# T\n\nThe status of the order is open.\n", "missing", ""),
        ("# T\n\n```yaml\nstatus: open\n```\n", "missing", ""),
        ("# T\n\nStatus: on its way\n", "unknown", "on its way"),
        ("", "missing", ""),
    ],
)
def test_the_status_is_read_where_people_put_it(text: str, state: str, status: str) -> None:
    record = read_record("docs/adr/0007-t.md", text)
    assert (record.state, record.status) == (state, status)


def test_a_record_has_the_number_of_its_file_and_the_title_of_its_text() -> None:
    record = read_record("docs/adr/adr-0012-queue.md", "# 12. Use a queue\n")
    assert (record.number, record.title) == (12, "12. Use a queue")
    assert read_record("docs/adr/plain.md", "").title == "plain.md"


@pytest.mark.parametrize(
    ("text", "by", "of"),
    [
        ("## Status\n\nSuperseded by [9. Y](0009-y.md)\n", ("docs/adr/0009-y.md",), ()),
        ("Status: superseded by ADR-0009\n", ("9",), ()),
        ("---\nstatus: superseded\nsuperseded-by: ADR-0012\n---\n", ("12",), ()),
        ("## Status\n\nAccepted\n\nSupersedes [1. X](0001-x.md)\n", (), ("docs/adr/0001-x.md",)),
        ("Status: accepted\n\nSupersedes: ADR 3, ADR 4\n", (), ("3", "4")),
        ("## Status\n\nAccepted\n\n## Decision\n\nThis replaces 3 servers.\n", (), ()),
    ],
)
def test_what_supersedes_what(text: str, by: tuple[str, ...], of: tuple[str, ...]) -> None:
    record = read_record("docs/adr/0007-t.md", text)
    assert (record.by, record.of) == (by, of)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Revisit by 2026-02-28.", date(2026, 2, 28)),
        ("TODO: decide again in March 2026", date(2026, 3, 31)),
        ("We reconsider this in Q1 2026.", date(2026, 3, 31)),
        ("Re-evaluate after 2026-02", date(2026, 2, 28)),
        ("Next review: June 5, 2026", date(2026, 6, 5)),
        ("---\nreview-by: 2026-05-01\n---\n", date(2026, 5, 1)),
        ("Revisited on 2026-01-01.", None),
        ("Reviewed 2026-01-01.", None),
        ("Revisit one day. The data is of 2026-01-01.", None),
        ("`TODO 2026-01-01`", None),
        ("Revisit by 2026-13-45.", None),
    ],
)
def test_when_it_wants_to_be_looked_at_again(text: str, day: date | None) -> None:
    assert [again.day for again in read_record("a/adr/1-t.md", text).again] == ([] if day is None else [day])


_LINES = [
    "# T",
    "## Status",
    "Accepted",
    "Status: open",
    "---",
    "status: draft",
    "<!--",
    "-->",
    "```",
    "| Status | x |",
    "Superseded by 3",
    "",
]


@settings(max_examples=50)
@given(st.lists(st.sampled_from(_LINES), max_size=10) | st.lists(st.text(max_size=30), max_size=5))
def test_any_text_is_a_record(lines: list[str]) -> None:
    record = read_record("adr/0001-x.md", "\n".join(lines))
    for words in (record.title, record.status):
        assert words == printable(words)
        assert len(words.splitlines()) <= 1
