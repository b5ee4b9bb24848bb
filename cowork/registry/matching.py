"""Which skill a request is about: descriptions compared with it by their rare words. Deterministic, and above a threshold.

Cosine similarity of tf-idf vectors over name, id and description (Salton and Buckley 1988), with words cut to a stem.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass

from cowork.registry import world

THRESHOLD = 0.15
_WORD = re.compile(r"[a-z][a-z0-9]+")
_COMMON = frozenset(
    "a about all also an and any are as at be by can did do does each every for from get give has have how i if in into is it "
    "its make me more most my need not of on one or our out please should so some that the their them these they this to up "
    "us use using want was we what when where which who why will with you your".split()
)
_ENDINGS = ("ations", "ation", "ings", "ing", "ies", "ers", "ed", "es", "er", "s", "e", "y")


@dataclass(frozen=True)
class SkillMatch:
    """A skill that a text may be about; `score` is between 0 and 1."""

    id: str
    name: str
    pack: str
    score: float
    words: tuple[str, ...]


@dataclass(frozen=True)
class SkillMatches:
    """Matches at or above the threshold, best first, then by id."""

    text: str
    threshold: float
    items: tuple[SkillMatch, ...]
    count: int


def match(text: str, *, limit: int = 5, threshold: float = THRESHOLD) -> SkillMatches:
    """The skills that are on whose description fits `text`."""
    skills = {skill["id"]: (pack, skill) for pack, skill in world.load().skills()}
    documents = {
        skill_id: Counter(stems(f"{skill['name']} {skill['name']} {skill_id.replace('-', ' ')} {skill['description']}"))
        for skill_id, (_, skill) in skills.items()
    }
    uses = Counter(word for counted in documents.values() for word in counted)
    rarity = {word: math.log(1 + len(documents) / count) for word, count in uses.items()}
    wanted = Counter(stems(text))
    found = []
    for skill_id, counted in documents.items():
        shared = sorted(set(wanted) & set(counted), key=lambda word: (-rarity[word], word))
        score = _cosine(wanted, counted, rarity)
        if score >= threshold and len(shared) >= (2 if len(wanted) > 3 else 1):  # one word in common says little of many
            pack, skill = skills[skill_id]
            found.append(SkillMatch(skill_id, skill["name"], pack.name, round(score, 4), tuple(shared)))
    found.sort(key=lambda item: (-item.score, item.id))
    return SkillMatches(text, threshold, tuple(found[:limit]), min(len(found), limit))


def stems(text: str) -> list[str]:
    """The words of a text that carry meaning, without their endings."""
    return [_stem(word) for word in _WORD.findall(text.casefold()) if word not in _COMMON]


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def _cosine(wanted: Counter[str], counted: Counter[str], rarity: dict[str, float]) -> float:
    unknown = math.log(1 + len(rarity)) if rarity else 1.0  # a word no skill uses counts against every skill
    left = {word: (1 + math.log(count)) * rarity.get(word, unknown * 0.75) for word, count in wanted.items()}
    right = {word: (1 + math.log(count)) * rarity[word] for word, count in counted.items()}
    dot = sum(weight * right[word] for word, weight in left.items() if word in right)
    length = math.sqrt(sum(w * w for w in left.values()) * sum(w * w for w in right.values()))
    return dot / length if length else 0.0
