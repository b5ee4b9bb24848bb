"""The built-in offline provider: which answer a request gets, and streaming it."""

from __future__ import annotations

from cowork.models.chat import ChatReply, ChatRequest, OnText, Usage
from cowork.models.extract import Reading
from cowork.models.outline import fill_outline
from cowork.models.rehearsal.debate import judge, open_, rebut
from cowork.models.rehearsal.forms import FORMS
from cowork.models.rehearsal.positions import LABEL

NO_TOOLS = "[rehearsal: tools were offered, and a rehearsal calls none]"


class Rehearsal:
    """The built-in offline provider."""

    provider = "rehearsal"
    model = "extract-1"
    rehearsal = True

    async def reply(self, request: ChatRequest, on_text: OnText) -> ChatReply:
        """An answer made of the prompt's own material, streamed line by line; it calls no tools."""
        import asyncio

        whole = compose(request)
        text = whole[: max(len(LABEL), request.max_tokens * 4)]  # the label is never cut
        for line in text.splitlines(keepends=True):
            on_text(line)
            await asyncio.sleep(0)
        asked = len(request.system) + sum(len(message.text) for message in request.conversation)
        usage = Usage(asked // 4, len(text) // 4, "estimated")
        return ChatReply(text, self.model, usage, "end_turn" if text == whole else "max_tokens")

    async def close(self) -> None:
        """Nothing to let go of."""


def compose(request: ChatRequest) -> str:
    """The whole answer to a request: to its prompt, or to the last words of the user with the results of tools as material."""
    prompt = next((message.text for message in reversed(request.conversation) if message.role == "user"), "")
    results = [message.text for message in request.conversation if message.role == "tool"]
    text = _answer(request, prompt, results)
    return text.replace(LABEL, f"{LABEL}\n{NO_TOOLS}", 1) if request.tools else text


def _answer(request: ChatRequest, prompt: str, results: list[str]) -> str:
    """By the form that is wanted, else by what the prompt holds: two statements, a rebuttal, a task, or an outline."""
    reading = Reading.of(prompt)
    reading.material.extend(("a tool", result) for result in results)
    form = FORMS.get(request.shape.name) if request.shape else None
    if form is not None:
        return form(reading, request.seed)
    if len(reading.statements) == 2:
        return judge(reading)
    if not reading.task:
        pasted = [f"\n<result>\n{result}\n</result>" for result in results]
        return f"{LABEL}\n\n{fill_outline(prompt + ''.join(pasted))}"
    if reading.own and reading.other:
        return rebut(reading, request.seed)
    return open_(reading, request.seed)
