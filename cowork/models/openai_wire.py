"""What is sent to OpenAI-style endpoints, and the calls in what they send back."""

from __future__ import annotations

import json
from typing import Any

from cowork.models.assembly import Slot, arguments_in
from cowork.models.bounds import LONGEST_THOUGHTS, Budget, Pieces
from cowork.models.chat import ChatRequest, Shape
from cowork.models.conversation import Round, SentCall, rounds, schema
from cowork.models.errors import MalformedError
from cowork.models.sdk import Call, part

TOOL_ERROR = "[error] "  # this protocol has no other place to say that a tool failed
_COUNT_COMPLETION = frozenset({"openai", "cerebras"})  # Cerebras takes the whole of it off the quota, at once
_SIGNATURE = "extra_content"  # Gemini refuses its own calls without
_THOUGHTS = "reasoning_content"  # DeepSeek, Moonshot and others refuse a message with calls without
_LONGEST_NAME = 64  # characters, of a tool
_PROBED = 10_000  # characters: a longer call is not looked at for whether it is whole


def body_of(request: ChatRequest, provider: str, shape: Shape | None) -> dict[str, Any]:
    """The body of a request to a provider, without the model and that it streams."""
    budget = "max_completion_tokens" if provider in _COUNT_COMPLETION else "max_tokens"
    body = {"messages": messages_of(request, provider), "stream_options": {"include_usage": True}, budget: request.max_tokens}
    optional = {"tools": tools_of(request), "response_format": format_of(shape)}
    return body | {name: value for name, value in optional.items() if value}


def messages_of(request: ChatRequest, provider: str = "") -> list[Any]:
    """The messages of a request to a provider."""
    found: list[Any] = [{"role": "system", "content": request.system}] if request.system.strip() else []
    for round in rounds(request.conversation):
        if round.said or round.calls:
            found.append(_assistant(round, provider))
        found += [_result(call) for call in round.calls]
        if round.text:
            found.append({"role": "user", "content": round.text})
    return found


def tools_of(request: ChatRequest) -> list[Any]:
    """The tools of a request, as functions."""
    return [
        {
            "type": "function",
            "function": {"name": tool.name, "description": tool.description, "parameters": schema(tool.parameters)},
        }
        for tool in request.tools
    ]


def format_of(shape: Shape | None) -> Any:
    """The format of an answer that is held to a shape as `shapes.sent` gives it; None for any other."""
    if shape is None:
        return None
    return {"type": "json_schema", "json_schema": {"name": shape.name, "strict": True, "schema": shape.schema}}


def _assistant(round: Round, provider: str) -> dict[str, Any]:
    if not round.calls:
        return {"role": "assistant", "content": round.said}
    calls = [_call(call) | _carried(call, provider, _SIGNATURE) for call in round.calls]
    thoughts = _carried(round.calls[0], provider, _THOUGHTS)
    return {"role": "assistant", "content": round.said or None, "tool_calls": calls} | thoughts


def _call(call: SentCall) -> dict[str, Any]:
    function = {"name": call.name[:_LONGEST_NAME], "arguments": json.dumps(call.arguments)}
    return {"id": call.id, "type": "function", "function": function}


def _carried(call: SentCall, provider: str, name: str) -> dict[str, Any]:
    ours = call.carried.get("provider") == provider and name in call.carried
    return {name: call.carried[name]} if ours else {}


def _result(call: SentCall) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call.id, "content": TOOL_ERROR + call.result if call.error else call.result}


