"""What a tool answered, as text for a model: bounded, with binary content described and not shown."""

from __future__ import annotations

import json
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from cowork.agent.tools.base import ToolResult, Workspace
from cowork.connectors.secrets import Secrets
from cowork.core.errors import CoworkError
from cowork.core.files import write_atomic
from cowork.core.text import one_line

if TYPE_CHECKING:
    import mcp_types as types

LIMIT = 100 * 1024
"""Bytes of a result that a model is given."""


def result_of(answer: types.CallToolResult, name: str, secrets: Secrets, workspace: Workspace) -> ToolResult:
    """The result of a call of the tool called `name`; what is too long is kept whole in the session's output directory."""
    kept = bounded(text_of(answer, secrets) or "(the tool answered without any content)", name, workspace)
    response: dict[str, Any] = {"content": kept, "isError": answer.is_error}
    return ToolResult(kept, error=answer.is_error, response=response)


def text_of(answer: types.CallToolResult, secrets: Secrets) -> str:
    """The whole text of an answer, empty where there is none; its structure where there is no text."""
    text = "\n".join(part for part in map(_text, answer.content) if part)
    if not text and answer.structured_content is not None:
        text = json.dumps(answer.structured_content, ensure_ascii=False)
    hidden: str = secrets.hide(text)
    return hidden


def bounded(text: str, name: str, workspace: Workspace) -> str:
    """The text, or its beginning and where the rest is."""
    raw = text.encode("utf-8", "replace")
    if len(raw) <= LIMIT:
        return text
    shown = raw[:LIMIT].decode("utf-8", "ignore")
    path = workspace.output / "mcp" / f"{name}-{token_hex(3)}.txt"
    try:
        write_atomic(path, raw, durable=False)
    except CoworkError:
        return f"{shown}\n[cut: {LIMIT} of {len(raw)} bytes are shown; the rest could not be kept]"
    return f"{shown}\n[cut: {LIMIT} of {len(raw)} bytes are shown; the whole is in {path}]"


def _text(block: types.ContentBlock) -> str:
    match block.type:
        case "text":
            return block.text
        case "image" | "audio":
            return f"[{block.type}: {one_line(block.mime_type, 80)}, {_bytes(block.data)} bytes; not shown]"
        case "resource_link":
            size = f", {block.size} bytes" if block.size is not None else ""
            return f"[resource: {one_line(block.uri)} ({one_line(block.mime_type or 'unknown type', 80)}{size})]"
        case "resource":
            return _embedded(block.resource)


def _embedded(resource: types.TextResourceContents | types.BlobResourceContents) -> str:
    head = f"[resource: {one_line(resource.uri)} ({one_line(resource.mime_type or 'unknown type', 80)})"
    blob = getattr(resource, "blob", None)
    if blob is not None:
        return f"{head}, {_bytes(blob)} bytes; not shown]"
    return f"{head}]\n{getattr(resource, 'text', '')}"


def _bytes(base64: str) -> int:
    """How many bytes a base64 text stands for."""
    return max(0, len(base64) * 3 // 4 - base64[-2:].count("="))
