"""The two formats of tasks: what their fields are called, which values they take, and which shapes are mistakes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cowork.loop.tasks.task import Status

PLAN, STORIES = "plan", "stories"


@dataclass(frozen=True)
class Format:
    """A format: its name, the key of its list (a plan may also be the bare list), and the key of each field of a task.

    `required` are the fields that every task has. `wrong` are keys that belong elsewhere, with what to write instead.
    """

    name: str
    list_key: str
    one: str
    keys: Mapping[str, str]
    wrong: Mapping[str, str]
    required: tuple[str, ...] = ("id", "title")


_COMMON = {name: name for name in ("id", "title", "description", "priority", "agent", "model", "pattern", "checks", "labels")}

FORMATS: Mapping[str, Format] = {
    PLAN: Format(
        PLAN,
        "tasks",
        "task",
        {**_COMMON, "dependencies": "dependencies", "criteria": "completion_criteria", "status": "status", "notes": "notes"},
        {
            "depends_on": "call it dependencies",
            "dependsOn": "call it dependencies; dependsOn belongs to userStories",
            "deps": "call it dependencies",
            "blocked_by": "call it dependencies",
            "acceptance_criteria": "call it completion_criteria",
            "acceptanceCriteria": "call it completion_criteria; acceptanceCriteria belongs to userStories",
            "passes": 'write "status": "done" for what is done; passes belongs to userStories',
            "completed": 'write "status": "done" for what is done',
            "done": 'write "status": "done" for what is done',
            "subtasks": "make each of them a task of its own, with dependencies",
        },
    ),
    STORIES: Format(
        STORIES,
        "userStories",
        "story",
        {**_COMMON, "dependencies": "dependsOn", "criteria": "acceptanceCriteria", "status": "passes", "notes": "notes"},
        {
            "status": 'write "passes": true for what is done, false for everything else',
            "dependencies": "call it dependsOn",
            "depends_on": "call it dependsOn",
            "completion_criteria": "call it acceptanceCriteria",
            "acceptance_criteria": "call it acceptanceCriteria",
            "subtasks": "make each of them a story of its own, with dependsOn",
        },
    ),
}

REMARK = {PLAN: "completion_notes", STORIES: "completionNotes"}
"""Where a run leaves what it has to say of a task. `notes` are for people who write tasks."""

KNOWN = frozenset({"completionNotes", "completion_notes", "metadata", "estimated_hours", "files"})
"""Keys of tasks that mean nothing here, and are nobody's slip."""

ROOT_KEYS = frozenset(
    {"name", "project", "title", "description", "branchName", "metadata", "tasks", "userStories", "version", "$schema"}
)
"""Keys beside the list."""

STATUS_WORDS: Mapping[str, Status] = {
    **dict.fromkeys(("pending", "ready", "todo", "to_do", "open", "new", "not_started"), "pending"),
    **dict.fromkeys(("active", "in_progress", "started", "doing"), "active"),
    **dict.fromkeys(("done", "completed", "complete", "closed", "passed", "finished"), "done"),
    **dict.fromkeys(("skipped", "cancelled", "canceled", "wont_do"), "skipped"),
    "blocked": "blocked",
    "failed": "failed",
}
"""What files call the statuses. `ready` is not kept: whether a task is ready follows from the others."""

PRIORITY_WORDS: Mapping[str, int] = {
    **{f"p{number}": number for number in range(10)},
    **dict.fromkeys(("critical", "highest", "urgent"), 0),
    "high": 1,
    **dict.fromkeys(("medium", "normal"), 2),
    "low": 3,
    **dict.fromkeys(("lowest", "trivial"), 4),
}
"""What files call priorities; lower numbers come first."""

DEFAULT_PRIORITY = 2


def status_of(word: str) -> Status | None:
    """The status that a word of a file means."""
    return STATUS_WORDS.get(word.strip().lower().replace("-", "_").replace(" ", "_"))


def priority_of(word: str) -> int | None:
    """The priority that a word or a number in a text means."""
    word = word.strip().lower()
    if word in PRIORITY_WORDS:
        return PRIORITY_WORDS[word]
    digits = word.removeprefix("-")
    return int(word) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None
