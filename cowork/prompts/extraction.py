"""What a prompt is told about a project: files the user names, git, a session, the file tree, within a budget of tokens.

When the budget is short, it goes to what stands first in that order. Whatever is cut is said in the text itself, outside the
fences, for whoever reads it, and in the result.
"""

from __future__ import annotations

import os
import secrets as randomness
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from cowork.core.errors import InvalidInput
from cowork.core.secrets import Redactor
from cowork.core.text import one_line
from cowork.prompts import fences
from cowork.prompts.builder import tokens
from cowork.prompts.context import is_directory, read_directory, read_document
from cowork.prompts.repository import git_state
from cowork.prompts.tree import LEAST_TOKENS, directory_at, safe_name
from cowork.prompts.tree import tree as tree_of

DEFAULT_TOKENS = 20_000
DEFAULT_PROMPTS = 5
LEAST_BUDGET = 200
"""A budget below this is refused: it would hold no more than what is left out."""
_CHARACTERS_A_TOKEN = 4
_LONGEST_SAID = 1200  # characters of a prompt or an answer in the summary of a session

Kind = Literal["file", "directory", "git", "session", "tree"]


@dataclass(frozen=True)
class ContextPart:
    """A part of what a prompt is told: its text without the fence, and an estimate of its tokens.

    `cut` says in words what is missing, None when nothing is; `cut_tokens` is an estimate of how much, null when not known.
    """

    kind: Kind
    name: str
    text: str
    tokens: int
    cut: str | None = None
    cut_tokens: int | None = None


@dataclass(frozen=True)
class ProjectContext:
    """All of it. `text` is what goes into a prompt: `tokens` of `budget_tokens`, estimated, fences and remarks included."""

    project: str
    parts: tuple[ContextPart, ...]
    text: str
    tokens: int
    budget_tokens: int
    cut_tokens: int


def gather(
    project: str | Path,
    *,
    session: str | None = None,
    prompts: int = DEFAULT_PROMPTS,
    contexts: Sequence[str] = (),
    tree: bool = True,
    git: bool = True,
    budget_tokens: int = DEFAULT_TOKENS,
    nonce: str | None = None,
) -> ProjectContext:
    """What is to be known about the project in a directory, within a budget. No secret of the environment is in it.

    `contexts` are files and directories, relative to the working directory. Raises `context.*` for what cannot be read or a
    budget below 200, and what `sessions.exchanges.last_of` raises.
    """
    if budget_tokens < LEAST_BUDGET:
        raise InvalidInput(
            "context.budget_too_small",
            f"a budget of {budget_tokens} tokens holds no context",
            hint=f"give it at least {LEAST_BUDGET}",
        )
    top = directory_at(project)
    named = [_named(path) for path in contexts]
    rest = [[_part("git", "repository", state.text)]] if git and (state := git_state(top)) is not None else []
    rest += [[_session(session, prompts)]] if session is not None else []
    redactor = Redactor(os.environ)
    named, rest = (
        [[replace(part, text=redactor.text(part.text)) for part in group] for group in some] for some in (named, rest)
    )
    chosen = nonce or _unused_nonce([part.text for group in (*named, *rest) for part in group])
    page = fences.Page(chosen, budget_tokens * _CHARACTERS_A_TOKEN)
    parts = []
    for number, group in enumerate(named):
        room = fences.share([_size(page, other) for other in named[number:]], page.left)
        parts += _put(page, group, room)
    for group in rest:
        parts += _put(page, group, page.left)
    if tree:
        parts.append(_tree(page, top, redactor))
    text = page.text
    cut = sum(part.cut_tokens or 0 for part in parts)
    return ProjectContext(safe_name(str(top)), tuple(parts), text, tokens(text), budget_tokens, cut)


def _part(kind: Kind, name: str, text: str, cut: str | None = None, cut_tokens: int | None = None) -> ContextPart:
    return ContextPart(kind, name, text, tokens(text), cut, cut_tokens)


def _unused_nonce(texts: list[str]) -> str:
    """What closes a fence, and stands in no text."""
    while True:
        nonce = randomness.token_hex(6)
        if not any(nonce in text for text in texts):
            return nonce


def _named(path: str) -> list[ContextPart]:
    """What the user names: a file is a part, a directory one for each of its texts and one for what was passed over."""
    if not is_directory(path):
        return [_part("file", safe_name(path), read_document(path).text)]
    found = read_directory(path)
    parts = [_part("file", document.name, document.text) for document in found.documents]
    if found.passed or not parts:
        parts.append(
            _part("directory", safe_name(path), "", f"not read: {found.words}" if found.passed else "it holds no text")
        )
    return parts


