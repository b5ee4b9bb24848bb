"""Coverage reports as tools write them: Cobertura (also of coverage.py), JaCoCo, lcov."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

from cowork.twins.evidence.covered import (
    LONGEST_NAME,
    MOST_FILES,
    Covered,
    Lines,
    NotCoverage,
    Report,
    count_of,
    moment_of,
)
from cowork.twins.evidence.lcov import read_lcov
from cowork.twins.evidence.wording import text
from cowork.twins.evidence.xml_events import BadXml, read

_MOST_SOURCES = 20
_CONDITIONS = re.compile(r"\((\d{1,6})/(\d{1,6})\)")


def parse(data: bytes) -> Report:
    """The report. What comes before a fault is kept. Raises NotCoverage for other files, and nothing else."""
    start = data[:512].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((b"TN:", b"SF:")):
        return read_lcov(data.decode("utf-8", "replace"))
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
class _Xml:
    """What was read of a Cobertura or JaCoCo report so far."""

    format: str | None = None
    at: datetime | None = None
    files: dict[str, Lines] = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)
    whole: bool = False
    """Whether anything was met that only such a report has."""
    _path: list[str] = field(default_factory=list)
    _package: str = ""
    _file: Lines | None = None

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
        self.at = moment_of(attributes.get("timestamp", ""))

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
            line = count_of(attributes.get("number"))
            self._file.line(line, count_of(attributes.get("hits")) > 0)
            told = attributes.get("condition-coverage")
            if told and (found := _CONDITIONS.search(told)):
                self._file.branch(line, int(found[1]), int(found[2]))

    def _jacoco(self, name: str, attributes: dict[str, str]) -> None:
        if name == "sessioninfo":
            self.at = max(filter(None, (self.at, moment_of(attributes.get("dump", "")))), default=None)
        elif name == "package":
            self.whole, self._package = True, attributes.get("name", "")
        elif name == "sourcefile":
            self._file = self._opened("/".join(filter(None, (self._package, attributes.get("name", "")))))
        elif name == "counter" and self._file is not None and self._path[-2:-1] == ["sourcefile"]:
            run, missed = count_of(attributes.get("covered")), count_of(attributes.get("missed"))
            if attributes.get("type") == "LINE":
                self._file.counted += Covered(lines=run + missed, lines_run=run)
            elif attributes.get("type") == "BRANCH":
                self._file.counted += Covered(branches=run + missed, branches_run=run)

    def _opened(self, name: str) -> Lines | None:
        """The lines of a file; None for one without a name, and beyond what is read."""
        name = text(name, LONGEST_NAME)
        if not name or (name not in self.files and len(self.files) >= MOST_FILES):
            return None
        return self.files.setdefault(name, Lines())
