"""What is sent to Anthropic's messages API, and how its tokens are counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cowork.models.chat import ChatRequest, Shape, Usage
from cowork.models.conversation import Round, SentCall, rounds, schema
from cowork.models.sdk import is_count, part, reported

CARRIED = "thinking"  # the thoughts before a call, which Claude wants back with it while the tool is used
THOUGHTS = {"thinking": ("thinking", "signature"), "redacted_thinking": ("data",)}  # types of blocks, with their keys
_CACHED = {"cache_control": {"type": "ephemeral"}}


def body_of(request: ChatRequest, provider: str = "", shape: Shape | None = None) -> dict[str, Any]:
    """The body of a request to a provider, without model and stream. The answer is held to `shape`, of `shapes.sent`.

    With tools a conversation goes on, so what is sent now is marked for the provider's cache: tools and system, and
    everything up to the last message, and up to the one before, where the request before this one ended.
    """
    conversation = rounds(request.conversation)
    body: dict[str, Any] = {"max_tokens": request.max_tokens, "messages": _messages(conversation, provider)}
    if shape is not None:
        body["output_config"] = {"format": {"type": "json_schema", "schema": shape.schema}}
    if request.system.strip():
        body["system"] = request.system
    if request.tools:
        body["tools"] = [
            {"name": tool.name, "description": tool.description, "input_schema": schema(tool.parameters)}
            for tool in request.tools
        ]
        _mark(body)
    elif names := sorted({call.name for round in conversation for call in round.calls}):
        # Calls are refused in a request that defines no tools.
        body["tools"] = [_tool(name, "", {}) for name in names]
        body["tool_choice"] = {"type": "none"}
    return body


def _tool(name: str, description: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": name, "description": description, "input_schema": schema(parameters)}


def _messages(conversation: list[Round], provider: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for round in conversation:
        said = [*_thoughts(round, provider), *_texts(round.said), *(_call(call) for call in round.calls)]
        if said:
            found.append({"role": "assistant", "content": said})
        results = [_result(call) for call in round.calls]
        found.append({"role": "user", "content": [*results, *_texts(round.text)] if results else round.text})
    return found


def _thoughts(round: Round, provider: str) -> list[dict[str, Any]]:
    carried = round.calls[0].carried if round.calls else {}
    return list(carried.get(CARRIED, ())) if carried.get("provider") == provider else []


def _texts(text: str) -> list[dict[str, Any]]:
    return [{"type": "text", "text": text}] if text else []


def _call(call: SentCall) -> dict[str, Any]:
    return {"type": "tool_use", "id": call.id, "name": call.name, "input": call.arguments}


def _result(call: SentCall) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "tool_result", "tool_use_id": call.id}
    if call.result.strip():
        found["content"] = call.result
    return found | ({"is_error": True} if call.error else {})


def _mark(body: dict[str, Any]) -> None:
    for message in body["messages"][-1:-4:-2]:  # the user's last, and the one that was marked in the request before
        if isinstance(message["content"], str):
            message["content"] = _texts(message["content"])
        message["content"][-1].update(_CACHED)
    if "system" in body:
        body["system"] = _texts(body["system"])
        body["system"][-1].update(_CACHED)
    else:
        body["tools"][-1].update(_CACHED)


class Counts:
    """Tokens as an answer reports them along the way: the numbers are cumulative, so the last report of each counts."""

    _INPUT = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")

    def __init__(self) -> None:
        self._held: dict[str, Any] = {}

    def take(self, usage: Any) -> None:
        """Take a report. Input is counted at the start; some servers say 0 there and tell at the end."""
        self._held["output_tokens"] = part(usage, "output_tokens")
        for name in self._INPUT:
            value = part(usage, name)
            if value or name not in self._held:
                self._held[name] = value

    @property
    def usage(self) -> Usage:
        """Input includes what was written to the cache and read from it, which Anthropic counts apart."""
        fresh, written, read = (self._held.get(name) for name in self._INPUT)
        total = fresh + sum(count for count in (written, read) if is_count(count)) if is_count(fresh) else None
        return reported(total, self._held.get("output_tokens"), read)
