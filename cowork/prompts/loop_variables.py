"""The variables of a loop's templates: one table for the engine that fills them, `template check`, and the documentation.

Names and meanings are those that templates of other loop engines use, and then ours. All are always defined, and empty where
they do not apply.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cowork.core.errors import InternalError

MOST_CRITERIA = 200
"""How many criteria are written out in `acceptanceCriteria`."""


@dataclass(frozen=True)
class Variable:
    """A variable: what it means, a value as it may be, and the value where it does not apply.

    `open`: a file's own object, with whatever keys that file has.
    """

    name: str
    meaning: str
    sample: Any
    empty: Any = ""
    open: bool = False


_TASK = {"id": "T-3", "title": "Sign in by link", "priority": 1, "acceptanceCriteria": ["A link works once"], "passes": False}
_PRD = {"name": "Accounts", "description": "People sign in without a password.", "userStories": [_TASK]}
_QUEUE = [
    {"id": "T-1", "title": "Store accounts", "status": "done", "current": False},
    {"id": "T-3", "title": "Sign in by link", "status": "active", "current": True},
    {"id": "T-4", "title": "Sign out", "status": "pending", "current": False},
]

VARIABLES: tuple[Variable, ...] = (
    # the task
    Variable("taskId", "The task's id", "T-3"),
    Variable("taskTitle", "Its title; for a loop without a task file its first line", "Sign in by link"),
    Variable("taskDescription", "What is to be done, in full", "People ask for a link by mail and are signed in by it."),
    Variable("acceptanceCriteria", "When it is done, as a Markdown list", "- A link works once\n- Links end after an hour"),
    Variable("criteria", "When it is done, as a list", ["A link works once", "Links end after an hour"], []),
    Variable("epicId", "The id of what the task is a part of", "E-1"),
    Variable("epicTitle", "Its title", "Accounts"),
    Variable("trackerName", "Where the task is from: plan, stories or text", "stories"),
    Variable("labels", "The task's labels, a list", ["backend"], []),
    Variable("priority", "Its priority; lower comes first", 1),
    Variable("status", "Its status", "active"),
    Variable("dependsOn", "Ids of tasks that had to be done before, a list", ["T-1"], []),
    Variable("blocks", "Ids of tasks that wait for this one, a list", ["T-4"], []),
    Variable("type", "The kind of task, where its file says so", "feature"),
    Variable("notes", "What its author noted", "Mail is sent by the queue, not in the request."),
    Variable("selectionReason", "Why this task and no other", "it is ready and has the highest priority"),
    Variable("queue", "The tasks of the file: id, title, status, current", _QUEUE, []),
    # the document of tasks
    Variable("prdName", "The name of the file's project", "Accounts"),
    Variable("prdDescription", "What the project is about", "People sign in without a password."),
    Variable("prdContent", "The whole file as text", '{"name": "Accounts", "userStories": [...]}'),
    Variable("prdCompletedCount", "How many of its tasks are done", 1, 0),
    Variable("prdTotalCount", "How many it has", 3, 0),
    Variable("beadsDbPath", "The path of the tracker's database; there is none here", ""),
    # who works, where and when
    Variable("agentName", "The agent that works", "claude"),
    Variable("model", "Its model", "anthropic/claude-opus"),
    Variable("cwd", "The directory it works in", "/srv/project"),
    Variable("currentDate", "Today, YYYY-MM-DD", "2026-01-31"),
    Variable("currentTimestamp", "Now, RFC 3339", "2026-01-31T08:05:00Z"),
    Variable("iteration", "The number of this iteration, from 1", 4, 0),
    Variable("maxIterations", "How many there may be; 0: no limit", 50, 0),
    Variable("attempt", "Which attempt at this task it is, from 1", 2, 0),
    # what was before
    Variable("recentProgress", "What earlier iterations did, the newest ones", "- Iteration 3, T-3 Sign in by link: rejected"),
    Variable("codebasePatterns", "What earlier iterations learnt about the code", "- Handlers live in app/http"),
    Variable(
        "rejection", "Why the last promise was not accepted, a list", ["pytest -q ended with 1: test_link_ends failed"], []
    ),
    Variable("answers", "What people answered: question, answer", [{"question": "How long?", "answer": "An hour"}], []),
    Variable("counsel", "What several models advised for this iteration", "Store only a hash of the link."),
    # material
    Variable("context", "Files that were handed over", '<document path="spec.md">\nLinks end after an hour.\n</document>'),
    Variable("tree", "The project's files", "app/\n  http/\n    links.py"),
    Variable("gitStatus", "What git calls changed", " M app/http/links.py"),
    Variable("recentCommits", "The last commits", "1a2b3c4 Store accounts"),
    # how it ends
    Variable("promise", "What the final message ends with when it is done, the whole tag", "<promise>COMPLETE</promise>"),
    Variable("promiseText", "The text between its tags", "COMPLETE"),
    Variable("checks", "Commands that must succeed before it counts as done, a list", ["pytest -q"], []),
    # objects
    Variable("task", "The task as its file has it", _TASK, None, open=True),
    Variable("config", "The loop's settings; `config.autoCommit` among them", {"autoCommit": False}, None, open=True),
    Variable("prd", "The file of tasks as it is", _PRD, None, open=True),
    Variable("epic", "What the task is a part of, as its file has it", {"id": "E-1", "title": "Accounts"}, None, open=True),
)
"""Every variable, by subject."""

TAGS: Mapping[str, str] = {
    "context": "material",
    "tree": "files",
    "gitStatus": "git-status",
    "recentCommits": "commits",
    "counsel": "counsel",
    "prdContent": "prd",
}
"""The tags between which the built-in templates put texts from elsewhere."""

BY_NAME: Mapping[str, Variable] = {variable.name: variable for variable in VARIABLES}


def variables(**known: Any) -> dict[str, Any]:
    """All variables: the known ones, the others empty. `acceptanceCriteria` is written from `criteria` where it is not known.

    Material cannot close the tags that mark it as material.
    Raises `template.unknown_variable` (a bug) for a name that is not in the table.
    """
    unknown = sorted(set(known) - set(BY_NAME))
    if unknown:
        raise InternalError("template.unknown_variable", f"templates have no variable {', '.join(unknown)}")
    filled = {name: known.get(name, variable.empty) for name, variable in BY_NAME.items()}
    if filled["criteria"] and not filled["acceptanceCriteria"]:
        filled["acceptanceCriteria"] = "\n".join(f"- {item}" for item in filled["criteria"][:MOST_CRITERIA])
    for name, tag in TAGS.items():
        if isinstance(filled[name], str):
            filled[name] = re.sub(rf"</(?={tag}\b)", r"<\\/", filled[name], flags=re.IGNORECASE)
    return filled


def samples() -> dict[str, Any]:
    """All variables with values as they may be: for `template render`."""
    return {variable.name: variable.sample for variable in VARIABLES}