class Deltas:
    """The pieces of calls in a stream, and which call each belongs to.

    By the protocol each piece has an index, and the first of a call its id and name. In the wild the index is missing or
    always 0, the id and the name are repeated or missing, and a call comes whole. Along with calls come a signature and
    thoughts that some providers want back.
    """

    def __init__(self, call: Call) -> None:
        self._call = call
        self._tools = call.tools
        self._at: dict[int, Slot] = {}
        self._of: dict[Any, Slot] = {}  # by id
        self._legacy = False
        self._thoughts = Pieces(Budget(LONGEST_THOUGHTS, "the thoughts of the answer are"))

    def take(self, delta: Any) -> None:
        """Take the calls of one delta."""
        for piece in self._listed(part(delta, "tool_calls")):
            function = self._function(piece)
            self._sign(self._take(self._index(piece), part(piece, "id"), function), piece)
        self._think(delta)
        legacy = _legacy_in(delta)
        if legacy is not None and (self._legacy or not self._tools.begun):  # some say the same call in both ways
            self._legacy = True
            self._take(None, None, legacy)

    def take_whole(self, message: Any) -> None:
        """Take the calls of a message that was not streamed: each is whole."""
        for piece in self._listed(part(message, "tool_calls")):
            function = self._function(piece)
            slot = self._tools.begin(part(piece, "id"), part(function, "name"))
            self._tools.add(slot, part(function, "arguments"))
            self._sign(slot, piece)
        self._think(message)
        legacy = _legacy_in(message)
        if legacy is not None and not self._tools.begun:
            self._tools.add(self._tools.begin("", part(legacy, "name")), part(legacy, "arguments"))

    def end(self) -> None:
        """All is said: the thoughts go with the first call."""
        if self._thoughts:
            self._carry(self._tools.first, _THOUGHTS, self._thoughts.text)

    def _take(self, index: int | None, id: Any, function: Any) -> Slot:
        name, arguments = part(function, "name"), part(function, "arguments")
        slot = self._slot(index, id, name, arguments)
        self._tools.add(slot, arguments)
        return slot

    def _sign(self, slot: Slot, piece: Any) -> None:
        if isinstance(signature := part(piece, _SIGNATURE), dict):
            self._carry(slot, _SIGNATURE, signature)

    def _think(self, delta: Any) -> None:
        thought = part(delta, _THOUGHTS)
        if isinstance(thought, str) and thought and self._call.offers_tools:
            self._thoughts.add(thought)

    def _carry(self, slot: Slot | None, name: str, value: Any) -> None:
        self._tools.carry(slot, name, value)
        self._tools.carry(slot, "provider", self._call.provider)

    def _listed(self, calls: Any) -> list[Any]:
        if calls is not None and not isinstance(calls, list):
            raise self._call.fail(MalformedError, "the calls of tools are no list")
        return calls or []

    def _function(self, piece: Any) -> Any:
        function, kind = part(piece, "function"), part(piece, "type")
        if function is None or kind not in (None, "", "function"):
            raise self._call.fail(MalformedError, "a call of a tool is no call of a function")
        return function

    def _index(self, piece: Any) -> int | None:
        index = part(piece, "index")
        if index is None or (isinstance(index, int) and not isinstance(index, bool)):
            return index
        raise self._call.fail(MalformedError, "a call of a tool has an index that is no number")

    def _slot(self, index: int | None, id: Any, name: Any, arguments: Any) -> Slot:
        slot = self._at.get(index) if index is not None else self._of.get(id, self._tools.last)
        if slot is not None and not self._is_another(slot, id, name, arguments):
            self._tools.name(slot, id, name)
        elif id or name:
            slot = self._tools.begin(id, name)
        else:
            raise self._call.fail(MalformedError, "a piece of a call comes before the call")
        if index is not None:
            self._at[index] = slot
        if slot.id:
            self._of[slot.id] = slot
        return slot

    def _is_another(self, slot: Slot, id: Any, name: Any, arguments: Any) -> bool:
        """Whether a piece that seems to go on with a call begins another: it has another id, or the call is whole."""
        if id and slot.id and id != slot.id:
            return True
        if not (name and arguments and slot.pieces):
            return False
        return slot.sealed or (slot.size < _PROBED and arguments_in(slot.raw) is not None)


def _legacy_in(whole: Any) -> Any:
    """The one call of the time before tools, None when there is none or it is empty."""
    legacy = part(whole, "function_call")
    return legacy if part(legacy, "name") or part(legacy, "arguments") else None
