"""Reading a prompt the way rehearsal does: fenced sections, sentences, and which of them bear on the task."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from cowork.models.sections import Section, prose, sections

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9`\"'(])")
_WORD = re.compile(r"[a-z][a-z0-9_-]*(?:\.[a-z0-9]+)*")
_STOP = frozenset(
    "a about after all also am an and any are as at be been before being best better between both but by can choose could "
    "did do does doing each every few for from get give had has have how i if in into is it its keep kept let like live "
    "make may me more most must my need no nor not of off on once only or other our out over own pick prefer put rather "
    "same shall should so some store stored such take than that the their them then there these they this those through "
    "to too under until up us use used using very want was we were what when where which while who why will with would "
    "yes you your".split()
)
_LENSES = (  # the point of view a seed gives: words that make a sentence matter more to it
    frozenset("crash fail fails error errors lost lose corrupt refuse never attack unsafe lock kill recover durable".split()),
    frozenset("simple small fast cheap cost time budget easy plain read script readable less single".split()),
    frozenset("user users person team show shows help clear explain see review history audit export".split()),
)
_NEGATIVE = re.compile(r"\b(?:not|never|no|cannot|nothing|refuse[sd]?|without)\b", re.IGNORECASE)
_YES_NO = re.compile(r"^(?:should|is|are|was|were|can|could|do|does|did|will|would|has|have|must|may)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Passage:
    """A sentence of the material, where it stands, and how much it bears on the task."""

    text: str
    source: str
    score: float


class Reading:
    """The fenced sections of a prompt."""

    def __init__(self, task: str, material: list[tuple[str, str]], own: str, other: str, statements: dict[str, str]) -> None:
        self.task = task
        self.material = material
        self.own = own
        self.other = other
        self.statements = statements
        self.rest: list[Section] = []
        """The sections of the other kinds, in their order."""

    @classmethod
    def of(cls, prompt: str) -> Reading:
        """Read a prompt; sections that are not there are empty."""
        task, own, other = "", "", ""
        material: list[tuple[str, str]] = []
        statements: dict[str, str] = {}
        rest: list[Section] = []
        for section in sections(prompt):
            if section.kind == "task":
                task = section.text
            elif section.kind == "material":
                material.append((section.label or "material", section.text))
            elif section.kind == "own":
                own = section.text
            elif section.kind == "other":
                other = section.text
            elif section.kind == "statement":
                statements[section.label] = section.text
            else:
                rest.append(section)
        reading = cls(task, material, own, other, statements)
        reading.rest = rest
        return reading

    @cached_property
    def ranked(self) -> list[Passage]:
        """The sentences that share words with the task, best first, from no point of view."""
        return _rank(self, frozenset())

    def support(self, statement: str) -> tuple[float, list[Passage]]:
        """How much of the material a statement rests on: the passages it quotes, and the sum of their scores."""
        held = [passage for passage in self.ranked if quoted(passage.text, statement)]
        return sum(passage.score for passage in held), held


def passages(reading: Reading, seed: int) -> list[Passage]:
    """The sentences that bear on the task from the point of view the seed gives, best first."""
    return _rank(reading, _LENSES[seed % len(_LENSES)])


def quoted(sentence: str, statement: str) -> bool:
    """Whether a statement holds a sentence, as plain text or inside JSON."""
    return sentence in statement or sentence.replace('"', '\\"') in statement


def options_in(task: str) -> tuple[str, ...]:
    """The answers a task offers: both sides of an "or" in its question, `yes` and `no`, or none."""
    question = next((part for part in re.split(r"(?<=[?.!])\s+", task) if part.rstrip().endswith("?")), "")
    left, found, right = question.rstrip("?").partition(" or ")
    if found:
        first, second = _phrase(left.split(), reverse=True), _phrase(right.split(), reverse=False)
        if first and second and first != second:
            return first, second
    return ("yes", "no") if _YES_NO.match(question) else ()


def choose_option(options: tuple[str, ...], found: list[Passage], seed: int) -> tuple[str, float, tuple[Passage, ...]]:
    """The option most of the weight speaks for, its share of the weight from 0 to 1, and the passages that do."""
    speaking: dict[str, list[Passage]] = {option: [] for option in options}
    for passage in found:
        for option in options:
            if _speaks_for(passage.text, option, options):
                speaking[option].append(passage)
    weight = {option: sum(passage.score for passage in held) for option, held in speaking.items()}
    total = sum(weight.values())
    order = options if seed % 2 == 0 else options[::-1]
    best = max(order, key=lambda option: weight[option])
    return best, (weight[best] / total if total else 0.0), tuple(speaking[best])


def _speaks_for(text: str, option: str, options: tuple[str, ...]) -> bool:
    if options == ("yes", "no"):
        return bool(_NEGATIVE.search(text)) == (option == "no")
    words = set(_words(text))
    named = [other for other in options if set(_words(other)) <= words]
    return named == [option] and not _NEGATIVE.search(text)


def _phrase(words: list[str], *, reverse: bool) -> str:
    taken: list[str] = []
    for word in reversed(words) if reverse else words:
        bare = word.strip("\"'`,;:()")
        if bare.casefold() in _STOP or not bare:
            if taken:
                break
            continue
        taken.append(bare)
        if len(taken) == 3:
            break
    return " ".join(reversed(taken) if reverse else taken)


def _rank(reading: Reading, lens: frozenset[str]) -> list[Passage]:
    wanted = set(_words(reading.task))
    sentences = list(_sentences(reading.material or [("the task", reading.task)]))
    uses = Counter(word for _, text in sentences for word in set(_words(text)))
    found = []
    for position, (source, text) in enumerate(sentences):
        words = set(_words(text))
        shared = words & wanted
        if shared and text != reading.task.strip():
            score = sum(math.log(1 + len(sentences) / uses[word]) for word in shared) * (1 + 0.6 * len(words & lens))
            found.append((-round(score, 6), position, Passage(text, source, round(score, 6))))
    return [passage for _, _, passage in sorted(found, key=lambda item: item[:2])]


def _sentences(material: list[tuple[str, str]]) -> list[tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for source, text in material:
        for block in re.split(r"\n\s*\n|\n(?=\s*(?:[-*#|>]|\d+\.)\s)", prose(text)):
            flat = " ".join(block.split()).lstrip("*->| ").replace("**", "")
            for sentence in _SENTENCE_END.split(flat):
                sentence = sentence.strip()
                if 20 <= len(sentence) <= 400:
                    found.setdefault(sentence, (source, sentence))
    return list(found.values())


def _words(text: str) -> list[str]:
    return [_stem(word) for word in _WORD.findall(text.casefold()) if word not in _STOP]


def _stem(word: str) -> str:
    for ending in ("ies", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            return word[: -len(ending)] + ("y" if ending == "ies" else "")
    return word
