"""The layout of a sandbox around a working directory: the system to read, a home without secrets, the work to write."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cowork.core.errors import InvalidInput, Unavailable
from cowork.core.sandboxing import programs, repository
from cowork.core.sandboxing.layout import Access, Drawing, Layout

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/opt", "/nix", "/gnu/store")
_SYSTEM_TOO = ("/run/current-system", "/run/wrappers", "/etc/resolv.conf", "/etc/localtime")  # where links may lead elsewhere
_PRIVATE = ("/tmp", "/var/tmp", "/run")  # noqa: S108 - what is there outside is what they hide
_NEVER = ("/", "/proc", "/dev", "/sys")
_RUN_BY_OTHERS = (
    ".claude", ".cowork", ".codex", ".gemini", ".opencode", "opencode.json", "opencode.jsonc", ".mcp.json", ".cursor",
    ".vscode", ".idea", ".devcontainer", ".envrc",
)  # fmt: skip
"""Of a project: what agents, editors and shells run or obey without being asked. What of it is there can only be read."""


@dataclass(frozen=True)
class Surroundings:
    """What a sandbox is around, and what it is to let through; see `plan`."""

    directory: Path
    home: Path
    environ: Mapping[str, str]
    programs: tuple[str, ...]
    writable: tuple[str, ...]
    readable: tuple[str, ...]
    state: tuple[str, ...]
    config: tuple[str, ...]


def draw(around: Surroundings, hidden: Sequence[Path], trusted: Sequence[Path]) -> Layout:
    """The layout. `trusted` are files that decide about the sandbox: the inside may not be able to change them.

    Raises InvalidInput `sandbox.directory` and `sandbox.path`, Unavailable `sandbox.unavailable`.
    """
    drawing = Drawing()
    home, directory = Path(os.path.realpath(around.home)), Path(os.path.realpath(around.directory))
    _refuse_wide(directory, home, str(around.directory), "sandbox.directory")
    secret = [Path(os.path.realpath(place)) for place in hidden]
    allowed = [(_allowed(text, around, home, secret), access) for text, access in _each(around)]
    _system(drawing)
    for place in (*map(Path, _PRIVATE), around.home):
        if os.path.realpath(place) != "/":
            drawing.add(place, "private")
    _installed(drawing, around, home)
    drawing.add(around.directory, "write")
    _state(drawing, around)
    repository.draw(drawing, directory, around.environ)
    _protect(drawing, directory)
    for path, access in allowed:
        drawing.add(path, access)
    _hide(drawing, secret, directory)
    for path in trusted:
        if drawing.access(Path(os.path.realpath(path))) == "write" or drawing.access(path) == "write":
            raise Unavailable(
                "sandbox.unavailable",
                f"{path} cannot be trusted",
                cause="what runs inside could replace it",
                hint="install it elsewhere",
            )
    return drawing.finished()


def _each(around: Surroundings) -> list[tuple[str, Access]]:
    """The paths that somebody allows. Of the same path the later one holds."""
    writable: list[tuple[str, Access]] = [(text, "write") for text in around.writable]
    return [*writable, *((text, "read") for text in around.readable)]


def _system(drawing: Drawing) -> None:
    for name in _SYSTEM:
        if os.path.lexists(name):
            drawing.add(Path(name), "read")
    for name in _SYSTEM_TOO:
        if Path(name).exists():
            drawing.add_if_new(Path(name), "read")
    if os.geteuid() == 0:  # who is somebody else cannot read these anyway
        for place, names, files in os.walk("/etc"):
            for name in (*names, *files):
                path = Path(place, name)
                if not path.is_symlink() and not path.stat().st_mode & 0o004:
                    drawing.rules[path] = "hide"
            names[:] = [name for name in names if Path(place, name) not in drawing.rules]


def _installed(drawing: Drawing, around: Surroundings, home: Path) -> None:
    """Programs, from where nothing inside can write."""
    path = around.environ.get("PATH", "")
    named = [around.directory / _at_home(text, around.home) for text in (".", *around.writable, *around.state)]
    writable = [*(Path(os.path.normpath(place)) for place in named), *(Path(os.path.realpath(place)) for place in named)]
    found = [*programs.on_path(path, home, writable)]
    for program in around.programs:
        found += programs.places(program, path, home, writable)
    for place in found:
        real = Path(os.path.realpath(place))
        if place.exists() and not home.is_relative_to(real) and str(real) not in _NEVER:
            drawing.add_if_new(place, "read")


def _state(drawing: Drawing, around: Surroundings) -> None:
    """What agents write in the home directory. Of a single file they get a copy: it is replaced by renaming, mostly."""
    for text in around.state:
        path = _at_home(text, around.home)
        _refuse_wide(Path(os.path.realpath(path)), Path(os.path.realpath(around.home)), text, "sandbox.path")
        if path.is_dir():
            drawing.add(path, "write")
        elif path.is_file():
            drawing.add(path, "copy")
    for text in around.config:
        drawing.guard(_at_home(text, around.home))


def _protect(drawing: Drawing, directory: Path) -> None:
    for name in _RUN_BY_OTHERS:
        drawing.guard(directory / name)
    for place in (sys.prefix, sys.base_prefix, str(Path(__file__).resolve().parents[2])):  # this program itself
        real = Path(os.path.realpath(place))
        if drawing.access(real) == "write" and real != directory:
            drawing.add(real, "read")


def _allowed(text: str, around: Surroundings, home: Path, secret: Sequence[Path]) -> Path:
    """The path that a text names. Raises InvalidInput `sandbox.path` for one that opens too much, or is not there."""
    path = around.directory / _at_home(text, around.home)
    if "\0" in text or not text.strip() or not path.exists():
        raise InvalidInput("sandbox.path", f"there is nothing at {text!r}", hint="name a path that exists, or leave it out")
    real = Path(os.path.realpath(path))
    _refuse_wide(real, home, text, "sandbox.path")
    if any(real.is_relative_to(place) for place in secret):
        raise InvalidInput("sandbox.path", f"{text} belongs to cowork itself", hint="leave it out of the allowed paths")
    for root in (around.directory, *(around.directory / _at_home(other, around.home) for other in around.writable)):
        within, inside = Path(os.path.realpath(root)), Path(os.path.normpath(path))
        forms = (Path(os.path.normpath(root)), within)
        if any(form != inside and inside.is_relative_to(form) for form in forms) and not real.is_relative_to(within):
            raise InvalidInput(
                "sandbox.path",
                f"{text} is a link out of what can be written inside",
                cause="what runs there could make it lead anywhere",
                hint=f"name what it leads to, if it is that: {real}",
            )
    return path


def _at_home(text: str, home: Path) -> Path:
    return home / text[2:] if text.startswith("~/") else home if text == "~" else Path(text)


def _hide(drawing: Drawing, places: Sequence[Path], directory: Path) -> None:
    """Hide what can be seen, and everything in it but the working directory."""
    for place in places:
        if drawing.access(place) in (None, "private") or not place.exists():
            continue
        for known in list(drawing.rules):
            if known.is_relative_to(place) and not known.is_relative_to(directory):
                del drawing.rules[known]
        if place != directory:
            drawing.rules[place] = "hide"


def _refuse_wide(real: Path, home: Path, text: str, code: str) -> None:
    if home.is_relative_to(real) or str(real) in _NEVER:
        raise InvalidInput(
            code,
            f"a sandbox that holds all of {text} holds nothing back",
            cause="the home directory with its secrets, or the system itself, is in it",
            hint="name the directory below it that is meant",
        )
