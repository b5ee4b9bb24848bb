"""What the four agents write, as their programs do: each an answer, a failure and the like in its own events."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

Record = dict[str, Any]


def lines(*records: Any) -> str:
    """Records as JSON lines."""
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


@dataclass(frozen=True)
class Speech:
    """One agent's way to speak: the records of an answer after a first message and a tool, and of a failure."""

    name: str
    answered: Callable[[str], list[Record]]
    failed: Callable[[str], list[Record]]
    used: tuple[int, int, int]  # tokens in the answer: input, output, cached

    def __str__(self) -> str:
        return self.name


def claude_said(id: str, *blocks: Record, parent: str | None = None, **usage: int) -> Record:
    tokens = {"input_tokens": 5, "cache_read_input_tokens": 90, "cache_creation_input_tokens": 5, "output_tokens": 7, **usage}
    message = {"id": id, "role": "assistant", "model": "claude-sonnet-5", "content": list(blocks), "usage": tokens}
    return {"type": "assistant", "message": message, "parent_tool_use_id": parent, "session_id": "s"}


def claude_text(text: str) -> Record:
    return {"type": "text", "text": text}


def claude_call(id: str, name: str = "Bash", **wish: Any) -> Record:
    return {"type": "tool_use", "id": id, "name": name, "input": wish}


def claude_result(id: str, text: str = "ok", parent: str | None = None, *, failed: bool = False) -> Record:
    block = {"type": "tool_result", "tool_use_id": id, "content": text, "is_error": failed}
    return {"type": "user", "message": {"role": "user", "content": [block]}, "parent_tool_use_id": parent, "session_id": "s"}


def claude_end(text: str, **more: Any) -> Record:
    usage = {"input_tokens": 10, "cache_read_input_tokens": 180, "cache_creation_input_tokens": 10, "output_tokens": 14}
    about = {"type": "result", "subtype": "success", "is_error": False, "num_turns": 2, "total_cost_usd": 0.01}
    return {**about, "result": text, "usage": usage, **more}


CLAUDE_INIT = {"type": "system", "subtype": "init", "session_id": "s", "model": "claude-sonnet-5", "tools": ["Bash"]}


def _claude(text: str) -> list[Record]:
    return [
        CLAUDE_INIT,
        claude_said("msg_1", claude_text("First I look.")),
        claude_said("msg_1", claude_call("toolu_1")),
        claude_result("toolu_1", "<promise>COMPLETE</promise>"),
        claude_said("msg_2", claude_text(text)),
        claude_end(text),
    ]


def _claude_failed(message: str) -> list[Record]:
    return [CLAUDE_INIT, claude_end(message, is_error=True)]


def codex_item(kind: str, id: str, type: str = "item.completed", **more: Any) -> Record:
    return {"type": type, "item": {"id": id, "type": kind, **more}}


def codex_end(input: int = 200, output: int = 14, cached: int = 180) -> Record:
    usage = {"input_tokens": input, "cached_input_tokens": cached, "output_tokens": output}
    return {"type": "turn.completed", "usage": usage}


def _codex(text: str) -> list[Record]:
    command = {"command": "ls", "aggregated_output": "", "exit_code": None, "status": "in_progress"}
    return [
        {"type": "thread.started", "thread_id": "th_1"},
        {"type": "turn.started"},
        codex_item("reasoning", "item_0", text="Thinking"),
        codex_item("agent_message", "item_1", text="First I look."),
        codex_item("command_execution", "item_2", "item.started", **command),
        codex_item("command_execution", "item_2", **{**command, "aggregated_output": "COMPLETE", "status": "completed"}),
        codex_item("agent_message", "item_3", text=text),
        codex_end(),
    ]


def _codex_failed(message: str) -> list[Record]:
    return [
        {"type": "thread.started", "thread_id": "th_1"},
        {"type": "turn.started"},
        {"type": "error", "message": message},
        {"type": "turn.failed", "error": {"message": message}},
    ]


def gemini_event(type: str, **more: Any) -> Record:
    return {"type": type, "timestamp": "2026-01-31T08:05:00.000Z", **more}


