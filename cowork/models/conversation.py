"""A conversation made fit for any protocol: rounds in which the assistant speaks and the user's side replies.

Providers refuse a conversation with a call that is not answered, a result nobody asked for, an empty text, an id that
comes twice or two messages of one role in a row. Ours may hold all of that: it was cut, compacted, resumed or begun with
another provider. So each call gets exactly one result, in the order of the calls; results of no call are left out.
The same beginning always gives the same rounds, so that providers can cache it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cowork.models.chat import Message, ToolCall

CONTINUE = "Continue."  # where the user's side has nothing to say and a protocol wants it to speak
FAILED = "The tool failed and said nothing."  # an error without words is refused
UNANSWERED = "There is no result: this call was not carried out."
INVALID = "INVALID_JSON"  # the argument that stands for what was no JSON object
_LONGEST_ID = 40  # characters: OpenAI's limit
_LONGEST_NAME = 128
_ODD = re.compile(r"[^a-zA-Z0-9_-]")


@dataclass
class SentCall:
    """A call as it is sent back to a provider, with its result; `error` marks a failure."""

    id: str
    name: str
    arguments: Mapping[str, Any]
    result: str = UNANSWERED
    error: bool = True
    carried: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Round:
    """What the assistant said and called, and the user's text after the results. Only the first has no assistant."""

    said: str = ""
    calls: list[SentCall] = field(default_factory=list)
    text: str = ""


def rounds(conversation: Sequence[Message]) -> list[Round]:
    """The rounds of a conversation, at least one; in each the user's side has something to say."""
    found = [Round()]
    taken: set[str] = set()
    waiting: list[tuple[str, SentCall]] = []
    for message in conversation:
        if message.role == "tool":
            _answer(waiting, message)
        elif message.role == "user":
            found[-1].text = _joined(found[-1].text, message.text)
        elif message.calls or message.text.strip():
            if len(found) == 1 or found[-1].text or found[-1].calls:
                found.append(Round())
            found[-1].said = _joined(found[-1].said, sound(message.text))
            waiting = [(call.id, _sent(call, taken)) for call in message.calls]
            found[-1].calls = [call for _, call in waiting]
    for each in found:
        each.text = each.text or ("" if each.calls else CONTINUE)
    return found


def sound(text: str) -> str:
    """`text` with halves of characters joined, or replaced where the other half is missing: every encoder takes it."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def unique(wished: str, taken: set[str]) -> str:
    """`wished`, or a name made from it that is not in `taken` yet, where it is put."""
    name, number = wished, 1
    while name in taken:
        number += 1
        name = f"{wished[: _LONGEST_ID - 8]}_{number}"
    taken.add(name)
    return name


def schema(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """A schema of arguments with the two keys that providers insist on."""
    return {"type": "object", "properties": {}, **parameters}


def _answer(waiting: list[tuple[str, SentCall]], message: Message) -> None:
    for place, (id, call) in enumerate(waiting):
        if id == message.call_id:
            wordless = message.error and not message.text.strip()
            call.result, call.error = FAILED if wordless else sound(message.text), message.error
            del waiting[place]
            return


def _sent(call: ToolCall, taken: set[str]) -> SentCall:
    id = unique(_ODD.sub("_", call.id)[:_LONGEST_ID] or "call", taken)
    name = _ODD.sub("_", call.name)[:_LONGEST_NAME] or "unnamed"
    arguments = {INVALID: sound(call.raw)} if call.arguments is None else call.arguments
    return SentCall(id, name, arguments, carried=call.carried)


def _joined(first: str, second: str) -> str:
    return "\n\n".join(text for text in (first, second) if text.strip())
