"""`policies.json`: what an administrator allows. Known fields are judged one by one; unknown sections and keys are kept.

Every listing reads this file, so it is judged by hand: to load pydantic would cost more than the listing itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cowork.core.errors import InvalidInput

if TYPE_CHECKING:
    from cowork.formats.problem import Problem

Kind = Literal["names", "number", "flag", "text", "path"]
VERSION = 2
READABLE_VERSIONS = (1, 2)  # 1 knows the core sections only, and means the same by them


class Field:
    """A field of a core section. `least` is the smallest number allowed."""

    __slots__ = ("default", "help", "key", "kind", "least", "section")

    def __init__(self, section: str, key: str, kind: Kind, default: Any, help: str, least: int = 0) -> None:
        self.section, self.key, self.kind = section, key, kind
        self.default, self.help, self.least = default, help, least

    @property
    def path(self) -> str:
        """How policies, rules and command lines name the field: `packs.blocked`."""
        return f"{self.section}.{self.key}"


FIELDS = (
    Field("packs", "allowed", "names", (), "When it names packs, no other pack may be used."),
    Field("packs", "blocked", "names", (), "Packs that nobody may use."),
    Field("packs", "required", "names", (), "Packs that cannot be turned off or removed."),
    Field("connectors", "blocked", "names", (), "Connectors that nobody may use, as NAME or PACK:NAME."),
    Field("agents", "maxHeartbeatFrequencySec", "number", 60, "The shortest time between two heartbeats, in seconds.", 60),
    Field("agents", "maxConcurrentAgents", "number", 10, "How many twins may be active.", 1),
    Field("general", "allowCustomPacks", "flag", True, "Whether packs may be created, or installed from local files."),
    Field("general", "allowGitInstall", "flag", True, "Whether packs may be installed from git repositories."),
    Field("general", "allowUrlInstall", "flag", True, "Whether packs may be installed from addresses."),
    Field("general", "orgName", "text", None, "The name of the organization."),
    Field("general", "orgPluginDir", "path", None, "Where the organization's packs are: an absolute path, or one from ~/."),
)
BY_PATH = {field.path: field for field in FIELDS}
SECTIONS = tuple(dict.fromkeys(field.section for field in FIELDS))
OTHER_SECTIONS = ("everydayAgent", "runtime")  # of version 2, for programs other than this one


class Policies:
    """A valid policy document, asked by the path of a field."""

    __slots__ = ("_names", "document")

    def __init__(self, document: Mapping[str, Any] | None = None) -> None:
        self.document: Mapping[str, Any] = document or {}
        self._names: dict[str, frozenset[str]] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Policies) and self.document == other.document

    __hash__ = None  # type: ignore[assignment]

    def value(self, path: str) -> Any:
        """A core field's value, or its default."""
        field = BY_PATH[path]
        found = self.document.get(field.section, {}).get(field.key, field.default)
        return list(found) if field.kind == "names" else found

    def is_given(self, path: str) -> bool:
        """Whether the document itself sets the field."""
        section, _, key = path.partition(".")
        return key in self.document.get(section, {})

    def names(self, path: str) -> frozenset[str]:
        """A list of names as a set, also in lower case; made once, since a listing asks about every pack."""
        if path not in self._names:
            listed = self.value(path)
            self._names[path] = frozenset((*listed, *(name.casefold() for name in listed)))
        return self._names[path]

    def effective(self) -> dict[str, Any]:
        """The whole document over the defaults; what is not set and has no default is left out."""
        filled: dict[str, Any] = {"version": VERSION, **{section: {} for section in SECTIONS}}
        for field in FIELDS:
            if field.default is not None:
                filled[field.section][field.key] = list(field.default) if field.kind == "names" else field.default
        for key, value in self.document.items():
            filled[key] = {**filled[key], **value} if key in SECTIONS else value
        return filled


def parse(document: Any, *, path: Path) -> Policies:
    """The policies in a parsed document. Raises `policy.invalid`, which names the file and every broken field."""
    from cowork.formats.policies_check import errors

    if found := errors(document, str(path)):
        raise invalid(path, found)
    return Policies(document)


def invalid(path: Path, problems: list[Problem]) -> InvalidInput:
    """The error for a policy document with these problems, at least one."""
    first = problems[0]
    place = first.where.removeprefix("$").removeprefix(".") or "the document"
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return InvalidInput(
        "policy.invalid",
        f"{path}: {place}: {first.message}{more}",
        cause="the policies break their schema",
        hint=first.fix,
        details={"path": str(path), "field": place, "problems": [problem.as_dict() for problem in problems]},
    )


def known_as(name: str, directory: str | None = None) -> set[str]:
    """Every name by which a policy may mean a pack: its own or its directory's, with or without `-pack` at the end.

    In lower case as well: another case must not slip by a list.
    """
    bare = {item.removesuffix("-pack") for item in (name, directory) if item}
    bare |= {item.casefold().removesuffix("-pack") for item in (name, directory) if item}
    return bare | {f"{item}-pack" for item in bare}


def merge(document: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """`document` with `change` laid over it section by section: keys of a section are replaced, lists included."""
    merged = dict(document)
    for key, value in change.items():
        before = merged.get(key)
        merged[key] = {**before, **value} if isinstance(before, Mapping) and isinstance(value, Mapping) else value
    return merged
