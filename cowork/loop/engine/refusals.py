"""Options of `loop run` that would do nothing: refused, so that nobody believes they did."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from cowork.core.errors import InvalidInput, UsageError
from cowork.loop.engine.order import LoopOrder
from cowork.rules.specs import BadRule, parse

if TYPE_CHECKING:
    from cowork.loop.engine.ordering import LoopWish


def require_effect(wish: LoopWish, order: LoopOrder) -> None:
    """Refuse empty options, and those that mean nothing without another one. Raises `loop.bad_option`, `tool.bad_rule`."""
    if any(not check.strip() for check in wish.checks):
        raise _refused("--check is empty", "name a command, or leave it out")
    if wish.promise is not None and not wish.promise.strip():
        raise _refused("--promise is empty", "leave it out for the usual one")
    if wish.seats.seats and not (order.every or order.patterns):
        raise _refused("--seat means nothing without a pattern", "add --every-iteration --pattern NAME, or leave it out")
    if wish.commit_message is not None and order.commit is None:
        raise _refused("--commit-message means nothing without commits", "add --auto-commit, or leave it out")
    if (wish.allow_paths or wish.read_only_paths) and order.sandbox.mode == "off":
        flag = "--allow-path" if wish.allow_paths else "--read-path"
        raise _refused(f"{flag} means nothing without a sandbox", "add --sandbox auto, or leave it out")
    _require_rules(wish, order)
    if order.record is not None:
        _require_writable(Path(order.record))


def _require_rules(wish: LoopWish, order: LoopOrder) -> None:
    for flag, rules in (("--allow", wish.allow), ("--deny", wish.deny)):
        for text in rules:
            try:
                parse(text)
            except BadRule as error:
                hint = f"for example: {flag} 'Bash(git diff *)'"
                raise InvalidInput("tool.bad_rule", f"'{text}' is not a tool rule", cause=str(error), hint=hint) from error
    given = "--permission-mode" if wish.mode else "--allow" if wish.allow else "--deny" if wish.deny else None
    kinds = {spec.kind for spec in (*order.agents, *order.task_agents.values())}
    if given is not None and "builtin" not in kinds and not order.replay:
        raise _refused(f"{given} means nothing to these agents", "it is for the built-in one: --agent cowork; or leave it out")


def _require_writable(path: Path) -> None:
    """Refuse a recording that could not be written, before anybody was asked for it. Raises `file.not_writable`."""
    there = path if path.exists() else path.parent
    if there.exists() and not os.access(there, os.W_OK):
        hint = "name a file in a directory that is there and can be written"
        raise InvalidInput("file.not_writable", f"cannot write {path}", cause=None, hint=hint)


def _refused(message: str, hint: str) -> UsageError:
    return UsageError("loop.bad_option", message, hint=hint)
