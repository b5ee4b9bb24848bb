"""A bar on a terminal while a pack is fetched, judged and put in place; nothing where nobody watches."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from cowork.core.text import one_line
from cowork.render import colour

if TYPE_CHECKING:
    from rich.progress import Progress

_STEPS = {
    "install.fetching": "fetching",
    "install.downloading": "downloading",
    "install.writing": "judging files",
    "install.scanning": "scanning",
    "install.committing": "putting in place",
}
_ORDER = list(_STEPS)


class Steps:
    """Hears of steps and draws them on stderr; `stop` clears the line, before a question or the answer."""

    def __init__(self, choice: str) -> None:
        self._live = sys.stderr.isatty()
        self._coloured = colour.wanted(sys.stderr, choice)
        self._bar: Progress | None = None
        self._task: Any = None

    def __call__(self, kind: str, data: dict[str, Any]) -> None:
        """Show one step."""
        if not self._live or kind not in _STEPS:
            return
        if self._bar is None:
            self._start()
        assert self._bar is not None
        what = data.get("source") or data.get("name") or ""
        done = _ORDER.index(kind) / len(_ORDER)
        if kind == "install.downloading" and data.get("total"):
            done += data["bytes"] / data["total"] / len(_ORDER)
        self._bar.update(self._task, completed=done, description=one_line(f"{_STEPS[kind]} {what}", 60))

    def stop(self) -> None:
        """Clear the bar."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _start(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

        console = Console(file=sys.stderr, no_color=not self._coloured, markup=False, emoji=False, highlight=False)
        columns = (SpinnerColumn(), BarColumn(20), TextColumn("{task.description}", markup=False))
        self._bar = Progress(*columns, console=console, transient=True)
        self._task = self._bar.add_task("", total=1.0)
        self._bar.start()
