"""The agent of this program at work: a model with tools, under the rules that are in force where it works."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

from cowork.agent import session
from cowork.agent.preparing import compose
from cowork.agent.request import Options
from cowork.core.clock import Clock
from cowork.core.files import ensure_dir
from cowork.core.outcome import Notice
from cowork.core.settings import Settings
from cowork.loop.agents.entries import AgentEntry
from cowork.loop.agents.timing import TimeIsUp, in_time, within
from cowork.loop.agents.voice import Voice, redactor
from cowork.loop.agents.work import AgentSpec, Execution, Heard, Job
from cowork.loop.spending import usd_reported
from cowork.models.chat import Usage
from cowork.models.errors import ProviderError
from cowork.models.limiter import Limiter
from cowork.models.select import Target
from cowork.sessions.places import Workplace


class BuiltinAgent:
    """Works in the job's directory, with the rules of its settings files. `mode`, `allow` and `deny` come on top of them.

    Nobody is there to be asked: what no rule allows is refused, and the agent is told the rule that would allow it.
    """

    def __init__(
        self,
        spec: AgentSpec,
        settings: Settings,
        clock: Clock,
        limiter: Limiter,
        *,
        mode: str | None = None,
        allow: Sequence[str] = (),
        deny: Sequence[str] = (),
    ) -> None:
        self.spec = spec
        self._settings = settings
        self._clock = clock
        self._limiter = limiter
        self._target = Target(spec.provider, spec.model)
        self._options = Options(provider=spec.provider, model=spec.model, mode=mode, allow=allow, deny=deny)
        self._redactor = redactor()
        self._told: set[Notice] = set()  # what is the same for every job is noted once

    async def work(self, job: Job, heard: Heard) -> Execution:
        """Do the job. Raises ProviderError, LimitReached when its turns are used up, `agent.stopped` when a hook ended it,
        `loop.agent_idle` and `loop.agent_late`.
        """
        request = compose("loop start", self.spec.name, job.prompt, (), self._options, self._settings, project=job.directory)
        job = within(job, AgentEntry.of(self.spec).timeout_s)
        voice = Voice(self.spec.name, job, heard, self._redactor, writes=True)
        place = Workplace(job.key, job.output.with_name(job.output.name + ".tools"))
        events = _Events(voice)
        started = self._clock.monotonic()
        try:
            ensure_dir(place.outputs)
            working = session.work(request, self._clock, events, events.show, place, self._limiter)
            run = await in_time(working, job, self.spec.name, lambda: voice.heard_at)
        except TimeIsUp as error:
            error.partial = events.said
            raise
        except ProviderError as error:
            error.partial = voice.clean(error.partial) or events.said
            raise
        finally:
            voice.close()
            _remove_empty(place)
        usage = Usage(run.input_tokens, run.output_tokens, run.tokens_source)
        notices = [notice.message for notice in request.notices if notice not in self._told]
        self._told.update(request.notices)
        return Execution(
            message=(run.output or "").strip(),
            exit_code=None,
            usage=usage,
            usd=usd_reported(self._target, usage),
            model=run.model,
            seconds=round(self._clock.monotonic() - started, 3),
            notes=(*notices, *run.problems),
        )

    async def close(self) -> None:
        """Nothing to let go of: every job closes what it opened."""


class _Events:
    """Takes the events of a run into the loop's: agents are called by the name that the loop has for this one.

    The run's own beginning and end are left out: they would look like those of the loop.
    """

    def __init__(self, voice: Voice) -> None:
        self.said = ""  # the last text of the main agent
        self._voice = voice
        self._name = voice.about["agent"]

    def append(self, kind: str, data: dict[str, Any]) -> None:
        """An event for the journal."""
        if kind.startswith("run."):
            return
        if kind == "turn.completed" and data["agent"] == "main":
            self.said = data["text"].strip() or self.said
        self._voice.event(kind, data, agent=self._name + data["agent"].removeprefix("main"))

    def show(self, kind: str, data: dict[str, Any]) -> None:
        """What a listener is shown: only text is not in the journal."""
        if kind == "text" and data["agent"] == "main":
            self._voice.say(data["text"])
        elif kind == "turn.completed" and data["agent"] == "main":
            self._voice.say("\n" if data["text"].strip() else "")


def _remove_empty(place: Workplace) -> None:
    with contextlib.suppress(OSError):
        place.outputs.rmdir()
        place.path.rmdir()
