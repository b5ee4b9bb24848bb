"""What to do about a failed call, for each class of failures."""

from __future__ import annotations

from cowork.models import errors
from cowork.models.catalogue import Provider
from cowork.models.durations import spoken


def advice(error: errors.ProviderError, provider: Provider) -> str | None:
    """What a person can do about a failure of this provider."""
    if isinstance(error, errors.AuthError):
        return _key(error, provider)
    if isinstance(error, errors.RegionError):
        return "it is not served where you are: try another model, or a gateway such as openrouter"
    if isinstance(error, errors.DailyQuotaError):
        return "the day's quota is used up: wait until tomorrow, or choose another --provider"
    if isinstance(error, errors.WaitError):
        wait = spoken(error.retry_after) if error.retry_after else "a little"
        return f"too many calls, or too busy: wait {wait}, then check again"
    if provider.command and isinstance(error, (errors.DownError, errors.MalformedError)):
        return f"is it installed, up to date and logged in? try it by hand: {provider.command.program}"
    if isinstance(error, errors.DownError):
        return _down(error, provider)
    if isinstance(error, errors.MalformedError):
        return f"what answers does not speak the style '{provider.style}': check {provider.base_url_env}"
    return error.hint


def _key(error: errors.AuthError, provider: Provider) -> str | None:
    names = " or ".join(provider.key_env)
    if provider.command:
        program = provider.command.program
        return f"log in with it: {program}" + (f"; or the key in {names} is refused" if provider.key() else "")
    return f"the key in {names} is refused: make a new one and export it" if provider.key() else error.hint


def _down(error: errors.ProviderError, provider: Provider) -> str:
    if error.details.get("status"):
        return "the provider has a failure of its own: try again later"
    if provider.local:
        return f"is it running? start {provider.name}, or say where it is with {provider.base_url_env}"
    return f"nothing answers: check the network, the proxy and {provider.base_url_env}"
