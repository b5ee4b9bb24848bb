"""The one gate: every mutation asks it, and it fails closed."""

from __future__ import annotations

from dataclasses import dataclass

from cowork.core.errors import Denied, InvalidInput
from cowork.formats.policies import Policies
from cowork.policy import store


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
            hint=f"mend {store.policy_path()}",
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


def check_pack(name: str) -> PackVerdict:
    """What the policies say about the pack `name`: blocked beats allowed, required is forced on."""
    packs = policies_or_refuse().packs
    required = name in packs.required
    if name in packs.blocked:
        return PackVerdict(name, False, False, "packs.blocked", "the pack is on the blocked list")
    if packs.allowed and name not in packs.allowed:
        return PackVerdict(name, False, False, "packs.allowed", "there is an allow list and the pack is not on it")
    if required:
        return PackVerdict(name, True, True, "packs.required", "the pack is required and cannot be turned off")
    rule = "packs.allowed" if packs.allowed else "default"
    return PackVerdict(name, True, False, rule, "nothing forbids the pack")


def answer_pack(name: str) -> PackVerdict:
    """What the policies say about a pack; raises `policy.pack_denied` with the verdict as data when they deny it."""
    verdict = check_pack(name)
    if not verdict.allowed:
        raise Denied(
            "policy.pack_denied",
            f"the admin policy does not allow the pack '{name}'",
            cause=f"{verdict.rule}: {verdict.reason}",
            hint="ask the administrator of your organization",
            details={"pack": name, "rule": verdict.rule},
            data=verdict,
        )
    return verdict


def require_pack(name: str) -> None:
    """Ask to use a pack. Raises `policy.pack_denied` naming the rule."""
    try:
        answer_pack(name)
    except Denied as denied:
        denied.data = None  # the verdict answers `admin policy check`, not the verb that was refused
        raise
