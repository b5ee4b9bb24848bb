"""JUnit XML as tools write it: pytest, Surefire, Gradle, jest-junit, go-junit-report, with suites nested or not."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from cowork.twins.evidence.wording import moment, text
from cowork.twins.evidence.xml_events import BadXml, read

Outcome = Literal["passed", "failed", "skipped"]
MOST_CASES = 100_000
_MESSAGE = 200
_ID = 300
_SAYS_NOTHING = {"", "failed", "failure", "error", "null", "none"}
_SKIPPED_STATUS = {"notrun", "skipped", "disabled", "ignored"}  # GoogleTest and others have no element for it
# What Surefire writes about runs of one test after the first: of one that passed in the end, and of one that never did.
_FAILED_BEFORE_PASSING = {"flakyFailure", "flakyError"}
_FAILED_AGAIN = {"rerunFailure", "rerunError"}


@dataclass(frozen=True)
class Case:
    """One run of one test. `message` is the first line of what it failed or was skipped with.

    `failed_before`: it passed or failed after failing in the same build, so many times.
    """

    id: str
    outcome: Outcome
    seconds: float
    message: str
    failed_before: int = 0


@dataclass(frozen=True)
class Report:
    """The cases of a report, in its order, and when it was written by its own account.

    `broken` says why the rest of it could not be read; empty when all of it was.
    """

    cases: tuple[Case, ...]
    at: datetime | None
    broken: str = ""


class NotJunit(Exception):
    """It is some other XML."""


def parse(data: bytes) -> Report:
    """The report. What comes before a fault is kept. Raises NotJunit for other XML, and nothing else."""
    reading = _Reading()
    broken = ""
    try:
        read(data, reading.start, reading.end)
    except BadXml as error:
        broken = str(error)
        if not reading.is_junit and not _begins_like_junit(data):
            raise NotJunit from None
    except _TooMany:
        broken = f"it has more than {MOST_CASES} tests"
    return Report(tuple(reading.cases), reading.at, broken)


class _TooMany(Exception):
    pass


def _begins_like_junit(data: bytes) -> bool:
    return b"<testsuite" in data[:2000] or not data.strip()


@dataclass
class _Open:
    """A test case whose end was not seen yet."""

    id: str
    seconds: float
    outcome: Outcome = "passed"
    message: str = ""
    failed_before: int = 0


@dataclass
class _Reading:
    """What was read so far."""

    is_junit: bool = False
    at: datetime | None = None
    cases: list[Case] = field(default_factory=list)
    _suites: list[str] = field(default_factory=list)
    _case: _Open | None = None
    _messages: list[str] = field(default_factory=list)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if not self.is_junit:
            if name not in ("testsuites", "testsuite"):
                raise NotJunit
            self.is_junit = True
        if name in ("testsuites", "testsuite"):
            self._suites.append(text(attributes.get("name"), _ID))
            stamp = moment(attributes.get("timestamp"))
            self.at = max(filter(None, (self.at, stamp)), default=None)
        elif name == "testcase":
            self._case = self._opened(attributes)
        self._messages.append(attributes.get("message", "") or attributes.get("type", ""))

    def _opened(self, attributes: dict[str, str]) -> _Open:
        place = text(attributes.get("classname"), _ID) or (self._suites[-1] if self._suites else "")
        own = text(attributes.get("name"), _ID) or "a test without a name"
        opened = _Open(f"{place}::{own}" if place else own, _seconds(attributes.get("time", "")))
        if {attributes.get("status", ""), attributes.get("result", "")} & _SKIPPED_STATUS:
            opened.outcome = "skipped"
        return opened

    def end(self, name: str, content: str) -> None:
        message = self._messages.pop()
        if name in ("testsuites", "testsuite"):
            self._suites.pop()
        case = self._case
        if case is None:
            return
        if name == "testcase":
            self.cases.append(Case(case.id, case.outcome, case.seconds, case.message, case.failed_before))
            self._case = None
            if len(self.cases) >= MOST_CASES:
                raise _TooMany
        elif name in ("failure", "error"):
            case.outcome = "failed"
            case.message = case.message or _first_line(message, content)
        elif name == "skipped" and case.outcome == "passed":
            case.outcome, case.message = "skipped", _first_line(message, content)
        elif name in _FAILED_BEFORE_PASSING | _FAILED_AGAIN:
            case.failed_before += 1


def _first_line(message: str, content: str) -> str:
    """The first line that says something, of the attribute before the text: go-junit-report's attribute says `Failed`."""
    lines = [line.strip() for line in (*message.splitlines()[:20], *content.splitlines()[:20])]
    return next((text(line, _MESSAGE) for line in lines if line.casefold() not in _SAYS_NOTHING), "")


def _seconds(value: str) -> float:
    """A duration, 0 when there is none: Surefire groups thousands by commas."""
    try:
        seconds = float(value[:40].replace(",", ""))
    except ValueError:
        return 0.0
    return seconds if math.isfinite(seconds) and seconds > 0 else 0.0
