"""From the command line and the settings to an order: what can be refused is refused before a session exists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cowork.core.errors import Denied, InvalidInput, NotFound, UsageError
from cowork.core.outcome import Notice
from cowork.core.paths import project_dir
from cowork.core.settings import Settings
from cowork.core.text import one_line
from cowork.loop import heads
from cowork.loop.agents import naming
from cowork.loop.agents.work import AgentSpec
from cowork.loop.engine import recorded
from cowork.loop.engine.order import (
    Completion,
    ErrorHandling,
    ErrorStrategy,
    Limits,
    LoopOrder,
    Permitted,
    RateLimits,
    Sandboxing,
    SandboxMode,
    WhenLimited,
    wanted,
)
from cowork.loop.engine.refusals import require_effect
from cowork.loop.engine.sense import odd_template, require_sense
from cowork.loop.request import Wish, prepare
from cowork.loop.tasks import reading
from cowork.loop.tasks.task import TaskList
from cowork.patterns import directory

PATTERN_AGENT = "pattern"
"""The provider of an agent that is a table of models."""


@dataclass(frozen=True)
class LoopWish:
    """What the command line says of a loop; None and empty where it says nothing. `seats` are wishes for patterns."""

    words: str | None = None
    tasks: str | None = None
    agent: str | None = None
    fallbacks: Sequence[str] = ()
    model: str | None = None
    checks: Sequence[str] = ()
    require_diff: bool = False
    promise: str | None = None
    nonce: bool = False
    limits: Mapping[str, Any] = field(default_factory=dict)
    on_error: ErrorStrategy | None = None
    max_retries: int | None = None
    retry_delay_ms: int | None = None
    continue_on_nonzero_exit: bool | None = None
    on_rate_limit: WhenLimited = "wait"
    sandbox: SandboxMode | None = None
    network: bool | None = None
    allow_paths: Sequence[str] = ()
    read_only_paths: Sequence[str] = ()
    mode: str | None = None
    allow: Sequence[str] = ()
    deny: Sequence[str] = ()
    template: str = ""
    contexts: Sequence[str] = ()
    auto_commit: bool | None = None
    commit_message: str | None = None
    allow_dirty: bool = False
    parallel: int = 1
    delay_ms: int | None = None
    record: str | None = None
    replay: str | None = None
    notify: bool = True
    trust_tasks: bool = False
    every_iteration: bool | None = None
    seed: int | None = None
    seats: Wish = field(default_factory=Wish)


def order_of(wish: LoopWish, settings: Settings) -> tuple[LoopOrder, tuple[Notice, ...]]:
    """The order, with notices. Raises usage errors, `tasks.*`, `loop.untrusted_tasks`, agent, pattern and provider errors."""
    if wish.record and wish.replay:
        raise UsageError("loop.bad_option", "--record and --replay exclude each other", hint="leave one of them out")
    project = project_dir()
    tasks = _tasks(wish, project)
    words = (wish.words or "").strip()
    if tasks is None and not words:
        raise UsageError("loop.empty_task", "there is no task", hint='say what to do: cowork loop run "TASK", or --tasks FILE')
    every = _every(wish, settings)
    agents, notices = _agents(wish, settings, every)
    own, checks = _of_tasks(wish, settings, agents, tasks)
    patterns, said = _patterns(wish, settings, every, tasks, words)
    order = LoopOrder(
        task=words,
        tasks_file=str(Path(tasks.path).absolute()) if tasks else None,
        project=str(project),
        agents=agents,
        task_agents=own,
        task_checks=checks,
        completion=_completion(wish, settings),
        limits=_limits(wish, settings, many=tasks is not None),
        errors=ErrorHandling(
            strategy=wish.on_error or settings["error_strategy"],
            max_retries=_given(wish.max_retries, settings["max_retries"]),
            retry_delay_ms=_given(wish.retry_delay_ms, settings["retry_delay_ms"]),
            continue_on_nonzero_exit=_given(wish.continue_on_nonzero_exit, settings["continue_on_nonzero_exit"]),
        ),
        rates=RateLimits(
            when_all=wish.on_rate_limit,
            recover_primary=settings["recover_primary_between_iterations"],
            base_backoff_ms=settings["rate_limit_base_backoff_ms"],
        ),
        sandbox=Sandboxing(
            mode=wish.sandbox or settings["sandbox"],
            network=_given(wish.network, settings["sandbox_network"]),
            allow_paths=tuple(str(Path(path).absolute()) for path in wish.allow_paths),
            read_only_paths=tuple(str(Path(path).absolute()) for path in wish.read_only_paths),
        ),
        permissions=Permitted(wish.mode, tuple(wish.allow), tuple(wish.deny)),
        template=wish.template,
        contexts=tuple(str(Path(path).absolute()) for path in wish.contexts),
        every=every,
        patterns=patterns,
        commit=(wish.commit_message or settings["commit_message"])
        if _given(wish.auto_commit, settings["auto_commit"])
        else None,
        allow_dirty=wish.allow_dirty,
        parallel=wish.parallel,
        iteration_delay_ms=_given(wish.delay_ms, settings["iteration_delay_ms"]),
        record=str(Path(wish.record).absolute()) if wish.record else None,
        replay=str(Path(wish.replay).absolute()) if wish.replay else None,
        notify=wish.notify,
        seed=wish.seed or 0,
    )
    require_effect(wish, order)
    require_sense(order)
    odd = reading.look(Path(tasks.path)).notices if tasks else ()
    return order, (*notices, *said, *odd, *odd_template(order))


def _given(value: Any, usual: Any) -> Any:
    return usual if value is None else value


def _tasks(wish: LoopWish, project: Path) -> TaskList | None:
    """The tasks of the file that is named, or of the project's own when there are no words."""
    if wish.words is not None and wish.tasks:
        raise UsageError("loop.two_tasks", "there is a task in words and a file of tasks", hint="give one of them")
    if wish.words is not None:  # also when they are empty, as an unset variable of a script is
        return None
    try:
        found = reading.read(reading.find(project, wish.tasks))
    except NotFound as error:
        if error.code != "tasks.no_file" or wish.tasks is not None:
            raise
        hint = 'say what to do: cowork loop run "TASK", or --tasks FILE; or write the first task: cowork loop task create TITLE'
        raise NotFound("tasks.no_file", "there is no task, and no file of tasks", cause=error.cause, hint=hint) from error
    if not found.tasks:
        raise InvalidInput("tasks.empty", f"{found.path} has no tasks", hint="add one: cowork loop task create TITLE")
    return found


