"""What a cell is, and whether it is somebody's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.twins.evidence.cells import is_personal, names_personal, read


@pytest.mark.parametrize(
    ("kind", "cells"),
    [
        ("null", ["", "NA", "n/a", "NULL", "None", "nan", "-", "\\N", "?"]),
        ("integer", ["0", "-7", "+12", "123456789012345678"]),
        ("number", ["1.5", "-0.25", ".5", "1e3", "1,234", "1,234,567.8", "2.", "12345678901234567890e-2"[:17] + "e5"]),
        ("boolean", ["true", "FALSE", "yes", "No", "t"]),
        ("date", ["2026-01-31", "2026-01-31T10:00:00Z", "2026/01/31 10:00", "31.01.2026", "1/31/26", "2024-02-29"]),
        (
            "text",
            [
                "abc",
                "007",
                "1e999",
                "2026-13-01",
                "2026-02-30",
                "45.45.2026",
                "1,23",
                "$5",
                "٣",
                "1_000",
                "9" * 60,
                "Inf",
                "+",
                ".",
            ],
        ),
    ],
)
def test_kinds(kind: str, cells: list[str]) -> None:
    assert {cell: read(cell)[0] for cell in cells} == dict.fromkeys(cells, kind)


def test_numbers_have_their_value_and_the_comma_is_a_point_only_where_it_is_said() -> None:
    assert read("1,234.5") == ("number", 1234.5)
    assert read("-12") == ("integer", -12.0)
    assert read("1,5", comma=True) == ("number", 1.5)
    assert read("1,234", comma=True) == ("number", 1.234)


@pytest.mark.parametrize(
    "cell",
    [
        "ana@example.com",
        "+49 170 1234567",
        "(555) 123-4567",
        "030/1234567",
        "+491701234567",
        "10.0.0.17",
        "DE89 3704 0044 0532 0130 00",
        "4111 1111 1111 1111",
        "123-45-6789",
    ],
)
def test_values_of_persons(cell: str) -> None:
    assert is_personal(cell)


@pytest.mark.parametrize(
    "cell", ["", "2026-01-31", "31.01.2026", "1234567", "3.14159265", "-12.5", "hello", "a@b", "SKU-1234-5678", "1/31/2026"]
)
def test_values_of_nobody(cell: str) -> None:
    assert not is_personal(cell)


def test_names_of_columns_tell() -> None:
    for name in (
        "E-Mail",
        "customer_email",
        "firstName",
        "Last Name",
        "phone",
        "DOB",
        "birth_date",
        "ip",
        "Home Address",
        "apiKey",
    ):
        assert names_personal(name), name
    for name in ("amount", "shipped", "description", "island", "product_name", "telemetry", "zip", "addressable"):
        assert not names_personal(name), name


@given(st.text(max_size=60), st.booleans())
def test_every_text_is_something(cell: str, comma: bool) -> None:
    kind, value = read(cell.strip(), comma=comma)
    assert kind in ("null", "integer", "number", "boolean", "date", "text")
    assert abs(value) < 1e150
    is_personal(cell)
    names_personal(cell)


@given(st.integers(-(10**17), 10**17))
def test_integers_are_integers(number: int) -> None:
    assert read(str(number)) == ("integer", float(number))
