"""Providers, for a person."""

from __future__ import annotations

from cowork.models.directory import ProviderChecks, ProviderList
from cowork.render.screen import Screen


def listing(data: ProviderList, screen: Screen) -> None:
    """A table of providers; the one that would be used is marked."""
    rows = [
        (
            "→" if item.chosen else "",
            item.id,
            "ready" if item.configured else "",
            f"program: {item.program}" if item.program else ", ".join(item.key_env) or "none",
            item.default_model or "name one",
            item.status if item.status != "active" else "",
        )
        for item in data.items
    ]
    screen.table(("", "PROVIDER", "STATE", "KEY VARIABLE", "DEFAULT MODEL", "NOTE"), rows)


def checked(data: ProviderChecks, screen: Screen) -> None:
    """The outcome of each check."""
    rows = [
        (item.provider, item.model, "ok" if item.ok else item.code, f"{item.seconds:.1f} s", item.message)
        for item in data.items
    ]
    screen.table(("PROVIDER", "MODEL", "RESULT", "TIME", "MESSAGE"), rows)
