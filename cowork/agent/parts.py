"""The parts a prompt is made of, each found and admitted: an agent, a skill, a command, with its rules and what it approves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from cowork.agent.request import Body
from cowork.core.outcome import Notice
from cowork.core.settings import Settings
from cowork.hooks.records import Source
from cowork.policy import gate
from cowork.policy.actions import Action
from cowork.prompts.builder import Context, Layer, Preferences, PromptBuilder
from cowork.prompts.variables import Variables
from cowork.registry.loading import LoadedAgent, load_agent
from cowork.rules.restrictions import ToolRestrictions


@dataclass(frozen=True)
class Part:
    """One part. `text` is what it says, not yet expanded; a `verbatim` one is finished.

    `allowed` and `denied` are its tool rules; of a skill and a command `allowed` also approves, depending on the settings.
    `agent` is the agent it wants to be done by; `skills` are those an agent knows from the start, `initial_prompt` what it is
    told before the task when it is the main one. `from_project`: what it wants to run waits for the user's trust.
    """

    kind: Literal["agent", "skill", "command"]
    name: str
    scope: str
    source: str
    text: str
    allowed: tuple[str, ...] | None
    denied: tuple[str, ...]
    preferences: Preferences
    from_project: bool
    pack: str = ""
    arguments: str = ""
    named: tuple[str, ...] = ()
    variables: Variables = field(default_factory=lambda: Variables({}))
    verbatim: bool = False
    user_invocable: bool = True
    model_invocable: bool = True
    agent: str | None = None
    plan_mode: bool = False
    skills: tuple[str, ...] = ()
    initial_prompt: str = ""
    sources: tuple[Source, ...] = ()
    notices: tuple[Notice, ...] = ()

    @property
    def approves(self) -> tuple[str, ...]:
        """The calls that typing its name approves."""
        return () if self.kind == "agent" or self.allowed is None else self.allowed

    def restrictions(self, settings: Settings) -> ToolRestrictions:
        """Its layer of tool rules. `*` restricts nothing; with `allowed_tools: approve` skills and commands only approve."""
        allowed = self.allowed
        if allowed is not None and ("*" in allowed or (self.kind != "agent" and settings["allowed_tools"] == "approve")):
            allowed = None
        return ToolRestrictions.of(allowed, self.denied, source=f"{self.kind} {self.name}")

    def narrows(self, settings: Settings) -> bool:
        """Whether its layer takes anything away."""
        return bool(self.restrictions(settings).layers) and (self.allowed is not None or bool(self.denied))

    def add_to(self, builder: PromptBuilder, settings: Settings) -> PromptBuilder:
        """The builder with this part's layer."""
        rules = self.restrictions(settings)
        layer = Layer.of(
            self.kind,
            self.name,
            self.text,
            scope=self.scope,
            source=self.source,
            part="system" if self.kind == "agent" else "user",
        )
        if self.kind == "agent":
            return builder.with_agent(layer, rules, self.preferences)
        if self.kind == "skill":
            return builder.with_skill(layer, rules, self.preferences)
        return builder.with_command(layer, rules, self.preferences)

    def body(self, *, runs_shell: bool) -> Body:
        """Its text, to be expanded when the run begins."""
        return Body(
            kind=self.kind,
            name=self.name,
            text=self.text,
            arguments=self.arguments,
            named=self.named,
            variables=self.variables,
            source=self.source,
            runs_shell=runs_shell,
            verbatim=self.verbatim,
        )

    def ignored(self, *, trusted: bool) -> tuple[Notice, ...]:
        """What does not count as long as the project is not trusted."""
        what = [*(["its allowed-tools"] if self.approves else []), *(["its hooks"] if self.sources else [])]
        if trusted or not self.from_project or not what:
            return ()
        text = f"{self.source}: {' and '.join(what)} approve and run nothing: the project is not trusted (cowork config trust)"
        return (Notice("trust.ignored", text),)


def agent_part(name: str, *, verb: str, dry_run: bool) -> Part:
    """The agent that answers to a name. Raises `agent.not_found` and policy errors."""
    gate.refuse(Action(verb, what=name), dry_run=dry_run)  # before it is looked for: nothing is found where all is blocked
    loaded = load_agent(name)
    gate.require(Action(verb, pack=loaded.place.pack, what=loaded.name), dry_run=dry_run)
    return part_of_agent(loaded)


def part_of_agent(loaded: LoadedAgent) -> Part:
    """An agent's file as a part."""
    file = loaded.file
    context: Context | None = "inherit" if file.context == "inherit" else "fork" if file.context else None
    hooks = (
        (Source(loaded.place.path, "agent", scope=loaded.place.scope, document={"hooks": file.hooks}),) if file.hooks else ()
    )
    return Part(
        kind="agent",
        name=loaded.name,
        scope=loaded.place.scope,
        source=loaded.place.path,
        text=file.prompt,
        allowed=file.tools,
        denied=file.disallowed_tools,
        preferences=Preferences(file.model, context, file.max_turns),
        from_project=loaded.place.in_project,
        plan_mode=file.permission_mode == "plan",
        skills=file.skills,
        initial_prompt=file.initial_prompt or "",
        sources=hooks,
    )
