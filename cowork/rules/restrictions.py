"""What an agent, a skill or a command may use: layers of rules that are all asked, and never merged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cowork.rules import narrowly, widely
from cowork.rules.call import Call
from cowork.rules.places import Places
from cowork.rules.rule import Rule, compile_all


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a call is allowed, the rule that decides and the layer it stands in (None: no rule does), and why."""

    allowed: bool
    rule: str | None
    source: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Layer:
    """What one source says. `allow` None is no restriction; an empty tuple allows nothing."""

    source: str
    allow: tuple[Rule, ...] | None
    deny: tuple[Rule, ...]

    @property
    def problems(self) -> tuple[str, ...]:
        """Rules that cannot be read, and why."""
        return tuple(f"{rule.text}: {rule.problem}" for rule in (*(self.allow or ()), *self.deny) if rule.problem)


@dataclass(frozen=True, slots=True)
class ToolRestrictions:
    """A conjunction of layers: a call is allowed when no layer denies it and each allows it. No layer: no restriction."""

    layers: tuple[Layer, ...] = ()

    @classmethod
    def of(cls, allow: Iterable[str] | None, deny: Iterable[str] = (), source: str = "rules") -> ToolRestrictions:
        """One layer from texts of rules. A bad rule never raises: in `allow` it allows nothing, in `deny` it denies."""
        return cls((Layer(source, None if allow is None else compile_all(allow), compile_all(deny)),))

    def intersect(self, other: ToolRestrictions) -> ToolRestrictions:
        """Both: the layers of the two, one behind the other. A layer that is there already is asked once."""
        return ToolRestrictions((*self.layers, *(layer for layer in other.layers if layer not in self.layers)))

    def is_allowed(self, tool: str, arguments: Mapping[str, Any], places: Places) -> Verdict:
        """The verdict on a call. It never raises: whatever cannot be judged is denied."""
        call = Call.of(tool, arguments, places)
        for layer in self.layers:
            for rule in layer.deny:
                if reason := widely.matches(rule, call):
                    return Verdict(False, rule.text, layer.source, reason)
        last = Verdict(True, None, None, "nothing restricts it")
        for layer in self.layers:
            if layer.allow is None:
                continue
            answer = narrowly.judge(layer.allow, call)
            if not answer.allowed:
                return Verdict(False, None, layer.source, answer.reason)
            last = Verdict(True, ", ".join(rule.text for rule in answer.rules) or None, layer.source, answer.reason)
        return last

    def offers(self, tool: str) -> bool:
        """Whether some call of a tool could be allowed: a model is given no tool of which none could."""
        call = Call.of(tool, {}, _NOWHERE)
        return all(
            not any(widely.whole_tool(rule, call.tool) for rule in layer.deny)
            and (layer.allow is None or narrowly.offers(layer.allow, call.tool))
            for layer in self.layers
        )


_NOWHERE = Places("/", "/", "/")
