"""Facts of the organization, as stored and as the verbs answer."""

from __future__ import annotations

from dataclasses import dataclass

from cowork.core.plan import Step

MOST_FACTS = 10_000


@dataclass(frozen=True)
class OrgFact:
    """A fact; claims cite it as `fact.<id>`. `id` is empty as long as it is not kept."""

    id: str
    subject: str
    relation: str
    object: str
    created_at: str

    @property
    def said(self) -> str:
        """The fact as a line."""
        return f"{self.subject} {self.relation} {self.object}"


@dataclass(frozen=True)
class FactList:
    """Facts sorted by subject, relation and object; `total` counts those about anything."""

    about: str | None
    items: tuple[OrgFact, ...]
    count: int
    total: int


@dataclass(frozen=True)
class FactAdded:
    """A fact, as kept or as it would be. `added`: it was not known before."""

    fact: OrgFact
    added: bool
    dry_run: bool
    plan: tuple[Step, ...]


@dataclass(frozen=True)
class FactsImported:
    """The facts of a file that were not known before; `known` counts the others."""

    source: str
    items: tuple[OrgFact, ...]
    count: int
    known: int
    dry_run: bool
    plan: tuple[Step, ...]


@dataclass(frozen=True)
class FactsRemoved:
    """The facts that are gone, or would be."""

    items: tuple[OrgFact, ...]
    count: int
    dry_run: bool
    plan: tuple[Step, ...]
