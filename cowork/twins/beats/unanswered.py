"""What a twin says to a question, a task or a skill when no model works on it: that, and what its evidence has by the words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from cowork.core.text import one_line
from cowork.twins.beats.jobs import Job
from cowork.twins.evidence.findings import Evidence, Item
from cowork.twins.evidence.urgency import ranked_findings

MOST_FACTS = 6
MOST_URGENT = 3
"""Where no fact has a word of the question, so many that want somebody soon are shown."""
_LONGEST = 160
_NOT_DONE = {"skill": "The skill was not run", "wake": "Nobody looked into it", "ask": "The question was not worked on"}
_WORD = re.compile(r"[^\W_]{3,}")
_COMMAND = re.compile(r"^/\S+")
_COMMON = frozenset(
    "about and any are can could did does done for from had has have her him his how into its know not now our out please she"
    " tell than that the their them then there they this those was week were what when where which who why will with would you"
    " your".split()
)


def unanswered(job: Job, evidence: Sequence[Evidence], why: str) -> str:
    """That it was not worked on and why, then the facts with most of its words, at most `MOST_FACTS`, and where more are."""
    said = f"**{_NOT_DONE.get(job.kind, 'This was not worked on')}: {why}.**"
    there = [item for item in evidence if item.status != "unavailable"]
    fitting = _ranked(words_of(f"{_COMMAND.sub('', job.title)} {job.text}"), there)
    if fitting:
        intro, shown = "What the evidence has by its words:", fitting[:MOST_FACTS]
    else:
        shown = [found.item for found in ranked_findings(there)[:MOST_URGENT]]
        intro = f"No fact of the evidence has its words.{' Most urgent:' if shown else ''}"
    lines = [f"- {one_line(item.text, _LONGEST)} [{item.id}]" for item in shown]
    if there:
        lines.append(f"- more: `cowork evidence run {' '.join(item.collector for item in there)}`")
    missing = ", ".join(item.collector for item in evidence if item.status == "unavailable")
    parts = [f"# {job.title}", said, "\n".join([intro, *lines]) if lines else "There is no evidence."]
    return "\n\n".join([*parts, *([f"Not available: {missing}."] if missing else [])])


def words_of(text: str) -> frozenset[str]:
    """The words that say what a text is about, without case and without the plural's s."""
    return frozenset(_stem(word) for word in _WORD.findall(text.casefold())) - _COMMON


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _ranked(wanted: frozenset[str], evidence: Iterable[Evidence]) -> list[Item]:
    """The facts that have a word, those with most first. A collector's name counts for its facts only beside their own."""
    scored = []
    for collected in evidence:
        named = len(wanted & words_of(collected.collector))
        for number, item in enumerate(collected.items):
            own = len(wanted & words_of(item.text))
            if own or (named and number == 0):  # of what is asked by name the summary, at least
                scored.append((2 * own + named, item))
    return [item for _, item in sorted(scored, key=lambda pair: -pair[0])]
