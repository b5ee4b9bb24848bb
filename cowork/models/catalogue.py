"""The provider catalogue: data about who can be asked, and how."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cowork.core.errors import InvalidInput, NotFound
from cowork.core.text import did_you_mean

REHEARSAL = "rehearsal"
OWN_MODEL = "default"
"""The model's name where a command-line agent chooses it itself."""
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class CommandLine:
    """A command-line agent: the `program`, its `flags`, and how model and prompt are handed over.

    `dialect` names the events that it writes: claude, codex, gemini or opencode. `prompt` is `stdin` or `argument`.
    `work_flags`, in place of `flags`, let it change files without asking; they are for runs that are meant to.
    """

    program: str
    dialect: str
    flags: tuple[str, ...]
    work_flags: tuple[str, ...]
    model_flag: str
    prompt: str
    timeout_s: float | None = None


@dataclass(frozen=True)
class Provider:
    """One provider. `style` is anthropic, openai or command.

    `prices` are USD per million tokens by `input` and `output`, None when unknown; `command` goes with style command.
    """

    id: str
    name: str
    aliases: tuple[str, ...]
    style: str
    base_url: str
    base_url_env: str
    key_env: tuple[str, ...]
    local: bool
    default_model: str | None
    small_model: str | None
    fallback_models: tuple[str, ...]
    needs: tuple[str, ...]
    status: str
    confidence: str
    limits: str | None
    prices: dict[str, float] | None
    command: CommandLine | None = None

    def key(self, environ: Mapping[str, str] = os.environ) -> str | None:
        """The first key set in the environment. Never stored, shown or logged."""
        return next((key for name in self.key_env if (key := environ.get(name, "").strip())), None)

    def url(self, environ: Mapping[str, str] = os.environ) -> str:
        """The base URL: the environment's, else the catalogue's with its placeholders filled.

        Raises `provider.not_configured` naming the variable that is missing.
        """
        given = environ.get(self.base_url_env, "").strip()
        if given:
            return given
        missing = [name for name in self.needs if not environ.get(name)]
        if missing:
            raise InvalidInput(
                "provider.not_configured",
                f"{self.id} needs {missing[0]} to be set",
                cause=f"its address is {self.base_url}",
                hint=f"export {missing[0]}=..., or {self.base_url_env}=URL",
            )
        return _PLACEHOLDER.sub(lambda match: environ[match.group(1)], self.base_url)

    def configured(self, environ: Mapping[str, str] = os.environ) -> bool:
        """Whether a key and every needed variable are there, or the program. Local servers count only when probed."""
        if self.command:
            import shutil

            return shutil.which(self.command.program, path=environ.get("PATH", "")) is not None
        ready = bool(environ.get(self.base_url_env)) or all(environ.get(name) for name in self.needs)
        return ready and self.key(environ) is not None


@cache
def providers() -> tuple[Provider, ...]:
    """Every provider, in the catalogue's order."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = (Path(__file__).parent / "catalogue.yaml").read_text(encoding="utf-8")
    return tuple(_provider(entry) for entry in yaml.load(text, Loader=loader)["providers"])  # noqa: S506 - both loaders are safe


def find(name: str) -> Provider:
    """The provider with this id or alias. Raises `provider.not_found` with a suggestion."""
    wanted = name.casefold()
    for provider in providers():
        if wanted == provider.id or wanted in provider.aliases:
            return provider
    known = [REHEARSAL, *(name for provider in providers() for name in (provider.id, *provider.aliases))]
    hint = did_you_mean(name, known, "list them with: cowork provider list")
    raise NotFound("provider.not_found", f"there is no provider '{name}'", hint=hint, details={"provider": name})


def _provider(entry: dict[str, Any]) -> Provider:
    return Provider(
        id=entry["id"],
        name=entry["name"],
        aliases=tuple(entry["aliases"]),
        style=entry["style"],
        base_url=entry["base_url"],
        base_url_env=entry["base_url_env"],
        key_env=tuple(entry["key_env"]),
        local=entry["local"],
        default_model=entry["default_model"],
        small_model=entry["small_model"],
        fallback_models=tuple(entry["fallback_models"]),
        needs=tuple(entry["needs"]),
        status=entry["status"],
        confidence=entry["confidence"],
        limits=entry["limits"],
        prices=entry["prices"],
        command=_command(entry.get("command")),
    )


def _command(entry: dict[str, Any] | None) -> CommandLine | None:
    if entry is None:
        return None
    lists = {name: tuple(entry[name]) for name in ("flags", "work_flags")}
    return CommandLine(**{**entry, **lists})
