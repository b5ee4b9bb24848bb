"""The person's view: Rich, with every foreign text as plain text and nothing that could drive the terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

from cowork.core.text import printable
from cowork.render import colour

if TYPE_CHECKING:
    from rich.console import Console

_PIPED_WIDTH = 160


class Styled(NamedTuple):
    """A cell of a table with a style of its own."""

    text: str
    style: str


class Screen:
    """A page of headings, facts, tables and text on one stream."""

    def __init__(self, stream: TextIO, choice: str) -> None:
        from rich.console import Console

        coloured = colour.wanted(stream, choice)
        piped = None if stream.isatty() or "COLUMNS" in os.environ else _PIPED_WIDTH
        self._stream = stream
        self._console: Console = Console(
            file=stream,
            force_terminal=coloured,
            no_color=not coloured,
            color_system="standard" if coloured else None,
            width=piped,
            highlight=False,
            markup=False,
            emoji=False,
            soft_wrap=False,
        )
        setattr(self._console, "on_broken_pipe", _reader_left)  # noqa: B010 - Rich would end the process with 1

    def title(self, text: str, note: str = "") -> None:
        """A heading, with a quieter note beside it."""
        self._print(text, "bold", end="" if note else "\n")
        if note:
            self._print(f"  {note}", "dim")

    def section(self, text: str) -> None:
        """A smaller heading after an empty line."""
        self._console.print()
        self._print(text, "bold cyan")

    def text(self, text: str, *, style: str = "", indent: int = 0) -> None:
        """A paragraph, wrapped."""
        from rich.padding import Padding
        from rich.text import Text

        self._put(Padding(Text(printable(text), style=style), (0, 0, 0, indent)))

    def raw(self, text: str) -> None:
        """Text as it is, not wrapped."""
        self._console.print(printable(text), soft_wrap=True)

    def facts(self, pairs: Mapping[str, Any]) -> None:
        """Names and values in two columns; empty values are left out."""
        table = self._grid()
        for name, value in pairs.items():
            if value not in (None, "", (), []):
                table.add_row(self._text(name, "dim"), self._text(_shown(value)))
        self._put(table)

    def table(self, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """A table; the last column takes the space that is left, and long texts in others wrap between words for it.

        Where a row's words do not fit beside each other, the row is a line of its first cell and a text of the others.
        """
        from itertools import zip_longest

        from rich.table import Table

        from cowork.render.columns import fitted

        cells = [list(row) for row in rows]
        shown = [[printable(_shown(cell)) for cell in row] for row in cells]
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        columns = list(zip_longest(headings, *shown, fillvalue=""))
        room = self._console.width - 2 * (len(columns) - 1)
        widths = fitted(columns, room)
        if widths and sum(widths) > room:
            self._stacked(headings, shown)
            return
        for number, heading in enumerate(headings):
            last = number == len(headings) - 1
            if widths:
                table.add_column(heading, overflow="fold", width=widths[number])
            else:
                table.add_column(heading, overflow="fold", no_wrap=not last, ratio=1 if last else None)
        for row, texts in zip(cells, shown, strict=True):
            styles = [cell.style if isinstance(cell, Styled) else "" for cell in row]
            table.add_row(*map(self._text, texts, styles))
        self._put(table)

    def _stacked(self, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        for first, *others in rows:
            self.text(first)
            named = [f"{head.lower()} {cell}".strip() for head, cell in zip(headings[1:], others, strict=False) if cell]
            self.text(" · ".join(named), style="dim", indent=2)

    def bullets(self, items: Iterable[str], *, mark: str = "•") -> None:
        """A list."""
        table = self._grid()
        for item in items:
            table.add_row(self._text(mark, "dim"), self._text(item))
        self._put(table)

    def blank(self) -> None:
        """An empty line."""
        self._console.print()

    def _put(self, renderable: Any) -> None:
        """Print without the blanks that pad lines to the full width, which only get in the way of a pipe."""
        if self._console.no_color:
            with self._console.capture() as captured:
                self._console.print(renderable)
            self._stream.write("".join(line.rstrip() + "\n" for line in captured.get().splitlines()))
        else:
            self._console.print(renderable)

    def _grid(self) -> Any:
        from rich.table import Table

        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(no_wrap=True)
        grid.add_column(overflow="fold")
        return grid

    def _print(self, text: str, style: str, end: str = "\n") -> None:
        self._console.print(self._text(text, style), end=end, soft_wrap=True)

    def _text(self, text: str, style: str = "") -> Any:
        from rich.text import Text

        return Text(printable(text), style=style)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Styled):
        return value.text
    if isinstance(value, (list, tuple)):
        return ", ".join(_shown(item) for item in value)
    if isinstance(value, float):
        return f"{value:g}"
    return "" if value is None else str(value)


def _reader_left() -> None:
    """Whoever read has gone: the command line knows how to end then."""
    raise BrokenPipeError


def to_stdout(choice: str) -> Screen:
    """A screen on stdout."""
    return Screen(sys.stdout, choice)
