"""Connectors, for a person."""

from __future__ import annotations

import json
from typing import Any

from cowork.connectors.results import ConnectorCall, ConnectorDetail, ConnectorList
from cowork.render.screen import Screen


def listing(data: ConnectorList, screen: Screen) -> None:
    """A table of connectors."""
    if not data.items:
        screen.text("no pack brings a connector")
        return
    rows = [(item.name, item.type, item.pack, ", ".join((item.state, *item.missing)), item.description) for item in data.items]
    screen.table(("CONNECTOR", "TYPE", "PACK", "STATE", "WHAT IT DOES"), rows)


def detail(data: ConnectorDetail, screen: Screen) -> None:
    """A connector's page."""
    screen.title(data.name, f"{data.pack} · {data.type}")
    screen.text(data.description)
    screen.facts(
        {
            "state": data.state,
            "environment": data.env,
            "not set": data.missing,
            "timeout": None if data.timeout_s is None else f"{data.timeout_s:g} s",
            "scope": data.scope,
            "path": data.path,
        }
    )
    if data.input_schema:
        screen.section("Input")
        screen.raw(_json(data.input_schema))
    if data.definition:
        screen.section("What it does")
        screen.facts(
            {name: value if isinstance(value, str | int | float) else _json(value) for name, value in data.definition.items()}
        )


def called(data: ConnectorCall, screen: Screen) -> None:
    """The reply, or the plan."""
    if data.dry_run:
        screen.table(("PLAN", "TARGET", "DETAIL"), [(step.action, step.target, step.detail) for step in data.plan])
        return
    if data.body is not None:
        screen.raw(data.body if isinstance(data.body, str) else _json(data.body))
    elif data.stdout:
        screen.raw(data.stdout.rstrip("\n"))
    elif data.status is not None:
        screen.text(f"status {data.status}, no content")
    elif data.exit_code == 0:
        screen.text("done" if data.type == "shell" else "null")
    if data.stderr:
        screen.section("stderr")
        screen.raw(data.stderr.rstrip("\n"))
    if data.truncated:
        screen.text("the output was longer; the rest was dropped", style="dim")


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
