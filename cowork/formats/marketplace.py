"""`.claude-plugin/marketplace.json`: a list of plugins and where each comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, GetJsonSchemaHandler, StringConstraints, Tag, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from cowork.formats.claude_plugin import EXPLAIN as PLUGIN_WORDS
from cowork.formats.claude_plugin import Author, ClaudePlugin, Name, name_problems
from cowork.formats.problem import Problem, bounded, json_path, quoted
from cowork.formats.schema_problems import read_model
from cowork.formats.section import InsidePath, Section, Text, TextOrList

REPOSITORY = r"^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$"
COMMIT = r"^[0-9a-f]{40}$"
DIGEST = r"^[0-9a-f]{64}$"
EXPLAIN = {**PLUGIN_WORDS, REPOSITORY: "owner/repository", COMMIT: "a commit of 40 hex digits", DIGEST: "64 hex digits"}
Commit = Annotated[str, StringConstraints(pattern=COMMIT)]


class PathSource(Section):
    """A directory of the marketplace's own repository; in the file it is only a text."""

    source: Literal["path"] = "path"
    path: InsidePath

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        return {"path": value} if isinstance(value, str) else value

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "description": "a directory of the repository"}


class GithubSource(Section):
    """A GitHub repository. A commit (`sha`) wins over a branch or tag (`ref`)."""

    source: Literal["github"]
    repo: Annotated[str, StringConstraints(pattern=REPOSITORY)]
    ref: str | None = None
    sha: Commit | None = None


class UrlSource(Section):
    """A git repository by its address."""

    source: Literal["url"]
    url: Text
    ref: str | None = None
    sha: Commit | None = None


class GitSubdirSource(Section):
    """A directory inside a git repository."""

    source: Literal["git-subdir"]
    url: Text
    path: InsidePath
    ref: str | None = None
    sha: Commit | None = None


class NpmSource(Section):
    """A package of an npm registry."""

    source: Literal["npm"]
    package: Text
    version: str | None = None
    registry: str | None = None


class ArchiveSource(Section):
    """An archive by its address."""

    source: Literal["archive"]
    url: Text
    sha256: Annotated[str, StringConstraints(pattern=DIGEST)] | None = None


class CommandSource(Section):
    """A command that brings the plugin. Kept, never run."""

    source: Literal["command"]
    command: TextOrList
    timeout: float | None = None
    mode: str | None = None


def _kind(value: Any) -> str | None:
    kind = "path" if isinstance(value, str) else value.get("source") if isinstance(value, dict) else None
    return f"~{kind}"


_CHOICES = "must be a path such as ./plugins/x, or an object with a known source"
Source = Annotated[
    Annotated[PathSource, Tag("~path")]
    | Annotated[GithubSource, Tag("~github")]
    | Annotated[UrlSource, Tag("~url")]
    | Annotated[GitSubdirSource, Tag("~git-subdir")]
    | Annotated[NpmSource, Tag("~npm")]
    | Annotated[ArchiveSource, Tag("~archive")]
    | Annotated[CommandSource, Tag("~command")],
    Discriminator(_kind, custom_error_type="marketplace.value", custom_error_message=_CHOICES),
]


class Entry(ClaudePlugin):
    """A plugin on offer. With `strict` off the entry is its whole definition."""

    source: Source
    category: str | None = None
    tags: list[str] = Field(default_factory=list)
    strict: bool = True
    relevance: dict[str, Any] = Field(default_factory=dict)


class Head(Section):
    """A marketplace file; its entries are judged one by one."""

    schema_url: str | None = Field(default=None, alias="$schema")
    name: Name
    owner: Author
    plugins: list[Any]
    description: str = ""
    version: str | None = None
    metadata: dict[str, Any] = Field(default_factory=dict)
    allow_cross_marketplace_dependencies_on: list[str] = Field(default_factory=list)
    renames: dict[str, str | None] = Field(default_factory=dict)


class Document(Head):
    """A marketplace file whose entries are all good: what is published as its schema."""

    plugins: list[Entry]


@dataclass(frozen=True)
class Marketplace:
    """What a marketplace offers: the entries that can be read, in file order."""

    head: Head
    entries: tuple[Entry, ...]


def parse(document: Any, *, file: str) -> tuple[Marketplace | None, tuple[Problem, ...]]:
    """The marketplace in a parsed document and what is wrong with it. A bad entry is left out, the others stay."""
    head, problems = read_model(Head, document, file=file, family="marketplace", explain=EXPLAIN)
    if head is None:
        return None, tuple(bounded(problems))
    entries: dict[str, Entry] = {}
    for at, item in enumerate(head.plugins):
        place = ("plugins", at)
        entry, found = read_model(Entry, item, file=file, family="marketplace", explain=EXPLAIN, prefix=place)
        problems += found
        if entry is None:
            continue
        name_at = json_path((*place, "name"))
        problems += name_problems(entry.name, file, name_at)
        if entry.name in entries:
            text = f"{quoted(entry.name)} is offered twice"
            problems.append(Problem(file, name_at, "marketplace.duplicate", "error", text, "rename or remove one"))
        entries.setdefault(entry.name, entry)
    return Marketplace(head, tuple(entries.values())), tuple(bounded(problems))
