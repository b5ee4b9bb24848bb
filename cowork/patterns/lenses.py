"""The contracts of an expert panel: lenses, what an expert found through one, what it disputes, what a moderator made of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cowork.patterns.answers import Answer, ContractError, last_object, normalise, parse_answer
from cowork.patterns.contracts import CONFIDENCE, TEXT, Contract, schema_of
from cowork.patterns.protocol import Form
from cowork.patterns.values import known_of, line_of, objects_of, text_of, texts_of

MOST_QUESTIONS, MOST_CLAIMS, MOST_DISPUTES, MOST_POINTS = 4, 5, 35, 12
_TEXTS = {"type": "array", "items": TEXT}


@dataclass(frozen=True)
class Lens:
    """A point of view, and the questions that whoever takes it must answer."""

    name: str
    focus: str
    questions: tuple[str, ...]


@dataclass(frozen=True)
class Opinion:
    """What an expert says through its lens; `settled` are the numbers of the questions that it answered, from 1."""

    answer: Answer
    settled: Mapping[int, str]
    claims: tuple[str, ...]


@dataclass(frozen=True)
class Crossing:
    """An expert's turn in a cross-examination: its answer now, claims of others it disputes and why, own ones withdrawn."""

    answer: Answer
    disputes: Mapping[str, str]
    withdrawn: frozenset[int]


@dataclass(frozen=True)
class Point:
    """Something the experts said, with the labels of those who did."""

    text: str
    who: tuple[str, ...]


@dataclass(frozen=True)
class Recommendation:
    """A moderator's conclusion: what is agreed, and each disagreement with its sides."""

    answer: Answer
    agreements: tuple[Point, ...]
    disagreements: tuple[tuple[str, tuple[Point, ...]], ...]


def lenses_contract(wanted: int) -> Contract[tuple[Lens, ...]]:
    """Exactly as many lenses as there are experts, of which no two overlap by name or question."""

    def parse(reply: str) -> tuple[Lens, ...]:
        lenses = tuple(map(_lens, objects_of(last_object(reply).get("lenses"), '"lenses"', least=wanted, most=wanted)))
        _distinct([lens.name for lens in lenses], "lens")
        _distinct([question for lens in lenses for question in lens.questions], "question")
        return lenses

    lens = schema_of(name=TEXT, focus=TEXT, questions=_TEXTS)
    shape = f'{{"lenses": [{{"name": "...", "focus": "...", "questions": ["..."]}}]}} with {wanted} lenses'
    return Contract(Form("lenses", schema_of(lenses=_list(lens)), whole=True), shape, parse)


def opinion_contract(questions: int) -> Contract[Opinion]:
    """An expert's answer through a lens with this many questions."""

    def parse(reply: str) -> Opinion:
        found = last_object(reply)
        claims = texts_of(found.get("claims"), '"claims"', most=MOST_CLAIMS)
        return Opinion(parse_answer(reply), _settled(found, questions), claims)

    settled = _list(schema_of(number={"type": "integer"}, answer=TEXT))
    schema = schema_of(questions=settled, claims=_TEXTS, answer=TEXT, confidence=CONFIDENCE, reason=TEXT)
    shape = (
        '{"questions": [{"number": 1, "answer": "..."}], "claims": ["..."], '
        '"answer": "...", "confidence": 0.0, "reason": "..."}'
    )
    return Contract(Form("opinion", schema), shape, parse)


def crossing_contract(shown: Collection[str], own_claims: int) -> Contract[Crossing]:
    """A turn in which the claims `shown`, by their ids, may be disputed, and own ones withdrawn."""

    def parse(reply: str) -> Crossing:
        found = last_object(reply)
        disputes: dict[str, str] = {}
        for item in objects_of(found.get("disputes"), '"disputes"', most=MOST_DISPUTES):
            claim = known_of(item.get("claim"), '"disputes"', shown)
            disputes[claim] = text_of(item.get("why"), f'"why" of {claim}', most=1_000)
        return Crossing(parse_answer(reply), disputes, _withdrawn(found, own_claims))

    schema = schema_of(
        disputes=_list(schema_of(claim=TEXT, why=TEXT)),
        withdrawn={"type": "array", "items": {"type": "integer"}},
        answer=TEXT,
        confidence=CONFIDENCE,
        reason=TEXT,
    )
    shape = (
        '{"disputes": [{"claim": "A1", "why": "..."}], "withdrawn": [1], "answer": "...", "confidence": 0.0, "reason": "..."}'
    )
    return Contract(Form("crossing", schema), shape, parse)


