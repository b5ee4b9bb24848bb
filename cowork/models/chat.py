"""The one protocol every model is spoken to by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

OnText = Callable[[str], object]


@dataclass(frozen=True)
class ToolDefinition:
    """A tool a model may call: `parameters` is the JSON Schema of its arguments, an object."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class ToolCall:
    """A model's wish to call a tool. `arguments` is None when `raw`, what the model wrote, is not a JSON object.

    `carried` is what some providers want back with the call: a signature, or the thoughts that led to it. It is JSON of the
    provider's own, goes back to that provider only, and means nothing to us.
    """

    id: str
    name: str
    arguments: Mapping[str, Any] | None
    raw: str
    carried: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Message:
    """One message of a conversation.

    `calls` belong to the assistant. A message of role `tool` answers the call `call_id` with `text`; `error` marks a failure.
    """

    role: Literal["user", "assistant", "tool"]
    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    call_id: str = ""
    error: bool = False


@dataclass(frozen=True)
class Shape:
    """The JSON object an answer ends with, or consists of when it is `whole`: a name, and the JSON Schema it keeps.

    A provider may be asked to hold a model to the schema of a `whole` answer; the prompt describes it in any case.
    """

    name: str
    schema: Mapping[str, Any]
    whole: bool = False


@dataclass(frozen=True)
class ChatRequest:
    """One question to a model: a system text, a user text or a whole conversation, and the longest answer in tokens.

    Where `messages` are given, they are the conversation and `prompt` is not used. With `tools` an answer may consist of
    calls, and may be empty. `shape` is the JSON that is wanted.
    """

    prompt: str = ""
    system: str = ""
    max_tokens: int = 2048
    seed: int = 0  # used by rehearsal only: same seed, same answer
    messages: tuple[Message, ...] = ()
    tools: tuple[ToolDefinition, ...] = ()
    shape: Shape | None = None

    @property
    def conversation(self) -> tuple[Message, ...]:
        """The messages, or the prompt as the only one."""
        return self.messages or (Message("user", self.prompt),)


@dataclass(frozen=True)
class Usage:
    """Tokens of one call. `source` is `reported` by the provider, `estimated`, or `unknown` (then all are 0).

    `cached_input_tokens` are those of the `input_tokens` that the provider read from its cache.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    source: str = "unknown"
    cached_input_tokens: int = 0


@dataclass(frozen=True)
class ChatReply:
    """A model's whole answer: text, and the calls of tools it wants answered before it goes on.

    `notes` say to people what was done otherwise than asked, in whole sentences without an end. `exit_code` is that of the
    program that answered, None where there is none or it had to be ended; `usd` what it says that it cost.
    """

    text: str
    model: str
    usage: Usage = field(default_factory=Usage)
    stop_reason: str | None = None
    calls: tuple[ToolCall, ...] = ()
    notes: tuple[str, ...] = ()
    exit_code: int | None = None
    usd: float | None = None


class ChatModel(Protocol):
    """A model that answers. `rehearsal` is true for the built-in one that is no model at all."""

    provider: str
    model: str
    rehearsal: bool

    async def reply(self, request: ChatRequest, on_text: OnText) -> ChatReply:
        """Ask once, streaming text to `on_text` as it comes. Raises ProviderError; never retries.

        Only where the server refuses the schema of a shape, it is asked again without, once.
        """

    async def close(self) -> None:
        """Let go of connections."""
