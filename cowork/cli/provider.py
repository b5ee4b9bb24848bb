"""cowork provider"""

from __future__ import annotations

import click

from cowork.cli.commands import verb
from cowork.core.outcome import Outcome


@verb()
@click.option("--configured", is_flag=True, help="Only providers that are ready to use.")
def list_(configured: bool) -> Outcome:
    """List model providers; an arrow marks the one used when none is named."""
    from cowork.core import settings
    from cowork.models import directory

    loaded = settings.load()
    return Outcome(directory.list_providers(loaded, configured=configured), loaded.notices)


@verb()
@click.argument("providers", nargs=-1, metavar="[PROVIDER[/MODEL]]...", help="An id or alias of the catalogue; a model to try.")
def check(providers: tuple[str, ...]) -> Outcome:
    """Make one tiny call to each PROVIDER, or to the default one, and tell what comes back."""
    from cowork.core import settings
    from cowork.core.clock import SystemClock
    from cowork.models import directory

    loaded = settings.load()
    checks, notices = directory.check_providers(providers, loaded, SystemClock())
    return Outcome(checks, (*loaded.notices, *notices))
