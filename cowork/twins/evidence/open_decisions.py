"""Decision records that wait for somebody: still open, due to be looked at again, superseded by nothing, without a status."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime

from cowork.core.text import one_line
from cowork.twins.evidence.decision_record import Again, Record, State, read_record
from cowork.twins.evidence.findings import Fact, Findings
from cowork.twins.evidence.look import Look
from cowork.twins.evidence.markdown_text import is_markdown
from cowork.twins.evidence.tree import is_set_aside
from cowork.twins.evidence.wording import many

_PLACES = re.compile(
    r"(?i)(?:^|/)(?P<place>adrs?|(?:architectur\w*[-_])?decisions?(?:[-_](?:records?|log))?|decision[-_]records?)/(?:[^/]+/)*(?P<name>[^/]+)$"
)
_NO_RECORD = re.compile(r"(?i)(?:readme|index|_?toc|.*template.*|about|log|summary)\.\w+")
_MOST_FACTS = 200
_MOST_MISSING = 3


@dataclass(frozen=True)
class Story:
    """Since when a record is there, who added it, and when it last changed."""

    added: datetime
    author: str
    changed: datetime


def collect(look: Look) -> Findings:
    """Overdue records, then open ones by age, then chains that do not hold together, then records without a status."""
    records = _read(look)
    stories, ageless = _stories(look, records)
    today = look.now.astimezone(UTC).date()
    facts = [*_overdue(records, today), *_open(records, stories, today), *_chains(records), *_without_status(records)]
    counted = Counter(record.state for record in records)
    figures = {"records": len(records), **{f"records_{state}": count for state, count in sorted(counted.items())}}
    figures["overdue"] = sum(fact.data["kind"] == "overdue" for fact in facts)
    left_out = (ageless,) if ageless else ()
    total = len(facts) if len(facts) > _MOST_FACTS else None
    return Findings(_summary(records, counted, figures["overdue"]), tuple(facts[:_MOST_FACTS]), figures, total, left_out)


def _summary(records: list[Record], counted: Counter[State], overdue: int) -> str:
    if not records:
        return "There are no decision records."
    said = ", ".join(f"{count} {state if state != 'missing' else 'without a status'}" for state, count in counted.most_common())
    due = f"; {overdue} were to be looked at again by now" if overdue else ""
    return f"{many(len(records), 'decision record')}: {said}{due}."


def _read(look: Look) -> list[Record]:
    names = [name for name in look.files if is_markdown(name) and not is_set_aside(name)]
    places = [match for name in names if (match := _PLACES.search(name)) and not _NO_RECORD.fullmatch(match["name"])]
    records: list[Record] = []
    for match in look.in_time(places, "decision records"):
        text = look.read(match.string)
        if text is None:
            continue
        record = read_record(match.string, text)
        is_one = (
            match["place"].lower().startswith("adr") or record.number is not None or record.state not in ("missing", "unknown")
        )
        if is_one:  # a directory of decisions may hold more than records
            records.append(record)
    return records


def _stories(look: Look, records: list[Record]) -> tuple[dict[str, Story], str]:
    """What the history says of each record, and why it says nothing."""
    if not records:
        return {}, ""
    if not look.in_git or look.head is None:
        return {}, "ages and authors: there is no history in git"
    if look.shallow:
        return {}, "ages and authors: the clone is shallow"
    wanted = sorted({record.file.rpartition("/")[0] for record in records})
    shown = ("--no-color", "--no-show-signature", "--no-ext-diff", "--no-notes", "--format=%x01%at%x00%aN")
    done = look.git("log", "-z", "--name-status", "-M", "--relative", *shown, "HEAD", "--", *wanted)
    if not done.ok:
        return {}, f"ages and authors: {done.why}"
    return _told_by(done.out.decode("utf-8", "surrogateescape")), ""


def _told_by(log: str) -> dict[str, Story]:
    """Stories by the names of now, of a log that goes back in time; what was renamed is followed."""
    stories: dict[str, Story] = {}
    now_called: dict[str, str] = {}
    for block in log.split("\x01")[1:]:
        when, _, rest = block.partition("\0")
        author, _, changes = rest.partition("\0")
        if not when.isdigit():
            continue
        at = datetime.fromtimestamp(int(when), UTC)
        words = iter(changes.lstrip("\n").split("\0"))
        for status in words:
            if not status:
                continue
            name = next(words, "")
            if status.startswith("R"):
                old, name = name, next(words, "")
                now_called[old] = now_called.get(name, name)
            current = now_called.get(name, name)
            known = stories.get(current)
            stories[current] = Story(at, author, known.changed if known else at)
    return stories


def _overdue(records: list[Record], today: date) -> list[Fact]:
    """Dates that have passed of records that still hold, the oldest first."""
    holding = [record for record in records if record.state not in ("superseded", "rejected", "deprecated")]
    due = [(again, record) for record in holding for again in record.again if again.day < today]
    due.sort(key=lambda pair: (pair[0].day, pair[1].file, pair[0].line))
    return [_overdue_fact(again, record, today) for again, record in due]


def _overdue_fact(again: Again, record: Record, today: date) -> Fact:
    days = (today - again.day).days
    where = f"{one_line(record.file, 120)}:{again.line}"
    text = f"{where} “{record.title}” was to be looked at again, {_days(days)} ago: “{again.words}”"
    return Fact(text, {**_about(record), "kind": "overdue", "line": again.line, "due": again.day.isoformat(), "days": days})


def _open(records: list[Record], stories: dict[str, Story], today: date) -> list[Fact]:
    waiting = [record for record in records if record.state == "open"]
    latest = datetime.max.replace(tzinfo=UTC)
    waiting.sort(key=lambda record: (stories[record.file].added if record.file in stories else latest, record.file))
    return [_open_fact(record, stories.get(record.file), today) for record in waiting]


def _open_fact(record: Record, story: Story | None, today: date) -> Fact:
    text = f"{one_line(record.file, 120)} “{record.title}” is still open: {record.status}"
    data = {**_about(record), "kind": "open"}
    if story is None:
        return Fact(text, data)
    days, idle = max(0, (today - story.added.date()).days), max(0, (today - story.changed.date()).days)
    author = one_line(story.author, 60)
    text += f"; added {_days(days)} ago by {author}, last changed {_days(idle)} ago"
    return Fact(text, {**data, "author": author, "added": story.added.date().isoformat(), "days": days, "days_idle": idle})


def _chains(records: list[Record]) -> list[Fact]:
    """Superseded by a record that is not there, or not superseded although another record says so."""
    facts = []
    for record in records:
        for name in record.by:
            if _found(name, record, records) is None and not _elsewhere(name, record):
                text = (
                    f"{one_line(record.file, 120)} “{record.title}” is superseded by {one_line(name, 120)}, which is not there"
                )
                facts.append(Fact(text, {**_about(record), "kind": "superseded_by_nothing", "by": name}))
        for name in record.of:
            other = _found(name, record, records)
            if other is not None and other.state in ("accepted", "open") and record.state == "accepted":
                text = f"{one_line(other.file, 120)} says {other.status}, and {one_line(record.file, 120)} supersedes it"
                facts.append(Fact(text, {**_about(other), "kind": "not_marked_superseded", "by": record.file}))
    return facts


def _found(name: str, record: Record, records: list[Record]) -> Record | None:
    """The record that is meant, among those of the same directory when it is a number."""
    if name.isdigit():
        place = record.file.rpartition("/")[0]
        same = [other for other in records if other.number == int(name) and other.file.rpartition("/")[0] == place]
        return same[0] if same else None
    return next((other for other in records if other.file == name), None)


def _elsewhere(name: str, record: Record) -> bool:
    """Whether a link leads out of the directory of records, where other collectors look."""
    return not name.isdigit() and name.rpartition("/")[0] != record.file.rpartition("/")[0]


def _without_status(records: list[Record]) -> list[Fact]:
    """Each record without a status; where that is the habit, all of them as one."""
    missing = [record for record in records if record.state == "missing" and record.number is not None]
    if len(missing) > _MOST_MISSING:
        names = [record.file for record in missing]
        shown = ", ".join(one_line(name, 60) for name in names[:_MOST_MISSING])
        text = f"{len(missing)} decision records have no status: {shown} and {len(missing) - _MOST_MISSING} more"
        return [Fact(text, {"kind": "no_status", "files": names})]
    facts = []
    for record in missing:
        said = f"has not chosen its status: {record.status}" if record.status else "has no status"
        facts.append(Fact(f"{one_line(record.file, 120)} “{record.title}” {said}", {**_about(record), "kind": "no_status"}))
    return facts


def _about(record: Record) -> dict[str, object]:
    return {"file": record.file, "title": record.title, "status": record.status, "state": record.state}


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