def _every(wish: LoopWish, settings: Settings) -> str:
    every = _given(wish.every_iteration, settings["multi_model_per_iteration"])
    if wish.seats.pattern and not every:
        raise UsageError(
            "loop.bad_option",
            "--pattern means nothing without --every-iteration",
            hint=f"ask once with: cowork loop start --pattern {wish.seats.pattern}",
        )
    return directory.find(wish.seats.pattern or settings["default_pattern"]).name if every else ""


def _agents(wish: LoopWish, settings: Settings, every: str) -> tuple[tuple[AgentSpec, ...], tuple[Notice, ...]]:
    """Who works. A pattern alone works by answering; with an agent beside it, it gives advice."""
    if wish.replay:
        return _recorded_agents(wish, settings), ()
    if every and wish.agent is None:
        return (AgentSpec(f"{PATTERN_AGENT}:{every}", "pattern", PATTERN_AGENT, every),), ()
    if wish.agent is not None:
        return naming.usable([wish.agent, *wish.fallbacks], settings, model=wish.model)
    names = [settings["default_agent"], *(wish.fallbacks or settings["fallback_agents"])]
    return naming.usable(names, settings, model=wish.model)


def _recorded_agents(wish: LoopWish, settings: Settings) -> tuple[AgentSpec, ...]:
    """Who worked, by the recording; nobody has to be there. Raises `replay.unreadable` and `replay.corrupt`."""
    if wish.agent is not None:
        return tuple(naming.parse(name, settings, model=wish.model) for name in (wish.agent, *wish.fallbacks))
    return recorded.agents_of(wish.replay or "") or (naming.parse(settings["default_agent"], settings),)


