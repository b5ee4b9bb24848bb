"""The answer contract: the last JSON object of a reply, checked, and compared in normal form."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ANSWER_SHAPE = '{"answer": "...", "confidence": 0.0, "reason": "..."}'
VERDICT_SHAPE = '{"winner": "A" or "B" or "tie", "confidence": 0.0, "reason": "..."}'
SIMILAR = 0.95
_MAX_TEXT = 400_000
_MAX_BRACES = 200
_FENCE = re.compile(r"\s*```(?:json)?\s*$")
_BROKEN_OBJECT = re.compile(r'^[ \t]*(?:```(?:json)?[ \t]*\n)?[ \t]*\{\s*"\w+"\s*:', re.MULTILINE)
_NUMBER = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?|-?\d+(?:\.\d+)?")
_BARE_FRACTION = re.compile(r"(?<![\w.])\.(?=\d)")  # its point is no full stop
_PUNCTUATION = ".,;:!?\"'`()[]*_“”‘’…"
_ARTICLES = ("a", "an", "the")
_SYNONYM = {"true": "yes", "false": "no", "yeah": "yes", "nope": "no"}


class ContractError(ValueError):
    """A reply that does not keep the contract; the message says how."""


@dataclass(frozen=True)
class Answer:
    """What a seat said: its answer, its confidence from 0 to 1, its reason, and the whole text."""

    answer: str
    confidence: float
    reason: str
    text: str


@dataclass(frozen=True)
class Verdict:
    """What a judge said: the label of the winner, or `tie`."""

    winner: str
    confidence: float
    reason: str


def parse_answer(text: str) -> Answer:
    """The answer in a reply. Raises ContractError."""
    found = last_object(text)
    return Answer(text_in(found, "answer"), confidence_in(found), text_in(found, "reason", empty=True), text)


def parse_verdict(text: str) -> Verdict:
    """The verdict in a judge's reply. Raises ContractError."""
    found = last_object(text)
    winner = text_in(found, "winner").strip()
    label = winner.upper() if len(winner) == 1 else winner.casefold()
    if label not in ("A", "B", "tie"):
        raise ContractError(f'"winner" must be "A", "B" or "tie", not {winner[:40]!r}')
    return Verdict(label, confidence_in(found), text_in(found, "reason", empty=True))


def last_object(text: str) -> dict[str, Any]:
    """The last complete JSON object in `text`, the outermost one where they nest. Raises ContractError."""
    found = _located(text)
    if found is None:
        raise ContractError("there is no JSON object in it")
    return found[0]


def body(text: str) -> str:
    """A reply without the JSON object it ends with, nor the fence around that."""
    found = _located(text)
    if found is None or text[found[2] :].strip("` \t\r\n"):
        return text.strip()
    return _FENCE.sub("", text[: found[1]]).strip()


def rejoined(said: str, again: str) -> str:
    """A reply whose object was asked for again: the text as it was said, with the object that was sent after it.

    A seat that was asked for its object alone does not repeat its text, and that may be a whole draft.
    """
    if body(again):
        return again
    text = body(said)
    broken = list(_BROKEN_OBJECT.finditer(text))
    if broken and "\n\n" not in text[broken[-1].start() :].strip():
        text = text[: broken[-1].start()].strip()
    return f"{text}\n\n{again}".strip()


def _located(text: str) -> tuple[dict[str, Any], int, int] | None:
    """The last object, where it starts and where it stops."""
    decoder = json.JSONDecoder()
    skipped = max(0, len(text) - _MAX_TEXT)
    best: tuple[dict[str, Any], int, int] | None = None
    end = len(text)
    for _ in range(_MAX_BRACES):
        start = text.rfind("{", skipped, end)
        if start < 0:
            break
        end = start
        try:
            value, stop = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            continue
        if best is None or stop >= best[2]:  # it ends last, or holds the one that does
            best = value, start, stop
    return best


def normalise(answer: str) -> str:
    """The form in which answers are compared: case, punctuation, articles and number notation do not count."""
    text = unicodedata.normalize("NFKC", answer).casefold().strip()
    words = [word for word in (part.strip(_PUNCTUATION) for part in _BARE_FRACTION.sub("0.", text).split()) if word]
    # the last word is no article, it is what the answer ends with: "A." is "A", and "plan A" is no other plan
    joined = " ".join([word for word in words[:-1] if word not in _ARTICLES] + words[-1:])
    number = _NUMBER.fullmatch(joined.strip(" .$€£%"))
    if number:
        return _plain_number(number.group())
    return _SYNONYM.get(joined, joined) or text


def _plain_number(text: str) -> str:
    """A number as short as it can be written with all its digits: rounded, two that differ could become one."""
    digits = "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text if char != ",")
    whole, _, fraction = digits.removeprefix("-").partition(".")
    whole, fraction = whole.lstrip("0") or "0", fraction.rstrip("0")
    value = f"{whole}.{fraction}" if fraction else whole
    return f"-{value}" if digits.startswith("-") and value != "0" else value


def same(first: Answer, second: Answer) -> bool:
    """Whether two answers say the same."""
    return normalise(first.answer) == normalise(second.answer)


def repeats(before: Answer, after: Answer) -> bool:
    """Whether a statement says what the seat said before: the same answer and nearly the same words."""
    import difflib

    first, second = normalise(before.text)[:20_000], normalise(after.text)[:20_000]
    return same(before, after) and difflib.SequenceMatcher(None, first, second, autojunk=False).quick_ratio() > SIMILAR


def text_in(found: Mapping[str, Any], key: str, *, empty: bool = False) -> str:
    """A text, or a number as text, of a reply's object. Raises ContractError."""
    value = found.get(key, "" if empty else None)
    if isinstance(value, (int, float)):
        value = json.dumps(value)
    if not isinstance(value, str) or not (empty or value.strip()):
        raise ContractError(f'"{key}" must be a text')
    return encodable(value)


def encodable(text: str) -> str:
    """`text` with a mark for each half of a character, which JSON can spell and no other seat can be sent."""
    return text.encode("utf-8", "replace").decode("utf-8")


def confidence_in(found: Mapping[str, Any]) -> float:
    """The confidence in a reply's object. Raises ContractError."""
    value = found.get("confidence")
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise ContractError('"confidence" must be a number between 0 and 1')
    return float(value)
