"""`docs/events.md`, made from the table of events: `make docs` writes it, a test compares it."""

from __future__ import annotations

from cowork.loop.engine.events import EVENTS, TERMINAL, EventType

_HEAD = """# Events of a working loop

Made from `cowork/loop/engine/events.py` by `make docs`; do not edit.

A [working loop](loops.md) says everything that happens as an event, and there is one form for all who listen: the journal of
the session (`journal.jsonl`), `cowork loop run --stream`, `cowork loop resume --stream`, `cowork loop watch --stream`, and
`cowork loop export --format jsonl`. One event is one line of JSON:

```json
{"schema":"cowork.event/1","seq":17,"at":"2026-01-31T08:05:00.000Z","type":"run.paused","data":{"elapsed_s":12.5}}
```

| member | what it is |
|---|---|
| `schema` | `cowork.event/1` |
| `seq` | counts the events of the session, from 1, without a gap |
| `at` | when it was written, UTC |
| `type` | one of those below |
| `data` | the fields below |

- `run.started` is the first. A run ends with exactly one of the events under [How a run ends](#how-a-run-ends); what follows
  can only be that somebody was told of it, or `run.resumed`, with which the session goes on.
- An event is in the file before anybody hears of it, so a process that is killed takes none back. Those on which the run goes
  on, such as an answer or a completion, are forced to the disk as well, and with them all before.
- A journal whose last line was cut off by a crash is mended by `loop resume`, which says so. One that is broken before its
  last line is refused with the line.
- A field with `?` may be missing or null. Programs should pass over fields and types that they do not know.
- Events marked *live* are for those who listen to the process that runs the loop. They are not in the journal, have no number
  of their own (`seq` is that of the last event before), and `loop watch` does not see them.
- `--stream` ends with one more line of the type `result`; its data is the envelope that `--json` would print. `loop watch`
  begins with `watch.started`, unless it is told `--all`. Neither is in the journal.
- Models at a table, the built-in agent and subagents add events of their own in the same form, as `cowork loop start` and
  `cowork agent run` do.
"""
_GROUPS = (
    ("The run", ("run.", "limits.", "notification.")),
    ("Tasks", ("tasks.", "task.")),
    ("Iterations and prompts", ("iteration.", "prompt.", "stagnation.")),
    ("Agents", ("agent.", "agents.", "counsel.")),
    ("Checks and completion", ("check.", "completion.")),
    ("Worktrees and merges", ("worktree.", "merge.")),
)


def page() -> str:
    """The whole page."""
    sections = [_section(title, _of(starts)) for title, starts in _GROUPS]
    ends = {kind: event for kind, event in EVENTS.items() if kind in TERMINAL}
    shown = [kind for _, starts in _GROUPS for kind in _of(starts)] + list(ends)
    missing = sorted(set(EVENTS) - set(shown))
    if missing:
        raise ValueError(f"no section has {', '.join(missing)}")
    return "\n".join([_HEAD, *sections, _ends(ends)])


def _of(starts: tuple[str, ...]) -> dict[str, EventType]:
    return {kind: event for kind, event in EVENTS.items() if kind.startswith(starts) and kind not in TERMINAL}


def _section(title: str, events: dict[str, EventType]) -> str:
    rows = [f"| `{kind}` | {_meaning(event)} | {_fields(event)} |" for kind, event in events.items()]
    return "\n".join([f"## {title}\n", "| event | what it says | its data |", "|---|---|---|", *rows, ""])


def _ends(events: dict[str, EventType]) -> str:
    rows = [f"| `{kind}` | {TERMINAL[kind]} |" for kind in events]
    data = _fields(next(iter(events.values())))
    words = f"All of them have: {data}."
    return "\n".join(["## How a run ends\n", words, "", "| event | the session is then |", "|---|---|", *rows, ""])


def _meaning(event: EventType) -> str:
    return f"{event.meaning} *Live.*" if event.live else event.meaning


def _fields(event: EventType) -> str:
    return "; ".join(f"`{name}` {what}" for name, what in event.fields.items()) or "none"


if __name__ == "__main__":
    print(page(), end="")
