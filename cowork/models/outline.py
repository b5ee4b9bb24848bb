"""Filling a skill's output form from the material pasted into its prompt, for rehearsal."""

from __future__ import annotations

import re

_HEADING = re.compile(r"^#{2,3}\s+(.+?)\s*$", re.MULTILINE)
_TAGGED = re.compile(r"<([a-z][a-z0-9_-]*)>\n(.*?)\n</\1>", re.DOTALL)
_INPUT_LINE = re.compile(r"^\s*[-*]\s*\**([A-Z][^:\n]{1,60}?)\**:\s*(.+)$", re.MULTILINE)
_WORD = re.compile(r"[a-z]{3,}")
_FORM = re.compile(r"^(?:input|inputs|output|output format|output structure|format|rules|ground rules)\b", re.IGNORECASE)
_COMMON = frozenset(["and", "the", "for", "with", "from", "that", "this", "what", "which", "are", "not"])
_PER_HEADING = 4


def fill_outline(prompt: str) -> str:
    """Each heading the prompt asks for, with the lines of the pasted material that share a word with it."""
    tagged = [body for _, body in _TAGGED.findall(prompt)]
    lines = [line.strip() for body in tagged for line in body.splitlines() if line.strip()]
    given = [f"{name.strip()}: {value.strip()}" for name, value in _INPUT_LINE.findall(_TAGGED.sub("", prompt))][:8]
    outside = _TAGGED.sub("", prompt)
    matches = [match for match in _HEADING.finditer(outside) if not _FORM.match(match.group(1))]
    parts = ["Given:", *[f"- {item}" for item in given], *[f"- {len(lines)} line(s) of pasted material"], ""]
    for position, match in enumerate(matches):
        end = matches[position + 1].start() if position + 1 < len(matches) else len(outside)
        asked = outside[match.end() : end]
        parts += [f"## {match.group(1)}", *_bearing(match.group(1), asked, lines), ""]
    if not matches:
        parts += [*[f"- {line}" for line in lines[:_PER_HEADING]]] or ["- the prompt asks for no headed section"]
    return "\n".join(parts).rstrip()


def _bearing(heading: str, asked: str, lines: list[str]) -> list[str]:
    strong, weak = _words(heading), _words(asked)
    scored = []
    for position, line in enumerate(lines):
        words = _words(line)
        score = 3 * len(words & strong) + len(words & weak)
        if score:
            scored.append((-score, position, line))
    chosen = [line for _, _, line in sorted(scored)[:_PER_HEADING]]
    return [f"- {line}" for line in chosen] or ["- nothing in the material shares a word with this section"]


def _words(text: str) -> set[str]:
    return {word for word in _WORD.findall(text.casefold()) if word not in _COMMON}
