"""Prompts as they are composed, for a person."""

from __future__ import annotations

from cowork.agent.preview import PromptPreview
from cowork.render.screen import Screen


def preview(data: PromptPreview, screen: Screen) -> None:
    """The layers as a table, what they leave, then the texts."""
    screen.title("Prompt", f"about {data.tokens} tokens in {len(data.layers)} layer(s)")
    rows = [(layer.kind, layer.name, layer.scope, layer.tokens, layer.part, layer.source) for layer in data.layers]
    screen.table(("LAYER", "NAME", "SCOPE", "TOKENS", "PART", "SOURCE"), rows)
    screen.section("What it leaves")
    screen.facts(
        {
            "tools": data.tools or "none",
            "asked": f"{data.target}{f' (wished for: {data.model})' if data.model else ''}",
            "context": data.context,
            "turns": data.max_turns,
            "mode": data.permission_mode,
            "project": data.trust.replace("_", " "),
        }
    )
    for rule in data.restrictions:
        allowed = "any tool" if rule.allowed is None else ", ".join(rule.allowed) or "no tool"
        denied = f"; never {', '.join(rule.denied)}" if rule.denied else ""
        screen.text(f"{rule.source}: {allowed}{denied}", indent=2)
    screen.section("System")
    screen.raw(data.system)
    if data.user:
        screen.section("User")
        screen.raw(data.user)
