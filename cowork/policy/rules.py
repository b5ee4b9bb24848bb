"""The rules of the policies, one small function each, in the order in which they are asked; the first that denies decides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from cowork.formats.policies import Policies, known_as
from cowork.policy.actions import Action, Via
from cowork.policy.packs import DEFAULT, PACK_RULES, Says, decide


class Answer(NamedTuple):
    """What one rule says, as `explaining.RuleAnswer` describes it."""

    rule: str
    says: Says
    reason: str
    value: Any
    origin: Literal["file", "default"]


class Verdict(NamedTuple):
    """The policies' decision: the rule that gives it, why, and what every rule says, in order. `required`: the pack is."""

    allowed: bool
    required: bool
    rule: str
    reason: str
    answers: tuple[Answer, ...]


Rule = Callable[[Action, Policies], tuple[Says, str]]


def _pack(rule: str) -> Rule:
    def asked(action: Action, policies: Policies) -> tuple[Says, str]:
        if action.pack is None:
            return "skipped", "it is not about a pack, or not known yet about which"
        return PACK_RULES[rule](action.pack, known_as(action.pack, action.directory), policies, action.removes)

    return asked


def _git(action: Action, policies: Policies) -> tuple[Says, str]:
    if action.via != "catalogue":
        return _way(action, policies, "general.allowGitInstall", ("git",), "installing from git repositories")
    if policies.value("general.allowGitInstall") or policies.value("general.allowUrlInstall"):
        return "passes", "the catalogue's entry says whether it comes by git or from an address"
    return "denies", "the catalogue's packs come by git or from addresses, and both are closed"


def _url(action: Action, policies: Policies) -> tuple[Says, str]:
    return _way(action, policies, "general.allowUrlInstall", ("url",), "installing from addresses")


def _custom(action: Action, policies: Policies) -> tuple[Says, str]:
    return _way(action, policies, "general.allowCustomPacks", ("local", "created"), "creating packs, or installing local ones,")


def _way(action: Action, policies: Policies, rule: str, ways: tuple[Via, ...], what: str) -> tuple[Says, str]:
    if action.via not in ways:
        return "skipped", "nothing comes in this way"
    return ("passes", f"{what} is open") if policies.value(rule) else ("denies", f"{what} is closed")


def _connector(action: Action, policies: Policies) -> tuple[Says, str]:
    if action.connector is None:
        return "skipped", "it is not about a connector"
    bare = action.connector.rpartition(":")[2]
    owners = known_as(action.pack, action.directory) if action.pack else set()
    names = {action.connector, bare, *(f"{owner}:{bare}" for owner in owners)} & policies.names("connectors.blocked")
    if names:
        entry = "" if action.connector in names else f" (as '{min(names)}')"
        return "denies", f"the connector is on the blocked list{entry}"
    return "passes", "the connector is not on the blocked list"


def _heartbeat(action: Action, policies: Policies) -> tuple[Says, str]:
    if action.heartbeat_s is None:
        return "skipped", "it sets no heartbeat"
    shortest = policies.value("agents.maxHeartbeatFrequencySec")
    if action.heartbeat_s < shortest:
        return "denies", f"a heartbeat every {action.heartbeat_s} s is more often than every {shortest} s"
    return "passes", f"a heartbeat every {action.heartbeat_s} s is not more often than every {shortest} s"


def _twins(action: Action, policies: Policies) -> tuple[Says, str]:
    if action.twins is None:
        return "skipped", "it lets no twin work"
    most = policies.value("agents.maxConcurrentAgents")
    if action.twins > most:
        return "denies", f"it would be twin number {action.twins} at work, of {most} at the most"
    return "passes", f"it would be twin number {action.twins} at work, of {most} at the most"


RULES: dict[str, Rule] = {
    **{rule: _pack(rule) for rule in PACK_RULES},
    "general.allowGitInstall": _git,
    "general.allowUrlInstall": _url,
    "general.allowCustomPacks": _custom,
    "connectors.blocked": _connector,
    "agents.maxHeartbeatFrequencySec": _heartbeat,
    "agents.maxConcurrentAgents": _twins,
}
"""Every rule in the order of asking. A rule's name is the path of the field it reads."""


def judge(action: Action, policies: Policies) -> Verdict:
    """Every rule's answer, and the verdict they come to."""
    answers = []
    for name, rule in RULES.items():
        says, reason = rule(action, policies)
        origin: Literal["file", "default"] = "file" if policies.is_given(name) else "default"
        answers.append(Answer(name, says, reason, policies.value(name), origin))
    verdict = decide([(item.rule, item.says, item.reason) for item in answers])
    denied = any(item.says == "denies" for item in answers)
    says, reason = ("skipped", "a rule denies it") if denied else ("allows", "what no rule denies is allowed")
    answers.append(Answer(DEFAULT, says, reason, None, "default"))
    return Verdict(*verdict, tuple(answers))
