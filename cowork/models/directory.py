"""Providers as `provider list` answers them."""

from __future__ import annotations

from dataclasses import dataclass

from cowork.core.errors import CoworkError
from cowork.core.settings import Settings
from cowork.models import catalogue, select
from cowork.models.catalogue import REHEARSAL, Provider
from cowork.models.price import FREE, Price
from cowork.models.select import REHEARSAL_LIMITS, REHEARSAL_MODEL, REHEARSAL_NAME


@dataclass(frozen=True)
class ProviderItem:
    """A provider. `configured`: its key and whatever else it needs are set; `chosen`: it is used when none is named.

    `price` is that of its default model, null when it is not known; `changed` says whether the user's config.yaml has a part
    in it.
    `program` is that of a command-line agent, which is configured when it is installed.
    """

    id: str
    name: str
    aliases: tuple[str, ...]
    style: str
    base_url: str
    base_url_env: str | None
    key_env: tuple[str, ...]
    configured: bool
    chosen: bool
    local: bool
    default_model: str | None
    small_model: str | None
    status: str
    confidence: str
    price_known: bool
    price: Price | None
    changed: bool
    note: str | None
    program: str | None = None


@dataclass(frozen=True)
class ProviderList:
    """Providers in the catalogue's order, the user's own after them, rehearsal last."""

    items: tuple[ProviderItem, ...]
    count: int


def list_providers(settings: Settings, *, configured: bool = False, status: str | None = None, text: str = "") -> ProviderList:
    """Every provider, or only those that are ready, have this status, and hold every word of `text` in a name or a model.

    What only serves tests is left out unless it is asked for.
    """
    chosen = _chosen(settings)
    items = [_item(provider, chosen=provider.id == chosen) for provider in catalogue.providers()]
    items.append(_rehearsal(chosen=chosen == REHEARSAL))
    kept = tuple(
        item
        for item in items
        if (item.configured or item.chosen or not configured) and _has(item, status) and _holds(item, text)
    )
    return ProviderList(kept, len(kept))


def _has(item: ProviderItem, status: str | None) -> bool:
    return item.status == status if status else item.status != "testing" or item.chosen


def _item(provider: Provider, *, chosen: bool) -> ProviderItem:
    price = provider.price(provider.default_model) if provider.default_model else provider.price("")
    return ProviderItem(
        id=provider.id,
        name=provider.name,
        aliases=provider.aliases,
        style=provider.style,
        base_url=provider.base_url,
        base_url_env=provider.base_url_env or None,
        key_env=provider.key_env,
        configured=provider.configured(),
        chosen=chosen,
        local=provider.local,
        default_model=provider.default_model,
        small_model=provider.small_model,
        status=provider.status,
        confidence=provider.confidence,
        price_known=price is not None,
        price=price,
        changed=bool(provider.origins),
        program=provider.command.program if provider.command else None,
        note=provider.limits,
    )


def _holds(item: ProviderItem, text: str) -> bool:
    words = (item.id, item.name, *item.aliases, item.style, item.default_model or "", item.small_model or "")
    said = " ".join(words).casefold()
    return all(word in said for word in text.casefold().split())


def _chosen(settings: Settings) -> str | None:
    """The provider used when none is named; None when the settings name an unusable one, which the list helps to mend."""
    try:
        return select.default(settings)[0].provider
    except CoworkError:
        return None


def _rehearsal(*, chosen: bool) -> ProviderItem:
    return ProviderItem(
        id=REHEARSAL,
        name=REHEARSAL_NAME,
        aliases=(),
        style="built in",
        base_url="",
        base_url_env=None,
        key_env=(),
        configured=True,
        chosen=chosen,
        local=True,
        default_model=REHEARSAL_MODEL,
        small_model=None,
        status="active",
        confidence="verified",
        price_known=True,
        price=FREE,
        changed=False,
        note=REHEARSAL_LIMITS,
    )
