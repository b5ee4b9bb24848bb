"""What a refused person is told: one error code for each kind of rule, and what to do about it."""

from __future__ import annotations

from typing import Any

from cowork.core.errors import Denied, InvalidInput
from cowork.policy.actions import Action
from cowork.policy.files import policy_path
from cowork.policy.rules import Verdict

UNREADABLE = "policy.unreadable"
_ASK = "ask the administrator of your organization"
CODES = {
    "packs.blocked": "policy.pack_denied",
    "packs.allowed": "policy.pack_denied",
    "packs.required": "policy.pack_required",
    "general.allowGitInstall": "policy.git_install_denied",
    "general.allowUrlInstall": "policy.url_install_denied",
    "general.allowCustomPacks": "policy.custom_packs_denied",
    "connectors.blocked": "policy.connector_denied",
    "agents.maxHeartbeatFrequencySec": "policy.heartbeat_too_frequent",
    "agents.maxConcurrentAgents": "policy.too_many_twins",
}
"""The error code that stands for a rule's refusal."""


def refusal(action: Action, verdict: Verdict) -> Denied:
    """The error for an action that the policies deny."""
    value = next((answer.value for answer in verdict.answers if answer.rule == verdict.rule), None)
    message, hint = _words(action, verdict, value)
    named = {"pack": action.pack, "connector": action.connector, "source": action.source}
    details = {"verb": action.verb, "rule": verdict.rule, **{key: item for key, item in named.items() if item is not None}}
    return Denied(CODES[verdict.rule], message, cause=f"{verdict.rule}: {verdict.reason}", hint=hint, details=details)


def unreadable(error: InvalidInput) -> Denied:
    """The error for policies that cannot be read: then nothing may be changed."""
    return Denied(
        UNREADABLE,
        "the admin policy cannot be read, so nothing may be changed",
        cause=error.message,
        hint=f"mend {policy_path()}: cowork admin policy validate; or start anew: cowork admin policy reset --yes",
        details=error.details,
    )


def _words(action: Action, verdict: Verdict, value: Any) -> tuple[str, str]:
    """The message and the hint."""
    code = CODES[verdict.rule]
    if code == "policy.pack_denied":
        return f"the admin policy does not allow the pack '{action.pack}'", _ASK
    if code == "policy.pack_required":
        what = "turned off, nor can its skills, nor can it be removed"
        return f"the admin policy requires the pack '{action.pack}': it cannot be {what}", _ASK
    if code == "policy.connector_denied":
        return f"the admin policy does not allow the connector '{action.connector}'", _ASK
    if code == "policy.heartbeat_too_frequent":
        if action.verb in ("twin beat", "twin serve"):
            text = f"the last heartbeat was {action.heartbeat_s} s ago, and the admin policy allows one every {value} s"
            return text, f'wait a moment; who asks at once needs no heartbeat: cowork twin ask @{action.what} "..."'
        text = f"the admin policy allows a heartbeat every {value} s at the most, not every {action.heartbeat_s} s"
        return text, f"use --interval {-(-value // 60)} or more"
    if code == "policy.too_many_twins":
        return (
            f"the admin policy lets {value} twins work at once, and this would be one more",
            "wait until one is done: cowork twin status",
        )
    closed = {
        "general.allowGitInstall": "install packs from git repositories",
        "general.allowUrlInstall": "install from addresses",
    }
    return f"the admin policy does not allow to {closed.get(verdict.rule, 'create packs, or install local ones')}", _ASK
