"""cowork provider"""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from cowork.cli.commands import verb
from cowork.core.errors import CoworkError
from cowork.core.outcome import Outcome

_STATUSES = ("active", "beta", "retired", "unconfirmed", "testing")


def _names(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Providers that begin like this, for the shell."""
    from cowork.models import catalogue

    try:
        known = [(provider.id, provider.name) for provider in catalogue.providers()]
    except CoworkError:
        return []
    return [CompletionItem(id_, help=name) for id_, name in (*known, ("rehearsal", "")) if id_.startswith(incomplete)]


@verb()
@click.argument("text", required=False, default="", help="Only providers with these words in a name or a model.")
@click.option("--configured", is_flag=True, help="Only providers that are ready to use.")
@click.option("--status", type=click.Choice(_STATUSES), help="Only providers with this status.")
def list_(text: str, configured: bool, status: str | None) -> Outcome:
    """List model providers; an arrow marks the one used when none is named."""
    from cowork.core import settings
    from cowork.models import catalogue, directory

    loaded = settings.load()
    found = directory.list_providers(loaded, configured=configured, status=status, text=text)
    return Outcome(found, (*loaded.notices, *catalogue.notices()))


@verb()
@click.argument("name", metavar="PROVIDER", shell_complete=_names, help="An id or alias of the catalogue.")
def show(name: str) -> Outcome:
    """Show a provider: address, key variables, models, prices, limits, and what your config.yaml changes."""
    from cowork.models import catalogue, detail

    return Outcome(detail.show(name), catalogue.notices())


@verb()
@click.argument("name", metavar="PROVIDER", shell_complete=_names, help="An id or alias of the catalogue.")
@click.option("--refresh", is_flag=True, help="Ask the provider now, whatever the age of the copy.")
def models(name: str, refresh: bool) -> Outcome:
    """List the models a provider serves, from a copy less than a day old where there is one."""
    from cowork.core.clock import SystemClock
    from cowork.models import catalogue, model_list

    found, notices = model_list.list_models(name, SystemClock(), refresh=refresh)
    return Outcome(found, (*catalogue.notices(), *notices))


@verb()
@click.argument(
    "providers",
    nargs=-1,
    metavar="[PROVIDER[/MODEL]]...",
    shell_complete=_names,
    help="An id or alias of the catalogue; a model to try.",
)
def check(providers: tuple[str, ...]) -> Outcome:
    """Make one tiny call to each PROVIDER, or to the default one, and tell what comes back."""
    from cowork.core import settings
    from cowork.core.clock import SystemClock
    from cowork.models import checking

    loaded = settings.load()
    checks, notices = checking.check_providers(providers, loaded, SystemClock())
    return Outcome(checks, (*loaded.notices, *notices))
