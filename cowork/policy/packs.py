"""The rules about packs, for the gate and for listings: those judge thousands of packs and load nothing but this."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from cowork.core.errors import InvalidInput
from cowork.formats.policies import Policies, known_as
from cowork.policy import store
from cowork.policy.files import is_set

Says = Literal["denies", "allows", "passes", "skipped"]
PackAnswer = tuple[bool, bool, str, str]
"""Whether a pack may be used, whether it is required, the rule that says so, and why."""

DEFAULT, NOTHING_FORBIDS = "default", "nothing forbids it"


def pack_judge() -> Callable[[str, str | None], PackAnswer]:
    """What the policies say about the use of packs, by name and directory; they are read once. Raises `policy.unreadable`."""
    if not is_set():
        return lambda _name, _directory: (True, False, DEFAULT, NOTHING_FORBIDS)
    try:
        policies = store.load()
    except InvalidInput as error:
        from cowork.policy.refusals import unreadable

        raise unreadable(error) from error
    return lambda name, directory: judge_pack(name, directory, policies)


def judge_pack(name: str, directory: str | None, policies: Policies) -> PackAnswer:
    """The verdict of the rules about packs on the use of one."""
    names = known_as(name, directory)
    return decide([(rule, *ask(name, names, policies, False)) for rule, ask in PACK_RULES.items()])


def decide(answers: list[tuple[str, Says, str]]) -> PackAnswer:
    """The first rule that denies decides; else the last that allows by name; else the default."""
    found = (True, DEFAULT, NOTHING_FORBIDS)
    for rule, says, reason in answers:
        if says == "denies":
            found = (False, rule, reason)
            break
        if says == "allows":
            found = (True, rule, reason)
    allowed, rule, reason = found
    return allowed, rule == "packs.required", rule, reason


def blocked(name: str, names: set[str], policies: Policies, removes: bool) -> tuple[Says, str]:
    """Blocked beats allowed; to take a blocked pack away is what the list wants."""
    entry = _entry(name, names & policies.names("packs.blocked"))
    if entry is None:
        return "passes", "the pack is not on the blocked list"
    if removes:
        return "passes", f"the pack is on the blocked list{entry}, and this takes it away"
    return "denies", f"the pack is on the blocked list{entry}"


def allowed(name: str, names: set[str], policies: Policies, removes: bool) -> tuple[Says, str]:
    """An allow list that names packs leaves no other."""
    listed = policies.names("packs.allowed")
    if not listed:
        return "passes", "there is no allow list"
    entry = _entry(name, names & listed)
    if entry is not None:
        return "allows", f"the pack is on the allow list{entry}"
    if removes:
        return "passes", "the pack is not on the allow list, and this takes it away"
    return "denies", "there is an allow list and the pack is not on it"


def required(name: str, names: set[str], policies: Policies, removes: bool) -> tuple[Says, str]:
    """A required pack is on, and stays."""
    entry = _entry(name, names & policies.names("packs.required"))
    if entry is None:
        return "passes", "the pack is not required"
    return "denies" if removes else "allows", f"the pack is required{entry} and cannot be turned off"


PACK_RULES = {"packs.blocked": blocked, "packs.allowed": allowed, "packs.required": required}


def _entry(name: str, found: set[str]) -> str | None:
    """None when a list does not name the pack; else a note of the name that the list uses, empty for the pack's own."""
    if not found:
        return None
    return "" if name in found else f" (as '{min(found)}')"
