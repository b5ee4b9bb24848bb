"""What a prompt would be: every layer with its source, the tools that are left, and who would be asked. Nothing is run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cowork.agent.parts import Part, agent_part
from cowork.agent.preparing import compose
from cowork.agent.request import Options
from cowork.agent.text_parts import skill_guide, typed_command
from cowork.agent.tools.registry import standard_tools
from cowork.core.outcome import Notice
from cowork.core.settings import Settings
from cowork.prompts.builder import Layer

_OWN = ("Agent", "AskUserQuestion", "Skill")


@dataclass(frozen=True)
class Restriction:
    """One layer of tool rules. `allowed` null means that it restricts nothing."""

    source: str
    allowed: tuple[str, ...] | None
    denied: tuple[str, ...]


@dataclass(frozen=True)
class PromptPreview:
    """The layers in the order of assembly with token estimates, the tools all of them leave, and what they prefer.

    `model` is the wish as the files word it, `target` who would be asked. `context`: fork, or inherit the conversation.
    `system` and `user` are the texts; arguments and shell blocks of commands and skills stand as they are.
    """

    layers: tuple[Layer, ...]
    tokens: int
    tools: tuple[str, ...]
    restrictions: tuple[Restriction, ...]
    model: str | None
    target: str
    context: str
    max_turns: int
    permission_mode: str
    trust: str
    system: str
    user: str


def preview(
    agent: str | None, skills: Sequence[str], command: str | None, arguments: str, settings: Settings, options: Options
) -> tuple[PromptPreview, tuple[Notice, ...]]:
    """Compose a prompt and show it. Raises `agent.*`, `skill.*`, `command.*`, policy and provider errors."""
    verb = "prompt build"
    given: list[Part] = [agent_part(agent, verb=verb, dry_run=True)] if agent else []
    given += [skill_guide(name, verb=verb, dry_run=True) for name in skills]
    if command:
        found = typed_command(command, verb=verb, arguments=arguments, dry_run=True)
        given.append(found if isinstance(found, Part) else skill_guide(found, arguments, verb=verb, dry_run=True))
    request = compose(verb, agent or command or "main", "", given, options, settings)
    names = [*standard_tools(), *_OWN]
    prompt = request.builder.narrowed(request.permissions.whole_tools_denied()).build(names)
    page = PromptPreview(
        layers=prompt.layers,
        tokens=prompt.tokens,
        tools=prompt.tools,
        restrictions=tuple(
            Restriction(
                layer.source,
                None if layer.allow is None else tuple(rule.text for rule in layer.allow),
                tuple(rule.text for rule in layer.deny),
            )
            for layer in prompt.restrictions.layers
            if layer.allow is not None or layer.deny
        ),
        model=prompt.model,
        target=request.target.label,
        context=prompt.context,
        max_turns=options.max_turns or prompt.max_turns or settings["agent_max_turns"],
        permission_mode=request.permissions.mode,
        trust=request.trust.status,
        system=prompt.system,
        user=prompt.user,
    )
    return page, request.notices
