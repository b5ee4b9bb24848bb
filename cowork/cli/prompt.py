"""cowork prompt"""

from __future__ import annotations

import click

from cowork.cli.commands import verb
from cowork.core.errors import UsageError
from cowork.core.outcome import Outcome


@verb()
@click.option("--tool", help="The tool that is called: Bash, Edit, mcp__server__name.")
@click.option("--input", "text", metavar="JSON", default="{}", show_default=True, help="What it is called with, an object.")
@click.option("--allow", multiple=True, metavar="RULE", help="Allow what this rule covers; without any, nothing is restricted.")
@click.option("--deny", multiple=True, metavar="RULE", help="Deny what this rule is about, in any reading.")
@click.option("--ask", multiple=True, metavar="RULE", help="Want a person asked; nobody is asked here, so it is a denial.")
@click.option("--cwd", metavar="DIR", help="Where relative paths and patterns begin; by default here.")
@click.option("--readonly-set", is_flag=True, help="Let the built-in set of harmless commands count; without --tool, list it.")
def check_tool(
    tool: str | None,
    text: str,
    allow: tuple[str, ...],
    deny: tuple[str, ...],
    ask: tuple[str, ...],
    cwd: str | None,
    readonly_set: bool,
) -> Outcome:
    """Say whether tool rules allow a call, by which rule and why. Nothing is run. Exit 6 when it is not allowed.

    It judges the given rules alone, with no built-in list of harmless commands (the agent may have one: --readonly-set shows
    it).
    """
    from cowork.prompts import tool_check

    if tool is None and readonly_set:
        return Outcome(tool_check.readonly_set())
    if not tool:
        raise UsageError("usage.no_tool", "no tool is named", hint="add --tool, for example --tool Bash")
    return Outcome(tool_check.check_tool(tool, text, allow=allow or None, deny=deny, ask=ask, cwd=cwd, readonly=readonly_set))
