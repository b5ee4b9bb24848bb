"""Letting a twin's model speak: an agent at work under the twin's powers, with a session of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cowork.agent import session
from cowork.agent.parts import Part
from cowork.agent.preparing import compose
from cowork.agent.recorder import OnEvent
from cowork.agent.request import AgentRequest, Options
from cowork.agent.results import AgentRun
from cowork.core.clock import Clock
from cowork.core.ids import session_id
from cowork.core.outcome import Notice
from cowork.core.settings import Settings
from cowork.models import select
from cowork.models.catalogue import REHEARSAL
from cowork.models.limiter import Limiter
from cowork.models.select import Target
from cowork.prompts.builder import Preferences
from cowork.sessions import places
from cowork.sessions.journal import Journal
from cowork.twins.autonomy import powers
from cowork.twins.twin import Twin


@dataclass(frozen=True)
class Speaker:
    """Who speaks for twins where they name nobody themselves; None leaves it to settings and what is there."""

    provider: str | None = None
    model: str | None = None

    def of(self, twin: Twin) -> tuple[str | None, str | None]:
        """Provider and model of a twin: what was said now, else what the twin has."""
        if self.provider or self.model:
            return self.provider, self.model
        return twin.provider or None, twin.model or None


def target(twin: Twin, speaker: Speaker, settings: Settings) -> Target | None:
    """Who would be asked; None when there is no model: a rehearsal speaks only for those who ask for one.

    Raises what `models.select.default` raises.
    """
    provider, model = speaker.of(twin)
    chosen, _ = select.default(settings, provider=provider, model=model, tools=True)
    wanted = (provider or settings["provider"]).partition("/")[0].casefold()
    return None if chosen.rehearsal and wanted != REHEARSAL else chosen


def prepare(
    twin: Twin, prompt: str, speaker: Speaker, settings: Settings, workspace: Path, *, verb: str, parts: Sequence[Part] = ()
) -> AgentRequest:
    """The request for a twin at work on a prompt, by skills that were typed. Raises provider, rule and settings errors."""
    has = powers(twin)
    provider, model = speaker.of(twin)
    persona = Part(
        kind="agent",
        name=twin.name,
        scope="user",
        source=f"twin {twin.name}",
        text=twin.system_prompt,
        allowed=has.tools,
        denied=has.deny,
        preferences=Preferences(),
        from_project=False,
        plan_mode=has.mode == "plan",
    )
    options = Options(provider=provider, model=model, mode=has.mode, allow=has.allow, deny=has.deny, unattended=True)
    return compose(verb, twin.name, prompt, [persona, *parts], options, settings, project=workspace)


async def speak(request: AgentRequest, clock: Clock, limiter: Limiter, on_event: OnEvent) -> AgentRun:
    """The run of a prepared request, journalled in a session of its own: every use of a tool is in it.

    Raises what `agent.session.work` raises.
    """
    place = places.create(session_id(clock.now()))
    with places.held(place, clock=clock):
        journal = Journal(place.journal, clock)
        try:
            return await session.work(request, clock, journal, on_event, place, limiter)
        finally:
            journal.close()


def told(request: AgentRequest) -> tuple[Notice, ...]:
    """What is worth knowing about a request; that a project is not trusted is nothing new at every heartbeat."""
    return tuple(notice for notice in request.notices if not notice.code.startswith("trust."))
