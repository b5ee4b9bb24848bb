"""Whether a project is trusted: what `trust.json` in the user's home says, compared with the project's files as they are."""

# `pathlib` would cost a hook's start-up more than all the rest.
# ruff: noqa: PTH111, PTH114, PTH118, PTH120

import json
import os

from cowork.trust.surfaces import TooMuch, survey

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FILE_NAME = "trust.json"
VERSION = 1
_MAX_BYTES = 32 * 1024 * 1024


class Trust:
    """What is known. `status`: trusted, untrusted, changed since it was trusted, or nothing_to_trust.

    `changed` names the files as `+ new`, `- gone`, `~ other`. `problem` says why the project cannot be trusted at all, or why
    the record of trust cannot be read. `files` and `digest` are what trusting it now would record.
    """

    __slots__ = ("changed", "digest", "files", "problem", "project", "status")

    def __init__(
        self,
        project: str,
        status: str,
        *,
        digest: str = "",
        files: "dict[str, str] | None" = None,
        changed: tuple[str, ...] = (),
        problem: str = "",
    ) -> None:
        self.project = project
        self.status = status
        self.digest = digest
        self.files = files or {}
        self.changed = changed
        self.problem = problem

    @property
    def trusted(self) -> bool:
        """Whether the project's own files count. Where there are none, there is nothing to refuse."""
        return self.status in ("trusted", "nothing_to_trust")

    @property
    def why(self) -> str:
        """In a few words why it is not trusted; empty when it is."""
        if self.trusted:
            return ""
        if self.problem:
            return self.problem
        if self.status == "untrusted":
            return "nobody said so yet"
        more = f" and {len(self.changed) - 3} more" if len(self.changed) > 3 else ""
        return f"changed since: {', '.join(self.changed[:3])}{more}"


class Corrupt(ValueError):
    """`trust.json` cannot be read, and says nothing then."""


def state(project: "str | os.PathLike[str]", home: "str | os.PathLike[str]") -> Trust:
    """Whether `project` is trusted by the user whose COWORK_HOME is `home`. Bad files raise nothing: they are not trusted.

    The project is known by its real path: a moved one is another, and so is one inside of it.
    """
    path = os.path.realpath(project)
    try:
        found = survey(path)
    except TooMuch as error:
        return Trust(path, "untrusted", problem=f"it cannot be judged: {error}")
    if not found.files:
        return Trust(path, "nothing_to_trust", digest=found.digest)
    known: dict[str, Any] = {"digest": found.digest, "files": found.files}
    if problem := unfit(path, os.fspath(home)):
        return Trust(path, "untrusted", problem=problem, **known)
    try:
        record = read(os.fspath(home)).get(path)
    except Corrupt as error:
        return Trust(path, "untrusted", problem=str(error), **known)
    if record is None:
        return Trust(path, "untrusted", **known)
    if record["digest"] == found.digest:
        return Trust(path, "trusted", **known)
    return Trust(path, "changed", changed=_differences(record["files"], found.files), **known)


def unfit(project: str, home: str) -> str:
    """Why a directory cannot be trusted whatever is in it; empty when it can. `project` is a real path."""
    if os.path.dirname(project) == project:
        return "it is the root of the file system"
    if project == os.path.realpath(os.path.expanduser("~")):
        return "it is your home directory, and everything below would count as yours"
    own = os.path.realpath(home)
    if own == project or own.startswith(project + os.sep):
        return "COWORK_HOME lies in it, so it could bring its own trust"
    return ""


def read(home: str) -> "dict[str, dict[str, Any]]":
    """The recorded projects, by real path. Raises Corrupt, naming the file, when it is there and cannot be read."""
    path = os.path.join(home, FILE_NAME)
    try:
        with open(path, encoding="utf-8", opener=_open) as stream:
            text = stream.read(_MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        if os.path.islink(path):
            raise Corrupt(f"{path} is a link to nowhere, so nothing is trusted") from error
        return {}
    except (OSError, ValueError) as error:
        raise Corrupt(f"{path} cannot be read, so nothing is trusted: {error}") from error
    try:
        return _projects(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise Corrupt(f"{path} is corrupt, so nothing is trusted: {error}") from error


def _projects(document: "Any") -> "dict[str, dict[str, Any]]":
    projects = document.get("projects") if isinstance(document, dict) else None
    if not isinstance(projects, dict) or document.get("version") != VERSION:
        raise ValueError(f'it needs "version": {VERSION} and an object "projects"')
    for name, record in projects.items():
        good = isinstance(record, dict) and isinstance(record.get("digest"), str) and isinstance(record.get("files"), dict)
        if not good:
            raise ValueError(f"the record of {name} needs a digest and files")
    return projects


def _differences(before: "dict[str, Any]", after: dict[str, str]) -> tuple[str, ...]:
    marks = []
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            mark = "+" if name not in before else "-" if name not in after else "~"
            marks.append(f"{mark} {name}")
    return tuple(marks)


def _open(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)  # a FIFO would keep us waiting for its writer
