"""What was said so far, as the next request to the model holds it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from cowork.models.chat import ChatReply, Message, ToolCall
from cowork.prompts.builder import tokens

_DROPPED = "[this output was dropped to make room]"


@dataclass
class Conversation:
    """Messages in the order of the protocols: user, assistant, results of its calls, user, and so on."""

    messages: list[Message] = field(default_factory=list)

    def user(self, text: str) -> None:
        """The user, or somebody in their place, says something."""
        self.messages.append(Message("user", text))

    def assistant(self, reply: ChatReply) -> None:
        """The model's answer. One without text and calls is not kept: protocols do not take empty messages."""
        if reply.text.strip() or reply.calls:
            self.messages.append(Message("assistant", reply.text, reply.calls))

    def results(self, answered: Iterable[tuple[ToolCall, str, bool]]) -> None:
        """What the calls of the last answer came to, in their order."""
        self.messages += [Message("tool", text, call_id=call.id, error=error) for call, text, error in answered]

    @property
    def tokens(self) -> int:
        """An estimate of everything said."""
        return sum(tokens(message.text) + sum(tokens(call.raw) for call in message.calls) for message in self.messages)

    def transcript(self) -> str:
        """Everything said, as text for a summary."""
        lines = []
        for message in self.messages:
            calls = "".join(f"\n[calls {call.name}: {call.raw[:2000]}]" for call in message.calls)
            lines.append(f"{message.role}: {message.text}{calls}")
        return "\n\n".join(lines)

    def begin_anew(self, text: str) -> None:
        """Forget everything but a text that takes its place."""
        self.messages = [Message("user", text)]

    def drop_outputs(self) -> bool:
        """Drop the results of tools but those of the last answer; whether there were any to drop."""
        last = max((place for place, message in enumerate(self.messages) if message.role == "assistant"), default=0)
        dropped = [
            place
            for place, message in enumerate(self.messages[:last])
            if message.role == "tool" and len(message.text) > len(_DROPPED)
        ]
        for place in dropped:
            self.messages[place] = replace(self.messages[place], text=_DROPPED)
        return bool(dropped)