def _of_tasks(
    wish: LoopWish, settings: Settings, agents: tuple[AgentSpec, ...], tasks: TaskList | None
) -> tuple[dict[str, AgentSpec], tuple[str, ...]]:
    """What the tasks' file wants to be run, and by whom. A file is data: what it names counts when the user says so.

    An agent that works on the run anyhow may be named by anybody.
    """
    if tasks is None:
        return {}, ()
    checks = tuple(dict.fromkeys(check for task in tasks.tasks for check in task.checks))
    known = {agent.name for agent in agents}
    named: dict[str, AgentSpec] = {}
    for task in tasks.tasks:
        if wanted(task) and task.status != "done":
            named[wanted(task)] = naming.parse(task.agent or agents[0].name, settings, model=task.model)
    foreign = list(dict.fromkeys(spec.name for spec in named.values() if spec.name not in known))
    if (checks or foreign) and not wish.trust_tasks:
        wants = [
            *(f"run `{one_line(check, 80)}`" for check in checks[:3]),
            *(f"ask {one_line(name, 60)}" for name in foreign[:3]),
        ]
        raise Denied(
            "loop.untrusted_tasks",
            f"{tasks.path} names commands or agents of its own",
            cause=f"it wants to {', to '.join(wants)}",
            hint="if that is yours and meant so, say: --trust-tasks",
            details={"checks": list(checks), "agents": foreign},
        )
    for spec in named.values():
        naming.require_ready(spec)
    return named, checks


def _patterns(
    wish: LoopWish, settings: Settings, every: str, tasks: TaskList | None, words: str
) -> tuple[dict[str, dict[str, Any]], tuple[Notice, ...]]:
    """The requests of the patterns that may be needed, and notices."""
    named = dict.fromkeys(
        [*([every] if every else []), *(task.pattern for task in tasks.tasks if task.pattern)] if tasks else [every]
    )
    found: dict[str, dict[str, Any]] = {}
    notices: dict[Notice, None] = {}
    for name in filter(None, named):
        seats = wish.seats if name == wish.seats.pattern else replace(wish.seats, options={}, seats={}, count=None, empty=())
        pattern = directory.find(name)
        request, said = prepare(words or "the task at hand", (), settings, replace(seats, pattern=pattern.name, checks=()))
        found[name] = heads.head(request, "")
        notices.update(dict.fromkeys(said))
    return found, tuple(notices)


def _completion(wish: LoopWish, settings: Settings) -> Completion:
    import secrets

    promise = (wish.promise if wish.promise is not None else settings["completion_promise"]).strip() or "COMPLETE"
    if any(sign in promise for sign in "<>\n") or len(promise) > 200:
        raise UsageError(
            "loop.bad_promise", "a promise is one short line without < and >", hint="for example: --promise 'ALL TESTS PASS'"
        )
    return Completion(
        promise=promise,
        nonce=recorded.nonce_of(wish.replay, promise) if wish.replay else secrets.token_hex(4) if wish.nonce else "",
        checks=tuple(wish.checks),
        check_timeout_s=settings["check_timeout_s"],
        require_diff=wish.require_diff,
    )


def _limits(wish: LoopWish, settings: Settings, *, many: bool) -> Limits:
    """The limits. How often one task is tried is bounded where there are others to go on with."""
    given = {name: value for name, value in wish.limits.items() if value is not None}
    usual = {
        "iterations": settings["max_iterations"],
        "seconds": settings["max_run_seconds"] or None,
        "failures": settings["max_failures"] or None,
        "attempts": (settings["max_attempts"] or None) if many else None,
        "stagnation": settings["stagnation_limit"] or None,
        "idle_s": settings["agent_idle_s"] or None,
        "iteration_s": settings["iteration_timeout_s"] or None,
    }
    return Limits(**{**usual, **given})
