"""One architecture decision record: its title, its status, what supersedes it, and when it wants to be looked at again.

Statuses are read where people put them: YAML front matter (MADR), a section `## Status` (Nygard), a line `Status: proposed`,
also in a list, in bold or in a table.
"""

from __future__ import annotations

import calendar
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Literal

from cowork.core.text import one_line
from cowork.formats import frontmatter
from cowork.twins.evidence import markdown_text
from cowork.twins.evidence.markdown_text import MarkdownText

State = Literal["open", "accepted", "rejected", "superseded", "deprecated", "missing", "unknown"]

_MEANINGS: dict[State, str] = {
    "superseded": "superseded superceded supersceded replaced obsoleted",
    "deprecated": "deprecated obsolete retired withdrawn",
    "rejected": "rejected declined abandoned dropped",
    "open": "proposed proposal draft open pending wip discussion review rfc undecided tbd deferred",
    "accepted": "accepted approved adopted decided done implemented final active agreed current complete completed",
}
_STATES: dict[str, State] = {word: state for state, words in _MEANINGS.items() for word in words.split()}
_SUPERSEDED = re.compile(r"(?i)\b(?:supersed|superced|superse?ced|replac|obsolet)ed[ -]+(?:by|with)\b(.*)")
_SUPERSEDES = re.compile(r"(?i)\b(?:supersedes|supercedes|replaces|obsoletes)\b(.*)")
_LINKED = re.compile(r"\]\(\s*<?([^)\s#>]+)")
_NUMBERED = re.compile(r"(?i)\badr[-_ #]*0*(\d{1,5})\b|(?<![\w./-])#?0*(\d{1,5})(?=[-_. ,)\]]|$)")
_FILE_NUMBER = re.compile(r"(?i)(?:adr[-_ ]?)?0*(\d{1,5})(?=[-_. ]|$)")
_LINE = re.compile(r"(?i)[\s|*_>-]*(?:adr[ -]|decision[ -])?status[\s*_]*[:|][\s*_|:]*(.*?)[\s*_|]*")
_CHAIN = re.compile(r"(?i)[\s|*_>-]*supersede(?:s|d[ -]by)\b[\s*_]*[:|].*")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_HEAD = 40  # lines in which a status is looked for
_AGAIN = re.compile(
    r"(?i)\b(?:revisit|re-?evaluate|reconsider|re-?assess|todo|next review|review (?:date|by|on)|to be reviewed)\b(.{0,40})"
)
_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_DATES = (
    re.compile(r"\b(?P<year>\d{4})-(?P<month>\d{2})(?:-(?P<day>\d{2}))?\b"),
    re.compile(r"(?i)\bq(?P<quarter>[1-4])[ /-]?(?P<year>\d{4})\b"),
    re.compile(rf"(?i)\b(?P<name>{'|'.join(_MONTHS)}) (?:(?P<day>\d{{1,2}}), )?(?P<year>\d{{4}})\b"),
)
_KEYS = re.compile(r"(?:revisit|review|re-?evaluate|expires)(?:[-_](?:on|by|date))?|next[-_]review")


@dataclass(frozen=True)
class Again:
    """When a decision is to be looked at again: the last day that the words leave, and the words."""

    day: date
    words: str
    line: int


@dataclass(frozen=True)
class Record:
    """A decision record. `number` is the one in its file's name; `state` is what `status`, its own words, come to.

    `by` is what it is superseded by and `of` what it supersedes: files where it links to them, else numbers.
    """

    file: str
    number: int | None
    title: str
    state: State
    status: str
    by: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    again: tuple[Again, ...] = ()


def read_record(file: str, text: str) -> Record:
    """The record in a file. Never raises."""
    front, read = frontmatter.parse(text), markdown_text.read(text)
    said = list(_said(front, read, _COMMENT.sub(_blank, text).splitlines()))
    number = _FILE_NUMBER.match(posixpath.basename(file))
    title = next((heading.text for heading in read.headings), "") or str(front.data.get("title", ""))
    state = _state(said)
    return Record(
        file=file,
        number=int(number[1]) if number else None,
        title=one_line(title, 120) or posixpath.basename(file),
        state=state,
        status=one_line(said[0], 80) if said else "",
        by=tuple(dict.fromkeys(_others(_SUPERSEDED, said, file))) if state == "superseded" else (),
        of=tuple(dict.fromkeys(_others(_SUPERSEDES, said, file))),
        again=tuple(_again(front, read)),
    )


