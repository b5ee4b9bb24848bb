"""What happened lately: commits by area and by author, merges and programs apart, and branches that wait."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from cowork.twins.evidence.areas import Area, areas
from cowork.twins.evidence.branches import unmerged
from cowork.twins.evidence.findings import Fact, Findings
from cowork.twins.evidence.history import Commit, Recent, recent
from cowork.twins.evidence.look import Look
from cowork.twins.evidence.wording import ago, lines, listed, many, most_of, ranked

_MOST_AREAS, _MOST_AUTHORS, _MOST_COMMITS = 8, 8, 14


def collect(look: Look) -> Findings:
    """Commits of the last two weeks, else the last fifty. Raises CannotCollect without commits."""
    seen = recent(look)
    work = [commit for commit in seen.commits if not commit.merge and not commit.bot]
    bots = [commit for commit in seen.commits if not commit.merge and commit.bot]
    merges = [commit for commit in seen.commits if commit.merge]
    area = areas(change.path for commit in work for change in commit.changes)
    waiting, branches = unmerged(look)
    by_area = _by_area(work, area, look)
    by_author = _by_author(work, area, look)
    facts = (
        *by_area[:_MOST_AREAS],
        *by_author[:_MOST_AUTHORS],
        *_programs(bots),
        *waiting,
        *(_commit(commit, look) for commit in work[:_MOST_COMMITS]),
    )
    figures = {
        "commits": len(work),
        "authors": len({commit.who for commit in work}),
        "merges": len(merges),
        "bot_commits": len(bots),
        "files": len({change.path for commit in work for change in commit.changes}),
        "added": sum(commit.added for commit in work),
        "removed": sum(commit.removed for commit in work),
        "period": seen.words,
        "recent": seen.within_window,
        "unmerged_branches": branches,
    }
    total = len(by_area) + len(by_author) + bool(bots) + branches + len(work)
    return Findings(_summary(seen, work, bots, merges, look), facts, figures, total, _left_out(seen, look))


def _summary(seen: Recent, work: list[Commit], bots: list[Commit], merges: list[Commit], look: Look) -> str:
    beside = [many(len(merges), "merge")] * bool(merges) + [f"{many(len(bots), 'commit')} of programs"] * bool(bots)
    apart = f", beside {' and '.join(beside)}" if beside else ""
    quiet = "" if seen.within_window else f" (nothing in the last two weeks; the last commit was {_last(seen, look)})"
    if not work:
        return f"No commits by people in {seen.words}{apart}{quiet}"
    who = many(len({commit.who for commit in work}), "person", "people")
    changed = lines(sum(commit.added for commit in work), sum(commit.removed for commit in work))
    files = many(len({change.path for commit in work for change in commit.changes}), "file")
    return f"{many(len(work), 'commit')} by {who} in {seen.words}{apart}: {changed} lines in {files}{quiet}"


def _last(seen: Recent, look: Look) -> str:
    return ago(max(commit.at for commit in seen.commits), look.now) if seen.commits else "elsewhere in the repository"


def _left_out(seen: Recent, look: Look) -> tuple[str, ...]:
    cut = (f"commits beyond the last {len(seen.commits):,}",) if seen.cut else ()
    return (*cut, *(("older commits, which were not fetched",) if look.shallow and not seen.within_window else ()))


def _by_area(work: list[Commit], area_of: Area, look: Look) -> list[Fact]:
    commits: dict[str, list[Commit]] = defaultdict(list)
    for commit in work:
        for area in {area_of(change.path) for change in commit.changes}:
            commits[area].append(commit)
    facts = []
    for area, _ in ranked(Counter({name: len(found) for name, found in commits.items()})):
        found = commits[area]
        changes = [change for commit in found for change in commit.changes if area_of(change.path) == area]
        files = Counter(change.path for change in changes)
        added, removed = sum(change.added or 0 for change in changes), sum(change.removed or 0 for change in changes)
        people = len({commit.who for commit in found})
        text = (
            f"area {area}: {many(len(found), 'commit')} by {many(people, 'person', 'people')}, {lines(added, removed)}, "
            f"last {ago(found[0].at, look.now)}; {_most_changed(files)}"
        )
        data = {"area": area, "commits": len(found), "people": people, "added": added, "removed": removed}
        facts.append(Fact(text, {**data, "last_at": found[0].at.isoformat(), "files": [name for name, _ in ranked(files)[:5]]}))
    return facts


def _most_changed(files: Counter[str]) -> str:
    """What changed most often, or what changed where nothing did so twice."""
    return f"most often {most_of(files)}" if max(files.values(), default=0) > 1 else listed(sorted(files), 3)


def _by_author(work: list[Commit], area_of: Area, look: Look) -> list[Fact]:
    """Who was at work last comes first: this is no ranking of people."""
    facts = []
    for found in _grouped(work):
        where = Counter(area for commit in found for area in {area_of(change.path) for change in commit.changes})
        added, removed = sum(commit.added for commit in found), sum(commit.removed for commit in found)
        at = f" in {most_of(where)}" if where else ""
        text = (
            f"author {found[0].author}: {many(len(found), 'commit')}{at}, {lines(added, removed)}, "
            f"last {ago(found[0].at, look.now)}: {found[0].subject}"
        )
        data = {"author": found[0].author, "commits": len(found), "added": added, "removed": removed}
        facts.append(Fact(text, {**data, "last_at": found[0].at.isoformat(), "areas": dict(ranked(where)[:5])}))
    return facts


def _grouped(work: Iterable[Commit]) -> list[list[Commit]]:
    by_who: dict[str, list[Commit]] = {}
    for commit in work:
        by_who.setdefault(commit.who, []).append(commit)
    return list(by_who.values())


def _programs(bots: list[Commit]) -> tuple[Fact, ...]:
    if not bots:
        return ()
    names = Counter(commit.author for commit in bots)
    text = f"programs: {many(len(bots), 'commit')} by {most_of(names)}; the last: {bots[0].subject}"
    return (Fact(text, {"bots": dict(ranked(names)), "commits": len(bots)}),)


def _commit(commit: Commit, look: Look) -> Fact:
    paths = [change.path for change in commit.changes]
    size = f"{lines(commit.added, commit.removed)} in {many(len(paths), 'file')}" if paths else "no files"
    text = f"{commit.hash[:10]} {commit.at:%Y-%m-%d} {commit.author}: {commit.subject} ({size}: {listed(paths, 3)})"
    data = {"commit": commit.hash, "at": commit.at.isoformat(), "author": commit.author, "subject": commit.subject}
    more = {"added": commit.added, "removed": commit.removed, "files": paths[:10], "files_total": len(paths)}
    return Fact(text if paths else text.replace(": )", ")"), {**data, **more, "ago": ago(commit.at, look.now)})
