"""The models of a provider, as `provider models` answers them: its own list, with what the catalogue says of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from cowork.core.clock import Clock
from cowork.core.errors import CoworkError
from cowork.core.outcome import Notice
from cowork.models import catalogue, live, model_cache, select
from cowork.models.catalogue import REHEARSAL, Provider, undated
from cowork.models.errors import ProviderError
from cowork.models.model_cache import Held, ListedModel
from cowork.models.price import FREE, Price

Role = Literal["default", "small", "fallback"]


@dataclass(frozen=True)
class ModelItem:
    """A model. `role` is what it is used for when no other is named; `price` is null when it is not known."""

    id: str
    name: str | None
    role: Role | None
    price: Price | None
    context_tokens: int | None


@dataclass(frozen=True)
class ModelList:
    """Models sorted by id. `source` says whose list it is: `live`, `cache`, or the `catalogue` where there is no other.

    `not_listed` are the models that the catalogue names and the provider does not.
    """

    provider: str
    source: Literal["live", "cache", "catalogue"]
    fetched_at: str | None
    not_listed: tuple[str, ...]
    note: str | None
    items: tuple[ModelItem, ...]
    count: int


def list_models(name: str, clock: Clock, *, refresh: bool = False) -> tuple[ModelList, tuple[Notice, ...]]:
    """The models of the provider with this id or alias, from a copy that is less than a day old unless `refresh`.

    When it does not answer, an older copy with a notice. Raises `provider.not_found`; without a copy what asking raised.
    """
    if name.casefold() == REHEARSAL:
        item = ModelItem(select.REHEARSAL_MODEL, None, "default", FREE, None)
        note = "rehearsal is built in: it answers from the words of the prompt"
        return ModelList(REHEARSAL, "catalogue", None, (), note, (item,), 1), ()
    provider = catalogue.find(name)
    if provider.style == "command":
        return _of_command(provider), ()
    held, source, notices = _obtain(provider, clock, refresh=refresh)
    missing = _not_listed(provider, held.models)
    if missing:
        text = f"{provider.id} does not list {', '.join(missing)}, which the catalogue names"
        notices = (*notices, Notice("provider.model_not_listed", text))
    items = tuple(_item(provider, listed) for listed in held.models)
    return ModelList(provider.id, source, held.fetched_at, missing, None, items, len(items)), notices


def near(provider: Provider, model: str, clock: Clock) -> tuple[str, ...]:
    """The models that `model` was most likely meant to be, by the provider's list if there is a way to get one."""
    if provider.style == "command":
        return model_cache.nearest(model, _named(provider))
    try:
        held, _, _ = _obtain(provider, clock, refresh=False)
    except CoworkError:
        return ()
    return model_cache.nearest(model, [listed.id for listed in held.models])


def _obtain(provider: Provider, clock: Clock, *, refresh: bool) -> tuple[Held, Literal["live", "cache"], tuple[Notice, ...]]:
    url = provider.url()
    held = model_cache.read(provider.id, url)
    if held and not refresh and held.age_s(clock) < model_cache.TTL_S:
        return held, "cache", ()
    try:
        key, url = select.endpoint(provider, "models")
        listing = live.fetch(provider, key, url, etag=held.etag if held else None)
    except ProviderError as error:
        if held is None:
            raise
        return held, "cache", (Notice("provider.models_stale", f"the list is of {held.fetched_at}: {error.message}"),)
    now = clock.now().isoformat(timespec="seconds")
    confirmed = listing.models is None and held is not None
    fresh = replace(held, fetched_at=now) if confirmed and held else Held(listing.models or (), now, listing.etag)
    notices = _kept(provider, url, fresh)
    if listing.dropped:
        text = f"{listing.dropped} entries of the list are left out: they are no models, or too many"
        notices = (*notices, Notice("provider.models_dropped", text))
    return fresh, "live", notices


def _kept(provider: Provider, url: str, held: Held) -> tuple[Notice, ...]:
    try:
        model_cache.write(provider.id, url, held)
    except CoworkError as error:
        return (Notice("provider.models_not_kept", f"the list could not be kept: {error.message}"),)
    return ()


def _of_command(provider: Provider) -> ModelList:
    items = tuple(_item(provider, ListedModel(model)) for model in sorted(_named(provider)))
    program = provider.command.program if provider.command else provider.id
    note = f"{program} is a program that knows its models itself; these are the ones that the catalogue names"
    return ModelList(provider.id, "catalogue", None, (), note, items, len(items))


def _item(provider: Provider, listed: ListedModel) -> ModelItem:
    return ModelItem(listed.id, listed.name, _role(provider, listed.id), provider.price(listed.id), listed.context_tokens)


def _role(provider: Provider, model: str) -> Role | None:
    names = {model, undated(model)}
    if provider.default_model in names:
        return "default"
    if provider.small_model in names:
        return "small"
    return "fallback" if names.intersection(provider.fallback_models) else None


def _not_listed(provider: Provider, models: Iterable[ListedModel]) -> tuple[str, ...]:
    listed = {name for model in models for name in (model.id, undated(model.id), model.id.removesuffix(":latest"))}
    return tuple(model for model in _named(provider) if model not in listed)


def _named(provider: Provider) -> list[str]:
    """The models that the catalogue names, each once."""
    named = dict.fromkeys((provider.default_model, provider.small_model, *provider.fallback_models))
    return [model for model in named if model]