def _blank(comment: re.Match[str]) -> str:
    return "\n" * comment[0].count("\n")


def _said(front: frontmatter.Frontmatter, read: MarkdownText, lines: list[str]) -> Iterator[str]:
    """The lines that speak of the status, as they are written; the first one is the status."""
    value = front.data.get("status")
    section = next(_sections(read, len(lines)), None)
    if isinstance(value, str) and value.strip():
        yield value.strip()
    elif section is not None:
        yield from (line.strip() for line in lines[section[0] : section[1]] if line.strip())
    else:
        code = {span.line + at for span in read.spans if span.language is not None for at in range(span.text.count("\n"))}
        head = [line for number, line in enumerate(lines, 1) if number not in code][front.body_line - 1 :][:_HEAD]
        found = (_LINE.fullmatch(line) for line in head)
        yield from [match[1] for match in found if match and match[1]][:1]
    for key in ("superseded-by", "superseded_by", "supersedes"):
        if front.data.get(key):
            yield f"{re.sub('[-_]', ' ', key)} {front.data[key]}"
    yield from (line for line in lines[front.body_line - 1 :][:_HEAD] if _CHAIN.fullmatch(line))


def _sections(read: MarkdownText, end: int) -> Iterator[tuple[int, int]]:
    """Lines below headings `Status`, as positions in the list of lines."""
    places = [(heading.text.strip().lower().rstrip(":"), heading.line) for heading in read.headings]
    for (text, line), (_, following) in pairwise([*places, ("", end + 1)]):
        if text == "status":
            yield line, following - 1


def _state(said: list[str]) -> State:
    """What the words come to. A choice of several that nobody has made yet, as in a template, is a missing status."""
    if not said:
        return "missing"
    if said[0].lstrip("[").startswith("{") or said[0].count("|") > 1:
        return "missing"
    if any(_SUPERSEDED.search(line) for line in said):
        return "superseded"
    words = [word for line in said for word in re.findall(r"[a-z]+", _LINKED.sub("", line).lower())]
    return next((_STATES[word] for word in words if word in _STATES), "unknown")


def _others(pattern: re.Pattern[str], said: list[str], file: str) -> Iterator[str]:
    for line in said:
        match = pattern.search(line)
        if match is None:
            continue
        linked = [target for target in _LINKED.findall(match[1]) if ":" not in target]
        if linked:
            yield from (posixpath.normpath(posixpath.join(posixpath.dirname(file), target)) for target in linked)
        else:
            yield from (str(int(first or second)) for first, second in _NUMBERED.findall(match[1]))


def _again(front: frontmatter.Frontmatter, read: MarkdownText) -> Iterator[Again]:
    for key, value in front.data.items():
        day = _last_day(str(value)) if _KEYS.fullmatch(key.lower()) else None
        if day is not None:
            yield Again(day, one_line(f"{key}: {value}", 100), front.lines.get(key, 1))
    for prose in read.prose:
        for match in _AGAIN.finditer(prose.text):
            day = _last_day(match[1].partition(". ")[0])
            if day is not None:
                yield Again(day, one_line(match[0], 100), prose.line)


def _last_day(words: str) -> date | None:
    """The last day of the first date in a text: of `2026-03`, `March 2026` and `Q1 2026` it is 31 March."""
    found = [match for pattern in _DATES if (match := pattern.search(words))]
    if not found:
        return None
    parts = min(found, key=re.Match.start).groupdict()
    year = int(parts["year"])
    if parts.get("quarter"):
        month = int(parts["quarter"]) * 3
    else:
        month = _MONTHS[parts["name"].lower()] if parts.get("name") else int(parts["month"])
    try:
        return date(year, month, int(parts["day"]) if parts.get("day") else calendar.monthrange(year, month)[1])
    except ValueError:  # the thirteenth month
        return None
