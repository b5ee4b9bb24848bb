"""Every event of a working loop: its type, what it means, and the fields of its data.

One table for the journal, `--stream`, `loop watch` and the screens. `run.started` comes first; exactly one of TERMINAL ends a
run, which begins there or at a `run.resumed`. What is not in the journal, for there is too much of it, is marked live.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

End = Literal["completed", "limit", "stagnated", "blocked", "rate-limited", "failed", "aborted", "interrupted"]


class EventType(NamedTuple):
    """An event: what it says, and its fields with what each is. A field that ends with `?` may be missing or null."""

    meaning: str
    fields: Mapping[str, str]
    live: bool = False


_WHERE = {"iteration": "its number, from 1", "task": "the task's id"}

TERMINAL: Mapping[str, End] = {
    "run.completed": "completed",
    "run.limit": "limit",
    "run.stagnated": "stagnated",
    "run.blocked": "blocked",
    "run.rate_limited": "rate-limited",
    "run.failed": "failed",
    "run.aborted": "aborted",
    "run.interrupted": "interrupted",
}
"""The events that end a run, with the status it then has."""

_END = {
    "reason": "a word that scripts can compare",
    "message": "the same for people",
    "elapsed_s": "the run has worked, in all",
    "iterations": "that are over, in all",
    "tokens": "input and output, in all",
    "usd?": "in all, null when unknown",
}

_ANSWER = {
    **_WHERE,
    "agent": "its name",
    "key": "of the call, for recordings",
    "model": "that answered",
    "message": "the final one",
    "exit_code?": "of its program",
    "usage": "input, output, source",
    "usd?": "the cost, null when unknown",
    "seconds": "it took",
    "notes?": "what was done otherwise than asked",
}

EVENTS: Mapping[str, EventType] = {
    "run.started": EventType(
        "A run was prepared.",
        {
            "kind": "loop",
            "session": "its id",
            "version": "of the program",
            "task": "in words",
            "pattern": "of its iterations, or work",
            "rehearsal": "whether no model is asked",
            "order": "all it was told",
        },
    ),
    "run.material": EventType("A text that goes with the task.", {"name": "of the file", "text": "its content"}),
    "run.resumed": EventType(
        "Somebody went on with the run.",
        {
            "lost_s": "seconds of an iteration that was cut short",
            "mended": "whether an unfinished last line was cut off",
            "again": "whether tasks that were given up get another chance",
            "session?": "its id",
            "project?": "its directory",
        },
    ),
    "run.pausing": EventType("It pauses once this iteration is over.", {}),
    "run.paused": EventType("It waits to be told to go on.", {"elapsed_s": "the run has worked so far"}),
    "run.continued": EventType("It goes on.", {}),
    "run.stopping": EventType("It was told to end.", {"how": "stop: after this iteration; cancel: at once"}),
    "limits.changed": EventType("Limits were changed for the rest.", {"limits": "those that are new, by name"}),
    "tasks.read": EventType(
        "The tasks were read, or read again.",
        {
            "path": "of the file",
            "total": "tasks",
            "done": "of them",
            "digest": "of its text",
            "found?": "those that somebody marked as done while no agent worked, where they are new",
        },
    ),
    "task.selected": EventType(
        "A task is worked on.",
        {
            **_WHERE,
            "title": "of the task",
            "reason": "why this one",
            "base?": "digest of the directory before the first attempt",
        },
    ),
    "task.completing": EventType("A task is about to be marked as done.", {**_WHERE, "message": "the agent's last words"}),
    "task.completed": EventType("A task is done, and its file says so.", {**_WHERE, "title": "of the task"}),
    "task.reopened": EventType(
        "A task that was done is not done any more.",
        {"task": "its id", "by": "loop: it was marked while an agent worked; file: somebody changed it back", "message": "why"},
    ),
    "task.committed": EventType("Its changes are committed.", {**_WHERE, "commit": "its hash", "message": "its subject"}),
    "task.commit_failed": EventType("Its changes are not committed.", {**_WHERE, "message": "why"}),
    "task.blocked": EventType("An agent asks before it goes on.", {**_WHERE, "question": "its question"}),
    "task.answered": EventType("Somebody answered.", {"task": "its id", "question": "that was asked", "answer": "given"}),
    "task.skipped": EventType("A task is left alone from now on.", {**_WHERE, "reason": "a word", "message": "why"}),
    "task.failed": EventType("A task is given up.", {**_WHERE, "reason": "a word", "message": "why"}),
    "iteration.started": EventType(
        "An iteration begins.",
        {**_WHERE, "attempt": "of the task, from 1", "agent": "who works", "output": "file of what it prints"},
    ),
    "prompt.built": EventType(
        "Its prompt is ready.",
        {
            "iteration": "its number",
            "template": "name",
            "tokens": "an estimate",
            "cut": "what did not fit",
            "prompt": "file of it",
        },
    ),
    "agent.started": EventType("An agent was started.", {**_WHERE, "agent": "its name", "provider": "id", "model": "id"}),
    "agent.output": EventType("A piece of what it says.", {**_WHERE, "agent": "its name", "text": "the piece"}, live=True),
    "counsel.given": EventType("Models advised the agent.", _ANSWER),
    "agent.completed": EventType("It gave its final message.", _ANSWER),
    "agent.failed": EventType(
        "It gave none.",
        {
            **_WHERE,
            "agent": "its name",
            "code": "of the error",
            "message": "of the error",
            "seconds": "it took",
            "partial?": "text",
            "spent?": "nothing, or unknown",
        },
    ),
    "agent.limited": EventType(
        "It is rate limited.",
        {"agent": "its name", "until": "when it may work again", "wait_s": "seconds until then", "message": "its words"},
    ),
    "agent.switched": EventType(
        "Another one works from now on.",
        {"before": "name", "after": "name", "reason": "primary, limited, unusable, stagnation or task"},
    ),
    "agents.limited": EventType(
        "All are limited: the run waits.", {"until": "the earliest reset", "wait_s": "seconds", "tried": "their names"}
    ),
    "check.completed": EventType(
        "A check command ended.",
        {
            **_WHERE,
            "command": "as given",
            "status?": "exit status, null when late",
            "output": "its last words",
            "seconds": "it took",
        },
    ),
    "completion.rejected": EventType("It promised, and it is not done.", {**_WHERE, "reasons": "what failed, in words"}),
    "completion.accepted": EventType("It is done.", {**_WHERE, "by": "what proved it"}),
    "iteration.retrying": EventType("It is tried again.", {**_WHERE, "attempt": "of retries, from 1", "delay_ms": "before it"}),
    "iteration.completed": EventType(
        "An iteration is over, and on record.",
        {
            **_WHERE,
            "agent": "who worked",
            "outcome": "completed, continued, rejected, blocked, failed, skipped",
            "seconds": "it took",
            "elapsed_s": "the run has worked so far",
            "message_digest": "of the final message",
            "diff_digest?": "of the changes, where it was looked at",
            "summary": "for the prompts to come",
        },
    ),
    "stagnation.noticed": EventType(
        "The same again and again.", {**_WHERE, "times": "in a row", "remedy": "switch, skip or stop"}
    ),
    "worktree.created": EventType("A task has a worktree of its own.", {"task": "its id", "path": "of it", "branch": "of it"}),
    "worktree.removed": EventType("Its worktree is gone.", {"task": "its id", "path": "of it"}),
    "merge.started": EventType("A task's branch is merged.", {"task": "its id", "branch": "of it"}),
    "merge.completed": EventType("It is merged.", {"task": "its id", "branch": "of it", "commit?": "null for nothing new"}),
    "merge.failed": EventType(
        "It is not merged, and its branch is kept.",
        {
            "task": "its id",
            "branch": "of it",
            "reason": "conflict, checks, refused, error or unfinished",
            "files": "that are in conflict",
            "message": "why",
        },
    ),
    "notification.sent": EventType("Somebody was told of the end.", {"targets": "how many"}),
    "notification.failed": EventType("Nobody could be told.", {"message": "why"}),
    **{kind: EventType(f"The run is over: {status}.", _END) for kind, status in TERMINAL.items()},
}


_OWN = frozenset(kind.partition(".")[0] for kind in EVENTS) | {"session", "watch"}
_SHARED = frozenset({"limits.ignored"})


def is_agents(kind: str) -> bool:
    """Whether an agent may tell of it: its output, calls, tools and subagents, but nothing that the run says itself."""
    known = EVENTS.get(kind)
    return known.live if known is not None else kind in _SHARED or kind.partition(".")[0] not in _OWN


def problems(kind: str, data: Mapping[str, object]) -> list[str]:
    """What is wrong with an event, by the table; nothing for kinds that belong to patterns, calls and built-in agents."""
    known = EVENTS.get(kind)
    if known is None:
        return []
    needed = {name for name in known.fields if not name.endswith("?")}
    allowed = {name.rstrip("?") for name in known.fields}
    missing, foreign = sorted(needed - set(data)), sorted(set(data) - allowed)
    return [f"{kind} lacks {name}" for name in missing] + [f"{kind} has no field {name}" for name in foreign]
