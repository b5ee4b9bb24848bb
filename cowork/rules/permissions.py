"""The permission rules of settings: deny before ask before allow, wherever each of them was written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from cowork.rules import narrowly, widely
from cowork.rules.call import Call
from cowork.rules.places import Places
from cowork.rules.rule import Rule, compile_spec, compile_text
from cowork.rules.specs import BadRule, ToolSpec, parse

Outcome = Literal["deny", "ask", "allow", "none"]


@dataclass(frozen=True, slots=True)
class SourcedRule:
    """A rule, the settings it came from, and the directory where its leading `/` begins.

    `spec` is what `parse` gave. A text that cannot be parsed is kept with `sourced`, which fails closed.
    """

    spec: ToolSpec
    source: str
    root: str
    problem: str | None = None

    def compiled(self) -> Rule:
        """The rule, ready to be asked."""
        return compile_text(self.spec.text, self.root) if self.problem else compile_spec(self.spec, self.root)


def sourced(text: str, source: str, root: str) -> SourcedRule:
    """A rule from a text. It never raises: what is no rule denies the tool it names, and allows nothing."""
    try:
        return SourcedRule(parse(text), source, root)
    except BadRule as error:
        return SourcedRule(ToolSpec(error.name or "*", None, str(text).strip()), source, root, error.problem)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules say of a call: the outcome, the rule and its source (None when no rule speaks), and why."""

    outcome: Outcome
    rule: str | None
    source: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class PermissionRules:
    """The rules of all settings together. The order of settings does not matter: a denial anywhere wins."""

    deny: tuple[SourcedRule, ...] = ()
    ask: tuple[SourcedRule, ...] = ()
    allow: tuple[SourcedRule, ...] = ()

    def joined(self, other: PermissionRules) -> PermissionRules:
        """These and the other's rules."""
        return PermissionRules(self.deny + other.deny, self.ask + other.ask, self.allow + other.allow)

    def judge(self, tool: str, arguments: Mapping[str, Any], *, cwd: str, home: str) -> Judgement:
        """What the rules say of a call. Raises ValueError when `cwd` or `home` is no absolute path."""
        call = Call.of(tool, arguments, Places(cwd, home, cwd))
        if found := _first(self.deny, call, "deny"):
            return found
        if found := _first(self.ask, call, "ask"):
            return found
        rules = [item.compiled() for item in self.allow]
        answer = narrowly.judge(rules, call)
        if not answer.allowed:
            return Judgement("none", None, None, answer.reason if rules else "no rule is about it")
        sources = [item.source for item, rule in zip(self.allow, rules, strict=True) if rule in answer.rules]
        texts = ", ".join(rule.text for rule in answer.rules)
        return Judgement("allow", texts or None, sources[0] if sources else None, answer.reason)


def _first(rules: Sequence[SourcedRule], call: Call, outcome: Outcome) -> Judgement | None:
    for item in rules:
        if reason := widely.matches(item.compiled(), call):
            return Judgement(outcome, item.spec.text, item.source, reason)
    return None
