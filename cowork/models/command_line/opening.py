"""Opening an agent of the catalogue as a model, with the settings of the user."""

from __future__ import annotations

import os
from collections.abc import Iterator

from cowork.core.settings import Settings
from cowork.models import catalogue
from cowork.models.catalogue import CommandLine, Provider
from cowork.models.command_line.launch import NOTHING_MORE, Passing, not_installed, surroundings
from cowork.models.command_line.model import CommandModel, CommandRun


def open_command(
    provider: Provider, model: str, settings: Settings, run: CommandRun | None, passing: Passing = NOTHING_MORE
) -> CommandModel:
    """The agent of a provider of style command, given what is its own of the environment and what is passed on to it.

    Raises NotInstalledError.
    """
    command = require_installed(provider, model)
    foreign = (name for item in catalogue.providers() for name in item.key_env)
    environment, redactor = surroundings(os.environ, _own(provider, command, model, settings), foreign, passing)
    return CommandModel(
        command,
        provider=provider.id,
        model=model,
        environment=environment,
        redactor=redactor,
        timeout_s=command.timeout_s or settings["command_timeout_s"],
        tracing=settings["subagent_tracing_level"],
        run=run,
    )


def require_installed(provider: Provider, model: str) -> CommandLine:
    """How the agent is run, if its program is there. Raises NotInstalledError."""
    assert provider.command is not None
    if not provider.configured():
        raise not_installed(provider.command, provider.id, model)
    return provider.command


def _own(provider: Provider, command: CommandLine, model: str, settings: Settings) -> Iterator[str]:
    """The variables with secrets that it is given."""
    yield from provider.key_env
    yield from (name.strip() for name in settings["command_secrets"].split(","))
    if command.dialect == "opencode":  # it speaks to the provider that its model names
        named = model.partition("/")[0]
        yield from (name for item in catalogue.providers() if item.id == named for name in item.key_env)
