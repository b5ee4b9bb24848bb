"""Sessions, for a person."""

from __future__ import annotations

import json

from cowork.core.text import one_line
from cowork.render.screen import Screen
from cowork.sessions.pages import SessionEntries, SessionExport, SessionPage


def listing(data: SessionEntries, screen: Screen) -> None:
    """A table of sessions."""
    if not data.items:
        screen.text('no sessions yet; start one with: cowork agent run Explore "TASK"')
        return
    rows = [
        (
            item.session_id,
            item.kind,
            item.what,
            f"{item.status}{' (rehearsal)' if item.rehearsal else ''}",
            one_line(item.task, 80),
        )
        for item in data.items
    ]
    screen.table(("SESSION", "KIND", "WHAT", "STATUS", "TASK"), rows)


def detail(data: SessionPage, screen: Screen) -> None:
    """A session's page."""
    screen.title(f"{data.what} · {data.status}", f"{data.session_id}{' · rehearsal' if data.rehearsal else ''}")
    screen.text(data.task)
    screen.facts(
        {
            "began": data.created_at,
            "ended": data.updated_at,
            "turns": data.turns,
            "tokens": f"{data.input_tokens} in, {data.output_tokens} out",
            "ended by": data.error,
            "directory": data.path,
        }
    )
    if data.calls:
        screen.section("Tool calls")
        rows = [
            (
                call.agent,
                call.tool,
                call.verdict,
                one_line(json.dumps(call.arguments, ensure_ascii=False), 60),
                one_line(call.reason, 120),
            )
            for call in data.calls
        ]
        screen.table(("AGENT", "TOOL", "VERDICT", "ARGUMENTS", "WHY"), rows)
    if data.answer:
        screen.section("Answer")
        screen.text(data.answer)


def exported(data: SessionExport, screen: Screen) -> None:
    """The text alone, so that it can be piped."""
    screen.raw(data.content.rstrip("\n"))
