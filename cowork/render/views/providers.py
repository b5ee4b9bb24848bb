"""Providers, for a person."""

from __future__ import annotations

from cowork.models.checking import ProviderChecks
from cowork.models.detail import ProviderDetail, Variable
from cowork.models.directory import ProviderList
from cowork.models.model_list import ModelList
from cowork.models.price import Price
from cowork.render.screen import Screen


def listing(data: ProviderList, screen: Screen) -> None:
    """A table of providers; the one that would be used is marked."""
    rows = [
        (
            f"{'→' if item.chosen else ' '} {item.id}",
            "ready" if item.configured else item.status if item.status != "active" else "",
            f"program: {item.program}" if item.program else _first(item.key_env),
            _price(item.price),
            item.default_model or "name one",
        )
        for item in data.items
    ]
    if rows:
        screen.table(("  PROVIDER", "STATE", "KEY VARIABLE", "$/M IN, OUT", "DEFAULT MODEL"), rows)
    else:
        screen.text("no provider is like this; see all with: cowork provider list")


def detail(data: ProviderDetail, screen: Screen) -> None:
    """Everything about one provider."""
    screen.title(data.name, data.id)
    screen.facts(
        {
            "status": f"{data.status}, facts {data.confidence}" + (f", as of {data.as_of}" if data.as_of else ""),
            "style": data.style,
            "aliases": data.aliases,
            "address": data.base_url,
            "in force": {"environment": f"the address in {data.base_url_env}", "incomplete": "nothing: it is incomplete"}.get(
                data.address, ""
            ),
            "other address": f"set {data.base_url_env}" if data.base_url_env else "",
            "key": _variables(data.keys) or "none",
            "needs": _variables(data.needs),
            "ready": data.configured,
            "default model": data.default_model or "name one",
            "small model": data.small_model,
            "fallback models": data.fallback_models,
            "command": " ".join((data.command.program, *data.command.flags)) if data.command else "",
            "time limit": f"{data.timeout_s:g} s" if data.timeout_s else "",
            "prices": "free" if data.free else "" if data.prices else "not known",
            "limits": data.limits,
        }
    )
    if data.prices and not data.free:
        screen.section("Prices in USD per million tokens")
        rows = [(item.model, item.input, item.output, item.cached_input, item.as_of, item.source) for item in data.prices]
        screen.table(("MODEL", "INPUT", "OUTPUT", "CACHED INPUT", "AS OF", "FROM"), rows)
    if data.overridden:
        screen.section("Yours")
        screen.table(("FIELD", "FROM"), [(item.field, item.source) for item in data.overridden])


def models(data: ModelList, screen: Screen) -> None:
    """A table of models."""
    when = {"live": "asked now", "cache": f"as of {data.fetched_at}", "catalogue": "from the catalogue"}[data.source]
    screen.title(f"Models of {data.provider}", f"{data.count}, {when}")
    rows = [(item.id, item.role, _price(item.price), item.context_tokens, item.name) for item in data.items]
    screen.table(("MODEL", "USE", "$/M IN, OUT", "CONTEXT", "NAME"), rows)
    if data.note:
        screen.text(data.note, style="dim")


def checked(data: ProviderChecks, screen: Screen) -> None:
    """The outcome of each check, and what to do about those that failed."""
    rows = [
        (item.provider, item.model, "ok" if item.ok else item.code, f"{item.seconds:.1f} s", item.message)
        for item in data.items
    ]
    screen.table(("PROVIDER", "MODEL", "RESULT", "TIME", "MESSAGE"), rows)
    screen.bullets(f"{item.provider}: {item.hint}" for item in data.items if item.hint and data.count > 1)


def _first(names: tuple[str, ...]) -> str:
    return f"{names[0]} +{len(names) - 1}" if len(names) > 1 else "".join(names) or "none"


def _price(price: Price | None) -> str:
    if price is None:
        return ""
    return "free" if price.input == price.output == 0 else f"{price.input:.3g}, {price.output:.3g}"


def _variables(variables: tuple[Variable, ...]) -> str:
    return ", ".join(f"{item.name} ({'set' if item.set else 'not set'})" for item in variables)
