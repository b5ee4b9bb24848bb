"""Everything that exists, judged: which pack of a name is served, what is turned on, which skill of an id wins.

Packs register in the order bundled, personal, project, organization. A pack name that exists twice is served from the
strongest scope that is on; the others are shadowed and register nothing. Of two skills with one id the later registration
wins, with a warning; turn the winner off and the other is back.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cowork.core.errors import CoworkError
from cowork.core.outcome import Notice
from cowork.core.paths import home
from cowork.policy.files import is_set
from cowork.registry import index
from cowork.registry.index import Index
from cowork.registry.roots import Root, builtin_root, roots

if TYPE_CHECKING:
    from cowork.core.health import Check
    from cowork.registry.entries import Body, Head, SkillHead
    from cowork.registry.states import States


class PackRecord:
    """A pack as it stands. `state`: active, disabled, blocked or shadowed; only an active pack registers anything."""

    __slots__ = ("head", "index", "required", "root", "rule", "state", "switches")

    def __init__(self, head: Head, held: Index, root: Root) -> None:
        self.head = head
        self.index = held
        self.root = root
        self.state = "active"
        self.required = False
        self.rule = "default"
        self.switches: dict[str, bool] = {}

    @property
    def name(self) -> str:
        """The pack's name; of a `.claude` directory its path."""
        return self.head["path"] if self.root.single else self.head["name"]

    @property
    def scope(self) -> str:
        """The scope it was found in."""
        return self.root.scope

    @property
    def directory(self) -> str:
        """The last part of its path."""
        return self.head["path"].rpartition("/")[2]

    @property
    def body(self) -> Body:
        """What is inside."""
        return self.index.bodies[self.head["path"]]

    def skill_enabled(self, skill: SkillHead) -> bool:
        """Whether a skill is on: its switch, else its manifest's word; a required pack's skills always are."""
        return self.required or self.switches.get(skill["id"], skill["enabled"])


class World:
    """Everything in registration order: `records` with the `.claude` directories, `packs` without; and what to say about it."""

    def __init__(self, records: list[PackRecord], problems: list[Notice]) -> None:
        self.records = records
        self.packs = [record for record in records if not record.root.single]
        self.notices = problems

    def named(self, name: str) -> PackRecord | None:
        """The pack that is served under a name; when none is on, the strongest one."""
        found = [pack for pack in self.packs if pack.name == name]
        served = [pack for pack in found if pack.state == "active"]
        candidates = served or sorted(found, key=_strength, reverse=True)
        return candidates[0] if candidates else None

    def skills(self) -> Iterator[tuple[PackRecord, SkillHead]]:
        """The skills of active packs that are on, in registration order; a later one of an id wins."""
        return _skills_of(self.records)

    def answering(self, skill_id: str) -> list[tuple[PackRecord, SkillHead]]:
        """The skills that answer to an id, or to `pack:id`, in registration order: the last one wins, it hides the others.

        A SKILL.md answers to its directory's name and to the name in it.
        """
        owner, colon, bare = skill_id.partition(":")
        indexes = {id(pack.index): pack.index for pack in self.records}
        near = {key for key, held in indexes.items() if held.may_hold(skill_id) or (colon and held.may_hold(bare))}
        return [
            (pack, skill)
            for pack, skill in _skills_of([pack for pack in self.records if id(pack.index) in near])
            if skill_id in (skill["id"], skill["alias"])
            or (colon and pack.name == owner and bare in (skill["id"], skill["alias"]))
        ]

    def conflicts(self) -> list[Notice]:
        """A warning for each skill id that is registered again, in the order it happens."""
        owners: dict[str, str] = {}
        warnings = []
        for pack, skill in self.skills():
            before = owners.get(skill["id"])
            if before is not None:
                text = (
                    f'[PluginRegistry] Skill ID "{skill["id"]}" already registered by plugin "{before}", '
                    f'now being registered by "{pack.name}". The later registration will take precedence.'
                )
                warnings.append(Notice("registry.skill_conflict", text))
            owners[skill["id"]] = pack.name
        return warnings


def _skills_of(records: list[PackRecord]) -> Iterator[tuple[PackRecord, SkillHead]]:
    for pack in records:
        if pack.state == "active" and pack.head["skills"]:
            for skill in pack.body["skills"]:
                if pack.skill_enabled(skill):
                    yield pack, skill


def load(*, with_builtin: bool = False) -> World:
    """Everything there is, as the disk, the switches and the policies say now; `with_builtin` the agents and commands too that
    come with the program, which most questions are not about.
    """
    problems: list[Notice] = []
    records: list[PackRecord] = []
    for root in ([builtin_root()] if with_builtin else []) + roots():
        held = index.load(root)
        for head in held.heads.values():
            if head["kind"] == "none":
                continue
            problems += [Notice("pack.warning", text) for text in head["warnings"]]
            if head["problem"]:
                problems.append(_problem(head["problem"]))
            else:
                records.append(PackRecord(head, held, root))
    _judge(records, _switches(problems), problems)
    return World(records, problems)


def _switches(problems: list[Notice]) -> States | None:
    """What the user turned on and off; None when nothing was ever switched."""
    if not os.path.lexists(home() / "pack-states.json"):
        return None
    from cowork.registry import states

    switches = states.read()
    problems += switches.notices
    return switches


def _problem(problem: dict[str, Any]) -> Notice:
    return Notice(problem["code"], f"{problem['message']} (the pack is left out)")


def _judge(packs: list[PackRecord], switches: States | None, problems: list[Notice]) -> None:
    """Set every pack's state: policy first, then the user's switch, then which of a name is served."""
    if is_set() and not _apply_policies(packs, problems):
        return
    served: dict[str, PackRecord] = {}
    switched_off: set[str] = set()
    for pack in sorted((pack for pack in packs if not pack.root.single), key=_strength, reverse=True):
        off = False
        if switches is not None:
            pack.switches = switches.skills.get(pack.name, {})
            off = switches.packs.get(pack.name) is False and pack.name not in switched_off and not pack.required
        if pack.state == "blocked":
            continue
        if pack.name in served:
            pack.state = "shadowed"
        elif off:
            pack.state = "disabled"
            switched_off.add(pack.name)  # one switch turns one pack off: the strongest of its name
        else:
            served[pack.name] = pack


def _apply_policies(packs: list[PackRecord], problems: list[Notice]) -> bool:
    """Mark what the policies block and require. Policies that cannot be read block everything, and say so."""
    from cowork.policy.packs import pack_judge

    try:
        judge = pack_judge()
    except CoworkError as error:
        problems.append(Notice(error.code, f"{error.message}; every pack counts as blocked"))
        for pack in packs:
            pack.state, pack.rule = "blocked", "policy.unreadable"
        return False
    for pack in packs:
        if not pack.root.single:
            allowed, pack.required, pack.rule, _ = judge(pack.name, pack.directory)
            pack.state = "active" if allowed else "blocked"
    return True


_ORDER = ("bundled", "personal", "project", "organization")


def _strength(pack: PackRecord) -> int:
    return _ORDER.index(pack.scope)


def check() -> Check:
    """For `doctor`: whether every pack loads."""
    from cowork.core.health import Check

    found = load()
    skills = sum(1 for _ in found.skills())
    if found.notices:
        return Check("packs", "warn", found.notices[0].message)
    return Check("packs", "ok", f"{len(found.packs)} packs, {skills} skills")
