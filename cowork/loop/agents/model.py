"""A model that only answers: one call for each job."""

from __future__ import annotations

from cowork.core.clock import Clock
from cowork.core.settings import Settings
from cowork.loop.agents.entries import AgentEntry
from cowork.loop.agents.timing import TimeIsUp, in_time, within
from cowork.loop.agents.voice import Voice, redactor
from cowork.loop.agents.work import AgentSpec, Execution, Heard, Job
from cowork.loop.spending import usd_reported
from cowork.models.bounds import LONGEST_TEXT
from cowork.models.chat import ChatModel, ChatRequest
from cowork.models.errors import ProviderError
from cowork.models.limiter import Limiter
from cowork.models.select import Target, open_model

_CUT = frozenset({"max_tokens", "length", "model_context_window_exceeded"})


class ModelAgent:
    """Asks its model, and changes nothing: what it says is all that comes of it."""

    def __init__(self, spec: AgentSpec, settings: Settings, clock: Clock, limiter: Limiter) -> None:
        self.spec = spec
        self._settings = settings
        self._clock = clock
        self._limiter = limiter
        self._target = Target(spec.provider, spec.model)
        self._model: ChatModel | None = None
        self._redactor = redactor()

    async def work(self, job: Job, heard: Heard) -> Execution:
        """Ask once, with the waiting of the limiter. Raises ProviderError, `loop.agent_idle` and `loop.agent_late`."""
        job = within(job, AgentEntry.of(self.spec).timeout_s)
        voice = Voice(self.spec.name, job, heard, self._redactor, writes=True)
        started, said = self._clock.monotonic(), list[str]()
        request = ChatRequest(job.prompt, max_tokens=self._settings["max_output_tokens"], seed=job.seed)

        def on_text(piece: str) -> None:
            said.append(piece)
            voice.say(piece)

        try:
            if self._model is None:
                self._model = open_model(self._target, self._settings)
            limiter = self._limiter.shared(voice.event)
            asked = limiter.reply(self._model, request, on_text)
            reply = await in_time(asked, job, self.spec.name, lambda: voice.heard_at)
        except TimeIsUp as error:
            error.partial = voice.clean("".join(said)[-LONGEST_TEXT:])
            raise
        except ProviderError as error:
            error.partial = voice.clean(error.partial)
            raise
        finally:
            voice.close()
        cut = ("its answer was cut at the longest output allowed (max_output_tokens)",) if reply.stop_reason in _CUT else ()
        return Execution(
            message=voice.clean(reply.text).strip(),
            exit_code=None,
            usage=reply.usage,
            usd=usd_reported(self._target, reply.usage),
            model=reply.model,
            seconds=round(self._clock.monotonic() - started, 3),
            notes=(*reply.notes, *cut),
        )

    async def close(self) -> None:
        """Let go of the connection."""
        model, self._model = self._model, None
        if model is not None:
            await model.close()
