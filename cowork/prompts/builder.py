"""The layered prompt: base, hook context, agent, skills, command, in that order; the tools are what all layers allow.

A layer only ever narrows: the restrictions of all of them are asked, one after the other, and each must allow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from cowork.rules.restrictions import ToolRestrictions

Kind = Literal["base", "hook", "agent", "skill", "command", "task"]
Context = Literal["fork", "inherit"]
CHARACTERS_A_TOKEN = 4  # an estimate that is near enough for English and code, and is called one


@dataclass(frozen=True)
class Layer:
    """A part of the prompt and where it comes from. `part`: what it becomes, system text or the user's message."""

    kind: Kind
    name: str
    scope: str
    source: str
    text: str
    part: Literal["system", "user"]
    tokens: int

    @classmethod
    def of(cls, kind: Kind, name: str, text: str, *, scope: str, source: str, part: Literal["system", "user"]) -> Layer:
        """A layer with its token estimate."""
        return cls(kind, name, scope, source, text, part, tokens(text))


@dataclass(frozen=True)
class Preferences:
    """What a layer asks for beside its text; None leaves it to the layers below."""

    model: str | None = None
    context: Context | None = None
    max_turns: int | None = None


@dataclass(frozen=True)
class AssembledPrompt:
    """A prompt ready to be sent. `tools` are those of the given ones that no layer rules out altogether.

    `model` is a preference as a file words it: an alias, an id or None for whatever is usual. Tokens are estimates.
    """

    layers: tuple[Layer, ...]
    tools: tuple[str, ...]
    restrictions: ToolRestrictions
    model: str | None
    context: Context
    max_turns: int | None

    @property
    def system(self) -> str:
        """The system text."""
        return self._joined("system")

    @property
    def user(self) -> str:
        """The first message of the user."""
        return self._joined("user")

    @property
    def tokens(self) -> int:
        """The estimate for all layers."""
        return sum(layer.tokens for layer in self.layers)

    def _joined(self, part: str) -> str:
        return "\n\n".join(layer.text for layer in self.layers if layer.part == part and layer.text)


@dataclass(frozen=True)
class PromptBuilder:
    """Collects layers; each `with_` gives a new builder. What a later layer prefers wins over an earlier one's."""

    base: Layer
    hooks: tuple[Layer, ...] = ()
    agent: Layer | None = None
    skills: tuple[Layer, ...] = ()
    command: Layer | None = None
    task: Layer | None = None
    restrictions: ToolRestrictions = field(default_factory=ToolRestrictions)
    preferences: Preferences = Preferences()

    def with_hook_context(self, text: str, *, source: str) -> PromptBuilder:
        """Add what a hook says."""
        layer = Layer.of("hook", "additionalContext", text, scope="hook", source=source, part="system")
        return replace(self, hooks=(*self.hooks, layer))

    def with_agent(self, layer: Layer, restrictions: ToolRestrictions, preferences: Preferences) -> PromptBuilder:
        """Let an agent speak; there is one."""
        return replace(self._narrowed(restrictions, preferences), agent=layer)

    def with_skill(self, layer: Layer, restrictions: ToolRestrictions, preferences: Preferences) -> PromptBuilder:
        """Add a skill's instructions."""
        return replace(self._narrowed(restrictions, preferences), skills=(*self.skills, layer))

    def with_command(self, layer: Layer, restrictions: ToolRestrictions, preferences: Preferences) -> PromptBuilder:
        """Give the command; there is one."""
        return replace(self._narrowed(restrictions, preferences), command=layer)

    def with_task(self, text: str) -> PromptBuilder:
        """Give the task in the user's own words."""
        return replace(self, task=Layer.of("task", "task", text, scope="user", source="command line", part="user"))

    def narrowed(self, restrictions: ToolRestrictions) -> PromptBuilder:
        """One more layer of restrictions, without a text."""
        return self._narrowed(restrictions, Preferences())

    def build(self, tools: Sequence[str]) -> AssembledPrompt:
        """Everything in the order of assembly, with those of `tools` that some call could still be allowed for."""
        layers = (self.base, *self.hooks, self.agent, *self.skills, self.command, self.task)
        return AssembledPrompt(
            layers=tuple(layer for layer in layers if layer is not None),
            tools=tuple(name for name in tools if self.restrictions.offers(name)),
            restrictions=self.restrictions,
            model=self.preferences.model,
            context=self.preferences.context or "fork",
            max_turns=self.preferences.max_turns,
        )

    def _narrowed(self, restrictions: ToolRestrictions, wanted: Preferences) -> PromptBuilder:
        held = self.preferences
        return replace(
            self,
            restrictions=self.restrictions.intersect(restrictions),
            preferences=Preferences(
                wanted.model or held.model, wanted.context or held.context, wanted.max_turns or held.max_turns
            ),
        )


def tokens(text: str) -> int:
    """An estimate of a text's tokens: one for four characters."""
    return -(-len(text) // CHARACTERS_A_TOKEN)
