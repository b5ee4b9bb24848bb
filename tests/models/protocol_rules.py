"""The rules of both protocols for a conversation, as their providers enforce them: written from the documentation alone."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
_OPENAI_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_KINDS = {"user": {"text", "tool_result"}, "assistant": {"text", "tool_use", "thinking", "redacted_thinking"}}
_ID = re.compile(r"[a-zA-Z0-9_-]{1,128}")


class BrokenRule(AssertionError):
    """What a provider would answer with status 400."""


def _rule(holds: object, said: str) -> None:
    if not holds:
        raise BrokenRule(said)


def check_request(style: str, body: Mapping[str, Any]) -> None:
    """Raise BrokenRule when a provider of this style would refuse the body."""
    if style == "anthropic":
        _check_anthropic(body)
    else:
        _check_openai(body)


def check_strict(schema: Mapping[str, Any], path: str = "schema") -> None:
    """Raise BrokenRule for a schema that strict structured outputs refuse; what both protocols allow is allowed."""
    _rule(path != "schema" or schema.get("type") == "object", "schema: the root must be an object")
    known = {"type", "enum", "description", "anyOf", "properties", "required", "additionalProperties", "items"}
    _rule(set(schema) <= known, f"{path}: {sorted(set(schema) - known)} is not permitted")
    _rule({"type", "enum", "anyOf"} & set(schema), f"{path}: a type is required")
    kinds = schema.get("type", ())
    if "object" in ([kinds] if isinstance(kinds, str) else kinds) and "enum" not in schema:
        _rule(schema.get("additionalProperties") is False, f"{path}: additionalProperties must be false")
        _rule(schema["properties"] and set(schema["required"]) == set(schema["properties"]), f"{path}: all must be required")
    inner = [*schema.get("anyOf", ()), *schema.get("properties", {}).values(), *filter(None, [schema.get("items")])]
    for each in inner:
        check_strict(each, f"{path}.x")


def _check_anthropic(body: Mapping[str, Any]) -> None:
    messages = body["messages"]
    _rule(messages, "messages: at least one message is required")
    _rule([message["role"] for message in messages] == _alternating(len(messages)), "messages: roles must alternate")
    _rule(messages[-1]["role"] == "user", "messages: the last message must be the user's")
    _check_blocks(body.get("system", "."), {"text"})
    names = [tool["name"] for tool in body.get("tools", ())]
    _rule(all(_NAME.fullmatch(name) for name in names) and len(set(names)) == len(names), "tools: bad or doubled name")
    _rule(all(tool["input_schema"]["type"] == "object" for tool in body.get("tools", ())), "tools: input_schema is no object")
    seen: set[str] = set()
    awaited: list[str] = []
    for message in messages:
        kinds = (
            {"text", "tool_use", "thinking", "redacted_thinking"} if message["role"] == "assistant" else {"text", "tool_result"}
        )
        blocks = _check_blocks(message["content"], kinds)
        results = [block["tool_use_id"] for block in blocks if block["type"] == "tool_result"]
        _rule(results == awaited, f"messages: tool results {results} do not answer the calls {awaited}")
        _rule([block["type"] for block in blocks[: len(results)]] == ["tool_result"] * len(results), "results must come first")
        calls = [block for block in blocks if block["type"] == "tool_use"]
        awaited = [block["id"] for block in calls]
        _rule(not calls or names, "requests which include tool_use blocks must define tools")
        for block in calls:
            _rule(_ID.fullmatch(block["id"]) and block["id"] not in seen, f"tool_use: bad or doubled id {block['id']!r}")
            _rule(_NAME.fullmatch(block["name"]), f"tool_use: bad name {block['name']!r}")
            _rule(isinstance(block["input"], dict), "tool_use: input is no object")
            seen.add(block["id"])
    if "output_config" in body:
        form = body["output_config"]["format"]
        _rule(set(form) == {"type", "schema"} and form["type"] == "json_schema", "output_config.format: not a json_schema")
        check_strict(form["schema"])
    marks = json.dumps(body).count('"cache_control"')
    _rule(marks <= 4, f"cache_control: at most 4 blocks, found {marks}")


def _check_blocks(content: Any, kinds: set[str]) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = [{"type": "text", "text": content}] if isinstance(content, str) else content
    _rule(isinstance(blocks, list) and blocks, "content must not be empty")
    for block in blocks:
        _rule(block["type"] in kinds, f"a block of type {block['type']} has no place here")
        if block["type"] == "text":
            _rule(block["text"].strip(), "text content blocks must contain non-whitespace text")
        if block["type"] == "tool_result":
            _rule("content" not in block or block["content"], "tool_result: content must not be empty")
            _rule("content" in block or not block.get("is_error"), "tool_result: content cannot be empty if is_error is true")
    return blocks


def _alternating(count: int) -> list[str]:
    return [("user", "assistant")[number % 2] for number in range(count)]


def _check_openai(body: Mapping[str, Any]) -> None:
    messages = list(body["messages"])
    if messages and messages[0]["role"] in ("system", "developer"):
        _rule(messages.pop(0)["content"].strip(), "the system message is empty")
    _rule(messages, "messages: at least one message is required")
    names = [tool["function"]["name"] for tool in body.get("tools", ())]
    _rule(all(tool["type"] == "function" for tool in body.get("tools", ())), "tools: not a function")
    _rule(all(_OPENAI_NAME.fullmatch(name) for name in names) and len(set(names)) == len(names), "tools: bad or doubled name")
    _rule("tools" not in body or names, "tools: must not be empty")
    if "response_format" in body:
        form = body["response_format"]
        _rule(form["type"] == "json_schema" and form["json_schema"]["strict"], "response_format: not a strict json_schema")
        _rule(_OPENAI_NAME.fullmatch(form["json_schema"]["name"]), "response_format: bad name")
        check_strict(form["json_schema"]["schema"])
    seen: set[str] = set()
    awaited: list[str] = []
    before = ""
    for message in messages:
        role = message["role"]
        _rule(role in ("user", "assistant", "tool"), f"no such role: {role}")
        if role == "tool":
            _rule(awaited and message["tool_call_id"] == awaited.pop(0), "tool messages must answer the calls before them")
            _rule(isinstance(message["content"], str), "tool: content is no text")
        else:
            _rule(not awaited, f"the calls {awaited} are not answered")
            _rule(role != before, f"two messages of the {role} in a row")
            awaited = _check_openai_calls(message, seen)
        before = role
    _rule(not awaited, f"the calls {awaited} are not answered")
    _rule(before != "assistant", "the last message must not be the assistant's")


def _check_openai_calls(message: Mapping[str, Any], seen: set[str]) -> list[str]:
    calls: Sequence[Any] = message.get("tool_calls", ())
    _rule(not calls or message["role"] == "assistant", "only the assistant calls tools")
    _rule("tool_calls" not in message or calls, "tool_calls: must not be empty")
    content = message["content"]
    _rule(calls if content is None else content.strip(), "a message without content")
    for call in calls:
        _rule(call["type"] == "function", "tool_calls: not a function")
        _rule(_ID.fullmatch(call["id"]) and call["id"] not in seen, f"tool_calls: bad or doubled id {call['id']!r}")
        _rule(_OPENAI_NAME.fullmatch(call["function"]["name"]), f"tool_calls: bad name {call['function']['name']!r}")
        _rule(isinstance(json.loads(call["function"]["arguments"]), dict), "tool_calls: arguments are no object")
        seen.add(call["id"])
    return [call["id"] for call in calls]
