"""The provider catalogue: data about who can be asked, and how, with what the user's own config.yaml makes of it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from cowork.core.errors import InvalidInput, NotFound
from cowork.core.outcome import Notice
from cowork.core.paths import home
from cowork.core.text import did_you_mean
from cowork.models.price import FREE, Price

REHEARSAL = "rehearsal"
PLACEHOLDER = re.compile(r"\{(\w+)\}")
_DATE = re.compile(r"-(?:\d{8}|\d{4}-\d{2}-\d{2})$")
OWN_MODEL = "default"
"""The model's name where a command-line agent chooses it itself."""


@dataclass(frozen=True)
class CommandLine:
    """A command-line agent: the `program`, its `flags`, and how model and prompt are handed over.

    `dialect` names the events that it writes: claude, codex, gemini or opencode; text where it just prints its answer. `prompt`
    is `stdin` or `argument`. `work_flags`, in place of `flags`, let it change files without asking; they are for runs that are
    meant to. `auth_paths` are what it reads and writes in the home directory, such as its login; `config_paths` what in them
    says which programs it runs.
    """

    program: str
    dialect: str
    flags: tuple[str, ...]
    work_flags: tuple[str, ...]
    model_flag: str
    prompt: str
    timeout_s: float | None = None
    auth_paths: tuple[str, ...] = ()
    config_paths: tuple[str, ...] = ()


@dataclass(frozen=True)
class Provider:
    """One provider. `style` is anthropic, openai or command.

    `prices` are by model; `command` goes with style command. `timeout_s` is how long one call may take, when the setting is
    not to decide. `origins` are the fields that the user set, with the file.
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
    prices: Mapping[str, Price]
    command: CommandLine | None = None
    timeout_s: float | None = None
    as_of: str | None = None
    origins: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_the_user(cls, name: str, style: str, *, base_url_env: str = "", command: CommandLine | None = None) -> Provider:
        """A provider of the user's own, of which nothing else is known yet."""
        return cls(
            id=name,
            name=name,
            aliases=(),
            style=style,
            base_url="",
            base_url_env=base_url_env,
            key_env=(),
            local=False,
            default_model=None,
            small_model=None,
            fallback_models=(),
            needs=(),
            status="active",
            confidence="yours",
            limits=None,
            prices={},
            command=command,
        )

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
        return PLACEHOLDER.sub(lambda match: environ[match.group(1)], self.base_url)

    def configured(self, environ: Mapping[str, str] = os.environ) -> bool:
        """Whether a key and every needed variable are there, or the program.

        A local server counts once the user says where it is: an address that is only usual has to be probed.
        """
        if self.command:
            import shutil

            return shutil.which(self.command.program, path=environ.get("PATH", "")) is not None
        placed = bool(environ.get(self.base_url_env))
        if self.local and not placed:
            return "base_url" in self.origins
        return (placed or all(environ.get(name) for name in self.needs)) and self.key(environ) is not None

    def price(self, model: str, environ: Mapping[str, str] = os.environ) -> Price | None:
        """What a model costs, None when that is not known. A dated id, such as `m-20260131`, costs what `m` costs.

        A local server costs nothing; behind https it may be somebody's service, and only what is listed is known.
        """
        listed = self.prices.get(model) or self.prices.get(undated(model))
        if listed is None and self.local:
            return None if (environ.get(self.base_url_env) or self.base_url).strip().startswith("https:") else FREE
        return listed


def undated(model: str) -> str:
    """A model's id without the date at its end."""
    return _DATE.sub("", model)


def providers() -> tuple[Provider, ...]:
    """Every provider, in the catalogue's order, those that the user added at the end. Raises `config.*` for a wrong section."""
    return _merged(_stamp())[0]


def key_names() -> frozenset[str]:
    """The variables that hold keys of providers."""
    return frozenset(name for provider in providers() for name in provider.key_env)


def notices() -> tuple[Notice, ...]:
    """What is odd about the user's section. Raises `config.*` for a wrong one."""
    return _merged(_stamp())[1]


def _stamp() -> tuple[str, int, int] | None:
    """What tells one state of the user's configuration from another."""
    path = home() / "config.yaml"
    try:
        found = path.stat()
    except OSError:
        return None
    return str(path), found.st_mtime_ns, found.st_size


@lru_cache(maxsize=4)
def _merged(stamp: tuple[str, int, int] | None) -> tuple[tuple[Provider, ...], tuple[Notice, ...]]:
    from cowork.core import settings

    entries = settings.section("providers") if stamp else {}
    if not entries:
        return shipped(), ()
    from cowork.models import overrides

    return overrides.merged(shipped(), entries)


@cache
def shipped() -> tuple[Provider, ...]:
    """The providers that come with cowork."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = (Path(__file__).parent / "catalogue.yaml").read_text(encoding="utf-8")
    document = yaml.load(text, Loader=loader)  # noqa: S506 - both loaders are safe
    return tuple(_provider(entry, document["as_of"]) for entry in document["providers"])


def find(name: str) -> Provider:
    """The provider with this id or alias. Raises `provider.not_found` with a suggestion."""
    wanted = name.casefold()
    for provider in providers():
        if wanted == provider.id or wanted in provider.aliases:
            return provider
    known = [REHEARSAL, *(name for provider in providers() for name in (provider.id, *provider.aliases))]
    hint = did_you_mean(name, known, "list them with: cowork provider list")
    raise NotFound("provider.not_found", f"there is no provider '{name}'", hint=hint, details={"provider": name})


def _provider(entry: dict[str, Any], as_of: str) -> Provider:
    command = entry.get("command")
    lists: dict[str, Any] = {key: tuple(entry.get(key) or ()) for key in ("aliases", "key_env", "fallback_models", "needs")}
    return Provider(
        id=entry["id"],
        name=entry["name"],
        style=entry["style"],
        base_url=entry.get("base_url") or "",
        base_url_env=entry.get("base_url_env") or "",
        local=entry.get("local", False),
        default_model=entry.get("default_model"),
        small_model=entry.get("small_model"),
        status=entry["status"],
        confidence=entry["confidence"],
        limits=entry.get("limits"),
        prices={model: Price(**price) for model, price in (entry.get("prices") or {}).items()},
        command=command and command_line(command),
        timeout_s=entry.get("timeout_s"),
        as_of=entry.get("as_of", as_of),
        **lists,
    )


def command_line(fields: Mapping[str, Any]) -> CommandLine:
    """A command-line agent from its fields; lists become tuples."""
    given: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in fields.items()}
    return CommandLine(**given)
