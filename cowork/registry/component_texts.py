"""The whole text of one agent or command file."""

from __future__ import annotations

from pathlib import Path

from cowork.core.errors import InvalidInput
from cowork.formats import agent_md, command_md
from cowork.formats.agent_md import AgentFile
from cowork.formats.command_md import CommandFile


def agent_file(path: str, *, plugin: bool) -> AgentFile:
    """The agent in a file that the index has listed. Raises `component.unreadable` when it has gone bad since."""
    origin: agent_md.Origin = "plugin" if plugin else "project"
    agent, _ = agent_md.parse(read_component(path), file=path, stem=Path(path).stem, origin=origin)
    if agent is None:
        raise InvalidInput("component.unreadable", f"{path} is no longer an agent", hint="look at its frontmatter")
    return agent


def command_file(path: str, name: str) -> CommandFile:
    """The command in a file."""
    command, _ = command_md.parse(read_component(path), file=path, name=name)
    return command


def read_component(path: str) -> str:
    """The text of a component's file. Raises `component.unreadable`."""
    try:
        return Path(path).read_bytes().decode("utf-8", "replace")
    except OSError as error:
        raise InvalidInput(
            "component.unreadable", f"cannot read {path}", cause=error.strerror, hint="check the path and its permissions"
        ) from error
