"""What the organization knows: who owns what, who depends on whom. All twins share it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePath

from cowork.core.clock import Clock, millis, rfc3339
from cowork.core.errors import InvalidInput, NotFound
from cowork.core.plan import Step
from cowork.core.text import one_line
from cowork.formats import codeowners
from cowork.formats import facts as format_
from cowork.formats.facts import FIELDS, LONGEST, Triple
from cowork.policy import gate
from cowork.policy.actions import Action
from cowork.prompts.context import read_text
from cowork.twins.facts import FactAdded, FactList, FactsImported, FactsRemoved, OrgFact
from cowork.twins.store import facts
from cowork.twins.store.opening import changing, reading, writing
from cowork.twins.told import Told


def list_facts(about: str | None = None) -> FactList:
    """Every fact, or those in which each word of `about` stands, in whatever case."""
    with reading() as connection:
        everything = facts.everything(connection) if connection else []
    words = (about or "").casefold().split()
    items = tuple(fact for fact in everything if all(word in fact.said.casefold() for word in words))
    return FactList(about, items, len(items), len(everything))


def add(subject: str, relation: str, object_: str, clock: Clock, *, dry_run: bool) -> FactAdded:
    """Keep a fact. One that is known is kept as it is. Raises `facts.*`, policy and database errors."""
    triple = _clean(Told("facts"), Triple(subject, relation, object_))
    gate.require(Action("twin facts add", what=triple.subject), dry_run=dry_run)
    [fact], new = _keep([triple], clock, dry_run=dry_run)
    step = Step("add" if new else "keep", _target(fact), fact.said if new else "it is known already")
    return FactAdded(fact, bool(new), dry_run, (step,))


def import_(path: str, clock: Clock, *, dry_run: bool) -> FactsImported:
    """Keep the facts of a file, all or none: CSV, JSON lines, or CODEOWNERS by that name.

    Raises `facts.*`, naming the line; policy and database errors.
    """
    if not Path(path).exists():
        hint = "name a CSV, JSON lines or CODEOWNERS file"
        raise NotFound("facts.not_found", f"there is no file {one_line(path)}", hint=hint, details={"path": path})
    text = read_text(path, kind="facts")
    lines = codeowners.parse(text) if PurePath(path).name == "CODEOWNERS" else format_.parse(text, path=path)
    told, triples = Told("facts"), dict[Triple, None]()
    for number, triple in lines:
        try:
            triples[_clean(told, triple)] = None
        except InvalidInput as error:
            problem = f"{error.message}{f': {error.cause}' if error.cause else ''}"
            raise format_.wrong(path, number, problem) from error
    gate.require(Action("twin facts import", what=path), dry_run=dry_run)
    every, new = _keep(list(triples), clock, dry_run=dry_run)
    known = len(every) - len(new)
    steps = [Step("add", _target(fact), fact.said) for fact in new]
    steps += [Step("keep", "facts", f"{known} are known already")] if known or not new else []
    return FactsImported(path, tuple(new), len(new), known, dry_run, tuple(steps))


def remove(wanted: Sequence[str], *, dry_run: bool) -> FactsRemoved:
    """Remove facts by their ids, all or none. Raises `facts.not_found`, `facts.ambiguous`, policy and database errors."""
    with reading() as connection:
        items = [facts.found(connection, name) for name in wanted]
    gate.require(Action("twin facts remove", what=", ".join(fact.id for fact in items), removes=True), dry_run=dry_run)
    items = list(dict.fromkeys(items))
    if not dry_run:
        with writing() as connection:
            facts.remove(connection, items)
    plan = tuple(Step("remove", _target(fact), fact.said) for fact in items)
    return FactsRemoved(tuple(items), len(items), dry_run, plan)


def _keep(triples: list[Triple], clock: Clock, *, dry_run: bool) -> tuple[list[OrgFact], list[OrgFact]]:
    """The facts as they are kept then, and those of them that are new."""
    now = clock.now()
    with changing(dry_run=dry_run) as connection:
        known = {triple: facts.known(connection, triple) if connection else None for triple in triples}
        unknown = [triple for triple, fact in known.items() if fact is None]
        facts.need_room(connection, len(unknown))
        if dry_run or connection is None:
            new = [OrgFact("", *triple, rfc3339(now)) for triple in unknown]
        else:
            new = facts.add(connection, unknown, millis(now))
    return [fact for fact in known.values() if fact] + new, new


def _clean(told: Told, triple: Triple) -> Triple:
    return Triple(*(told.line(text, LONGEST[name], f"the {name}") for name, text in zip(FIELDS, triple, strict=True)))


def _target(fact: OrgFact) -> str:
    return f"fact.{fact.id}" if fact.id else "facts"
