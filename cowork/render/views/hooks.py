"""Hooks and their events, for a person."""

from __future__ import annotations

from typing import Any

from cowork.render.screen import Screen


def listing(data: Any, screen: Screen) -> None:
    """A table of hooks, and why some of them do not run."""
    if not data.items:
        screen.text("There are no hooks.")
        return
    rows = [
        (item.event, item.matcher or "*", item.type, item.origin, "yes" if item.runs else "no", item.command)
        for item in data.items
    ]
    screen.table(("EVENT", "MATCHER", "TYPE", "FROM", "RUNS", "WHAT"), rows)
    for reason in dict.fromkeys((item.path, item.why) for item in data.items if item.why):
        screen.text(f"{reason[0]}: {reason[1]}", style="dim")


def events(data: Any, screen: Screen) -> None:
    """A table of events."""
    rows = [(item.event, "yes" if item.fired else "no", item.matches or "-", item.block or "-") for item in data.items]
    screen.table(("EVENT", "FIRED BY COWORK", "MATCHER LOOKS AT", "A BLOCK MEANS"), rows)


def tested(data: Any, screen: Screen) -> None:
    """Each handler's end, and the decision of all."""
    screen.title(data.event, "nothing was run" if data.dry_run else "")
    if data.dry_run or not data.items:
        for step in data.plan:
            screen.text(f"would {step.action}: {step.target} {step.detail}".rstrip())
        return
    for item in data.items:
        end = "timed out" if item.timed_out else f"exit {item.exit_code}"
        screen.section(f"{item.command}")
        screen.facts({"from": item.origin, "file": item.path, "ended": item.problem or end, "seconds": f"{item.seconds:.3f}"})
        for name, text in (("stdout", item.stdout), ("stderr", item.stderr)):
            if text:
                screen.facts({name: text})
    screen.section("Together")
    screen.facts(
        {
            "blocked": data.blocked,
            "reason": data.reason,
            "decision": data.decision,
            "because": data.decision_reason,
            "new input": "" if data.updated_input is None else str(data.updated_input),
            "context": "\n".join(data.contexts),
            "ends the run": data.halt or None,
            "messages": data.messages,
            "errors": data.errors,
        }
    )
