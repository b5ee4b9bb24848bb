"""Decisions that wait: overdue, open, superseded by nothing, without a status."""

from __future__ import annotations

import pytest

from cowork.twins.evidence.open_decisions import collect
from tests.twins.evidence.places import Place, texts


def test_open_decisions_are_told_by_age_with_their_author(place: Place) -> None:
    place.commit("2026-03-01", author="Bea", **{"docs/adr/0002-b.md": "# B\n\n## Status\n\nProposed\n"})
    place.commit(
        "2026-03-20",
        author="Cid",
        **{"docs/adr/0003-c.md": "# C\n\nStatus: draft\n", "docs/adr/0001-a.md": "# A\n\nStatus: accepted\n"},
    )
    place.commit("2026-03-30", author="Dan", **{"docs/adr/0002-b.md": "# B\n\n## Status\n\nProposed\n\nMore.\n"})
    found = place.collect(collect)
    assert texts(found) == [
        "docs/adr/0002-b.md “B” is still open: Proposed; added 30 days ago by Bea, last changed 1 day ago",
        "docs/adr/0003-c.md “C” is still open: draft; added 11 days ago by Cid, last changed 11 days ago",
    ]
    assert found.facts[0].data["days"] == 30
    assert found.summary == "3 decision records: 2 open, 1 accepted."


def test_a_record_that_was_renamed_keeps_its_age(place: Place) -> None:
    place.commit("2026-01-01", **{"docs/adr/0001-draft.md": "# A\n\nStatus: proposed\n" + "word\n" * 20})
    place.git("mv", "docs/adr/0001-draft.md", "docs/adr/0001-queue.md")
    place.commit("2026-03-01")
    assert "added 89 days ago by Ann, last changed 30 days ago" in texts(place.collect(collect))[0]


def test_dates_that_have_passed_come_first(place: Place) -> None:
    place.write(
        {
            "adr/0001-a.md": "# A\n\nStatus: accepted\n\nRevisit by 2026-03-21.\n",
            "adr/0002-b.md": "# B\n\nStatus: proposed\n",
            "adr/0003-c.md": "# C\n\nStatus: accepted\n\nRevisit by 2026-04-01.\n",
            "adr/0004-d.md": "# D\n\nStatus: rejected\n\nRevisit by 2025-04-01.\n",
        }
    ).commit("2026-03-31")
    found = place.collect(collect)
    assert texts(found)[0] == "adr/0001-a.md:5 “A” was to be looked at again, 10 days ago: “Revisit by 2026-03-21.”"
    assert [fact.data["kind"] for fact in found.facts] == ["overdue", "open"]
    assert found.figures["overdue"] == 1


def test_chains_that_do_not_hold_together(place: Place) -> None:
    place.write(
        {
            "doc/adr/0001-a.md": "# A\n\n## Status\n\nSuperseded by [2. B](0002-b.md)\n",
            "doc/adr/0002-b.md": "# B\n\n## Status\n\nAccepted\n\nSupersedes [1. A](0001-a.md)\n",
            "doc/adr/0003-c.md": "# C\n\n## Status\n\nSuperseded by [9. Z](0009-z.md)\n",
            "doc/adr/0004-d.md": "# D\n\n## Status\n\nAccepted\n",
            "doc/adr/0005-e.md": "# E\n\n## Status\n\nAccepted\n\nSupersedes ADR-4\n",
            "doc/adr/0006-f.md": "# F\n\n## Status\n\nSuperseded by [policy](../policy.md)\n",
        }
    ).commit("2026-03-31")
    assert texts(place.collect(collect)) == [
        "doc/adr/0003-c.md “C” is superseded by doc/adr/0009-z.md, which is not there",
        "doc/adr/0004-d.md says Accepted, and doc/adr/0005-e.md supersedes it",
    ]


def test_records_without_a_status_are_one_fact_where_that_is_the_habit(place: Place) -> None:
    place.write({f"docs/decisions/000{number}-x.md": f"# X{number}\n" for number in range(2)}).commit("2026-03-31")
    assert texts(place.collect(collect)) == [
        f"docs/decisions/000{number}-x.md “X{number}” has no status" for number in range(2)
    ]
    place.write({f"docs/decisions/000{number}-x.md": "# X\n" for number in range(6)})
    (told,) = texts(place.collect(collect))
    assert told.startswith("6 decision records have no status: docs/decisions/0000-x.md, ")


@pytest.mark.parametrize(
    "name",
    [
        "docs/adr/README.md",
        "docs/adr/template.md",
        "adr/index.md",
        "docs/adr/adr-template-bare.md",
        "src/decisions/notes.md",
        "docs/a.md",
    ],
)
def test_what_is_no_record_is_not_taken_for_one(place: Place, name: str) -> None:
    place.write({name: "# T\n\nsome words\n"})
    assert place.collect(collect).summary == "There are no decision records."


@pytest.mark.parametrize(
    "name",
    ["docs/adr/0001-x.md", "doc/adr/x.md", "adr/1-x.md", "docs/decisions/0001-x.md", "architecture/decisions/0001-x.md",
     "docs/architecture-decisions/0001-x.md", "docs/adr/backend/0001-x.md", "docs/ADRs/0001-x.md"],
)  # fmt: skip
def test_where_records_are(place: Place, name: str) -> None:
    place.write({name: "# T\n\nStatus: proposed\n"})
    assert place.collect(collect).figures["records_open"] == 1


def test_without_history_there_are_no_ages_and_it_says_so(place: Place) -> None:
    place.write({"adr/0001-a.md": "# A\n\nStatus: proposed\n"})
    found = place.collect(collect)
    assert texts(found) == ["adr/0001-a.md “A” is still open: proposed"]
    assert found.left_out == ("ages and authors: there is no history in git",)


def test_a_shallow_clone_tells_no_ages(place: Place) -> None:
    place.commit("2026-01-01", **{"adr/0001-a.md": "Status: proposed\n"}).commit("2026-01-02", x="1")
    place.git("clone", "-q", "--depth", "1", f"file://{place.root}", str(place.root / "clone"))
    assert Place(place.root / "clone").collect(collect).left_out == ("ages and authors: the clone is shallow",)
