"""A model for documents: it says of each task what the evidence in its prompt says, and one thing that nothing says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from tests.agent.scripted_model import Answer, scripted_model, turn
from tests.agent.scripted_wire import Request

_TASK = re.compile(r"^## (?P<heading>[^`\n]+): `(?P<id>[\w.-]+)`.*?(?=^## |^<evidence-|\Z)", re.DOTALL | re.MULTILINE)
_NAMED = re.compile(r"^Its evidence: (.*)\.$", re.MULTILINE)
_FACT = re.compile(r"^\[([\w-]+)\.(\d+)\] (.*)$", re.MULTILINE)
_MOST = 3


@contextmanager
def reading_model() -> Iterator[str]:
    """The model's host and port while it runs."""
    with scripted_model(_answer) as model:
        yield model.url.removeprefix("http://")


def _answer(request: Request) -> Answer:
    facts: dict[str, list[tuple[str, str]]] = {}
    for collector, number, text in _FACT.findall(request.prompt):
        facts.setdefault(collector, []).append((f"{collector}.{number}", text))
    parts = [_section(match, facts) for match in _TASK.finditer(request.prompt)]
    return turn("\n\n".join(parts))


def _section(match: re.Match[str], facts: dict[str, list[tuple[str, str]]]) -> str:
    named = _NAMED.search(match[0])
    wanted = named[1].split(", ") if named else list(facts)
    found = next((facts[name] for name in wanted if len(facts.get(name, ())) > 1), [])
    lines = [f"# task: {match['id']}"]
    if found:
        lines.append(f"**Bottom line:** {found[0][1]} [{found[0][0]}].")
        lines += ["", *(f"{number}. {text} [{name}]" for number, (name, text) in enumerate(found[1 : _MOST + 1], 1))]
    missing = [name for name in wanted if any(text.startswith("not available") for _, text in facts.get(name, ()))]
    lines += ["", "Everybody is happy with it.", "", "**Not available**"]
    return "\n".join([*lines, *(f"- {name}" for name in missing or ["nothing that was asked for"])])
