"""Filling a skill's output form from the material pasted into its prompt, for rehearsal."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_HEADING = re.compile(r"#{2,3}[ \t]+(\S.*)")
_OPENING = re.compile(r"<([a-z][a-z0-9_-]*)>")
_INPUT_LINE = re.compile(r"\s*[-*]\s*(?:\*\*)?([A-Z][^:]{1,60}?)(?:\*\*)?:(?:\*\*)?\s*(\S.*)")
_WORD = re.compile(r"[a-z]{3,}")
_FORM = re.compile(r"(?:input|inputs|output|output format|output structure|format|rules|ground rules)\b", re.IGNORECASE)
_COMMON = frozenset(["and", "the", "for", "with", "from", "that", "this", "what", "which", "are", "not"])
_PER_HEADING = 4
_GIVEN = 8
_LONGEST_LINE = 400


@dataclass
class _Form:
    """A prompt read as a form: lines of pasted material, inputs given in one line, headings with what they ask for."""

    material: list[str] = field(default_factory=list)
    given: list[str] = field(default_factory=list)
    headings: list[tuple[str, list[str]]] = field(default_factory=list)


def fill_outline(prompt: str) -> str:
    """Each heading the prompt asks for, with the lines of the pasted material that share a word with it."""
    form = _read(prompt)
    parts = ["Given:", *[f"- {item}" for item in form.given], f"- {len(form.material)} line(s) of pasted material", ""]
    words = [_words(line) for line in form.material]
    for heading, asked in form.headings:
        parts += [f"## {heading}", *_bearing(_words(heading), _words("\n".join(asked)), form.material, words), ""]
    if not form.headings:
        parts += [f"- {_cut(line)}" for line in form.material[:_PER_HEADING]] or ["- the prompt asks for no headed section"]
    return "\n".join(parts).rstrip()


def _read(prompt: str) -> _Form:
    form = _Form()
    lines = prompt.split("\n")
    last = {line: number for number, line in enumerate(lines) if line.startswith("</")}
    inside, end = False, ""
    for number, line in enumerate(lines):
        tag = None if inside else _OPENING.fullmatch(line)
        if inside:
            inside = line != end
            if inside and line.strip():
                form.material.append(line.strip())
        elif tag and last.get(f"</{tag.group(1)}>", -1) > number:
            inside, end = True, f"</{tag.group(1)}>"
        else:
            _read_asked(form, line)
    return form


def _read_asked(form: _Form, line: str) -> None:
    heading = _HEADING.fullmatch(line.rstrip())
    if heading and not _FORM.match(heading.group(1)):
        form.headings.append((heading.group(1), []))
        return
    if form.headings:
        form.headings[-1][1].append(line)
        return
    given = _INPUT_LINE.fullmatch(line)
    if given and len(form.given) < _GIVEN:
        form.given.append(_cut(f"{given.group(1)}: {given.group(2).rstrip()}"))


def _bearing(strong: set[str], weak: set[str], lines: list[str], words: list[set[str]]) -> list[str]:
    scored = []
    for position, held in enumerate(words):
        score = 3 * len(held & strong) + len(held & weak)
        if score:
            scored.append((-score, position))
    chosen = [lines[position] for _, position in sorted(scored)[:_PER_HEADING]]
    return [f"- {_cut(line)}" for line in chosen] or ["- nothing in the material shares a word with this section"]


def _cut(line: str) -> str:
    return line if len(line) <= _LONGEST_LINE else line[: _LONGEST_LINE - 1] + "…"


def _words(text: str) -> set[str]:
    return {word for word in _WORD.findall(text.casefold()) if word not in _COMMON}
