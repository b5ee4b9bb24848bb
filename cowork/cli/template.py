"""cowork template"""

from __future__ import annotations

import click

from cowork.cli.commands import verb
from cowork.core.errors import InvalidInput
from cowork.core.outcome import Outcome
from cowork.core.paths import project_dir

_NAME = click.argument("name", help="A template's name, or a file by its path.")


@verb()
def list_() -> Outcome:
    """List the prompt templates of loops: of the project, your own and the built-in ones."""
    from cowork.prompts import template_pages

    return Outcome(template_pages.list_templates(project_dir()))


@verb()
@_NAME
def show(name: str) -> Outcome:
    """Show a template: where it is from, and its text."""
    from cowork.prompts import template_pages

    return Outcome(template_pages.show(name, project_dir()))


@verb()
@click.argument("name", help="What the copy is called; under a built-in name it is used in its place.")
@click.option("--from", "source", metavar="BUILTIN", help="The built-in template to copy; by default the one of that name.")
@click.option("--user", is_flag=True, help="Keep it among your own templates, for all projects.")
@click.option("--force", is_flag=True, help="Replace what is there.")
@click.option("--dry-run", is_flag=True, help="Show what would be written; write nothing.")
def init(name: str, source: str | None, user: bool, force: bool, dry_run: bool) -> Outcome:
    """Copy a built-in template, to make it your own."""
    from cowork.prompts import template_pages

    return Outcome(template_pages.init(name, project_dir(), source=source, user=user, force=force, dry_run=dry_run))


@verb()
@click.argument("names", nargs=-1, metavar="[NAME|FILE]...", help="Templates; without any, all that have a name.")
def check(names: tuple[str, ...]) -> Outcome:
    """Check templates: whether they can be read, and whether they name variables that nobody fills. Exit 4 when not."""
    from cowork.prompts import template_pages

    report = template_pages.check(names, project_dir())
    if report.errors:
        raise InvalidInput(
            "template.invalid", f"{report.errors} error(s) in templates", hint="mend the places named above", data=report
        )
    return Outcome(report)


@verb()
@_NAME
@click.option("--var", "given", multiple=True, metavar="NAME=VALUE", help="A variable; lists and objects as JSON. Repeatable.")
@click.option("--bare", is_flag=True, help="Leave empty what is not given, and show no sample values.")
def render(name: str, given: tuple[str, ...], bare: bool) -> Outcome:
    """Print a template filled in, with sample values where none is given. Nothing is sent anywhere."""
    from cowork.prompts import template_pages

    return Outcome(template_pages.render(name, given, project_dir(), samples=not bare))
