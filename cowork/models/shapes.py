"""Answers held to a schema by the server, where it can: what is sent, and what is learned from how servers refuse it.

A schema is sent for a `whole` answer and never along with tools: some servers refuse the two together, and some would
then never call a tool. What servers make of it differs:

- Those that keep to it, and those that take it and ignore it, need nothing: whoever asked reads the answer in any case.
- Those that refuse it and say so, by a status, in an error inside HTTP 200 or even in a 500, are asked again at once
  without it, and never with it again. Nothing is lost: such a request was not worked on, and the prompt tells the shape.
- Those that just fail (500) cannot be told from a server in trouble, so asking again at once would be a retry, which
  is the limiter's to decide. But the next request, whoever makes it, goes without: if it succeeds, it was the schema.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from cowork.models.chat import ChatReply, ChatRequest, Shape
from cowork.models.errors import DownError, NoShapeError
from cowork.models.sdk import Call

REFUSED = "{model} cannot be held to a JSON schema, and is asked without one from now on"
UNFIT = "the schema of {shape} cannot be sent to {model}: it goes without one"
_KEPT = frozenset({"type", "enum", "description"})
_SAID = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern")
_SAID_TOO = ("format", "minItems", "maxItems", "uniqueItems")
_UNFIT = frozenset({"$ref", "$defs", "definitions", "allOf", "not", "if", "dependentSchemas", "prefixItems"})
_ODD = re.compile(r"[^a-zA-Z0-9_-]")
_LONGEST_NAME = 64  # characters

Asked = Callable[[Shape | None], Awaitable[ChatReply]]


class Shaping:
    """What one model object knows about its server."""

    def __init__(self) -> None:
        self._refused = False
        self._suspected = False

    async def reply(self, call: Call, request: ChatRequest, asked: Asked) -> ChatReply:
        """What `asked` replies to the shape to send, or to none. The reply says when that changed."""
        if request.shape is None or not request.shape.whole or request.tools or self._refused:
            return await asked(None)
        wanted = sent(request.shape)
        if wanted is None:
            return _noted(await asked(None), UNFIT.format(shape=request.shape.name, model=call.model))
        if self._suspected:
            return await self._probed(call, asked)
        call.sends_shape = True
        try:
            return await asked(wanted)
        except Exception as error:
            failed = call.translate(error)
            self._suspected = _may_be_the_schema(failed)
            if not isinstance(failed, NoShapeError) or call.text:  # text that was passed on would come twice
                raise
        self._refused = True
        call.sends_shape = False
        return _noted(await asked(None), REFUSED.format(model=call.model))

    async def _probed(self, call: Call, asked: Asked) -> ChatReply:
        try:
            reply = await asked(None)
        except Exception as error:
            self._suspected = not _may_be_the_schema(call.translate(error))  # it fails without as well
            raise
        self._refused = True
        return _noted(reply, REFUSED.format(model=call.model))


def sent(shape: Shape) -> Shape | None:
    """The shape as strict servers want it: a name of few characters, and a schema in which every object is closed and all
    its properties are required. What the rules have no place for is said in the description. An answer that keeps to
    it has every property that the schema itself wants. None for a schema that cannot be made so.
    """
    try:
        schema = _strict(shape.schema)
    except _UnfitError:
        return None
    name = _ODD.sub("_", shape.name)[:_LONGEST_NAME] or "answer"
    return Shape(name, schema, whole=True) if schema.get("type") == "object" else None


class _UnfitError(Exception):
    pass


def _strict(schema: Any) -> dict[str, Any]:
    if not isinstance(schema, Mapping) or not _UNFIT.isdisjoint(schema):
        raise _UnfitError
    strict = {key: value for key, value in schema.items() if key in _KEPT}
    if "const" in schema:
        strict["enum"] = [schema["const"]]
    if variants := schema.get("anyOf") or schema.get("oneOf"):
        strict["anyOf"] = [_strict(variant) for variant in variants]
    elif "enum" not in strict:
        strict |= _typed(schema)
    if said := [f"{key}: {json.dumps(schema[key])}" for key in (*_SAID, *_SAID_TOO) if key in schema]:
        strict["description"] = " ".join([*filter(None, [strict.get("description")]), f"({', '.join(said)})"])
    return strict


def _typed(schema: Mapping[str, Any]) -> dict[str, Any]:
    kinds = schema.get("type")
    named = [kinds] if isinstance(kinds, str) else kinds or []
    if not named or ("object" in named and not schema.get("properties")) or ("array" in named and "items" not in schema):
        raise _UnfitError  # anything goes, which no strict server takes
    found: dict[str, Any] = {}
    if "object" in named:
        properties = {name: _strict(value) for name, value in schema["properties"].items()}
        found |= {"properties": properties, "required": list(properties), "additionalProperties": False}
    if "array" in named:
        found["items"] = _strict(schema["items"])
    return found


def _may_be_the_schema(error: Exception) -> bool:
    return type(error) is DownError and error.status is not None


def _noted(reply: ChatReply, note: str) -> ChatReply:
    return replace(reply, notes=(*reply.notes, note))
