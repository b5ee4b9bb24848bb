"""The one gate: every mutation asks it, and it fails closed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cowork.core.errors import Denied, InvalidInput
from cowork.policy import store
from cowork.policy.files import is_set, policy_path

if TYPE_CHECKING:
    from cowork.formats.policies import Policies


@dataclass(frozen=True)
class PackVerdict:
    """What the policies say about one pack, and the rule that says it."""

    pack: str
    allowed: bool
    required: bool
    rule: str
    reason: str


def policies_or_refuse() -> Policies:
    """The policies in force. A bad policy file is a refusal (`policy.unreadable`), never a default."""
    try:
        return store.load()
    except InvalidInput as error:
        raise Denied(
            "policy.unreadable",
            "the admin policy cannot be read, so nothing may be changed",
            cause=error.message,
            hint=f"mend {policy_path()}",
            details=error.details,
        ) from error


def require_mutation() -> Policies:
    """Ask for a change that no policy names one by one. Raises Denied when the policies cannot be read."""
    return policies_or_refuse()


def require_heartbeat_interval(minutes: int) -> None:
    """Ask for a twin that wakes every `minutes`. Raises `policy.heartbeat_too_frequent`."""
    shortest = policies_or_refuse().agents.max_heartbeat_frequency_sec
    if minutes * 60 < shortest:
        raise Denied(
            "policy.heartbeat_too_frequent",
            f"the admin policy allows a heartbeat every {shortest} s at the most, not every {minutes * 60} s",
            cause="agents.maxHeartbeatFrequencySec",
            hint=f"use --interval {-(-shortest // 60)} or more",
        )


def check_pack(name: str, directory: str | None = None) -> PackVerdict:
    """What the policies say about the pack `name`: blocked beats allowed, required is forced on.

    A policy names a pack by its name or its directory's, with or without `-pack` at the end.
    """
    return pack_judge()(name, directory)


def pack_judge() -> Callable[[str, str | None], PackVerdict]:
    """`check_pack` for many packs: the policies are read once. Raises `policy.unreadable`."""
    if not is_set():
        return lambda name, _directory: PackVerdict(name, True, False, "default", "nothing forbids the pack")
    packs = policies_or_refuse().packs

    def judge(name: str, directory: str | None) -> PackVerdict:
        def listed(names: list[str]) -> bool:
            return not known_as(name, directory).isdisjoint(names)

        if listed(packs.blocked):
            return PackVerdict(name, False, False, "packs.blocked", "the pack is on the blocked list")
        if packs.allowed and not listed(packs.allowed):
            return PackVerdict(name, False, False, "packs.allowed", "there is an allow list and the pack is not on it")
        if listed(packs.required):
            return PackVerdict(name, True, True, "packs.required", "the pack is required and cannot be turned off")
        rule = "packs.allowed" if packs.allowed else "default"
        return PackVerdict(name, True, False, rule, "nothing forbids the pack")

    return judge


def known_as(name: str, directory: str | None) -> set[str]:
    """Every name by which a policy may mean a pack."""
    bare = {item.removesuffix("-pack") for item in (name, directory) if item}
    return bare | {f"{item}-pack" for item in bare}


def require_switch(name: str, directory: str | None, *, enabled: bool) -> None:
    """Ask to turn a pack, or a skill of it, on or off. Raises `policy.pack_denied` or `policy.pack_required`."""
    verdict = check_pack(name, directory)
    if not verdict.allowed:
        raise _denied(verdict)
    if verdict.required and not enabled:
        raise Denied(
            "policy.pack_required",
            f"the admin policy requires the pack '{name}': it cannot be turned off, nor can its skills",
            cause="packs.required",
            hint="ask the administrator of your organization",
            details={"pack": name, "rule": verdict.rule},
        )


def answer_pack(name: str) -> PackVerdict:
    """What the policies say about a pack; raises `policy.pack_denied` with the verdict as data when they deny it."""
    verdict = check_pack(name)
    if not verdict.allowed:
        raise _denied(verdict, data=verdict)
    return verdict


def require_pack(name: str, directory: str | None = None) -> None:
    """Ask to use a pack. Raises `policy.pack_denied` naming the rule."""
    verdict = check_pack(name, directory)
    if not verdict.allowed:
        raise _denied(verdict)


def _denied(verdict: PackVerdict, data: PackVerdict | None = None) -> Denied:
    return Denied(
        "policy.pack_denied",
        f"the admin policy does not allow the pack '{verdict.pack}'",
        cause=f"{verdict.rule}: {verdict.reason}",
        hint="ask the administrator of your organization",
        details={"pack": verdict.pack, "rule": verdict.rule},
        data=data,
    )
