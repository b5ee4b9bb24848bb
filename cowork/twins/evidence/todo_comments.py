"""TODO, FIXME, HACK and XXX in comments, with who wrote them and when."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from cowork.core.text import one_line
from cowork.twins.evidence.areas import areas
from cowork.twins.evidence.blame import Written, blame
from cowork.twins.evidence.comments import KINDS, Marker, markers, syntax_of
from cowork.twins.evidence.findings import Fact, Findings
from cowork.twins.evidence.history import WINDOW_DAYS
from cowork.twins.evidence.look import Look, OutOfTime
from cowork.twins.evidence.wording import days, many, ranked

MOST_BLAMED = 60
"""Files of which git is asked who wrote them."""
_MOST_PER_FILE = 200


@dataclass(frozen=True)
class _Found:
    """A marker in a file, and where it comes from; `origin` is None where git does not tell."""

    path: str
    marker: Marker
    origin: Written | None


def collect(look: Look) -> Findings:
    """New ones first, then the most urgent kinds, and of those the oldest. Without git they have no age."""
    by_file = _scanned(look)
    found, asked = _with_origins(look, by_file)
    found.sort(key=lambda one: _rank(one, look.now))
    kinds = Counter(one.marker.kind for one in found)
    area = areas(one.path for one in found)
    figures = {
        "markers": len(found),
        "files": len(by_file),
        "new": sum(_is_new(one, look.now) for one in found),
        "not_committed": sum(_is_uncommitted(one) for one in found),
        "without_age": sum(one.origin is None for one in found),
        "oldest_days": _oldest_days(found, look.now),
        "kinds": {kind: kinds[kind] for kind in KINDS if kinds[kind]},
        "areas": dict(ranked(Counter(area(one.path) for one in found))[:10]),
    }
    return Findings(
        _summary(found, look), tuple(_fact(one, look) for one in found), figures, None, _left_out(by_file, asked, look)
    )


def _scanned(look: Look) -> dict[str, list[Marker]]:
    """The markers of each file that has some."""
    known = [(path, syntax) for path in look.files if (syntax := syntax_of(path)) is not None]
    found: dict[str, list[Marker]] = {}
    for path, syntax in look.in_time(known, "files"):
        text = look.read(path)
        marked = markers(text, syntax) if text else []
        if len(marked) > _MOST_PER_FILE:
            look.left_out[f"markers beyond {_MOST_PER_FILE} of a file"] = len(marked) - _MOST_PER_FILE
        if marked:
            found[path] = marked[:_MOST_PER_FILE]
    return found


def _with_origins(look: Look, by_file: dict[str, list[Marker]]) -> tuple[list[_Found], int]:
    """All markers with their origins, and of how many files git was asked: those with the most urgent markers first."""
    origins: dict[str, dict[int, Written]] = defaultdict(dict)
    order = sorted(by_file, key=lambda path: (min(KINDS.index(marker.kind) for marker in by_file[path]), path))
    asked = 0
    unknown = {entry.name for entry in look.entries if not entry.mode} if look.in_git else set(by_file)
    try:
        for path in order if look.in_git and look.head else []:
            if path in unknown:
                origins[path] = {marker.line: Written(None, "", None, boundary=False) for marker in by_file[path]}
            elif asked < MOST_BLAMED:
                origins[path] = blame(look, path, (marker.line for marker in by_file[path]))
                asked += 1
    except OutOfTime:  # the markers are there, some without an age
        pass
    found = [_Found(path, marker, origins[path].get(marker.line)) for path in by_file for marker in by_file[path]]
    return found, asked


def _left_out(by_file: dict[str, list[Marker]], asked: int, look: Look) -> tuple[str, ...]:
    dateless = len(by_file) - asked
    if not look.in_git:
        return ("ages and authors, which only git knows",) if by_file else ()
    return (f"ages in files beyond the first {asked}",) if asked >= MOST_BLAMED and dateless > 0 else ()


def _is_uncommitted(one: _Found) -> bool:
    return one.origin is not None and one.origin.commit is None


def _is_new(one: _Found, now: datetime) -> bool:
    """Written within the last two weeks, or not committed yet."""
    if one.origin is None or one.origin.boundary:
        return False
    return one.origin.at is None or now - one.origin.at <= timedelta(days=WINDOW_DAYS)


def _rank(one: _Found, now: datetime) -> tuple[bool, int, float, str, int]:
    at = one.origin.at.timestamp() if one.origin and one.origin.at else now.timestamp()
    return not _is_new(one, now), KINDS.index(one.marker.kind), at, one.path, one.marker.line


def _summary(found: list[_Found], look: Look) -> str:
    if not found:
        return "No TODO, FIXME, HACK or XXX in comments"
    kinds = Counter(one.marker.kind for one in found)
    counted = ", ".join(f"{kinds[kind]:,} {kind}" for kind in KINDS if kinds[kind])
    text = f"{many(len(found), 'marker')} in {many(len({one.path for one in found}), 'file')}: {counted}"
    if look.in_git:
        text += f"; {sum(_is_new(one, look.now) for one in found):,} of the last {WINDOW_DAYS} days or not committed yet"
    oldest = _oldest_days(found, look.now)
    return text if oldest is None else f"{text}; the oldest is of {many(oldest, 'day')} ago"


def _oldest_days(found: list[_Found], now: datetime) -> int | None:
    return max((days(one.origin.at, now) for one in found if one.origin and one.origin.at), default=None)


def _fact(one: _Found, look: Look) -> Fact:
    marker, origin = one.marker, one.origin
    owner = f"({marker.owner})" if marker.owner else ""
    says = one_line(marker.text, 140) or "(says nothing)"
    text = f"{one.path}:{marker.line} {marker.kind}{owner}: {says} [{_origin(origin, look)}]"
    data = {
        "path": one.path,
        "line": marker.line,
        "kind": marker.kind,
        "owner": marker.owner,
        "text": marker.text,
        "author": origin.author if origin else None,
        "at": origin.at.isoformat() if origin and origin.at else None,
        "age_days": days(origin.at, look.now) if origin and origin.at else None,
        "commit": origin.commit if origin else None,
        "committed": None if origin is None else origin.commit is not None,
        "new": _is_new(one, look.now),
    }
    return Fact(text, data)


def _origin(origin: Written | None, look: Look) -> str:
    if origin is None:
        return "age unknown"
    if origin.at is None:
        return "not committed yet" if origin.commit is None else f"{origin.author}, age unknown"
    at_least = "at least " if origin.boundary else ""
    return f"{origin.author}, {origin.at:%Y-%m-%d}, {at_least}{many(days(origin.at, look.now), 'day')} old"
