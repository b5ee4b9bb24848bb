"""How wide the columns of a table are when they do not all fit: no column is lost, and words stay whole where they can."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

_LONG = 16  # characters: what is shorter is not worth a second line
_WORD = 24  # longer words than this, lists without blanks, are the first to be cut
_LAST = 20  # what the last column gets if it wants so much
_LEAST = 10


def fitted(columns: Sequence[Sequence[str]], room: int) -> list[int] | None:
    """Widths that sum up to `room`; None when the columns fit as they are.

    The last column wraps anywhere, others only when they are long, and between words.
    """
    wanted = [max(map(cell_len, cells), default=0) for cells in columns]
    if sum(wanted) <= room:
        return None
    widths = [_least(cells, want) for cells, want in zip(columns, wanted, strict=True)]
    widths[-1] = min(wanted[-1], _LAST)
    for _ in range(sum(widths) - room):
        widths[_first_to_shrink(widths)] -= 1
    for _ in range(room - sum(widths)):
        growing = [number for number, want in enumerate(wanted) if widths[number] < want]
        widths[min(growing, key=widths.__getitem__)] += 1
    return widths


def _least(cells: Sequence[str], want: int) -> int:
    if want <= _LONG:
        return want
    return max(cell_len(word) + (len(cell) - len(cell.lstrip())) for cell in cells for word in cell.split())


def _first_to_shrink(widths: Sequence[int]) -> int:
    widest = max(range(len(widths)), key=widths.__getitem__)
    last = len(widths) - 1
    return last if widths[last] > _LEAST and widths[widest] <= _WORD else widest
