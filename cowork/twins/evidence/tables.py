"""CSV and TSV files of any origin as rows of cells: their encoding, delimiter and header are found out."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from cowork.core.text import one_line
from cowork.twins.evidence.cells import is_personal, read

MOST_COLUMNS = 200
_SAMPLE = 64 * 1024
_SAMPLED_ROWS = 50
_LEAST_SHARE = 0.5
_YEAR = re.compile(r"(?:19|20)\d\d")
_DELIMITERS = (",", ";", "\t", "|")
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_EXCEL = re.compile(r"sep=([,;\t|:^~])\r?\n", re.IGNORECASE)


class NotTable(Exception):
    """It is not text in rows; the message says why."""


@dataclass
class Table:
    """A table whose rows are read as they are asked for.

    `header` holds a name for each column; `named` says whether the file has it, or it was made up. While `rows` are read,
    `ragged` counts those with too few or too many cells, and `broken` comes to say why the rest cannot be read. `odd_quotes`:
    one of its quotes has no other.
    """

    encoding: str
    delimiter: str
    header: tuple[str, ...]
    named: bool
    cut: bool
    _reader: Iterator[list[str]]
    odd_quotes: bool = False
    ragged: int = 0
    broken: str = ""
    _first: list[list[str]] = field(default_factory=list)

    def rows(self) -> Iterator[list[str]]:
        """Every row, as wide as the header: missing cells are empty, further ones are dropped. Empty rows are passed over."""
        width = len(self.header)
        held: list[str] | None = None
        for row in self._all():
            if held is not None:
                yield self._even(held, width)
            held = row
        if held is None:
            return
        if self.cut:
            return  # the last row that was read may be the beginning of one
        if self.odd_quotes and any("\n" in cell for cell in held):
            self.broken = self.broken or "a quote is not closed"
        yield self._even(held, width)

    def _all(self) -> Iterator[list[str]]:
        yield from self._first
        if self.broken:
            return
        try:
            yield from filter(None, self._reader)
        except csv.Error as error:
            self.broken = str(error)

    def _even(self, row: list[str], width: int) -> list[str]:
        if len(row) == width:
            return row
        self.ragged += 1
        return (row + [""] * (width - len(row)))[:width]


def open_table(data: bytes, *, cut: bool = False, tabs: bool = False) -> Table:
    """The table in a file's bytes, or in its first bytes when it was `cut`. `tabs`: its name says they delimit.

    Raises NotTable.
    """
    encoding, text = _decoded(data)
    excel = _EXCEL.match(text)
    text = text[excel.end() :] if excel else text
    delimiter = excel[1] if excel else _delimiter(text[:_SAMPLE], tabs)
    reader = _reader(text, delimiter)
    first, broken = _sampled(reader)
    if not first:
        raise NotTable(broken or "it is empty")
    if len(first[0]) > MOST_COLUMNS:
        raise NotTable(f"it has more than {MOST_COLUMNS} columns")
    named = _is_header(first[0], first[1:])
    names = [one_line(cell.strip(), 60) if named else "" for cell in first[0]]
    header = tuple(name or f"column {number}" for number, name in enumerate(names, 1))
    odd = text.count('"') % 2 == 1
    return Table(encoding, delimiter, _distinct(header), named, cut, reader, odd, broken=broken, _first=first[named:])


def _sampled(reader: Iterator[list[str]]) -> tuple[list[list[str]], str]:
    """The first rows, and why there are no more when they cannot be read."""
    rows: list[list[str]] = []
    try:
        for row in filter(None, reader):
            rows.append(row)
            if len(rows) >= _SAMPLED_ROWS:
                break
    except csv.Error as error:
        return rows, str(error)
    return rows, ""


def _decoded(data: bytes) -> tuple[str, str]:
    """The encoding and the text: by its mark, else UTF-8, else what every byte is a character of."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding.removesuffix("-sig"), _without_nul(data.decode(encoding, "replace"))
    if b"\0" in data:
        raise NotTable("it is binary")
    try:
        return "utf-8", codecs.getincrementaldecoder("utf-8")().decode(data)  # whose last character may be cut
    except UnicodeDecodeError:
        return "latin-1", data.decode("latin-1")


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise NotTable("it is binary")
    return text


def _reader(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=delimiter == ",")


def _delimiter(sample: str, tabs: bool) -> str:
    """The delimiter by which most rows are equally wide; among equals the one that makes more columns.

    Python's `csv.Sniffer` takes letters for delimiters when a file has one column.
    """
    best, found = (_LEAST_SHARE, 1), "\t" if tabs else ","
    order = ("\t", *_DELIMITERS) if tabs else _DELIMITERS
    for delimiter in dict.fromkeys(order):
        rows, _ = _sampled(_reader(sample, delimiter))
        widths = Counter(map(len, rows))
        width, alike = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
        if width < 2:
            continue
        share = alike / len(rows) * (1.0 if len(rows[0]) == width else 0.5)
        if (round(share, 1), width) > best:
            best, found = (round(share, 1), width), delimiter
    return found


def _is_header(row: list[str], others: list[list[str]]) -> bool:
    """Whether a first row names columns: texts, or years beside them, none of which is a value of somebody.

    A text that stands again below it, in a row that is not the whole header again, is a value: it names nothing.
    """
    cells = [cell.strip() for cell in row]
    kinds = [read(cell)[0] for cell in cells]
    if any(map(is_personal, cells)) or "text" not in kinds:
        return False
    if not all(kind in ("text", "null") or _YEAR.fullmatch(cell) for kind, cell in zip(kinds, cells, strict=True)):
        return False
    below = [other for other in others if other != row]
    return not any(
        cell and cell in {other[index].strip() for other in below if index < len(other)} for index, cell in enumerate(cells)
    )


def _distinct(header: tuple[str, ...]) -> tuple[str, ...]:
    """Names of which each is there once: `a`, `a (2)`."""
    found: list[str] = []
    for name in header:
        number, own = 2, name
        while own in found:
            own, number = f"{name} ({number})", number + 1
        found.append(own)
    return tuple(found)
