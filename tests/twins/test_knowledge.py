"""Facts that all twins share: added, imported, listed, removed."""

from __future__ import annotations

from pathlib import Path

import pytest

from cowork.core.errors import CoworkError, InvalidInput, LimitReached
from cowork.formats import codeowners
from cowork.twins import knowledge
from cowork.twins.facts import OrgFact
from cowork.twins.knowledge import list_facts
from cowork.twins.store import facts
from tests.support import FakeClock
from tests.twins.remembered import fact


def triples() -> list[tuple[str, str, str]]:
    return [(item.subject, item.relation, item.object) for item in list_facts().items]


def test_without_a_database_there_are_no_facts_and_none_is_made(home: Path, clock: FakeClock) -> None:
    assert list_facts().items == ()
    assert knowledge.add("a", "b", "c", clock, dry_run=True).added
    assert not home.exists()


def test_a_fact_is_kept_once(clock: FakeClock) -> None:
    first = knowledge.add("payments", "owned-by", "team-a", clock, dry_run=False)

    again = knowledge.add(" payments\n", "owned-by", "team-a", clock, dry_run=False)

    assert first.fact == OrgFact(first.fact.id, "payments", "owned-by", "team-a", "2026-01-31T08:05:00.000Z")
    assert (first.added, again.added, again.fact) == (True, False, first.fact)
    assert again.plan[0].detail == "it is known already"
    assert list_facts().items == (first.fact,)


def test_facts_are_sorted_and_chosen_by_what_they_are_about() -> None:
    fact("f1", "web", "depends-on", "payments")
    fact("f2", "payments", "owned-by", "Team A")
    fact("f3", "docs", "owned-by", "Team B")

    assert [item.id for item in list_facts().items] == ["f3", "f2", "f1"]
    assert [item.id for item in list_facts("PAYM").items] == ["f2", "f1"]
    assert [item.id for item in list_facts("team owned-by docs").items] == ["f3"]
    assert (list_facts("nothing").count, list_facts("nothing").total) == (0, 3)


@pytest.mark.parametrize(
    ("triple", "code"),
    [
        (("", "b", "c"), "facts.empty"),
        (("a", "\n", "c"), "facts.empty"),
        (("a", "x" * 61, "c"), "facts.too_long"),
        (("a", "b", "x" * 201), "facts.too_long"),
        (("a", "token-is", "hunter2hunter2"), "facts.secret"),
    ],
)
def test_what_is_no_fact_is_refused(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch, triple: tuple[str, str, str], code: str
) -> None:
    monkeypatch.setenv("SERVICE_TOKEN", "hunter2hunter2")

    with pytest.raises(InvalidInput) as caught:
        knowledge.add(*triple, clock, dry_run=False)

    assert caught.value.code == code
    assert triples() == []


def test_facts_of_a_file_are_added_and_those_that_are_known_are_counted(clock: FakeClock, tmp_path: Path) -> None:
    fact("f1", "payments", "owned-by", "team-a")
    path = tmp_path / "facts.csv"
    path.write_text("subject,relation,object\npayments,owned-by,team-a\nweb,depends-on,payments\nweb,depends-on,payments\n")

    tried = knowledge.import_(str(path), clock, dry_run=True)
    done = knowledge.import_(str(path), clock, dry_run=False)

    assert (tried.count, tried.known, [item.id for item in tried.items]) == (1, 1, [""])
    assert (done.count, done.known) == (1, 1)
    assert triples() == [("payments", "owned-by", "team-a"), ("web", "depends-on", "payments")]
    again = knowledge.import_(str(path), clock, dry_run=False)
    assert (again.count, again.known, [step.action for step in again.plan]) == (0, 2, ["keep"])


def test_owners_of_code_are_facts(clock: FakeClock, tmp_path: Path) -> None:
    (tmp_path / "CODEOWNERS").write_text("# who\n/src/payments/ @org/money @ada\n*.md @org/docs\n")

    knowledge.import_(str(tmp_path / "CODEOWNERS"), clock, dry_run=False)

    assert triples() == [
        ("*.md", "owned-by", "@org/docs"),
        ("/src/payments/", "owned-by", "@ada"),
        ("/src/payments/", "owned-by", "@org/money"),
    ]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("a,b,c\na,b\n", "line 2: it has 2 column(s), not 3"),
        ("a,b,c\n\na, ,c\n", "line 3: the relation is empty"),
        ('{"subject": "a", "relation": "b", "object": "c"}\n{"subject": "a"}\n', "line 2: its relation is missing"),
        ("a,b,c\na,b,hunter2hunter2\n", "line 2: the object holds a secret: it holds the value of SERVICE_TOKEN"),
    ],
)
def test_of_a_file_with_a_bad_line_nothing_is_added(
    clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, where: str
) -> None:
    monkeypatch.setenv("SERVICE_TOKEN", "hunter2hunter2")
    path = tmp_path / "facts.csv"
    path.write_text(text)

    with pytest.raises(InvalidInput) as caught:
        knowledge.import_(str(path), clock, dry_run=False)

    assert (caught.value.code, caught.value.message) == ("facts.invalid", f"{path}: {where}")
    assert triples() == []


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"a,b,c\0"])
def test_a_file_that_is_no_text_is_refused(clock: FakeClock, tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "facts.csv").write_bytes(raw)

    with pytest.raises(InvalidInput) as caught:
        knowledge.import_(str(tmp_path / "facts.csv"), clock, dry_run=False)

    assert caught.value.code == "facts.binary"


def test_so_many_facts_are_kept_and_no_more(clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "MOST_FACTS", 2)
    (tmp_path / "facts.csv").write_text("a,b,c\na,b,d\na,b,e\n")

    for dry_run in (True, False):
        with pytest.raises(LimitReached) as caught:
            knowledge.import_(str(tmp_path / "facts.csv"), clock, dry_run=dry_run)
        assert caught.value.code == "facts.full"
    assert triples() == []


def test_many_owners_of_many_patterns_are_no_more_than_fit_into_memory() -> None:
    text = f"[all] {'@a ' * 50_000}\n" + "".join(f"p{number}\n" for number in range(50_000))

    assert len(codeowners.parse(text)) == codeowners.MOST_LINES


def test_facts_are_removed_all_that_are_named_or_none() -> None:
    fact("aaa111", "a", "b", "c")
    fact("bbb222", "d", "e", "f")
    fact("bbb333", "g", "h", "i")

    for wanted, code in (("ccc", "facts.not_found"), ("bbb", "facts.ambiguous")):
        with pytest.raises(CoworkError) as caught:
            knowledge.remove(["aaa111", wanted], dry_run=False)
        assert caught.value.code == code
    assert len(triples()) == 3

    assert knowledge.remove(["fact.aaa111"], dry_run=True).plan[0].detail == "a b c"
    assert len(triples()) == 3
    assert knowledge.remove(["fact.aaa111", "bbb2", "aaa"], dry_run=False).count == 2
    assert triples() == [("g", "h", "i")]
