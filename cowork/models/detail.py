"""One provider in full, as `provider show` answers it. Keys are never in it, only whether they are set."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal

from cowork.models import catalogue, select
from cowork.models.catalogue import REHEARSAL, CommandLine, Provider
from cowork.models.price import FREE


@dataclass(frozen=True)
class Variable:
    """A variable of the environment, and whether it is set."""

    name: str
    set: bool


@dataclass(frozen=True)
class ModelPrice:
    """USD per million tokens of a model; `as_of` and `source` say when and where the numbers were found."""

    model: str
    input: float
    output: float
    cached_input: float | None
    as_of: str | None
    source: str | None


@dataclass(frozen=True)
class FieldOrigin:
    """A field that the user set, and the file."""

    field: str
    source: str


@dataclass(frozen=True)
class ProviderDetail:
    """A provider. `base_url` is the catalogue's or the config's; `address` says which one is in force, or what is missing."""

    id: str
    name: str
    aliases: tuple[str, ...]
    style: str
    base_url: str
    base_url_env: str | None
    address: Literal["catalogue", "config", "environment", "incomplete", "none"]
    keys: tuple[Variable, ...]
    needs: tuple[Variable, ...]
    configured: bool
    local: bool
    free: bool
    default_model: str | None
    small_model: str | None
    fallback_models: tuple[str, ...]
    prices: tuple[ModelPrice, ...]
    command: CommandLine | None
    timeout_s: float | None
    status: str
    confidence: str
    as_of: str | None
    limits: str | None
    overridden: tuple[FieldOrigin, ...]


def show(name: str) -> ProviderDetail:
    """The provider with this id or alias. Raises `provider.not_found`."""
    if name.casefold() == REHEARSAL:
        return _rehearsal()
    provider = catalogue.find(name)
    return ProviderDetail(
        id=provider.id,
        name=provider.name,
        aliases=provider.aliases,
        style=provider.style,
        base_url=provider.base_url,
        base_url_env=provider.base_url_env or None,
        address=_address(provider),
        keys=_variables(provider.key_env),
        needs=_variables(provider.needs),
        configured=provider.configured(),
        local=provider.local,
        free=provider.price(provider.default_model or "any") is FREE,
        default_model=provider.default_model,
        small_model=provider.small_model,
        fallback_models=provider.fallback_models,
        prices=tuple(
            ModelPrice(model, price.input, price.output, price.cached_input, price.as_of, price.source)
            for model, price in sorted(provider.prices.items())
        ),
        command=provider.command,
        timeout_s=provider.timeout_s,
        status=provider.status,
        confidence=provider.confidence,
        as_of=provider.as_of,
        limits=provider.limits,
        overridden=tuple(FieldOrigin(field, source) for field, source in sorted(provider.origins.items())),
    )


def _address(provider: Provider) -> Literal["catalogue", "config", "environment", "incomplete", "none"]:
    if os.environ.get(provider.base_url_env, "").strip():
        return "environment"
    if not provider.base_url:
        return "none"
    if not all(os.environ.get(name) for name in provider.needs):
        return "incomplete"
    return "config" if "base_url" in provider.origins else "catalogue"


def _variables(names: tuple[str, ...]) -> tuple[Variable, ...]:
    return tuple(Variable(name, bool(os.environ.get(name, "").strip())) for name in names)


def _rehearsal() -> ProviderDetail:
    return ProviderDetail(
        id=REHEARSAL,
        name=select.REHEARSAL_NAME,
        aliases=(),
        style="built in",
        base_url="",
        base_url_env=None,
        address="none",
        keys=(),
        needs=(),
        configured=True,
        local=True,
        free=True,
        default_model=select.REHEARSAL_MODEL,
        small_model=None,
        fallback_models=(),
        prices=(ModelPrice(select.REHEARSAL_MODEL, 0.0, 0.0, 0.0, None, None),),
        command=None,
        timeout_s=None,
        status="active",
        confidence="verified",
        as_of=None,
        limits=select.REHEARSAL_LIMITS,
        overridden=(),
    )