def gemini_said(text: str) -> Record:
    return gemini_event("message", role="assistant", content=text, delta=True)


GEMINI_INIT = gemini_event("init", session_id="s", model="gemini-3-pro")
GEMINI_STATS = {"total_tokens": 214, "input_tokens": 200, "output_tokens": 14, "cached": 180, "input": 20, "tool_calls": 1}


def _gemini(text: str) -> list[Record]:
    half = len(text) // 2
    return [
        GEMINI_INIT,
        gemini_event("message", role="user", content="the prompt"),
        gemini_said("First "),
        gemini_said("I look."),
        gemini_event("tool_use", tool_name="list_directory", tool_id="t-1", parameters={"path": "."}),
        gemini_event("tool_result", tool_id="t-1", status="success", output="COMPLETE"),
        gemini_said(text[:half]),
        gemini_said(text[half:]),
        gemini_event("result", status="success", stats=GEMINI_STATS),
    ]


def _gemini_failed(message: str) -> list[Record]:
    return [GEMINI_INIT, gemini_event("result", status="error", error={"type": "ApiError", "message": message})]


def opencode_event(event: str, /, **part: Any) -> Record:
    return {"type": event, "timestamp": 1790166723209, "sessionID": "ses_1", "part": part}


def opencode_step(reason: str, id: str, message: str) -> Record:
    tokens = {"input": 5, "output": 6, "reasoning": 1, "cache": {"read": 90, "write": 5}}
    return opencode_event("step_finish", id=id, messageID=message, type="step-finish", reason=reason, cost=0.01, tokens=tokens)


def opencode_tool(id: str, tool: str = "read", status: str = "completed", **wish: Any) -> Record:
    state = {"status": status, "input": wish, "output": "COMPLETE", "title": "", "time": {"start": 1, "end": 2}}
    return opencode_event("tool_use", id=f"prt_{id}", messageID="msg_1", type="tool", tool=tool, callID=id, state=state)


def opencode_said(text: str, message: str = "msg_2") -> Record:
    return opencode_event("text", id="prt_9", messageID=message, type="text", text=text, time={"start": 1, "end": 2})


def _opencode(text: str) -> list[Record]:
    return [
        opencode_event("step_start", id="prt_0", messageID="msg_1", type="step-start"),
        opencode_said("First I look.", "msg_1"),
        opencode_tool("call_1"),
        opencode_step("tool-calls", "prt_2", "msg_1"),
        opencode_event("step_start", id="prt_3", messageID="msg_2", type="step-start"),
        opencode_said(text),
        opencode_step("stop", "prt_4", "msg_2"),
    ]


def _opencode_failed(message: str) -> list[Record]:
    error = {"name": "APIError", "data": {"message": message, "isRetryable": False}}
    return [{"type": "error", "timestamp": 1790166723209, "sessionID": "ses_1", "error": error}]


CLAUDE = Speech("claude", _claude, _claude_failed, (200, 14, 180))
CODEX = Speech("codex", _codex, _codex_failed, (200, 14, 180))
GEMINI = Speech("gemini", _gemini, _gemini_failed, (200, 14, 180))
OPENCODE = Speech("opencode", _opencode, _opencode_failed, (200, 14, 180))
ALL = (CLAUDE, CODEX, GEMINI, OPENCODE)
all_four = pytest.mark.parametrize("speech", ALL, ids=str)

NESTED_OTHERS: list[Record] = [
    claude_said("msg_1", claude_call("toolu_a", "Task", subagent_type="scout", description="Look", prompt="P")),
    {"type": "system", "subtype": "task_notification", "tool_use_id": "toolu_a", "status": "completed"},
    codex_item(
        "collab_tool_call",
        "item_1",
        tool="spawn_agent",
        sender_thread_id="main",
        receiver_thread_ids=["one"],
        agents_states={"one": {"status": "completed"}},
    ),
    gemini_event("tool_use", tool_name="generalist", tool_id="t-1", parameters={"request": "Find it."}),
    opencode_tool("c-1", "task", subagent_type="explore"),
]
