"""cowork connector"""

from __future__ import annotations

import sys
from typing import Any

import click

from cowork.cli.commands import verb
from cowork.core.errors import UsageError
from cowork.core.outcome import Outcome


@verb()
@click.option("--pack", help="Only connectors of this pack.")
def list_(pack: str | None) -> Outcome:
    """List connectors of packs, and MCP servers of plugins, by pack and name."""
    from cowork.connectors.directory import list_connectors

    return Outcome(*list_connectors(pack=pack))


@verb()
@click.argument("name", help="A connector's name, or PACK:NAME.")
def show(name: str) -> Outcome:
    """Show a connector: what it takes, what it does, and which environment variables it is given."""
    from cowork.connectors.directory import show_connector

    return Outcome(show_connector(name))


@verb()
@click.argument("name", help="A connector's name, or PACK:NAME.")
@click.option(
    "--input", "text", metavar="JSON", default="{}", help="The input as a JSON object; @FILE reads a file, '-' stdin."
)
@click.option("--timeout", type=float, metavar="S", help="Seconds the call may take.")
@click.option("--dry-run", is_flag=True, help="Show what would be sent or run.")
def call(name: str, text: str, timeout: float | None, dry_run: bool) -> Outcome:
    """Call a connector of type http, shell or script with an input."""
    from cowork.connectors.call import call_connector

    return Outcome(*call_connector(name, _input(text), timeout_s=timeout, dry_run=dry_run))


def _input(text: str) -> dict[str, Any]:
    from cowork.connectors.inputs import MAX_INPUT_BYTES, bad_input, read_input

    if text == "-":
        if sys.stdin.isatty():
            raise UsageError("usage.bad_input", "--input - reads stdin, and stdin is the terminal", hint="pipe the JSON in")
        raw = sys.stdin.buffer.read(MAX_INPUT_BYTES + 1)
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise bad_input("it is not UTF-8 text") from error
    elif text.startswith("@"):
        from cowork.prompts.context import read_text

        text = read_text(text[1:], kind="input")
    if len(text.encode("utf-8", "surrogateescape")) > MAX_INPUT_BYTES:
        raise bad_input("it is larger than 1 MB")
    return read_input(text)
