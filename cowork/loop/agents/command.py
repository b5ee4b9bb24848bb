"""A command-line agent at work: its program runs in the job's directory, and may change what is there."""

from __future__ import annotations

from cowork.core.clock import Clock
from cowork.core.settings import Settings
from cowork.loop.agents.entries import AgentEntry
from cowork.loop.agents.programs import passing_of, provider_of
from cowork.loop.agents.timing import late, within
from cowork.loop.agents.voice import Voice, redactor
from cowork.loop.agents.work import AgentSpec, Execution, Heard, Job
from cowork.loop.spending import usd_reported
from cowork.loop.subagents import traced
from cowork.models.chat import ChatReply, ChatRequest, OnText
from cowork.models.command_line.model import CommandModel, CommandRun, Wrap
from cowork.models.command_line.opening import open_command
from cowork.models.errors import DownError, IdleError, LateError, ProviderError
from cowork.models.limiter import Limiter
from cowork.models.select import Target


class CommandAgent:
    """Runs its program anew for every job, with COWORK_TASK and COWORK_ITERATION in its environment. `wrap` puts a sandbox's
    words in front of the program's.
    """

    def __init__(self, spec: AgentSpec, settings: Settings, clock: Clock, limiter: Limiter, wrap: Wrap | None = None) -> None:
        self.spec = spec
        self._settings = settings
        self._clock = clock
        self._limiter = limiter
        self._wrap = wrap
        self._provider = provider_of(spec)
        self._entry = AgentEntry.of(spec)
        self._redactor = redactor(*self._provider.key_env)

    async def work(self, job: Job, heard: Heard) -> Execution:
        """Do the job.

        A limit is waited for as the limiter does; that the program failed is nothing to be tried again here. Raises
        ProviderError, `loop.agent_idle` and `loop.agent_late`.
        """
        voice = Voice(self.spec.name, job, heard, self._redactor)
        started = self._clock.monotonic()
        run, seconds = self._run(job, voice)
        model = open_command(self._provider, self.spec.model, self._settings, run, passing_of(self.spec))
        limiter = self._limiter.shared(voice.event)
        try:
            reply = await limiter.reply(_Once(model), ChatRequest(job.prompt, seed=job.seed), voice.say)
        except _Failed as failed:
            error = failed.error
            error.partial = model.clean(error.partial)
            if isinstance(error, LateError):
                raise late(error, self.spec.name, job.idle_s if isinstance(error, IdleError) else seconds) from error
            raise error from None
        except ProviderError as error:
            error.partial = model.clean(error.partial)
            raise
        finally:
            voice.close()
        return Execution(
            message=model.clean(reply.text).strip(),
            exit_code=reply.exit_code,
            usage=reply.usage,
            usd=reply.usd if reply.usd is not None else usd_reported(Target(self.spec.provider, reply.model), reply.usage),
            model=reply.model,
            seconds=round(self._clock.monotonic() - started, 3),
            notes=reply.notes,
        )

    async def close(self) -> None:
        """Nothing to let go of."""

    def _run(self, job: Job, voice: Voice) -> tuple[CommandRun, float]:
        """How it is run for a job, and the seconds that it has: the fewest that anybody says, else those of the settings."""
        command = self._provider.command
        usual: float = (command.timeout_s if command else None) or self._settings["command_timeout_s"]
        seconds = within(job, self._entry.timeout_s).total_s or usual
        run = CommandRun(
            directory=job.directory,
            work=True,
            output=job.output,
            on_subagent=lambda report: voice.event(f"subagent.{report.event}", traced(self.spec.label, report)),
            idle_s=job.idle_s,
            timeout_s=seconds,
            wrap=self._wrap,
            variables={"COWORK_TASK": job.task or "", "COWORK_ITERATION": str(job.iteration)},
        )
        return run, seconds


class _Failed(Exception):
    """An error that the limiter is not to try again: a program that failed half way has done half of its work."""

    def __init__(self, error: DownError) -> None:
        super().__init__(error.message)
        self.error = error


class _Once:
    """The model, whose failures are for the loop to judge and only whose limits are for the limiter."""

    rehearsal = False

    def __init__(self, model: CommandModel) -> None:
        self._model = model
        self.provider = model.provider
        self.model = model.model

    async def reply(self, request: ChatRequest, on_text: OnText) -> ChatReply:
        """Ask once. Raises ProviderError, or _Failed in place of a DownError."""
        try:
            return await self._model.reply(request, on_text)
        except DownError as error:
            raise _Failed(error) from error

    async def close(self) -> None:
        """Let go of the model."""
        await self._model.close()
