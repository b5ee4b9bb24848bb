"""The program behind a command-line agent: one of the catalogue, one of the user's own, or both together."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from cowork.loop.agents.entries import AgentEntry
from cowork.loop.agents.work import AgentSpec
from cowork.models import catalogue
from cowork.models.catalogue import CommandLine, Provider
from cowork.models.command_line.launch import Passing
from cowork.models.errors import NotInstalledError


def provider_of(spec: AgentSpec) -> Provider:
    """The provider as it is run: its command with the entry's words, flags and ways in it, to work.

    Raises `provider.not_found` when its plugin is not in the catalogue any more.
    """
    entry = AgentEntry.of(spec)
    base = catalogue.find(spec.provider) if entry.plugin or not entry.command else _own(spec.provider)
    assert base.command is not None
    return replace(base, command=_command(base.command, entry))


def command_of(spec: AgentSpec) -> CommandLine:
    """How it is run."""
    command = provider_of(spec).command
    assert command is not None
    return command


def takes_model(entry: AgentEntry) -> bool:
    """Whether its program can be told which model to use: one that speaks like a known one is told like that."""
    return bool(entry.plugin or entry.model_flag or (entry.dialect and entry.dialect != "text"))


def passing_of(spec: AgentSpec) -> Passing:
    """What its entry says of the environment."""
    entry = AgentEntry.of(spec)
    return Passing(entry.env_passthrough, entry.env_exclude)


def require_program(spec: AgentSpec) -> None:
    """Raises NotInstalledError when it cannot be started."""
    entry = AgentEntry.of(spec)
    if not entry.command:
        from cowork.models.select import Target, require_ready

        require_ready(Target(spec.provider, spec.model))
    elif shutil.which(command_of(spec).program) is None:
        raise NotInstalledError(
            f"the program {entry.command[0]} is not there",
            provider=spec.provider,
            model=spec.model,
            hint=f"put it on the PATH, or correct agents.{spec.name.partition('/')[0]}.command in your config.yaml",
        )


def _command(base: CommandLine, entry: AgentEntry) -> CommandLine:
    program, *words = entry.command or (base.program,)
    return replace(
        base,
        program=str(Path(program).expanduser()) if program.startswith("~") else program,
        work_flags=(*words, *base.work_flags, *entry.flags),
        dialect=entry.dialect or base.dialect,
        prompt=entry.prompt or base.prompt,
        model_flag=entry.model_flag or base.model_flag or ("--model" if takes_model(entry) else ""),
        timeout_s=entry.timeout_s or base.timeout_s,
    )


def _own(name: str) -> Provider:
    """A program that nothing is known of: it is given the prompt on stdin, and prints its answer."""
    command = CommandLine(program="", dialect="text", flags=(), work_flags=(), model_flag="", prompt="stdin")
    return Provider.of_the_user(name, "command", command=command)
