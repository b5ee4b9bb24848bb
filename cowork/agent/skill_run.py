"""Running a skill or a slash command: its text, its rules and its agent, through the same turns as every agent."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from cowork.agent.context import Answer
from cowork.agent.gate import Ask
from cowork.agent.parts import Part
from cowork.agent.preparing import for_text
from cowork.agent.recorder import OnEvent
from cowork.agent.request import AgentRequest, Options
from cowork.agent.results import AgentRun
from cowork.agent.running import run_request
from cowork.agent.text_parts import typed_command, typed_skill
from cowork.core.clock import Clock
from cowork.core.errors import CoworkError
from cowork.core.settings import Settings
from cowork.registry.world import PackRecord


@dataclass(frozen=True)
class SkillRun(AgentRun):
    """A run of a skill or a command: `skill` is its name, `pack` the pack it comes from, empty for a `.claude` directory."""

    skill: str
    pack: str


@dataclass(frozen=True)
class Prepared:
    """A run that is ready to begin, and what it is a run of."""

    request: AgentRequest
    skill: str
    pack: str


def prepare_skill(
    name: str,
    given: Mapping[str, str] | None,
    arguments: str,
    options: Options,
    settings: Settings,
    *,
    verb: str = "skill run",
    named: Mapping[str, str] | None = None,
) -> Prepared:
    """A skill with its parameters, or what was typed behind its name. Raises skill, parameter, policy and provider errors."""
    parts, pack = typed_skill(name, given, arguments, verb=verb, dry_run=options.dry_run, named=named)
    return _prepared(verb, parts, pack, options, settings)


def prepare_command(
    command: str, text: str, options: Options, settings: Settings, named: Mapping[str, str] | None = None
) -> Prepared:
    """What a slash command runs, with what its text gives and the parameters that are `named`.

    Raises `command.*` and what `prepare_skill` raises.
    """
    found = typed_command(command, verb="run", arguments=text, dry_run=options.dry_run, named=named or {})
    if isinstance(found, Part):
        return Prepared(for_text("run", [found], options, settings), found.name, found.pack)
    return prepare_skill(found, None, text, options, settings, verb="run", named=named or {})


def _prepared(verb: str, parts: list[Part], pack: PackRecord, options: Options, settings: Settings) -> Prepared:
    owner = "" if pack.root.single else pack.name
    return Prepared(for_text(verb, parts, options, settings), parts[-1].name, owner)


def run_prepared(
    prepared: Prepared, clock: Clock, on_event: OnEvent, ask: Ask | None, answer: Answer | None, *, dry_run: bool
) -> SkillRun:
    """The run, or its plan. Raises what `agent.session.start` raises."""
    try:
        ran = run_request(prepared.request, clock, on_event, ask, answer, dry_run=dry_run)
    except CoworkError as error:
        if isinstance(error.data, AgentRun):
            error.data = _as_skill_run(error.data, prepared)
        raise
    return _as_skill_run(ran, prepared)


def _as_skill_run(ran: AgentRun, prepared: Prepared) -> SkillRun:
    fields = {field.name: getattr(ran, field.name) for field in dataclasses.fields(AgentRun)}
    return SkillRun(**fields, skill=prepared.skill, pack=prepared.pack)
