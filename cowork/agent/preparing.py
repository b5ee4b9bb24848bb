"""From what the user typed to a request: agent, skill or command found, policies asked, rules and trust read, model chosen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cowork.agent.belonging import source_trust
from cowork.agent.parts import Part, agent_part
from cowork.agent.permissions import load
from cowork.agent.request import AgentRequest, Options
from cowork.agent.system import base_layer
from cowork.agent.text_parts import skill_guide
from cowork.core.errors import UsageError
from cowork.core.outcome import Notice
from cowork.core.paths import home, project_dir
from cowork.core.settings import Settings
from cowork.models import select
from cowork.models.preference import preferred
from cowork.prompts.builder import PromptBuilder
from cowork.trust.state import Trust, state


def for_agent(name: str, task: str, skills: Sequence[str], options: Options, settings: Settings) -> AgentRequest:
    """An agent at work on a task, by the skills named. Raises `agent.*`, `skill.*`, policy and provider errors."""
    if not task.strip():
        raise UsageError("agent.no_task", "the task is empty", hint=f'for example: cowork agent run {name} "What is here?"')
    agent = agent_part(name, verb="agent run", dry_run=options.dry_run)
    known = dict.fromkeys([*agent.skills, *skills])
    guides = [skill_guide(skill, verb="agent run", dry_run=options.dry_run) for skill in known]
    told = "\n\n".join(text for text in (agent.initial_prompt, task) if text)
    return compose("agent run", name, told, [agent, *guides], options, settings)


def for_text(verb: str, given: Sequence[Part], options: Options, settings: Settings) -> AgentRequest:
    """A skill or a command that was typed, the last of the parts, with the agent it names, if it names one."""
    typed = given[-1]
    named = [agent_part(typed.agent, verb=verb, dry_run=options.dry_run)] if typed.agent else []
    return compose(verb, typed.name, "", [*named, *given], options, settings)


def compose(
    verb: str,
    what: str,
    task: str,
    given: Sequence[Part],
    options: Options,
    settings: Settings,
    *,
    project: Path | None = None,
) -> AgentRequest:
    """The request for parts in their order of assembly; the agent, where there is one, is the first.

    `project` is where it works, by default the project that we are in.
    """
    project = project or project_dir()
    trust = state(project, home())
    source = source_trust(project, trust)
    permissions, notices = load(
        project,
        trusted=trust.trusted,
        allow=options.allow,
        deny=options.deny,
        mode=options.mode,
        unattended=options.unattended,
    )
    usual, chosen = select.default(settings, provider=options.provider, model=options.model, tools=True)
    builder = PromptBuilder(base_layer(project, usual.model))
    agent = "main"
    sources, bodies = [], []
    said: list[Notice] = [*notices, *chosen, *_untrusted(trust)]
    for part in given:
        counts = source.trusted or not part.from_project
        builder = part.add_to(builder, settings)
        if part.kind == "agent":
            agent = part.name
            permissions = permissions.in_mode("plan") if part.plan_mode else permissions
        if part.approves and counts:
            permissions = permissions.allowing(part.approves, part.source, project)
        sources += list(part.sources) if counts else []
        bodies += [part.body(runs_shell=counts)] if part.text and part.kind != "agent" else []
        said += [*part.notices, *part.ignored(trusted=source.trusted)]
    wanted = builder.preferences.model
    target, notice = (usual, ()) if options.model else preferred(wanted, usual)
    return AgentRequest(
        verb=verb,
        what=what,
        agent=agent,
        task=task,
        bodies=tuple(bodies),
        builder=builder.with_task(task) if task else builder,
        permissions=permissions,
        target=target,
        project=project,
        trust=trust,
        settings=settings,
        max_turns=options.max_turns,
        trace=options.trace,
        sources=tuple(sources),
        notices=(*said, *notice),
    )


def _untrusted(trust: Trust) -> tuple[Notice, ...]:
    """A word where a project brings what could run something, and none of it does."""
    if trust.trusted:
        return ()
    what = "its hooks, MCP servers, allow rules and shell blocks do nothing"
    return (Notice("trust.untrusted", f"{trust.project} is not trusted ({trust.why}): {what}; see: cowork config trust"),)
