"""A request as the journal keeps it, and back: what a session needs to go on without its command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from cowork import __version__
from cowork.core.decode import from_plain
from cowork.core.errors import InvalidInput
from cowork.loop.budget import Budget
from cowork.loop.request import LoopRequest
from cowork.loop.seating import Seating
from cowork.models.select import Target
from cowork.patterns import directory
from cowork.patterns.setup import Options
from cowork.prompts.context import Document
from cowork.sessions.journal import Event


def head(request: LoopRequest, session_id: str) -> dict[str, Any]:
    """The first event's data. The material itself goes into events of its own, so that the head stays short."""
    return {
        "session": session_id,
        "version": __version__,
        "pattern": request.pattern.name,
        "task": request.task,
        "context": [{"name": item.name, "characters": len(item.text)} for item in request.documents],
        "options": asdict(request.options),
        "steps": list(request.steps),
        "seats": [
            {
                "name": seat.name,
                "role": seat.role,
                "provider": seat.target.provider,
                "model": seat.target.model,
                "fallbacks": [asdict(target) for target in seat.fallbacks],
                "accuracy": seat.accuracy,
            }
            for seat in request.seats
        ],
        "seed": request.seed,
        "max_tokens": request.max_tokens,
        "budget": asdict(request.budget),
        "checks": list(request.checks),
        "rehearsal": request.rehearsal,
    }


def materials(request: LoopRequest) -> list[dict[str, Any]]:
    """The data of the events that hold the material."""
    return [{"name": item.name, "text": item.text} for item in request.documents]


def request_of(events: Sequence[Event]) -> LoopRequest:
    """The request that a journal began with. Raises `session.not_resumable` when it was written by a version that kept less."""
    data = events[0]["data"]
    try:
        documents = tuple(from_plain(Document, event["data"]) for event in events if event["type"] == "run.material")
        if len(documents) != len(data["context"]):
            raise ValueError("the material is not complete")
        return restored(data, documents)
    except (KeyError, TypeError, ValueError) as error:
        raise not_resumable(str(data.get("session")), error) from error


def restored(data: dict[str, Any], documents: tuple[Document, ...] = ()) -> LoopRequest:
    """The request whose head `data` is. Raises KeyError, TypeError or ValueError when it is none."""
    return LoopRequest(
        task=data["task"],
        documents=documents,
        pattern=directory.find(data["pattern"]),
        options=from_plain(Options, data["options"]),
        seats=tuple(map(_seating, data["seats"])),
        steps=tuple(data["steps"]),
        seed=data["seed"],
        max_tokens=data["max_tokens"],
        budget=from_plain(Budget, data["budget"]),
        checks=tuple(data["checks"]),
    )


def not_resumable(session: str, error: Exception, verb: str = "loop start") -> InvalidInput:
    """The refusal of a journal that does not hold all that is needed."""
    return InvalidInput(
        "session.not_resumable",
        f"session {session} cannot be resumed",
        cause=f"its journal does not hold the whole request ({error})",
        hint=f"start it anew with: cowork {verb}",
    )


def _seating(data: dict[str, Any]) -> Seating:
    fallbacks = tuple(from_plain(Target, item) for item in data["fallbacks"])
    return Seating(data["name"], data["role"], Target(data["provider"], data["model"]), fallbacks, data["accuracy"])
