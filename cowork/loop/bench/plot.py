"""Accuracy of each arm with its interval, drawn as SVG."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape

from cowork.core.text import one_line
from cowork.loop.bench.results import ArmReport, BenchReport

_WIDTH, _LEFT, _RIGHT, _TOP, _ROW, _FOOT = 860, 260, 90, 64, 34, 78
_COLOURS = {"pattern": "#1f5fa8", "preset": "#1f5fa8", "solo": "#777777", "equal_calls": "#777777"}
_FOOTNOTE = "Points: share of right answers. Lines: 95 % Wilson intervals. They do not compare arms: the report does."


def svg(report: BenchReport) -> str:
    """A picture of the accuracies; every text in it is escaped."""
    height = _TOP + _ROW * len(report.arms) + _FOOT
    made = f"{report.source}: {report.questions} questions, {report.done} of {report.runs} runs"
    box = f'width="{_WIDTH}" height="{height}" viewBox="0 0 {_WIDTH} {height}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {box} font-family="sans-serif" font-size="13" role="img">',
            f"<title>{_safe('Accuracy by arm, ' + report.source)}</title>",
            f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
            _text(16, 24, made, 110, bold=True),
            *([_text(16, 42, "with a rehearsal: no model was asked there", colour="#b00020")] if report.rehearsal else []),
            *_axis(height),
            *(line for number, arm in enumerate(report.arms) for line in _arm(arm, _TOP + _ROW * number + _ROW / 2)),
            _text(16, height - 14, _FOOTNOTE, 140, colour="#555555"),
            "</svg>\n",
        ]
    )


def _axis(height: int) -> Iterator[str]:
    bottom = height - _FOOT
    for percent in range(0, 101, 25):
        x = _x(percent / 100)
        yield f'<line x1="{x}" y1="{_TOP}" x2="{x}" y2="{bottom}" stroke="#dddddd"/>'
        yield _text(x, bottom + 18, f"{percent} %", anchor="middle", colour="#555555")


def _arm(arm: ArmReport, y: float) -> Iterator[str]:
    colour = _COLOURS.get(arm.kind, "#1f5fa8")
    name = arm.name + (" (rehearsal)" if arm.rehearsal else "")
    yield _text(_LEFT - 12, y + 4, name, 36, anchor="end")
    if arm.accuracy is None:
        yield _text(_LEFT + 8, y + 4, "no runs", colour="#777777")
        return
    share = arm.accuracy
    low, high, middle = _x(share.low), _x(share.high), _x(share.estimate)
    yield f'<line x1="{low}" y1="{y}" x2="{high}" y2="{y}" stroke="{colour}" stroke-width="2"/>'
    for end in (low, high):
        yield f'<line x1="{end}" y1="{y - 5}" x2="{end}" y2="{y + 5}" stroke="{colour}" stroke-width="2"/>'
    yield f'<circle cx="{middle}" cy="{y}" r="5" fill="{colour}"/>'
    yield _text(_WIDTH - _RIGHT + 12, y + 4, f"{share.estimate:.1%}")


def _x(share: float) -> float:
    return round(_LEFT + share * (_WIDTH - _LEFT - _RIGHT), 1)


def _text(
    x: float, y: float, text: str, limit: int = 60, *, anchor: str = "start", colour: str = "#111111", bold: bool = False
) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{colour}"{weight}>{_safe(one_line(text, limit))}</text>'


def _safe(text: str) -> str:
    """Text as XML may hold it: escaped, and without the characters that XML does not know."""
    known = (char for char in one_line(text, 200) if char not in "\ufffe\uffff" and not "\ud800" <= char <= "\udfff")
    return escape("".join(known))
