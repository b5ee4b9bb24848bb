"""What an agent is started with: its words, its environment, and what to say when it is not there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from cowork.core.files import read_regular
from cowork.core.secrets import Redactor, child_environment
from cowork.models.catalogue import OWN_MODEL, CommandLine
from cowork.models.errors import BadModelError, NotInstalledError

_INSTALL = {
    "claude": "npm install -g @anthropic-ai/claude-code",
    "codex": "npm install -g @openai/codex",
    "gemini": "npm install -g @google/gemini-cli",
    "opencode": "npm install -g opencode-ai",
}
_OPENCODE_FILES = ("opencode.json", "opencode.jsonc", ".opencode/opencode.json", ".opencode/opencode.jsonc")
_MOST_READ = 1024 * 1024
# OpenCode has no flags for this. Its plan agent is only asked not to change anything; permissions are what holds it.
_NOTHING_OF_THE_PROJECT = {"opencode": {"OPENCODE_DISABLE_PROJECT_CONFIG": "1", "OPENCODE_PURE": "1"}}
_READ_ONLY = {
    "opencode": {
        "OPENCODE_PERMISSION": '{"*":"deny","read":"allow","glob":"allow","grep":"allow","list":"allow","todowrite":"allow",'
        '"task":"allow"}'
    }
}


@dataclass(frozen=True)
class Passing:
    """What the user says of the environment: names, or patterns of names such as `AWS_*`, that are given although they hold
    secrets, and those that are not given in any case.
    """

    keep: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()


NOTHING_MORE = Passing()


def guards(command: CommandLine, directory: Path, *, work: bool) -> dict[str, str]:
    """Variables that keep an agent from running what the project brings along and, unless it is to work, from changing it.

    One tells it where it is: some believe the variable more than the system.
    """
    read_only = {} if work else _READ_ONLY.get(command.dialect, {})
    return {"PWD": str(directory.absolute()), **_NOTHING_OF_THE_PROJECT.get(command.dialect, {}), **read_only}


def code_of_the_project(command: CommandLine, directory: Path) -> Path | None:
    """What the project brings along that an agent would run as its own code, whatever it is told: OpenCode imports plugins."""
    if command.dialect != "opencode":
        return None
    place = directory.absolute()
    for above in (place, *place.parents):
        if above == Path.home():
            continue  # the user's own
        for name in ("plugin", "plugins"):
            if os.path.lexists(above / ".opencode" / name):
                return above / ".opencode" / name
        for name in _OPENCODE_FILES:
            if _may_name_plugins(above / name):
                return above / name
    return None


def _may_name_plugins(path: Path) -> bool:
    if not os.path.lexists(path):
        return False
    try:
        raw = read_regular(path, _MOST_READ)
    except OSError:
        return True
    return b"plugin" in raw or b"\\" in raw  # an escape could spell it


def words(command: CommandLine, provider: str, model: str, *, work: bool, path: str) -> list[str]:
    """The program, found on `path`, its flags and its model. Raises NotInstalledError and BadModelError."""
    program = shutil.which(command.program, path=path)
    if program is None:
        raise not_installed(command, provider, model)
    if model.startswith("-"):  # it would be a flag
        raise BadModelError("a model's name does not begin with a dash", provider=provider, model=model)
    named = [command.model_flag, model] if command.model_flag and model != OWN_MODEL else []
    return [str(Path(program).absolute()), *(command.work_flags if work else command.flags), *named]


def not_installed(command: CommandLine, provider: str, model: str) -> NotInstalledError:
    """The error that a program is not there, with how to get it."""
    usual = _INSTALL.get(command.dialect) if command.program == command.dialect else None
    hint = f"install it: {usual}" if usual else f"put {command.program} on the PATH, or choose another --provider"
    return NotInstalledError(f"the program {command.program} is not there", provider=provider, model=model, hint=hint)


def surroundings(
    environ: Mapping[str, str], own: Iterable[str], foreign: Iterable[str], passing: Passing = NOTHING_MORE
) -> tuple[dict[str, str], Redactor]:
    """What an agent is given of an environment, and what keeps its secrets out of files.

    Whatever holds a secret is withheld, such as the `foreign` keys of other providers, unless it is an agent's `own`, or the
    user passes it on.
    """
    foreign, own = frozenset(foreign), frozenset((*own, *_fitting(environ, passing.keep)))
    environment = child_environment(environ, secret_names=foreign, keep=own)
    for name in _fitting(environment, passing.drop):
        del environment[name]
    return environment, Redactor(environ, secret_names=foreign | own)


def _fitting(names: Iterable[str], patterns: Iterable[str]) -> list[str]:
    return [name for name in names if any(fnmatchcase(name, pattern) for pattern in patterns)]
