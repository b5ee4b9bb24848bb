"""Markdown lists as tasks: the items are tasks, what is nested in them says when they are done, headings are labels."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from cowork.core.errors import InvalidInput
from cowork.core.outcome import Notice
from cowork.core.text import one_line
from cowork.loop.tasks import graph
from cowork.loop.tasks.fields import FORMATS, PLAN
from cowork.loop.tasks.hints import Draft, read_item, read_title
from cowork.loop.tasks.reader import usable
from cowork.loop.tasks.writing import spelled

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*")
_ITEM = re.compile(r"([ \t]*)([-*+]|(\d{1,9})[.)])(?:[ \t]+(?:\[([ xX~-])\](?:[ \t]+|$))?(.*)|$)")
_RULE = re.compile(r"[ \t]*([-*_])([ \t]*\1){2,}[ \t]*")
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})(.*)")
_STATUS = {"x": "done", "X": "done", "-": "skipped", "~": "skipped"}
_NESTED = 2  # columns further in than the item above


def is_prose(line: str) -> bool:
    """Whether a line is a part of a paragraph, and begins nothing of its own."""
    return bool(line.strip()) and not any(pattern.fullmatch(line) for pattern in (_HEADING, _ITEM, _RULE, _FENCE))


class Imported(NamedTuple):
    """What a text came to: a document of the plan's format, and what was not understood."""

    document: dict[str, Any]
    notices: tuple[Notice, ...]


def tasks_of(text: str, file: str) -> Imported:
    """The tasks of a Markdown text. Raises InvalidInput: `tasks.none_found`, `tasks.duplicate_id`, `tasks.cycle`."""
    outline = _Outline(file)
    for number, line in enumerate("".join(c if usable(c) else "\ufffd" for c in text).splitlines(), 1):
        outline.take(number, line.expandtabs(4))
    outline.end_paragraph()
    drafts = [draft for draft in outline.drafts if draft.title]
    if not drafts:
        raise InvalidInput(
            "tasks.none_found",
            f"there is no list with text in {one_line(file, 120)}",
            hint="write one item for each task: - [ ] Title",
            details={"path": file},
        )
    notices = _name(drafts, file)
    _refuse_cycles(drafts, file)
    empty = len(outline.drafts) - len(drafts)
    if empty:
        notices.append(Notice("tasks.empty_item", f"{empty} item(s) without text are left out"))
    head = {"name": outline.name, "description": "\n".join(outline.about).strip()}
    document = {key: value for key, value in head.items() if value}
    return Imported({**document, "tasks": [_object(draft) for draft in drafts]}, tuple(notices))


@dataclass
class _Open:
    """The paragraph that goes on with the next line: of which item, and whether that is nested."""

    draft: Draft
    nested: bool
    lines: list[str]


class _Outline:
    """Reads line by line."""

    def __init__(self, file: str) -> None:
        self.file, self.name = file, ""
        self.about: list[str] = []
        self.drafts: list[Draft] = []
        self._headings: list[tuple[int, str]] = []
        self._open: _Open | None = None
        self._task: Draft | None = None
        self._indent = 0
        self._fence = ""

    def take(self, number: int, line: str) -> None:
        """One line."""
        indent = len(line) - len(line.lstrip(" "))
        if self._fenced(line, indent):
            return
        heading, item = _HEADING.fullmatch(line), _ITEM.fullmatch(line)
        if not line.strip():
            self.end_paragraph()
        elif heading:
            self._heading(len(heading[1]), heading[2].strip())
        elif _RULE.fullmatch(line):
            self.end_paragraph()
        elif item:
            self._item(number, item, indent)
        elif self._open is not None:
            self._open.lines.append(line.strip())
        elif self._task is not None and indent >= self._indent + _NESTED:
            self._task.description.append(line.strip())
        else:
            self._task = None
            if not self.drafts and len(self._headings) == 0:
                self.about.append(line.strip())

    def _fenced(self, line: str, indent: int) -> bool:
        """Whether a line belongs to a block of code, whose text is nobody's list."""
        fence = _FENCE.fullmatch(line)
        if self._fence:
            if fence and fence[1].startswith(self._fence) and not fence[2].strip():
                self._fence = ""
        elif fence and (fence[1][0] == "~" or "`" not in fence[2]):
            self._fence = fence[1]
            self.end_paragraph()
        else:
            return False
        if self._task is not None and indent >= self._indent + _NESTED:
            self._task.description.append(line[self._indent + _NESTED :].rstrip())
        return True

    def _heading(self, level: int, text: str) -> None:
        self.end_paragraph()
        self._task = None
        if level == 1 and not self.name and not self.drafts and not self._headings:
            self.name = text
            return
        self._headings = [kept for kept in self._headings if kept[0] < level]
        if text:
            self._headings.append((level, text))

    def _item(self, number: int, item: re.Match[str], indent: int) -> None:
        self.end_paragraph()
        text = (item[5] or "").strip()
        if self._task is not None and indent >= self._indent + _NESTED:
            self._open = _Open(self._task, True, [text])
            return
        section = tuple(text for _, text in self._headings)
        ordinal = int(item[3]) if item[3] else None
        self._task = Draft(number, ordinal, section, _STATUS.get(item[4] or "", "pending"), labels=list(section))
        self._indent = indent
        self.drafts.append(self._task)
        self._open = _Open(self._task, False, [text])

    def end_paragraph(self) -> None:
        """What follows belongs to something else."""
        if self._open is not None:
            read = read_item if self._open.nested else read_title
            read(self._open.draft, " ".join(self._open.lines))
            self._open = None


