"""A person's page: foreign text is text, whatever it contains."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.render.columns import fitted
from cowork.render.moments import minute
from cowork.render.screen import Screen, Styled


def page(**settings: str) -> tuple[Screen, io.StringIO]:
    stream = io.StringIO()
    return Screen(stream, settings.get("color", "never")), stream


EVIL = "\x1b[31m[bold]red[/bold] :smile: \x07\u202e<b>"
SHOWN = "\\u001b[31m[bold]red[/bold] :smile: \\u0007\\u202e<b>"


def test_foreign_text_is_shown_as_it_is_in_every_element() -> None:
    screen, stream = page()
    screen.title(EVIL, EVIL)
    screen.section(EVIL)
    screen.text(EVIL)
    screen.raw(EVIL)
    screen.facts({"fact": EVIL})
    screen.table(("H",), [(EVIL,), (Styled(EVIL, "red"),)])
    screen.bullets([EVIL])
    assert stream.getvalue().count(SHOWN) == 9
    assert not {"\x1b", "\x07", "\u202e"} & set(stream.getvalue())


def test_lines_carry_no_padding_into_a_pipe() -> None:
    screen, stream = page()
    screen.table(("A", "B"), [("short", "x"), ("much longer", "y")])
    assert all(line == line.rstrip() for line in stream.getvalue().splitlines())


def test_empty_facts_are_left_out() -> None:
    screen, stream = page()
    screen.facts({"kept": 0, "also": False, "gone": None, "gone too": (), "gone as well": ""})
    assert [line.split()[0] for line in stream.getvalue().splitlines()] == ["kept", "also"]


def test_raw_text_is_never_wrapped() -> None:
    screen, stream = page()
    screen.raw("word " * 200)
    assert stream.getvalue().count("\n") == 1


def test_colour_is_the_streams_own() -> None:
    for choice, coloured in (("always", True), ("never", False), ("auto", False)):
        screen, stream = page(color=choice)
        screen.title("x")
        assert ("\x1b[" in stream.getvalue()) is coloured
        screen, stream = page(color=choice)
        screen.table((), [(Styled("x", "red"), "y")])
        assert ("\x1b[31mx" in stream.getvalue()) is coloured


def test_width_follows_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    screen, stream = page()
    screen.text("word " * 30)
    assert max(len(line) for line in stream.getvalue().splitlines()) <= 40


def test_a_table_wider_than_the_screen_loses_no_column_and_cuts_no_word_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "70")
    screen, stream = page()
    seats = "planning=gemini, first=gemini/flash-lite, second=gemini, judge=codex, review=claude"
    screen.table(
        ("PRESET", "PATTERN", "SEATS", "WHAT FOR"), [("three-families", "debate", seats, "Planned, debated and judged.")]
    )
    shown = stream.getvalue()
    for whole in ("PRESET", "PATTERN", "SEATS", "WHAT FOR", "three-families", "debate", *seats.split(), "debated"):
        assert whole in shown
    assert max(map(len, shown.splitlines())) <= 70


def test_a_table_that_fits_stays_on_one_line_a_row() -> None:
    screen, stream = page()
    screen.table(("A", "B"), [("a cell of more than a few words", "x")])
    assert len(stream.getvalue().splitlines()) == 2


ID, TWIN, WHEN = "incident-postmortem-tracker", "twin-devops-sre-engineer-2", "2026-11-27 10:41Z"


@pytest.mark.parametrize(
    ("headings", "row"),
    [
        (("ID", "TWIN", "DUE"), (ID, TWIN, WHEN)),
        (("TWIN", "STATUS", "EVERY", "TASKS", "NEXT DUE", "NAME"), (TWIN, "active", "30 min", "3/4", WHEN, "Engineer Twin 2")),
        (("ID", "TWIN", "TASK", "KIND", "DUE"), (ID, TWIN, "Postmortem Action Tracker", "proactive", WHEN)),
    ],
)
def test_ids_names_and_moments_stay_in_one_piece_on_80_columns(
    monkeypatch: pytest.MonkeyPatch, headings: tuple[str, ...], row: tuple[str, ...]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    screen, stream = page()
    screen.table(headings, [row, row])
    shown = stream.getvalue()
    assert max(map(len, shown.splitlines())) <= 80
    for cell in row:
        for word in [cell] if cell in (ID, TWIN, WHEN) else cell.split():
            assert shown.count(word) >= 2


@given(
    rows=st.lists(st.lists(st.text("ab -", max_size=70), min_size=4, max_size=4), min_size=1, max_size=4),
    room=st.integers(10, 120),
)
def test_columns_that_fit_cut_no_word_apart(rows: list[list[str]], room: int) -> None:
    columns = list(zip(*rows, strict=True))
    widths = fitted(columns, room)
    if widths is None:
        assert sum(max(map(len, column)) for column in columns) <= room
        return
    assert all(
        width >= min(40, len(word))
        for column, width in zip(columns, widths, strict=True)
        for cell in column
        for word in cell.split()
    )
    wanted = [max(map(len, column)) for column in columns]
    assert all(width <= max(want, 1) for width, want in zip(widths, wanted, strict=True))


@pytest.mark.parametrize(
    ("moment", "shown"),
    [("2026-11-27T10:41:45.354Z", "2026-11-27 10:41Z"), ("2026-01-31T08:05:00Z", "2026-01-31 08:05Z"), (None, "")],
)
def test_a_moment_is_shown_to_the_minute(moment: str | None, shown: str) -> None:
    assert minute(moment) == shown
