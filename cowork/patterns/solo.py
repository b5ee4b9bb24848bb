"""Solo query: one seat answers. One call, depth one."""

from __future__ import annotations

from cowork.patterns.answers import ANSWER_SHAPE, parse_answer
from cowork.patterns.protocol import Asker, PatternResult, Question, Statement, Table


async def solo(asker: Asker, seat: str) -> PatternResult:
    """The seat's answer, or a failed result that says why there is none."""
    table = Table(asker, (seat,))
    (answer,) = await table.wave([Question(seat, "solo", 0)], parse_answer, ANSWER_SHAPE)
    return PatternResult(
        outcome="unanimous" if answer else "failed",
        decided_by="agreement" if answer else "nobody",
        answer=answer.answer if answer else None,
        reason=answer.reason if answer else "the seat gave no answer",
        confidence=answer.confidence if answer else None,
        votes_for=1 if answer else 0,
        votes_of=1,
        statements=(Statement.of(0, seat, answer),) if answer else (),
        ballots=(),
        rounds=0,
        calls=table.calls,
        depth=table.depth,
        repairs=table.repairs,
        states=table.states,
        problems=tuple(table.problems),
    )