def _session(name: str, most: int) -> ContextPart:
    """The last prompts of a session with their answers, the newest last, each shortened."""
    from cowork.sessions.exchanges import last_of

    found = last_of(name, most)
    lines = [
        f"Session {found.session_id} ({found.kind}, {found.status}): the last {len(found.items)} of {found.count} prompt(s)."
    ]
    missing = 0
    for item in found.items:
        asked, lost = _shortened(item.asked)
        answered, more = _shortened(item.answered)
        missing += lost + more
        lines += ["", f"Asked ({item.at[:19]}): {asked}", f"{one_line(item.by, 60) or 'answer'}: {answered or '(no answer)'}"]
    cut = f"long prompts and answers are shortened, by {missing:,} characters in all" if missing else None
    return _part("session", found.session_id, "\n".join(lines), cut, tokens("x" * missing) if missing else None)


def _shortened(text: str) -> tuple[str, int]:
    """The beginning and the end of a text, where what matters stands most often, and how many characters are missing."""
    text = text.strip()
    if len(text) <= _LONGEST_SAID:
        return text, 0
    kept = _LONGEST_SAID // 2
    missing = len(text) - 2 * kept
    return f"{text[:kept]} [… {missing:,} characters …] {text[-kept:]}", missing


def _size(page: fences.Page, group: list[ContextPart]) -> int:
    return sum(len(part.text) + page.around(part.kind, part.name) for part in group if part.kind != "directory")


def _put(page: fences.Page, group: list[ContextPart], room: int) -> list[ContextPart]:
    """Put parts on the page in their order, as long as there is room; those without any become one in the result."""
    done: list[ContextPart] = []
    without: list[ContextPart] = []
    for part in group:
        if part.kind == "directory":
            page.remark(f"Of the directory {part.name}: {part.cut}.")
            done.append(part)
            continue
        before = page.left
        kept, missing = page.put(part.kind, part.name, part.text, room)
        room -= before - page.left
        if missing and not kept:
            without.append(part)
            continue
        if missing:
            words = _cut_words(part.text, kept)
            cut = f"{part.cut}; {words}" if part.cut else words
            part = replace(part, text=kept, cut=cut, cut_tokens=(part.cut_tokens or 0) + tokens("x" * missing))
            page.remark(f"Cut for want of room: {part.kind} {part.name}: {words}.")
        elif part.cut:
            page.remark(f"Of the {part.kind} {part.name}: {part.cut}.")
        done.append(replace(part, tokens=tokens(part.text)))
    return [*done, *_left_out(page, without)]


def _left_out(page: fences.Page, without: list[ContextPart]) -> list[ContextPart]:
    """What found no room at all, as one part, however many there were."""
    if not without:
        return []
    missing = sum(part.tokens for part in without)
    names = ", ".join(part.name for part in without[:3]) + (", …" if len(without) > 3 else "")
    kind = without[0].kind
    what = f"{kind} {names}" if len(without) == 1 else f"{len(without):,} {kind}s ({names})"
    cut = f"left out altogether, about {missing:,} tokens"
    page.remark(f"Cut for want of room: {what}: {cut}.")
    return [ContextPart(kind, names, "", 0, cut, missing)]


def _cut_words(text: str, kept: str) -> str:
    missing = tokens(text[len(kept) :])
    return f"only the first {kept.count(chr(10)) + 1:,} of {text.count(chr(10)) + 1:,} lines, about {missing:,} tokens less"


def _tree(page: fences.Page, top: Path, redactor: Redactor) -> ContextPart:
    """The tree in what room is left."""
    room = (page.left - page.around("tree", top.name)) // _CHARACTERS_A_TOKEN
    if room < LEAST_TOKENS:
        page.remark("Cut for want of room: the file tree, left out altogether.")
        return ContextPart("tree", safe_name(str(top)), "", 0, "left out altogether for want of room")
    found = tree_of(top, budget_tokens=room)
    text, _ = page.put("tree", top.name, redactor.text(found.text), page.left)
    missing = found.no_room
    cut = f"{missing:,} of {found.files:,} files have no line of their own, for want of room" if missing else None
    return _part("tree", safe_name(str(top)), text, cut)
