"""Opening agents: what they are called becomes somebody who works."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from cowork.core.clock import Clock
from cowork.core.settings import Settings
from cowork.loop.agents.entries import AgentEntry
from cowork.loop.agents.work import Agent, AgentSpec
from cowork.models.limiter import Limiter
from cowork.models.retrying import RetryPolicy

if TYPE_CHECKING:
    from cowork.loop.agents.pattern import Committed, RecordOf
    from cowork.loop.request import LoopRequest
    from cowork.models.command_line.model import Wrap


def shared_limiter(settings: Settings, clock: Clock) -> Limiter:
    """The limiter for all agents of a run: what closes a key for one closes it for all."""
    return Limiter(clock, lambda *_: None, RetryPolicy.of(settings))


def open_agent(
    spec: AgentSpec,
    settings: Settings,
    clock: Clock,
    *,
    limiter: Limiter | None = None,
    wrap: Wrap | None = None,
    pattern: LoopRequest | None = None,
    record: RecordOf | None = None,
    committed: Committed | None = None,
    mode: str | None = None,
    allow: Sequence[str] = (),
    deny: Sequence[str] = (),
) -> Agent:
    """Who works under a spec. Whoever opens an agent closes it.

    `limiter` is that of the run, `wrap` a sandbox for command-line agents. `mode`, `allow` and `deny` are for the built-in one.
    A pattern needs its request, and may have a `record` of what was answered before and a way to have answers `committed`.
    """
    own = (limiter or shared_limiter(settings, clock)).shared(lambda *_: None, _policy(spec, settings))
    if spec.kind == "command":
        from cowork.loop.agents.command import CommandAgent

        return CommandAgent(spec, settings, clock, own, wrap)
    if spec.kind == "builtin":
        from cowork.loop.agents.builtin import BuiltinAgent

        return BuiltinAgent(spec, settings, clock, own, mode=mode, allow=allow, deny=deny)
    if spec.kind == "model":
        from cowork.loop.agents.model import ModelAgent

        return ModelAgent(spec, settings, clock, own)
    if pattern is None:
        raise ValueError("a pattern is played by request")
    from cowork.loop.agents.pattern import PatternAgent

    return PatternAgent(pattern, settings, clock, own, spec=spec, record=record, committed=committed)


def _policy(spec: AgentSpec, settings: Settings) -> RetryPolicy:
    """How limits of an agent are waited for: as its entry says, else as the settings do."""
    entry, usual = AgentEntry.of(spec), RetryPolicy.of(settings)
    return replace(
        usual,
        enabled=usual.enabled if entry.retry_enabled is None else entry.retry_enabled,
        retries=usual.retries if entry.retry_max is None else entry.retry_max,
        base_s=usual.base_s if entry.retry_base_ms is None else entry.retry_base_ms / 1000,
    )