def recommendation_contract(labels: Collection[str]) -> Contract[Recommendation]:
    """A moderator's conclusion that says who said what, by the labels it was shown."""

    def point(item: Mapping[str, Any], text: str, what: str) -> Point:
        who = [known_of(label, f'"who" of {what}', labels) for label in texts_of(item.get("who"), '"who"', least=1, most=26)]
        return Point(line_of(item.get(text), f'"{text}" of {what}', most=1_000), tuple(dict.fromkeys(who)))

    def parse(reply: str) -> Recommendation:
        found = last_object(reply)
        agreements = objects_of(found.get("agreements"), '"agreements"', most=MOST_POINTS)
        kept = []
        for item in objects_of(found.get("disagreements"), '"disagreements"', most=MOST_POINTS):
            sides = objects_of(item.get("sides"), '"sides"', least=2, most=8)
            about = line_of(item.get("point"), '"point" of a disagreement', most=1_000)
            kept.append((about, tuple(point(side, "says", "a side") for side in sides)))
        agreed = tuple(point(item, "point", "an agreement") for item in agreements)
        return Recommendation(parse_answer(reply), agreed, tuple(kept))

    side = schema_of(who=_TEXTS, says=TEXT)
    schema = schema_of(
        agreements=_list(schema_of(point=TEXT, who=_TEXTS)),
        disagreements=_list(schema_of(point=TEXT, sides=_list(side))),
        answer=TEXT,
        confidence=CONFIDENCE,
        reason=TEXT,
    )
    shape = (
        '{"agreements": [{"point": "...", "who": ["A", "B"]}], "disagreements": [{"point": "...", "sides": '
        '[{"who": ["A"], "says": "..."}, {"who": ["B"], "says": "..."}]}], "answer": "...", "confidence": 0.0, "reason": "..."}'
    )
    return Contract(Form("recommendation", schema), shape, parse)


def _list(item: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


def _lens(item: Mapping[str, Any]) -> Lens:
    name = line_of(item.get("name"), 'the "name" of a lens', most=60)
    focus = line_of(item.get("focus"), f'the "focus" of {name}', most=500, empty=True)
    return Lens(name, focus, texts_of(item.get("questions"), f'the "questions" of {name}', least=1, most=MOST_QUESTIONS))


def _distinct(texts: Sequence[str], what: str) -> None:
    seen: set[str] = set()
    for text in texts:
        if normalise(text) in seen:
            raise ContractError(f"two lenses overlap: the {what} {text!r} is there twice")
        seen.add(normalise(text))


def _settled(found: Mapping[str, Any], questions: int) -> dict[int, str]:
    """The questions that were answered. One that was left open is not among them."""
    settled: dict[int, str] = {}
    for item in objects_of(found.get("questions"), '"questions"', most=MOST_QUESTIONS):
        number = _number(item.get("number"), questions, "question")
        if number in settled:
            raise ContractError(f"question {number} is answered twice")
        settled[number] = text_of(item.get("answer"), f"the answer to question {number}", empty=True)
    return {number: text for number, text in settled.items() if text}


def _withdrawn(found: Mapping[str, Any], own_claims: int) -> frozenset[int]:
    listed = found.get("withdrawn", [])
    if not isinstance(listed, list) or len(listed) > MOST_CLAIMS:
        raise ContractError(f'"withdrawn" must be a list of at most {MOST_CLAIMS} numbers')
    return frozenset(_number(item, own_claims, "own claim") for item in listed)


def _number(value: object, most: int, what: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise ContractError(f"there is no {what} {str(value)[:20]!r}; they are numbered 1 to {most}")
    return value


GENERIC = (
    Lens(
        "Evidence",
        "what the material shows, and what it does not",
        ("What does the material establish?", "What is only assumed?"),
    ),
    Lens("Failure", "what goes wrong, and who bears it", ("What is the worst likely failure?", "Would it be noticed in time?")),
    Lens(
        "Cost", "money, effort and time, at the start and later", ("What does it cost to begin?", "What does it cost to keep?")
    ),
    Lens("People", "those who use it and those it affects", ("Who gains and who loses?", "What must they learn or change?")),
    Lens("Operation", "running it from day to day", ("What has to be maintained?", "What happens when its keeper leaves?")),
    Lens("Misuse", "abuse, security and privacy", ("How could it be abused?", "What must never leak or be lost?")),
    Lens("Alternatives", "what else would do", ("What is the best alternative not on the table?", "What if nothing is done?")),
    Lens("Horizon", "reversibility and the long run", ("How hard is it to undo?", "What will matter in three years?")),
)
"""The lenses of a panel that has no role writer, the most widely useful first."""
