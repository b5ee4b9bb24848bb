"""The tracefiles of lcov."""

from __future__ import annotations

from cowork.twins.evidence.covered import LONGEST_NAME, MOST_FILES, Covered, Lines, Report, count_of
from cowork.twins.evidence.wording import text


def read_lcov(content: str) -> Report:
    """The tracefile format of geninfo(1). Lines it does not know are passed over; a file without an end still counts."""
    files: dict[str, Lines] = {}
    lines: Lines | None = None
    branches: dict[int, list[bool]] = {}
    for row in (*content.splitlines(), "end_of_record"):
        key, _, value = row.partition(":")
        fields = value.split(",")
        if key == "SF":
            name = text(value.strip(), LONGEST_NAME)
            lines = files.setdefault(name, Lines()) if name and (name in files or len(files) < MOST_FILES) else None
        elif key.strip() == "end_of_record":
            for number, runs in branches.items():
                if lines:
                    lines.branch(number, sum(runs), len(runs))
            lines, branches = None, {}
        elif lines is None:
            continue
        elif key == "DA" and len(fields) >= 2:
            lines.line(count_of(fields[0]), count_of(fields[1]) > 0)
        elif key == "BRDA" and len(fields) >= 4:
            branches.setdefault(count_of(fields[0]), []).append(count_of(fields[3]) > 0)
        elif key in ("LF", "LH", "BRF", "BRH"):
            lines.counted = _with_count(lines.counted, key, count_of(fields[0]))
    ended = content.rstrip().endswith("end_of_record")
    return Report("lcov", {name: lines.total() for name, lines in files.items()}, broken="" if ended else "it is cut off")


def _with_count(counted: Covered, key: str, number: int) -> Covered:
    """Counts told beside the lines; a part never exceeds its whole."""
    lines, run, branches, branches_run = counted.lines, counted.lines_run, counted.branches, counted.branches_run
    if key in ("LF", "LH"):
        lines, run = (max(number, run), run) if key == "LF" else (max(lines, number), number)
    else:
        branches, branches_run = (max(number, branches_run), branches_run) if key == "BRF" else (max(branches, number), number)
    return Covered(lines, run, branches, branches_run)
