"""What is asked of an agent: everything that can be refused is refused before one of these exists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cowork.agent.permissions import Permissions
from cowork.agent.recorder import Trace
from cowork.core.outcome import Notice
from cowork.core.plan import Step
from cowork.core.settings import Settings
from cowork.hooks.records import Source
from cowork.models.select import Target
from cowork.prompts.builder import PromptBuilder
from cowork.prompts.variables import Variables
from cowork.trust.state import Trust


@dataclass(frozen=True)
class Options:
    """What the command line says beside the task. None and empty leave it to files and settings.

    `unattended`: nobody reads what happens, so settings files and hooks deny, but what they allow a person does not count.
    """

    provider: str | None = None
    model: str | None = None
    mode: str | None = None
    allow: Sequence[str] = ()
    deny: Sequence[str] = ()
    max_turns: int | None = None
    trace: Trace = "moderate"
    dry_run: bool = False
    unattended: bool = False


@dataclass(frozen=True)
class Body:
    """A command's or a skill's text that is still to be expanded: arguments, variables, shell blocks.

    A `verbatim` text is finished. `named` are the names its frontmatter gives to arguments. `runs_shell`: whether its shell
    blocks may run at all; those of a project that is not trusted may not.
    """

    kind: str
    name: str
    text: str
    arguments: str
    named: tuple[str, ...]
    variables: Variables
    source: str
    runs_shell: bool
    verbatim: bool = False


@dataclass(frozen=True)
class AgentRequest:
    """A run that is ready to begin.

    `verb` and `what` go into log and journal. The user's messages are the expanded `bodies` and then `task`, where it is not
    empty. `sources` are hooks that come with the agent, a skill or a command.
    """

    verb: str
    what: str
    agent: str
    task: str
    bodies: tuple[Body, ...]
    builder: PromptBuilder
    permissions: Permissions
    target: Target
    project: Path
    trust: Trust
    settings: Settings
    max_turns: int | None
    trace: Trace
    sources: tuple[Source, ...]
    notices: tuple[Notice, ...]

    @property
    def typed(self) -> str:
        """What the user said, in one text: the command line as it was meant."""
        said = [f"/{body.name} {body.arguments}".strip() for body in self.bodies if body.kind == "command" or not self.task]
        return "\n".join([*said, *([self.task] if self.task else [])])

    @property
    def plan(self) -> tuple[Step, ...]:
        """What the run would do, as far as that can be told."""
        prompt = self.builder.build(())
        turns = self.max_turns or prompt.max_turns or self.settings["agent_max_turns"]
        rules = self.permissions.rules
        return (
            Step("compose", self.what, f"{len(prompt.layers)} layer(s), about {prompt.tokens} tokens"),
            Step("ask", self.target.label, f"at most {turns} turns, {self.settings['agent_max_calls']} calls in all"),
            Step("permit", self.permissions.mode, f"{len(rules.allow)} allow rule(s), {len(rules.deny)} deny rule(s)"),
        )
