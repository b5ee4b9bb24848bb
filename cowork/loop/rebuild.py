"""Result objects from their plain form in the journal."""

from __future__ import annotations

from typing import Any

from cowork.core.plan import Step
from cowork.loop.results import Calls, Cost, Depth, JudgeBallot, LoopRun, Said, Seat, Tokens, Verdict, Vote


def loop_run(plain: dict[str, Any]) -> LoopRun:
    """The LoopRun that was journalled."""
    verdict = plain["verdict"]
    return LoopRun(
        **{
            **plain,
            "verdict": None if verdict is None else _verdict(verdict),
            "round0": tuple(Vote(item["answer"], tuple(item["seats"])) for item in plain["round0"]),
            "statements": tuple(Said(**item) for item in plain["statements"]),
            "seats": tuple(Seat(**item) for item in plain["seats"]),
            "calls": Calls(**plain["calls"]),
            "depth": Depth(**plain["depth"]),
            "tokens": Tokens(**plain["tokens"]),
            "cost": Cost(**plain["cost"]),
            "problems": tuple(plain["problems"]),
            "plan": tuple(Step(**item) for item in plain["plan"]),
        }
    )


def _verdict(plain: dict[str, Any]) -> Verdict:
    ballots = tuple(JudgeBallot(**{**item, "order": tuple(item["order"])}) for item in plain["ballots"])
    return Verdict(**{**plain, "ballots": ballots})
