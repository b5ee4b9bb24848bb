"""What a prompt shows of the project, for agents that cannot look for themselves and templates that ask for it."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from cowork.loop.engine.order import LoopOrder
from cowork.prompts import extraction
from cowork.prompts.repository import git_state
from cowork.prompts.tree import tree

TREE_TOKENS = 4000
Material = tuple[dict[str, str], tuple[str, ...]]


def gathered(wanted: Collection[str], directory: Path, order: LoopOrder) -> Material:
    """The variables that are wanted of `context`, `tree`, `gitStatus` and `recentCommits`, and what was cut, in words.

    Raises `context.*` for files of the order that cannot be read.
    """
    found: dict[str, str] = {}
    cut: list[str] = []
    if "context" in wanted:
        given = extraction.gather(directory, contexts=order.contexts, tree=False, git=False, budget_tokens=order.context_tokens)
        found["context"] = given.text
        cut += [f"{part.name}: {part.cut}" for part in given.parts if part.cut]
    if "tree" in wanted:
        drawn = tree(directory, budget_tokens=TREE_TOKENS)
        found["tree"] = drawn.text
        if drawn.no_room:
            cut.append(f"tree: {drawn.no_room} files have no room")
    if {"gitStatus", "recentCommits"} & set(wanted) and (state := git_state(directory)) is not None:
        found["gitStatus"] = state.status
        found["recentCommits"] = state.log
    return found, tuple(cut)
