"""What a file's wish for a model means at the provider that is asked."""

from __future__ import annotations

from cowork.core.outcome import Notice
from cowork.models import catalogue
from cowork.models.catalogue import Provider
from cowork.models.select import Target

_SMALL = frozenset({"haiku"})
_USUAL = frozenset({"sonnet", "opus", "fable", "inherit"})


def preferred(wanted: str | None, usual: Target) -> tuple[Target, tuple[Notice, ...]]:
    """The model for a wish, at the provider of `usual`.

    `inherit`, and aliases of large models, are the usual one; `haiku` is the small one the catalogue names; an id is taken as
    it is, but Claude's only at Anthropic and Claude Code: elsewhere the usual one is asked, with a notice.
    """
    if not wanted or wanted in _USUAL or usual.rehearsal:
        return usual, ()
    provider = catalogue.find(usual.provider)
    if wanted in _SMALL:
        return Target(usual.provider, provider.small_model or usual.model), ()
    if wanted.startswith("claude") and not _speaks_claude(provider):
        text = f"the model '{wanted}' is not one of {provider.id}; {usual.model} is asked"
        return usual, (Notice("agent.model_not_here", text),)
    return Target(usual.provider, wanted), ()


def _speaks_claude(provider: Provider) -> bool:
    return provider.style == "anthropic" or (provider.command is not None and provider.command.dialect == "claude")
