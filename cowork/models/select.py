"""Choosing and opening a model.

The named one, else the first key, else a local Ollama, else an installed command-line agent, else rehearsal with a notice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cowork.core import settings as configuration
from cowork.core.errors import CoworkError, InvalidInput
from cowork.core.outcome import Notice
from cowork.core.settings import Settings
from cowork.models import catalogue
from cowork.models.catalogue import REHEARSAL, Provider
from cowork.models.chat import ChatModel
from cowork.models.errors import AuthError

if TYPE_CHECKING:
    from cowork.core.health import Check
    from cowork.models.command_line.model import CommandRun

REHEARSAL_MODEL = "extract-1"
REHEARSAL_NAME = "Rehearsal (offline, no model)"
REHEARSAL_LIMITS = "answers from the words of the prompt, deterministically, and says so"


@dataclass(frozen=True)
class Target:
    """A provider id and a model id, before anything is opened."""

    provider: str
    model: str

    @property
    def label(self) -> str:
        """`provider/model`."""
        return f"{self.provider}/{self.model}"

    @property
    def rehearsal(self) -> bool:
        """Whether this is the built-in rehearsal."""
        return self.provider == REHEARSAL


REHEARSAL_NOTICE = Notice(
    "provider.rehearsal",
    "no provider is configured: this is a rehearsal, made from the words of your material, not by a model",
)


def parse(text: str) -> Target:
    """The target in `PROVIDER` or `PROVIDER/MODEL`. Raises `provider.not_found` or `provider.no_model`."""
    name, _, model = text.partition("/")
    return named(name, model)


def named(provider: str, model: str) -> Target:
    """The target for a provider named by the user and an optional model."""
    if provider.casefold() == REHEARSAL:
        return Target(REHEARSAL, REHEARSAL_MODEL)
    found = catalogue.find(provider)
    pulled = _first_ollama_model(found.url()) if found.id == "ollama" and not model else None
    chosen = model or pulled or found.default_model
    if not chosen:
        raise InvalidInput(
            "provider.no_model",
            f"{found.id} has no default model",
            hint=f"name one: {found.id}/MODEL",
            details={"provider": found.id},
        )
    return Target(found.id, chosen)


def default(
    settings: Settings, *, provider: str | None = None, model: str | None = None, tools: bool = False
) -> tuple[Target, tuple[Notice, ...]]:
    """The target when the command line names none or one, with the notice that goes with a rehearsal.

    With `tools` nobody is chosen who takes none: a command-line agent has its own.
    """
    wanted, wanted_model = provider or settings["provider"], model or settings["model"]
    if wanted:
        name, _, inline = wanted.partition("/")
        return named(name, model or inline or _usual_model(name, settings)), ()
    usable = [item for item in catalogue.providers() if item.status == "active" and (wanted_model or item.default_model)]
    for candidate in usable:
        if candidate.command is None and candidate.configured():
            return named(candidate.id, wanted_model), ()
    ollama = catalogue.find("ollama")
    local = _first_ollama_model(ollama.url())
    if local:
        return Target(ollama.id, wanted_model or local), ()
    for candidate in usable:
        if candidate.command is not None and not tools and candidate.configured():
            return named(candidate.id, wanted_model), ()
    return Target(REHEARSAL, REHEARSAL_MODEL), (REHEARSAL_NOTICE,)


def open_model(target: Target, settings: Settings, run: CommandRun | None = None) -> ChatModel:
    """An open model; `run` says how a command-line agent is run.

    Raises `provider.auth` when its key is missing, `provider.not_installed`, or a configuration error of its address.
    """
    if target.rehearsal:
        from cowork.models.rehearsal import Rehearsal

        return Rehearsal()
    provider = catalogue.find(target.provider)
    if provider.command is not None:
        from cowork.models.command_line.opening import open_command

        return open_command(provider, target.model, settings, run)
    options: dict[str, Any] = {
        "provider": provider.id,
        "model": target.model,
        "key": _key(provider, target.model),
        "base_url": _address(provider),
        "timeout_s": provider.timeout_s or settings["request_timeout_s"],
    }
    if provider.style == "anthropic":
        from cowork.models.anthropic_style import AnthropicModel

        return AnthropicModel(**options)
    from cowork.models.openai_style import OpenAIStyleModel

    return OpenAIStyleModel(**options)


def require_ready(target: Target) -> None:
    """Raise what `open_model` would, before anything is begun: `provider.auth`, `provider.not_configured` and the like."""
    if target.rehearsal:
        return
    provider = catalogue.find(target.provider)
    if provider.command is not None:
        from cowork.models.command_line.opening import require_installed

        require_installed(provider, target.model)
    else:
        _key(provider, target.model)
        _address(provider)


def endpoint(provider: Provider, model: str) -> tuple[str, str]:
    """A provider's key and address. Raises as `require_ready`; `model` is what the error is about."""
    return _key(provider, model), _address(provider)


def _usual_model(name: str, settings: Settings) -> str:
    """The model of the settings, unless it goes with another provider than the one named."""
    owner = settings["provider"].partition("/")[0].casefold()
    if owner in ("", name.casefold()):
        return str(settings["model"])
    found = catalogue.find(name) if name.casefold() != REHEARSAL else None
    return str(settings["model"]) if found and owner in (found.id, *found.aliases) else ""


def _key(provider: Provider, model: str) -> str:
    key = provider.key() or ""
    export = " or ".join(f"export {name}=..." for name in provider.key_env)
    export = export or f"no variable for a key of {provider.id} is known; choose another provider"
    if not key and not provider.local:
        raise AuthError("no key is set", provider=provider.id, model=model, hint=export)
    if not (key.isascii() and key.isprintable()):
        raise AuthError("the key holds characters that no key has", provider=provider.id, model=model, hint=export)
    return key


def _address(provider: Provider) -> str:
    from urllib.parse import urlsplit

    url = provider.url()
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise InvalidInput(
            "provider.bad_url",
            f"the address of {provider.id} is not an http(s) URL",
            hint=f"correct {provider.base_url_env}",
            details={"provider": provider.id},
        )
    return url


def _first_ollama_model(base_url: str) -> str | None:
    """The first model of the Ollama at `base_url`, or None when none answers within a fraction of a second."""
    import http.client
    import json
    from urllib.parse import urlsplit

    try:
        address = urlsplit(base_url)
        kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
        connection = kind(address.hostname or "", address.port, timeout=0.5)
        try:
            connection.request("GET", address.path.rstrip("/").removesuffix("/v1") + "/api/tags")
            models = json.loads(connection.getresponse().read(1024 * 1024))["models"]
            return str(models[0]["name"])
        finally:
            connection.close()
    except (OSError, ValueError, KeyError, IndexError, TypeError, http.client.HTTPException):
        return None  # nothing there, or not an Ollama: both mean "not available"


def check() -> Check:
    """For `doctor`: who would be asked."""
    from cowork.core.health import Check

    try:
        target, notices = default(configuration.load())
    except CoworkError as error:
        return Check("provider", "fail", error.message)
    if notices:
        return Check("provider", "warn", "none configured, so everything is a rehearsal; see: cowork provider list")
    return Check("provider", "ok", f"{target.label} (try it: cowork provider check)")
