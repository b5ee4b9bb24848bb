"""Agents as users name them.

NAME                        an entry of the section `agents` in the user's config.yaml; NAME/MODEL with another model
claude, codex, gemini, ...  a command-line agent of the catalogue, also by its id: claude-code; with a model: claude/opus
cowork[:PROVIDER[/MODEL]]   the agent of this program, with its tools
[model:]PROVIDER[/MODEL]    a model that only answers; `model:` where the provider is called like a command-line agent
rehearsal                   no model at all

Here `claude` is the program of that name; `anthropic` is the provider.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from cowork.core.errors import CoworkError, InvalidInput, NotFound
from cowork.core.outcome import Notice
from cowork.core.settings import Settings
from cowork.core.text import did_you_mean, one_line
from cowork.loop.agents import entries
from cowork.loop.agents.entries import AgentEntry
from cowork.loop.agents.programs import require_program, takes_model
from cowork.loop.agents.work import AgentSpec
from cowork.models import catalogue, select
from cowork.models.catalogue import OWN_MODEL, REHEARSAL, Provider
from cowork.models.select import Target

BUILTIN = "cowork"
_MODEL = "model:"


def parse(text: str, settings: Settings, *, model: str | None = None) -> AgentSpec:
    """The agent that a text names; `model` takes the place of the one in the text.

    Raises `loop.no_such_agent` with a suggestion, `config.invalid` for an entry that breaks its rules, `provider.no_model`, and
    `loop.agent_without_tools` for a command-line agent that is to be the built-in one.
    """
    return _parsed(text.strip(), settings, model)[0]


def usable(
    names: Sequence[str], settings: Settings, *, model: str | None = None
) -> tuple[tuple[AgentSpec, ...], tuple[Notice, ...]]:
    """The agents of these names, each followed by the fallbacks of its entry, nobody twice, and notices of what is odd.

    `model` is for the first alone: it would mean nothing to others. The first must be ready; of the others those that are not
    are left out, and a notice says why. Raises what `parse` and `require_ready` raise.
    """
    found: dict[AgentSpec, None] = {}
    notices: list[Notice] = []
    seen: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop(0)
        if name in seen:
            continue
        seen.add(name)
        spec, said = _parsed(name.strip(), settings, None if found else model)
        notices += said
        waiting[:0] = AgentEntry.of(spec).fallback_agents
        try:
            require_ready(spec)
        except CoworkError as error:
            if not found:
                raise
            notices.append(Notice("loop.agent_not_ready", f"{one_line(name, 60)} stands in for nobody: {error.message}"))
            continue
        found.setdefault(spec)
    return tuple(found), tuple(dict.fromkeys(notices))


def usual(settings: Settings, *, model: str | None = None) -> tuple[AgentSpec, tuple[Notice, ...]]:
    """The agent when none is named: the built-in one with the provider that would be asked, a command-line agent where that is
    who would be, else a rehearsal with its notice. Raises what `models.select.default` raises.
    """
    target, notices = select.default(settings, model=model)
    if target.rehearsal:
        name = REHEARSAL
    elif catalogue.find(target.provider).command is not None:
        name = target.label
    else:
        name = f"{BUILTIN}:{target.label}"
    spec = _known(name, None, settings)
    assert spec is not None
    return spec, notices


def require_ready(spec: AgentSpec) -> None:
    """Refuse early what could only fail: a program that is not there, a key that is not set.

    Raises `provider.not_installed`, `provider.auth`, `provider.not_configured` and the like.
    """
    if spec.kind == "command":
        require_program(spec)
    elif spec.kind != "pattern":
        select.require_ready(Target(spec.provider, spec.model))


def _parsed(text: str, settings: Settings, model: str | None) -> tuple[AgentSpec, tuple[Notice, ...]]:
    held = settings.section("agents")
    name, _, inline = text.partition("/")
    if name in held:
        entry, notices = entries.read(name, held[name])
        return replace(_of_entry(name, entry, model or inline or entry.model, settings), name=text), notices
    spec = _known(text, model, settings)
    if spec is None:
        known = [*held, *_names()]
        hint = did_you_mean(name.partition(":")[0], known, "see: cowork provider list, and agents in your config.yaml")
        shown = one_line(text, 60)
        raise NotFound("loop.no_such_agent", f"there is no agent '{shown}'", hint=hint, details={"agent": shown})
    return spec, ()


def _of_entry(name: str, entry: AgentEntry, chosen: str | None, settings: Settings) -> AgentSpec:
    source = settings.section("agents")[name].source
    if entry.plugin is None:
        if chosen and not takes_model(entry):
            raise InvalidInput(
                "loop.agent_takes_no_model",
                f"the agent '{name}' cannot be told to use the model {one_line(chosen, 60)}",
                hint=f"say how its program is told: agents.{name}.model_flag in your config.yaml",
                details={"agent": name},
            )
        return AgentSpec(name, "command", name, chosen or OWN_MODEL, entry.plain)
    base = _known(entry.plugin, chosen, settings)
    if base is None:
        raise InvalidInput(
            "config.invalid",
            f"{source}: agents.{name}.plugin must be an agent that is known",
            hint=did_you_mean(entry.plugin, _names(), "one of claude, codex, gemini, opencode, cowork"),
            details={"key": f"agents.{name}.plugin", "source": source},
        )
    if base.kind != "command" and (entry.command or entry.flags or entry.dialect or entry.prompt):
        raise InvalidInput(
            "config.invalid",
            f"{source}: agents.{name} must not have a command or flags: {entry.plugin} is no command-line agent",
            hint="leave the plugin out for a program of your own",
            details={"key": f"agents.{name}.plugin", "source": source},
        )
    return AgentSpec(name, base.kind, base.provider, base.model, entry.plain)


def _known(text: str, model: str | None, settings: Settings) -> AgentSpec | None:
    """An agent that needs no entry; None when there is none of that name."""
    if text.casefold() == BUILTIN or text.casefold().startswith(f"{BUILTIN}:"):
        return _builtin(text, text[len(BUILTIN) + 1 :], model, settings)
    named = text[len(_MODEL) :] if text.startswith(_MODEL) else text
    name, _, inline = named.partition("/")
    if name.casefold() == REHEARSAL:
        return AgentSpec(REHEARSAL, "model", REHEARSAL, select.REHEARSAL_MODEL)
    agent = _command_line_agent(name) if named is text else None
    if agent is not None:
        chosen = model or inline or agent.default_model or OWN_MODEL
        return AgentSpec(text, "command", agent.id, chosen)
    provider = _provider(name)
    if provider is None or provider.command is not None:
        return None
    target = select.named(provider.id, model or inline)
    return AgentSpec(text, "model", target.provider, target.model)


def _builtin(text: str, rest: str, model: str | None, settings: Settings) -> AgentSpec:
    name, _, inline = rest.partition("/")
    if not name:
        target, _ = select.default(settings, model=model, tools=True)
    elif name.casefold() != REHEARSAL and _provider(name) is None:
        raise NotFound(
            "loop.no_such_agent",
            f"there is no provider '{one_line(name, 60)}' for the built-in agent",
            hint=did_you_mean(name, [REHEARSAL, *(item.id for item in catalogue.providers())], "see: cowork provider list"),
            details={"agent": one_line(text, 60)},
        )
    else:
        target = select.named(name, model or inline)
    if not target.rehearsal and catalogue.find(target.provider).command is not None:
        raise InvalidInput(
            "loop.agent_without_tools",
            f"{target.provider} has tools of its own and takes none of the built-in agent's",
            hint=f"let it work itself: {target.provider}",
            details={"agent": one_line(text, 60)},
        )
    return AgentSpec(text, "builtin", target.provider, target.model)


def _command_line_agent(name: str) -> Provider | None:
    """The command-line agent of this id, alias or program; a program's name comes before the alias of a provider."""
    wanted = name.casefold()
    agents = [provider for provider in catalogue.providers() if provider.command is not None]
    by_id = (agent for agent in agents if wanted in (agent.id, *agent.aliases))
    by_program = (agent for agent in agents if agent.command and wanted == agent.command.program)
    return next(by_id, None) or next(by_program, None)


def _provider(name: str) -> Provider | None:
    wanted = name.casefold()
    return next((item for item in catalogue.providers() if wanted in (item.id, *item.aliases)), None)


def _names() -> Iterator[str]:
    yield from (BUILTIN, REHEARSAL)
    for provider in catalogue.providers():
        if provider.command:
            yield provider.command.program
        yield provider.id
