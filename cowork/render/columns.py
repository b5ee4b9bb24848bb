"""How wide the columns of a table are when they do not all fit: no column is lost, and no word is cut apart."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

_LONG = 17  # characters: what is shorter, a moment for example, is not worth a second line
_WORD = 40  # longer words than this, addresses and paths, are cut: no name or id is so long
_LAST = 20  # what the last column gets if it wants so much


def fitted(columns: Sequence[Sequence[str]], room: int) -> list[int] | None:
    """Widths that sum up to `room` at the most; None when the columns fit as they are.

    Long texts wrap between words, those of the last column, the least important, first. Where not even the words fit beside
    each other the widths sum up to more than `room`.
    """
    wanted = [max(map(cell_len, cells), default=0) for cells in columns]
    if sum(wanted) <= room:
        return None
    words = [min(_longest_word(cells), _WORD) for cells in columns]
    widths = [want if want <= _LONG else word for want, word in zip(wanted, words, strict=True)]
    widths[-1] = max(words[-1], min(wanted[-1], _LAST))
    for number in reversed(range(len(widths))):
        widths[number] = max(words[number], widths[number] - max(0, sum(widths) - room))
    for _ in range(room - sum(widths)):
        growing = [number for number, want in enumerate(wanted) if widths[number] < want]
        widths[min(growing, key=widths.__getitem__)] += 1
    return widths


def _longest_word(cells: Sequence[str]) -> int:
    return max((cell_len(word) + (len(cell) - len(cell.lstrip())) for cell in cells for word in cell.split()), default=0)
