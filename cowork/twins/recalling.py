"""What a twin is told of what it knows: the memories and facts that matter for its work, within a budget of tokens.

Corrections come first, then preferences, then notes; of each kind what has the most to do with the work, then the newest. Facts
are told when words of their subject or object occur in the work. The same is recalled for the same work, whenever it is asked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from cowork.core import settings
from cowork.core.text import one_line
from cowork.prompts.builder import CHARACTERS_A_TOKEN, tokens
from cowork.twins.directory import find_twin
from cowork.twins.facts import OrgFact
from cowork.twins.memory import KINDS, LONGEST_TEXT, Memory, MemoryList, Recalled, RecalledItem
from cowork.twins.store import facts, memories, requests, searching
from cowork.twins.store.opening import reading
from cowork.twins.twin import Twin

_FOR_FACTS = 4  # facts get what memories leave of the budget, and at least one in so many tokens of it
_LEAST_WORD = 3  # letters below which a word says nothing of what a fact is about
_MORE = "({} more are left out)"
_LONGEST_WORK = 200_000  # characters of the work that are looked at


def recall(twin_id: str, text: str, *, budget_tokens: int) -> Recalled:
    """What a twin with this id is told for work that `text` describes, evidence included. Raises `database.*`."""
    text = text[:_LONGEST_WORK]
    with reading() as connection:
        if connection is None:
            return fit([], [], budget_tokens)
        mine = memories.of_twin(connection, twin_id)
        ranked = searching.find(connection, twin_id, searching.words(text), every=False) if mine else []
        known = facts.everything(connection)
    return fit(in_order(mine, ranked), about(known, text), budget_tokens)


def memory_of(name: str, search: str | None = None) -> MemoryList:
    """What a twin remembers, and what it would be told now. Raises `twin.not_found`, `twin.ambiguous`, `database.*`."""
    twin = find_twin(name)
    budget = int(settings.one("twin_memory_tokens"))
    with reading() as connection:
        every = memories.of_twin(connection, twin.id) if connection else []
        items = every
        if search is not None and connection:
            by_id = {item.id: item for item in every}
            found = searching.find(connection, twin.id, searching.words(search), every=True)
            items = [by_id[memory_id] for memory_id in found if memory_id in by_id]
        asked = requests.open_of(connection, twin.id) if connection else []
    work = [text for request in asked for text in (request.title, request.text)]
    shown = recall(twin.id, "\n".join([*work, *_tasks(twin)]), budget_tokens=budget)
    return MemoryList(twin.name, search, tuple(items), len(items), len(every), shown)


def in_order(mine: Sequence[Memory], ranked: Sequence[str]) -> list[Memory]:
    """Memories as they are told: `mine` is newest first, `ranked` the ids of what the work is about, best first.

    What says the same is told once.
    """
    ranks = {memory_id: rank for rank, memory_id in enumerate(ranked)}
    order = sorted(mine, key=lambda item: (KINDS.index(item.kind), ranks.get(item.id, len(ranks))))
    once: dict[str, Memory] = {}
    for item in order:
        once.setdefault(item.text.casefold(), item)
    return list(once.values())


def about(known: Sequence[OrgFact], text: str) -> list[OrgFact]:
    """The facts that a text is about, best first: those whose whole subject or object occurs; then those of which words occur,
    rare ones before common ones; the newest first on ties.
    """
    said = _words(text)
    inside, running = set(said), f" {' '.join(said)} "
    sides = {fact: (_words(fact.subject), _words(fact.object)) for fact in known}
    common = Counter(word for pair in sides.values() for word in set().union(*pair))
    scores: dict[OrgFact, tuple[int, int]] = {}
    for fact, pair in sides.items():
        shared = sorted({word for side in pair for word in side if word in inside and len(word) >= _LEAST_WORD})
        whole = sum(bool(side) and f" {' '.join(side)} " in running for side in pair)
        if shared or whole:
            scores[fact] = (whole, sum(1_000_000 // common[word] for word in shared))
    newest = sorted(sorted(scores, key=lambda fact: fact.id), key=lambda fact: fact.created_at, reverse=True)
    return sorted(newest, key=lambda fact: scores[fact], reverse=True)


def fit(told: Sequence[Memory], known: Sequence[OrgFact], budget_tokens: int) -> Recalled:
    """As much as a budget holds, the first ones first; what has no room is passed over and counted."""
    page = _Page(budget_tokens)
    facts_told = [_fact(fact) for fact in known]
    page.take(facts_told, page.room // _FOR_FACTS)
    kept = page.take([_memory(item) for item in told], page.room)
    page.take([item for item in facts_told if item not in page.items], page.room)
    order = [*kept, *(item for item in facts_told if item in page.items)]
    left_out = len(told) + len(known) - len(order)
    lines = [_line(item) for item in order]
    if left_out and order:
        lines.append(_MORE.format(left_out))
    text = "\n".join(lines)
    return Recalled(tuple(order), text, tokens(text), budget_tokens, left_out)


class _Page:
    """Lines within a budget, with room for saying how many are left out."""

    def __init__(self, budget_tokens: int) -> None:
        self.items: set[RecalledItem] = set()
        self.room = max(0, budget_tokens) * CHARACTERS_A_TOKEN - len(_MORE.format(9_999_999)) - 1

    def take(self, items: Sequence[RecalledItem], room: int) -> list[RecalledItem]:
        """Those of the items that fit in a part of the room."""
        taken = []
        for item in items:
            size = len(_line(item)) + 1
            if size <= room:
                room, self.room = room - size, self.room - size
                self.items.add(item)
                taken.append(item)
        return taken


def _memory(item: Memory) -> RecalledItem:
    return RecalledItem(f"memory.{item.id}", item.kind, one_line(item.text, LONGEST_TEXT))


def _fact(fact: OrgFact) -> RecalledItem:
    return RecalledItem(f"fact.{fact.id}", "fact", one_line(fact.said, LONGEST_TEXT))


def _line(item: RecalledItem) -> str:
    return f"[{item.id}] {item.text}" if item.kind == "fact" else f"[{item.id}] {item.kind}: {item.text}"


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


def _tasks(twin: Twin) -> list[str]:
    return [f"{task.name}\n{task.description}\n{task.prompt_template}" for task in twin.tasks if task.enabled]
