"""A session as Markdown: what was asked, what every agent said and did, and how it ended."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cowork.core.text import one_line, printable
from cowork.sessions.journal import Event

if TYPE_CHECKING:
    from cowork.sessions.pages import SessionPage


def transcript(page: SessionPage, events: list[Event]) -> str:
    """The whole session, in the order in which it happened."""
    lines = [
        f"# {page.kind} {one_line(page.what)}: {one_line(page.task, 120)}",
        "",
        f"- session: {page.session_id}",
        f"- status: {page.status}",
        f"- from {page.created_at} to {page.updated_at}",
        f"- tokens: {page.input_tokens} in, {page.output_tokens} out",
        *(["- rehearsal: no model was asked"] if page.rehearsal else []),
        "",
        "## Task",
        "",
        printable(page.task),
    ]
    for event in events:
        lines += _event(event["type"], event["data"])
    if page.answer:
        lines += ["", "## Answer", "", printable(page.answer)]
    if page.error:
        lines += ["", f"Ended: {one_line(page.error, 500)}"]
    return "\n".join(lines) + "\n"


def _event(kind: str, data: dict[str, Any]) -> list[str]:
    if kind == "turn.completed" and data["text"].strip():
        return ["", f"## {data['agent']}, turn {data['turn']}", "", printable(data["text"].strip())]
    if kind == "call.completed":
        return ["", f"## {data['seat']}, round {data['round']}", "", printable(data["text"].strip())]
    if kind == "agent.completed":
        return ["", f"## {data['agent']}, iteration {data['iteration']}", "", printable(data["message"].strip())]
    if kind == "tool.judged":
        shown = one_line(json.dumps(data["arguments"], ensure_ascii=False), 200)
        why = "" if data["verdict"] == "allowed" else f" ({one_line(data['reason'], 300)})"
        return ["", f"- {data['agent']} calls {data['tool']} {shown}: {data['verdict']}{why}"]
    if kind == "hook.ran":
        return [f"- hooks on {data['event']}: {'blocked' if data['blocked'] else data['decision'] or 'heard'}"]
    if kind == "question.asked":
        return ["", f"- asks: {one_line(data['question'], 500)} -> {one_line(data['answer'] or 'nobody answered', 500)}"]
    if kind == "subagent.started":
        return ["", f"- {data['parent']} starts {data['agent']}: {one_line(data['description'])}"]
    return []
