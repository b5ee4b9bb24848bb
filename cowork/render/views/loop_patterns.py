"""Patterns and presets, for a person."""

from __future__ import annotations

from cowork.loop.pattern_pages import PatternList, PatternPage
from cowork.loop.presets import PresetItem, PresetList, PresetSeat
from cowork.patterns.suggest import Suggestion
from cowork.render.screen import Screen


def listing(data: PatternList, screen: Screen) -> None:
    """A table of patterns."""
    rows = [(item.name, item.formula, str(item.calls), str(item.depth), item.summary) for item in data.items]
    screen.table(("PATTERN", "FORMULA", "CALLS", "DEPTH", "WHAT HAPPENS"), rows)
    screen.blank()
    screen.text("calls and depth of the usual table; more: cowork loop patterns show NAME")


def page(data: PatternPage, screen: Screen) -> None:
    """A pattern's page."""
    screen.title(data.title, data.name)
    screen.text(data.summary)
    screen.blank()
    screen.raw(data.diagram)
    screen.section("When")
    screen.facts({"use it": data.when, "do not": data.not_when})
    screen.section("Roles")
    rows = [(", ".join(role.seats) or f"({role.name})", f"{role.least} to {role.most}", role.help) for role in data.roles]
    screen.table(("SEATS", "HOW MANY", "WHAT THEY DO"), rows)
    screen.section("Price")
    screen.facts(
        {
            "formula": data.formula,
            "calls, usual table": f"{data.fewest_calls} to {data.calls}",
            "depth": data.depth,
            "options": ", ".join(
                f"{option.flag} {option.default}" + (f" (at most {option.most})" if option.most else "")
                if not isinstance(option.default, bool)
                else option.flag
                for option in data.options
            )
            or "none",
        }
    )


def suggestion(data: Suggestion, screen: Screen) -> None:
    """The recommended pattern and the reason."""
    screen.title(data.pattern, "recommended")
    screen.facts(
        {
            "because": data.reason,
            "words that say so": ", ".join(data.evidence) or "none",
            "next best": ", ".join(data.alternatives),
            "start it": data.command,
        }
    )


def presets(data: PresetList, screen: Screen) -> None:
    """A table of presets."""
    rows = [(item.name, item.pattern, "ready" if item.ready else "", item.origin, item.description) for item in data.items]
    screen.table(("PRESET", "PATTERN", "", "FROM", "WHAT FOR"), rows)


def preset(data: PresetItem, screen: Screen) -> None:
    """A preset's page."""
    screen.title(data.name, data.origin)
    screen.facts(
        {
            "what for": data.description,
            "pattern": data.pattern,
            "seats": _seats(data) or "the default model on every seat",
            "options": ", ".join(f"{name}={value}" for name, value in data.options.items()) or "none",
            "steps": ", ".join(data.steps) or "none",
            "without": ", ".join(data.without) or "nobody",
            "fallbacks": ", ".join(data.fallbacks) or "none",
            "budget": ", ".join(f"{name} {value}" for name, value in data.budget.items()) or "none",
            "ready": "yes" if data.ready else f"no: {data.lacking}",
            "start it": f'cowork loop start "TASK" --preset {data.name}',
            "from": data.source,
        }
    )


def _seats(item: PresetItem) -> str:
    return ", ".join(_seat(seat) for seat in item.seats)


def _seat(seat: PresetSeat) -> str:
    accuracy = f" (right {seat.accuracy:.0%})" if seat.accuracy is not None else ""
    return f"{seat.name}={','.join((seat.target, *seat.fallbacks))}{accuracy}"