def _name(drafts: Sequence[Draft], file: str) -> list[Notice]:
    """Give every task an id, and put ids where others are meant. What means nothing goes back into the text."""
    known: dict[str, Draft] = {}
    for draft in drafts:
        if draft.id in known:
            raise InvalidInput(
                "tasks.duplicate_id",
                f"{one_line(file, 120)}:{draft.line}: the id '{one_line(str(draft.id), 60)}' is taken",
                cause=f"line {known[str(draft.id)].line} has it",
                hint="give one of them another id",
                details={"path": file, "line": draft.line, "id": draft.id},
            )
        if draft.id is not None:
            known[draft.id] = draft
    for number, draft in enumerate(drafts, 1):
        while draft.id is None:
            name = f"task-{number}"
            if name not in known:
                draft.id = name
                known[name] = draft
            number += len(drafts)
    notices = []
    for draft in drafts:
        for names, text, in_title in draft.after:
            meant = [_meant(name, draft, drafts, known) for name in names]
            if meant and all(meant):
                draft.dependencies += [str(other.id) for other in meant if other]
                continue
            if in_title:
                draft.title += text
            else:
                draft.criteria.append(text)
            shown = f"line {draft.line}: '{one_line(text.strip(), 80)}' names no other task of the list; it is kept as text"
            notices.append(Notice("tasks.hint_unresolved", shown))
    return notices


def _meant(name: str, draft: Draft, drafts: Sequence[Draft], known: dict[str, Draft]) -> Draft | None:
    """The one other task that a name means: an id, a number of an ordered list (of the same section first), or a title."""
    if name in known:
        return known[name] if known[name] is not draft else None
    plain = re.sub(r"^(task|step|item)\s+|^#", "", name, flags=re.IGNORECASE).strip()
    by_number = [other for other in drafts if str(other.number) == plain]
    near = [other for other in by_number if other.section == draft.section]
    by_title = [other for other in drafts if other.title.casefold() == name.casefold()]
    for found in (near, by_number, by_title):
        if len(found) == 1 and found[0] is not draft:
            return found[0]
    return None


def _refuse_cycles(drafts: Sequence[Draft], file: str) -> None:
    for ring in graph.cycles({str(draft.id): draft.dependencies for draft in drafts}):
        names = " -> ".join(one_line(name, 60) for name in (*ring, ring[0]))
        raise InvalidInput(
            "tasks.cycle",
            f"tasks of {one_line(file, 120)} wait for each other: {names}",
            hint="take one of these hints out",
            details={"path": file, "cycle": list(ring)},
        )


def _object(draft: Draft) -> dict[str, Any]:
    fields = {
        "id": draft.id,
        "title": draft.title,
        "description": "\n".join(draft.description).strip(),
        "priority": draft.priority,
        "status": draft.status,
        "dependencies": tuple(dict.fromkeys(draft.dependencies)),
        "criteria": tuple(draft.criteria),
        "checks": tuple(draft.checks),
        "agent": draft.agent,
        "model": draft.model,
        "pattern": draft.pattern,
        "labels": tuple(dict.fromkeys(draft.labels)),
        "notes": "\n".join(draft.notes),
    }
    return spelled(FORMATS[PLAN], fields)
