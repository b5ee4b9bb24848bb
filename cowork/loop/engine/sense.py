"""Whether an order makes sense: what could not be kept is refused before anybody works."""

from __future__ import annotations

from pathlib import Path

from cowork.core.errors import InvalidInput, UsageError
from cowork.core.outcome import Notice
from cowork.loop.engine.order import LoopOrder
from cowork.prompts import user_templates


def require_sense(order: LoopOrder) -> None:
    """Refuse what contradicts itself, a cap on money of agents that do not say what they cost, and a sandbox that is not there.

    Raises `loop.bad_option`, `loop.no_directory`, `loop.not_a_file`, `loop.price_unknown`, `sandbox.unavailable` and
    `sandbox.unsupported`.
    """
    if order.parallel > 1 and order.tasks_file is None:
        raise UsageError("loop.bad_option", "--parallel needs several tasks", hint="give them with --tasks FILE")
    if order.record and not Path(order.record).parent.is_dir():
        parent = Path(order.record).parent
        raise InvalidInput("loop.no_directory", f"there is no directory {parent} for the recording", hint="make it first")
    if order.record and Path(order.record).exists() and not Path(order.record).is_file():
        raise InvalidInput("loop.not_a_file", f"{order.record} is no file to record in", hint="give --record another name")
    if order.allow_dirty and (order.commit is None or order.parallel > 1):
        why = "worktrees begin with the last commit" if order.parallel > 1 else "nothing is committed without --auto-commit"
        raise UsageError("loop.bad_option", f"--allow-dirty means nothing here: {why}", hint="leave it out")
    _require_sandbox(order)
    if order.limits.usd is not None:
        from cowork.loop.agents.costing import says_cost

        unknown = [agent.name for agent in order.agents if not says_cost(agent)]
        if unknown:
            raise InvalidInput(
                "loop.price_unknown",
                f"no cost is known of {', '.join(unknown)}, so a cap on money cannot be kept",
                hint="cap --max-tokens or --max-time instead",
                details={"agents": unknown},
            )


def odd_template(order: LoopOrder) -> tuple[Notice, ...]:
    """What is odd about the template of prompts, such as one that never says how to report that a task is done.

    Raises `template.*` for one that is not there, or is not written as its language wants it.
    """
    usual = user_templates.usual(tasks=order.tasks_file is not None, pattern=bool(order.every))
    template = user_templates.find(order.template or usual, Path(order.project))
    found = user_templates.check(template)
    if broken := next((problem for problem in found if problem.rule == "template.syntax"), None):
        at = f"{template.path}: {broken.where}"
        raise InvalidInput("template.syntax", f"{at}: {broken.message}", hint="see: cowork template check")
    return tuple(Notice(problem.rule, f"{template.path}: {problem.message}: {problem.fix}") for problem in found)


def _require_sandbox(order: LoopOrder) -> None:
    """Refuse a sandbox that is not there before anybody works. Raises `sandbox.unavailable` and `sandbox.unsupported`."""
    if order.sandbox.mode == "off":
        return
    from cowork.loop.agents import confining, programs
    from cowork.sessions import places

    if order.replay:
        if order.completion.checks or order.task_checks:
            confining.for_checks(order.sandbox, Path(order.project), places.root())
        return
    for agent in dict.fromkeys((*order.agents, *order.task_agents.values())):
        commands = [programs.command_of(agent)] if agent.kind == "command" else []
        confining.for_agent(agent.kind, commands, order.sandbox, Path(order.project), places.root())
