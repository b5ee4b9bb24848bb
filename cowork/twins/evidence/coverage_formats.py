"""Coverage reports as tools write them: Cobertura (also of coverage.py), JaCoCo, lcov."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cowork.twins.evidence.wording import text
from cowork.twins.evidence.xml_events import BadXml, read

_MOST_FILES = 50_000
_NAME = 300
_MOST_SOURCES = 20
_MILLISECONDS = 10**11
"""From here on a number counts milliseconds: as seconds it would be the year 5138."""
_CONDITIONS = re.compile(r"\((\d{1,6})/(\d{1,6})\)")


@dataclass(frozen=True)
class Covered:
    """How much of a file, or of all, was run. Counts; those of branches are 0 where a report does not tell of them."""

    lines: int = 0
    lines_run: int = 0
    branches: int = 0
    branches_run: int = 0

    @property
    def missed(self) -> int:
        """Lines that were not run."""
        return self.lines - self.lines_run

    @property
    def line_rate(self) -> float | None:
        """Per cent of the lines, to a tenth; None without lines."""
        return _rate(self.lines_run, self.lines)

    @property
    def branch_rate(self) -> float | None:
        """Per cent of the branches, to a tenth; None without branches."""
        return _rate(self.branches_run, self.branches)

    def __add__(self, other: Covered) -> Covered:
        return Covered(
            self.lines + other.lines,
            self.lines_run + other.lines_run,
            self.branches + other.branches,
            self.branches_run + other.branches_run,
        )


def _rate(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


@dataclass(frozen=True)
class Report:
    """A report: what it says of each file, when it was made by its own account, and why the rest could not be read, if so.

    `sources` are the directories that the names of its files may start from.
    """

    format: str
    files: Mapping[str, Covered]
    at: datetime | None = None
    broken: str = ""
    sources: tuple[str, ...] = ()


class NotCoverage(Exception):
    """It is no coverage report, or one of a format that is not known here."""


def parse(data: bytes) -> Report:
    """The report. What comes before a fault is kept. Raises NotCoverage for other files, and nothing else."""
    start = data[:512].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((b"TN:", b"SF:")):
        return _lcov(data.decode("utf-8", "replace"))
    if not start.startswith(b"<") and b"\0" not in start:
        raise NotCoverage
    reading = _Xml()
    broken = ""
    try:
        read(data, reading.start, reading.end)
    except BadXml as error:
        broken = str(error)
    if reading.format is None or not reading.whole:
        raise NotCoverage
    files = {name: lines.total() for name, lines in reading.files.items()}
    return Report(reading.format, files, reading.at, broken, tuple(reading.sources))


@dataclass
class _Lines:
    """The lines and branches of a file, told once or several times: a line that was run anywhere was run."""

    runs: dict[int, bool] = field(default_factory=dict)
    conditions: dict[int, tuple[int, int]] = field(default_factory=dict)
    counted: Covered = field(default_factory=Covered)

    def line(self, number: int, run: bool) -> None:
        self.runs[number] = self.runs.get(number, False) or run

    def branch(self, number: int, run: int, whole: int) -> None:
        before, most = self.conditions.get(number, (0, 0))
        whole = max(whole, most)
        self.conditions[number] = (min(max(run, before), whole), whole)

    def total(self) -> Covered:
        """What was told line by line, and otherwise as counts."""
        lines = (len(self.runs), sum(self.runs.values())) if self.runs else (self.counted.lines, self.counted.lines_run)
        if self.conditions:
            run, whole = zip(*self.conditions.values(), strict=True)
            return Covered(*lines, sum(whole), sum(run))
        return Covered(*lines, self.counted.branches, self.counted.branches_run)


@dataclass
class _Xml:
    """What was read of a Cobertura or JaCoCo report so far."""

    format: str | None = None
    at: datetime | None = None
    files: dict[str, _Lines] = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)
    whole: bool = False
    """Whether anything was met that only such a report has."""
    _path: list[str] = field(default_factory=list)
    _package: str = ""
    _file: _Lines | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._path:
            self._root(name, attributes)
        self._path.append(name)
        if self.format == "JaCoCo":
            self._jacoco(name, attributes)
        else:
            self._cobertura(name, attributes)

    def _root(self, name: str, attributes: dict[str, str]) -> None:
        self.format = {"coverage": "Cobertura", "report": "JaCoCo"}.get(name)
        if self.format is None:
            raise NotCoverage
        self.whole = "line-rate" in attributes
        self.at = _epoch(attributes.get("timestamp", ""))

    def end(self, name: str, content: str) -> None:
        self._path.pop()
        if name == "source" and len(self.sources) < _MOST_SOURCES and content.strip():
            self.sources.append(content.strip())
        if name in ("class", "sourcefile"):
            self._file = None

    def _cobertura(self, name: str, attributes: dict[str, str]) -> None:
        if name == "class":
            self._file = self._opened(attributes.get("filename") or attributes.get("name", ""))
        elif name == "line" and self._file is not None:  # those of methods are told again, which changes nothing
            line = _int(attributes.get("number"))
            self._file.line(line, _int(attributes.get("hits")) > 0)
            told = attributes.get("condition-coverage")
            if told and (found := _CONDITIONS.search(told)):
                self._file.branch(line, int(found[1]), int(found[2]))

    def _jacoco(self, name: str, attributes: dict[str, str]) -> None:
        if name == "sessioninfo":
            self.at = max(filter(None, (self.at, _epoch(attributes.get("dump", "")))), default=None)
        elif name == "package":
            self.whole, self._package = True, attributes.get("name", "")
        elif name == "sourcefile":
            self._file = self._opened("/".join(filter(None, (self._package, attributes.get("name", "")))))
        elif name == "counter" and self._file is not None and self._path[-2:-1] == ["sourcefile"]:
            run, missed = _int(attributes.get("covered")), _int(attributes.get("missed"))
            if attributes.get("type") == "LINE":
                self._file.counted += Covered(lines=run + missed, lines_run=run)
            elif attributes.get("type") == "BRANCH":
                self._file.counted += Covered(branches=run + missed, branches_run=run)

    def _opened(self, name: str) -> _Lines | None:
        """The lines of a file; None for one without a name, and beyond what is read."""
        name = text(name, _NAME)
        if not name or (name not in self.files and len(self.files) >= _MOST_FILES):
            return None
        return self.files.setdefault(name, _Lines())


def _lcov(content: str) -> Report:
    """The tracefile format of geninfo(1). Lines it does not know are passed over; a file without an end still counts."""
    files: dict[str, _Lines] = {}
    lines: _Lines | None = None
    branches: dict[int, list[bool]] = {}
    for row in (*content.splitlines(), "end_of_record"):
        key, _, value = row.partition(":")
        fields = value.split(",")
        if key == "SF":
            name = text(value.strip(), _NAME)
            lines = files.setdefault(name, _Lines()) if name and (name in files or len(files) < _MOST_FILES) else None
        elif key.strip() == "end_of_record":
            for number, runs in branches.items():
                if lines:
                    lines.branch(number, sum(runs), len(runs))
            lines, branches = None, {}
        elif lines is None:
            continue
        elif key == "DA" and len(fields) >= 2:
            lines.line(_int(fields[0]), _int(fields[1]) > 0)
        elif key == "BRDA" and len(fields) >= 4:
            branches.setdefault(_int(fields[0]), []).append(_int(fields[3]) > 0)
        elif key in ("LF", "LH", "BRF", "BRH"):
            lines.counted = _with_count(lines.counted, key, _int(fields[0]))
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


def _int(value: str | None) -> int:
    """A count, 0 for what is none: gcov writes `-` and sometimes negative ones."""
    try:
        return max(0, int((value or "")[:18]))
    except ValueError:
        return 0


def _epoch(value: str) -> datetime | None:
    """Seconds or milliseconds since 1970 as a moment."""
    number = _int(value.partition(".")[0])
    seconds = number // 1000 if number >= _MILLISECONDS else number
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < _MILLISECONDS else None
