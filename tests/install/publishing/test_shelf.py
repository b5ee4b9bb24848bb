"""What a served registry answers, without a socket."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.core.errors import CoworkError
from cowork.install.publishing.shelf import Shelf, Stock, stock
from tests.registry import places
from tests.registry.samples import entry
from tests.support import FakeClock

BASE = "http://127.0.0.1:1234"


def shelf(*entries: Any, **about: Any) -> Shelf:
    return Shelf(Stock({"version": 1, **about, "packs": list(entries)}, (), ()), BASE)


def answer(held: Shelf, target: str) -> Any:
    reply = held.answer(target)
    assert reply.status == 200
    return json.loads(reply.body)


def test_the_static_document_is_the_catalogue_with_the_addresses_of_the_archives(tmp_path: Path) -> None:
    places.pack(tmp_path, "one", places.skill("x"))
    held = Shelf(stock(tmp_path, FakeClock()), BASE)

    document = answer(held, "/registry/pack-catalog.json")

    assert document["updatedAt"] == "2026-01-31T08:05:00.000Z"
    assert document["packs"][0]["downloadUrl"] == f"{BASE}/archives/one-1.0.0.tar.gz"
    archived = held.answer("/archives/one-1.0.0.tar.gz")
    assert (archived.status, archived.kind, archived.body[:2]) == (200, "application/gzip", b"\x1f\x8b")


def test_a_search_is_cut_into_pages(tmp_path: Path) -> None:
    held = shelf(*[entry(f"p{number:03}") for number in range(150)], updatedAt="2026-01-01T00:00:00Z", serial=4)

    page = answer(held, "/packs/search?q=p&page=2&pageSize=100")
    assert [item["id"] for item in page["results"]] == [f"p{number:03}" for number in range(100, 150)]
    assert {key: page[key] for key in page if key != "results"} == {
        "updatedAt": "2026-01-01T00:00:00Z", "serial": 4, "query": "p", "total": 150, "page": 2, "pageSize": 100,
    }  # fmt: skip
    assert len(answer(held, "/packs/search")["results"]) == 20
    assert answer(held, "/packs/search?pageSize=5000")["pageSize"] == 100
    assert answer(held, "/packs/search?page=9")["results"] == []


def test_a_search_can_be_of_a_category() -> None:
    held = shelf(entry("a", category="Data"), entry("b", category="Sales"), entry("c", category="data", status="deleted"))

    assert [item["id"] for item in answer(held, "/packs/search?category=DATA")["results"]] == ["a"]
    assert answer(held, "/packs/categories") == {"categories": ["Data", "Sales"], "counts": {"Data": 1, "Sales": 1}}


def test_one_entry_is_given_as_it_stands() -> None:
    held = shelf({"id": "a"}, None, entry("a", extra=[1]), entry("a", version="9.9.9"))

    assert answer(held, "/packs/a") == entry("a", extra=[1])
    assert held.entries == 1


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/", 404),
        ("/packs", 404),
        ("/packs/nope", 404),
        ("/packs/a/b", 404),
        ("/registry", 404),
        ("/registry/../registry/pack-catalog.json", 404),
        ("/archives/a-1.0.0.tar.gz", 404),
        ("/archives/..%2f..%2fetc%2fpasswd", 404),
        ("/packs/search?page=0", 400),
        ("/packs/search?page=-1", 400),
        ("/packs/search?page=two", 400),
        ("/packs/search?page=²", 400),
        ("/packs/search?pageSize=99999999999", 400),
        ("//[", 400),
    ],
)
def test_what_is_not_there_is_not_found_and_what_is_wrong_is_said(target: str, status: int) -> None:
    reply = shelf(entry("a")).answer(target)
    assert reply.status == status
    assert json.loads(reply.body)["error"]


def test_a_pack_that_changed_while_it_is_served_is_a_conflict(tmp_path: Path) -> None:
    places.pack(tmp_path, "one", places.skill("x"))
    held = Shelf(stock(tmp_path, FakeClock()), BASE)
    places.pack(tmp_path, "one", places.skill("y"))

    reply = held.answer("/archives/one-1.0.0.tar.gz")

    assert reply.status == 409
    assert "has changed" in json.loads(reply.body)["error"]


def test_a_catalogue_is_served_as_it_is(tmp_path: Path) -> None:
    document = {"version": 1, "packs": [entry("a", downloadUrl="https://example.com/a.tar.gz", more={"x": 1})]}
    path = places.write(tmp_path / "pack-catalog.json", json.dumps(document))

    for source in (path, tmp_path):
        held = Shelf(stock(source, FakeClock()), BASE)
        assert answer(held, "/registry/pack-catalog.json") == document


def test_packs_come_before_a_catalogue_that_lies_beside_them(tmp_path: Path) -> None:
    places.write(tmp_path / "pack-catalog.json", json.dumps({"packs": [entry("stale")]}))
    places.pack(tmp_path, "one", places.skill("x"))

    assert [item["id"] for item in answer(Shelf(stock(tmp_path, FakeClock()), BASE), "/packs/search")["results"]] == ["one"]


def test_what_cannot_be_served_is_refused(tmp_path: Path) -> None:
    places.write(tmp_path / "bad.json", '{"packs": 1}')
    (tmp_path / "empty").mkdir()
    for name, code in (
        ("gone", "registry.no_directory"),
        ("bad.json", "registry.invalid"),
        ("empty", "registry.no_packs"),
    ):
        with pytest.raises(CoworkError) as caught:
            stock(tmp_path / name, FakeClock())
        assert caught.value.code == code


@given(st.text(max_size=60).map(lambda text: f"/{text}"))
def test_any_request_target_has_an_answer(target: str) -> None:
    assert shelf(entry("a")).answer(target).status in (200, 400, 404)
