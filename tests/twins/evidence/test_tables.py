"""CSV files of any origin: delimiters, encodings, headers, and what is broken in them."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.twins.evidence.tables import MOST_COLUMNS, NotTable, Table, open_table


def opened(text: str | bytes, **more: bool) -> tuple[Table, list[list[str]]]:
    table = open_table(text.encode() if isinstance(text, str) else text, **more)
    return table, list(table.rows())


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b\n1,2\n", ","),
        ("a;b\n1,5;2,5\n3,5;4,5\n", ";"),
        ("a\tb\nx, y\tz\n", "\t"),
        ("a|b|c\n1|2|3\n", "|"),
        ('a,b\n"x;y;z",2\n"p;q;r",3\n', ","),
        ("sep=;\r\na;b\r\n1;2\r\n", ";"),
        ("note\nhello, world\nplain\nmore\n", ","),
    ],
)
def test_delimiters(text: str, delimiter: str) -> None:
    assert opened(text)[0].delimiter == delimiter


def test_a_column_of_prose_stays_one_column() -> None:
    table, rows = opened("note\nhello; dear\nplain words\nmore\n")
    assert table.header == ("note",)
    assert rows == [["hello; dear"], ["plain words"], ["more"]]


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("größe,b\n1,2\n".encode(), "utf-8"),
        ("größe,b\n1,2\n".encode("utf-8-sig"), "utf-8"),
        ("größe,b\n1,2\n".encode("latin-1"), "latin-1"),
        ("größe,b\n1,2\n".encode("utf-16"), "utf-16"),
    ],
)
def test_encodings(data: bytes, encoding: str) -> None:
    table, rows = opened(data)
    assert (table.encoding, table.header, rows) == (encoding, ("größe", "b"), [["1", "2"]])


def test_line_breaks_in_quotes_belong_to_their_cell() -> None:
    assert opened('a,b\r\n1,"x ""y""\r\nz"\r\n')[1] == [["1", 'x "y"\r\nz']]


def test_rows_of_another_width_are_counted_and_made_even() -> None:
    table, rows = opened("a,b,c\n1,2,3\n1,2\n\n1,2,3,4\n")
    assert rows == [["1", "2", "3"], ["1", "2", ""], ["1", "2", "3"]]
    assert table.ragged == 2


@pytest.mark.parametrize(
    "text", ["1,2\n3,4\n", "ana@example.com,x\nbo@example.com,y\n", "Ana,Berlin\nBo,Berlin\n", "2026-01-01,a\n", ",\n1,2\n"]
)
def test_a_first_row_of_values_is_no_header(text: str) -> None:
    table, rows = opened(text)
    assert not table.named
    assert table.header == ("column 1", "column 2")
    assert len(rows) == text.count("\n")


def test_headers_may_hold_years_gaps_and_names_twice() -> None:
    assert opened("country,2019,2020\nDE,1,2\n")[0].header == ("country", "2019", "2020")
    assert opened("a,,a\nx,2,3\n")[0].header == ("a", "column 2", "a (2)")
    assert opened("a\x1b[31m\u202e,b\nx,y\n")[0].header[0].isprintable()


def test_a_quote_that_is_not_closed_is_told() -> None:
    table, rows = opened('a,b\n1,2\n3,"4\n5,6\n')
    assert table.broken == "a quote is not closed"
    assert rows[0] == ["1", "2"]


def test_a_field_without_end_is_told() -> None:
    table, rows = opened("a,b\n1,2\n" + "x" * (csv.field_size_limit() + 1) + ",3\n")
    assert "limit" in table.broken
    assert rows == [["1", "2"]]


def test_of_the_beginning_of_a_file_the_last_row_does_not_count() -> None:
    assert opened("a,b\n1,2\n3,4", cut=True)[1] == [["1", "2"]]
    assert opened("größe,b\n1,2\nü".encode()[:-1], cut=True)[0].encoding == "utf-8"


@pytest.mark.parametrize("data", [b"", b"\n\n", b"a\0b", "a\0b".encode("utf-16"), b"," * MOST_COLUMNS])
def test_what_is_no_table(data: bytes) -> None:
    with pytest.raises(NotTable):
        open_table(data)


_CELLS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=12)


@given(
    st.integers(2, 5).flatmap(lambda width: st.lists(st.lists(_CELLS, min_size=width, max_size=width), min_size=1, max_size=8))
)
def test_what_was_written_as_csv_is_read_as_it_was(rows: list[list[str]]) -> None:
    buffer = io.StringIO()
    csv.writer(buffer).writerows([["first", "second", *("x" * len(rows[0]))][: len(rows[0])], *rows])
    table, told = opened(buffer.getvalue())
    if table.delimiter == "," and table.named:
        assert [[cell.strip(" ") for cell in row] for row in told] == [[cell.strip(" ") for cell in row] for row in rows]


@given(
    st.one_of(st.binary(max_size=200), st.text("a1,;\t|\"'\n\r =@.", max_size=200).map(str.encode)),
    st.booleans(),
    st.booleans(),
)
def test_nothing_else_is_raised_and_every_row_is_as_wide_as_the_header(data: bytes, cut: bool, tabs: bool) -> None:
    try:
        table, rows = opened(data, cut=cut, tabs=tabs)
    except NotTable:
        return
    assert len(set(table.header)) == len(table.header)
    assert {len(row) for row in rows} <= {len(table.header)}
