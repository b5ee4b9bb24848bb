"""Rehearsal: no model, but an honest stand-in that answers from the words of the prompt.

It lets a whole flow be tried without a key. It reads the fenced sections of the prompt, picks the sentences of the
material that bear on the task from the point of view its seed gives it, keeps the answer contract, and labels
everything it writes. The same prompt and seed give the same answer everywhere. It understands nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from cowork.models.chat import ChatReply, ChatRequest, OnText, Usage
from cowork.models.extract import Passage, Reading, choose_option, options_in, passages
from cowork.models.outline import fill_outline

LABEL = "[rehearsal: no model was asked; the sentences below are picked from the material]"
NO_TOOLS = "[rehearsal: tools were offered, and a rehearsal calls none]"
_CONCEDE_AT = 1.5
_CLEAR = 1.05


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
    text = _answer(prompt, results, request.seed)
    return text.replace(LABEL, f"{LABEL}\n{NO_TOOLS}", 1) if request.tools else text


def _answer(prompt: str, results: list[str], seed: int) -> str:
    """By what the prompt holds: two statements to judge, a rebuttal, a task, or a form."""
    reading = Reading.of(prompt)
    reading.material.extend(("a tool", result) for result in results)
    if len(reading.statements) == 2:
        return _judge(reading)
    if not reading.task:
        pasted = [f"\n<result>\n{result}\n</result>" for result in results]
        return f"{LABEL}\n\n{fill_outline(prompt + ''.join(pasted))}"
    if reading.own and reading.other:
        return _rebut(reading, seed)
    return _open(reading, seed)


@dataclass(frozen=True)
class _Position:
    answer: str
    confidence: float
    reason: str
    points: tuple[Passage, ...]


def _position(reading: Reading, seed: int) -> _Position:
    found = passages(reading, seed)
    if not found:
        guess = (options_in(reading.task) or ("unknown",))[seed % 2 if options_in(reading.task) else 0]
        return _Position(guess, 0.1, "The material says nothing that bears on the task.", ())
    options = options_in(reading.task)
    if options:
        answer, share, points = choose_option(options, found, seed)
        points = points or tuple(found[:3])
        return _Position(answer, round(0.5 + 0.4 * share, 2), f'It says: "{points[0].text}"', points[:3])
    best = found[0]
    share = best.score / sum(passage.score for passage in found[:3])
    return _Position(best.text, round(0.3 + 0.4 * share, 2), f"It bears most on the task ({best.source}).", tuple(found[:3]))


def _open(reading: Reading, seed: int) -> str:
    position = _position(reading, seed)
    lines = [LABEL, "", f"Position: {position.answer}", "", "What the material says:", *_bullets(position.points)]
    return _with_contract(lines, position)


def _rebut(reading: Reading, seed: int) -> str:
    own_weight, own_points = reading.support(reading.own)
    other_weight, other_points = reading.support(reading.other)
    own, other = _answer_in(reading.own), _answer_in(reading.other)
    if other and other_weight > own_weight * _CONCEDE_AT:
        lines = [LABEL, "", f"I concede: the other statement rests on more of the material. Position: {other}", ""]
        lines += ["Accepted:", *_bullets(other_points[:3])]
        point = other_points[0].text if other_points else ""
        return _with_contract(lines, _Position(other, 0.6, f'Conceded to: "{point}"', ()))
    position = _position(reading, seed)
    answer = own or position.answer
    fresh = [point for point in other_points if point not in own_points]
    lines = [LABEL, "", f"Position: {answer}", "", "Of the other statement, accepted as said in the material:"]
    lines += _bullets(fresh[:2]) if fresh else ["- nothing that the own statement does not rest on too"]
    lines += ["", "Against that still stands:", *_bullets(own_points[:3])]
    reason = f'It rests on: "{own_points[0].text}"' if own_points else position.reason
    return _with_contract(lines, _Position(answer, position.confidence, reason, ()))


def _judge(reading: Reading) -> str:
    # The blind statement only: in a rebuttal a side also quotes what it accepts of the other.
    weights = {side: reading.support(text.split("\n---\n")[0]) for side, text in reading.statements.items()}
    (first, (high, points)), (_, (low, _rest)) = sorted(weights.items(), key=lambda item: (-item[1][0], item[0]))
    clear = high > low * _CLEAR and high > 0
    lines = [LABEL, "", "Weight of the material each side rests on:"]
    lines += [f"- {side}: {weight:.1f}, {len(held)} passage(s)" for side, (weight, held) in sorted(weights.items())]
    reason = f'It rests on more of the material: "{points[0].text}"' if clear else "Both rest on as much of the material."
    verdict = {
        "winner": first if clear else "tie",
        "confidence": round(high / (high + low), 2) if clear else 0.5,
        "reason": reason,
    }
    return "\n".join([*lines, "", json.dumps(verdict, ensure_ascii=False)])


def _with_contract(lines: list[str], position: _Position) -> str:
    contract = {"answer": position.answer, "confidence": position.confidence, "reason": position.reason}
    return "\n".join([*lines, "", json.dumps(contract, ensure_ascii=False)])


def _bullets(points: tuple[Passage, ...] | list[Passage]) -> list[str]:
    return [f'- "{point.text}" ({point.source})' for point in points] or ["- nothing bears on the task"]


def _answer_in(statement: str) -> str:
    for found in _objects(statement):
        if isinstance(found.get("answer"), str):
            return str(found["answer"])
    return ""


def _objects(text: str) -> Iterator[dict[str, object]]:
    for line in reversed(text.split("\n")):
        if line.strip().startswith("{"):
            try:
                value = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(value, dict):
                yield value
