"""A run of an agent as a session: journal, one terminal event, whatever happens.

Nothing it started outlives it but hooks that asked to be left in the background.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Sequence
from typing import Any

from cowork import __version__
from cowork.agent import expansion
from cowork.agent.context import Answer, Budget, Finished, ModelPool, RunContext, Seat
from cowork.agent.endings import farewell, hint_of, judge, stopping
from cowork.agent.gate import Ask
from cowork.agent.hook_runners import runners
from cowork.agent.leftovers import clean_outputs
from cowork.agent.mcp import servers as mcp_servers
from cowork.agent.mcp.client import McpServers
from cowork.agent.plugin_hooks import plugin_sources
from cowork.agent.recorder import OnEvent, Recorder, Sink, total
from cowork.agent.request import AgentRequest
from cowork.agent.results import AgentRun
from cowork.agent.seats import seat
from cowork.agent.spawning import close
from cowork.agent.tools.base import Workspace
from cowork.agent.turns import Turns
from cowork.core.clock import Clock
from cowork.core.errors import CoworkError, Interrupted, LimitReached
from cowork.core.ids import session_id
from cowork.core.plain import to_plain
from cowork.core.secrets import Redactor, child_environment
from cowork.core.stopping import Stopping, stopped_by_signals
from cowork.hooks import sources as sources_of
from cowork.hooks.dispatch import Hooks
from cowork.hooks.gather import gather, held
from cowork.hooks.records import Source
from cowork.models import catalogue
from cowork.models.limiter import Limiter
from cowork.models.retrying import RetryPolicy
from cowork.prompts import mentions
from cowork.sessions import places
from cowork.sessions.journal import Journal


def start(request: AgentRequest, clock: Clock, on_event: OnEvent, ask: Ask | None, answer: Answer | None) -> AgentRun:
    """Run it to its end.

    Raises LimitReached with the run as `data` when turns or calls ran out, `agent.stopped` when a hook ended it, provider
    errors, Interrupted or Terminated when told to end, and `file.*` errors. In every case the journal says how it ended.
    """
    place = places.create(session_id(clock.now()))
    with places.held(place):
        redactor = Redactor(os.environ, secret_names=catalogue.key_names())
        journal = Journal(place.journal, clock)
        try:
            recorder = Recorder(journal, redactor, on_event, request.trace)
            run = asyncio.run(_Session(place, request, clock, recorder, ask, answer, stopping(place.session_id)).run())
        finally:
            journal.close()
    return judge(run, hint_of(place.session_id))


async def work(
    request: AgentRequest, clock: Clock, sink: Sink, on_event: OnEvent, place: places.Workplace, limiter: Limiter
) -> AgentRun:
    """Run it to its end for somebody who has a session already: nobody is asked, and signals are theirs to hear.

    All its events go to `sink`; long output of its tools goes to the directory of `place`. `limiter` is shared with others.
    Raises what `start` raises, and CancelledError when it is cancelled; nothing it started is left then.
    """
    recorder = Recorder(sink, Redactor(os.environ, secret_names=catalogue.key_names()), on_event, request.trace)
    return judge(await _Session(place, request, clock, recorder, None, None, None, limiter).run(), None)


class _Session:
    def __init__(
        self,
        place: places.Workplace,
        request: AgentRequest,
        clock: Clock,
        recorder: Recorder,
        ask: Ask | None,
        answer: Answer | None,
        stopping: Stopping | None,
        limiter: Limiter | None = None,
    ) -> None:
        self._place = place
        self._request = request
        self._clock = clock
        self._recorder = recorder
        self._ask = ask
        self._answer = answer
        self._environment = child_environment(os.environ, secret_names=catalogue.key_names())
        self._started = 0.0
        self._main: Seat | None = None
        self._turns: Turns | None = None
        self._unread: list[str] = []  # what is wrong with files of hooks
        self._stopping = stopping
        self._limiter = limiter

    async def run(self) -> AgentRun:
        """The whole run. Exactly one terminal event is written."""
        self._started = self._clock.monotonic()
        self._recorder.emit("main", "run.started", self._head())
        try:
            with stopped_by_signals(self._stopping) if self._stopping else contextlib.nullcontext():
                finished = await self._within()
        except asyncio.CancelledError:
            if self._stopping is None:
                self._end("interrupted", "the run was interrupted")
                raise
            stopped = self._stopping.error or Interrupted("agent.interrupted", "the run was interrupted")
            stopped.data = self._end("interrupted", stopped.message)
            raise stopped from None
        except LimitReached as error:
            return self._end("limit", error.message)
        except CoworkError as error:
            error.data = self._end("failed", error.message, code=error.code)
            raise
        except Exception as error:
            self._end("failed", f"{type(error).__name__}: {error}", code="internal")
            raise
        return self._end(finished.status, finished.reason)

    async def _within(self) -> Finished:
        """Everything that has to be closed again, around the conversation."""
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(asyncio.to_thread, clean_outputs, self._place.outputs, self._recorder.clean)
            workspace = self._workspace()
            found, notices = mcp_servers.discover(self._request.project, os.environ, trusted=self._request.trust.trusted)
            for notice in notices:
                self._recorder.emit("main", "mcp.notice", {"code": notice.code, "message": notice.message})
            servers = await stack.enter_async_context(McpServers(found, workspace))
            run = self._context(servers)
            stack.push_async_callback(run.models.close)
            run.extra_tools = {tool.name: tool for tool in await servers.tools()}
            main = self._main = self._seat(run)
            stack.push_async_callback(close, main)
            try:
                return await self._converse(run, main)
            finally:
                await farewell(main)

    async def _converse(self, run: RunContext, main: Seat) -> Finished:
        assert main.hooks is not None
        main.problems += self._unread
        begun = await main.hooks.fire("SessionStart", source="startup", model=main.target.model)
        run.environment = main.workspace.environment = {**run.environment, **begun.env}
        texts = [await expansion.expand_body(body, run, main) for body in self._request.bodies]
        said = await main.hooks.fire("UserPromptSubmit", prompt=self._request.typed)
        for merged in (begun, said):
            if merged.halt or (merged.blocked and merged is said):
                reason = merged.halt_reason or merged.reason or "a hook does not let this prompt pass"
                return Finished("stopped", "", 0, reason)
        paths = [path for _, found in texts for path in found]
        for text in [*(text for text, _ in texts), *([self._request.task] if self._request.task else [])]:
            main.conversation.user(text)
        for text in await expansion.mentioned([*paths, *mentions.find(self._request.task)], run, main):
            main.conversation.user(text)
        for event, merged in (("SessionStart", begun), ("UserPromptSubmit", said)):
            for text in merged.contexts:
                main.conversation.user(f"{event} hook additional context: {run.recorder.clean(text)}")
        self._turns = Turns(run, main)
        return await self._turns.run()

    def _seat(self, run: RunContext) -> Seat:
        request = self._request
        return seat(
            run,
            request.builder,
            path="main",
            agent=request.agent,
            depth=0,
            permissions=request.permissions,
            target=request.target,
            sources=request.sources,
            max_turns=request.max_turns,
        )

    def _context(self, servers: McpServers) -> RunContext:
        request = self._request
        listed = [*sources_of.session(str(request.project), request.trust), *plugin_sources(request.project, request.trust)]
        self._unread = gather(listed).problems
        sources = held(listed)
        loop = asyncio.get_running_loop()

        def later(kind: str, data: dict[str, Any]) -> None:
            """Hooks run in threads; the journal is written by one."""
            loop.call_soon_threadsafe(self._recorder.emit, "main", kind, data)

        policy = RetryPolicy.of(request.settings)
        kinds = runners(request.settings, self._clock, later, target=request.target, servers=servers)

        def hooks_for(more: Sequence[Source]) -> Hooks:
            return Hooks([*sources, *more], kinds, project=str(request.project))

        def retried(kind: str, data: dict[str, Any]) -> None:
            self._recorder.emit(str(data.pop("agent", "main")), kind, data)

        return RunContext(
            session_id=self._place.session_id,
            project=request.project,
            outputs=self._place.outputs,
            journal=self._place.journal,
            trust=request.trust,
            settings=request.settings,
            clock=self._clock,
            limiter=self._limiter.shared(retried) if self._limiter else Limiter(self._clock, retried, policy),
            recorder=self._recorder,
            models=ModelPool(request.settings),
            budget=Budget(request.settings["agent_max_calls"]),
            environment=self._environment,
            hooks_for=hooks_for,
            ask=self._ask,
            answer=self._answer,
        )

    def _workspace(self) -> Workspace:
        """Where servers work: they are the run's, not one agent's."""
        return Workspace(
            root=self._request.project.resolve(),
            environment=self._environment,
            output=self._place.outputs,
            clock=self._clock,
            on_event=lambda kind, data: self._recorder.emit("main", kind, data),
            stopping=asyncio.Event(),
        )

    def _head(self) -> dict[str, Any]:
        request = self._request
        return {
            "kind": "agent",
            "session": self._place.session_id,
            "version": __version__,
            "verb": request.verb,
            "agent_name": request.agent,
            "task": request.typed,
            "provider": request.target.provider,
            "model": request.target.model,
            "mode": request.permissions.mode,
            "rehearsal": request.target.rehearsal,
            "trust": request.trust.status,
        }

    def _end(self, status: str, reason: str, *, code: str | None = None) -> AgentRun:
        """Write the terminal event: what was reached is in it, however the run ended."""
        run = self._report(status, reason)
        data = {"message": reason, "code": code, "result": to_plain(run)}
        self._recorder.emit("main", f"run.{status}", data)
        return run

    def _report(self, status: str, reason: str) -> AgentRun:
        request, clean = self._request, self._recorder.clean
        usage = total(self._recorder.usages)
        problems = (*((reason,) if reason else ()), *(self._main.problems if self._main else ()))
        return AgentRun(
            session_id=self._place.session_id,
            agent=request.agent,
            status=status,
            provider=request.target.provider,
            model=request.target.model,
            rehearsal=request.target.rehearsal,
            output=clean(self._turns.said) if self._turns else None,
            turns=self._turns.turns if self._turns else 0,
            tool_calls=tuple(self._recorder.uses),
            questions=tuple(self._recorder.questions),
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            tokens_source=usage.source,
            seconds=round(self._clock.monotonic() - self._started, 3),
            problems=tuple(clean(text) for text in problems),
            dry_run=False,
            plan=request.plan,
        )
