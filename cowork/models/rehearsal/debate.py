"""Opening, rebutting and judging, from the words of the material."""

from __future__ import annotations

import json

from cowork.models.extract import Reading
from cowork.models.rehearsal.positions import LABEL, Position, answer_in, bullets, position, with_contract

_CONCEDE_AT = 1.5
_CLEAR = 1.05


def open_(reading: Reading, seed: int) -> str:
    """A first statement."""
    held = position(reading, seed)
    lines = [LABEL, "", f"Position: {held.answer}", "", "What the material says:", *bullets(held.points)]
    return with_contract(lines, held)


def rebut(reading: Reading, seed: int) -> str:
    """A statement after the other side was read; it concedes to what rests on clearly more of the material."""
    own_weight, own_points = reading.support(reading.own)
    other_weight, other_points = reading.support(reading.other)
    own, other = answer_in(reading.own), answer_in(reading.other)
    if other and other_weight > own_weight * _CONCEDE_AT:
        lines = [LABEL, "", f"I concede: the other statement rests on more of the material. Position: {other}", ""]
        lines += ["Accepted:", *bullets(other_points[:3])]
        point = other_points[0].text if other_points else ""
        return with_contract(lines, Position(other, 0.6, f'Conceded to: "{point}"', ()))
    held = position(reading, seed)
    answer = own or held.answer
    fresh = [point for point in other_points if point not in own_points]
    lines = [LABEL, "", f"Position: {answer}", "", "Of the other statement, accepted as said in the material:"]
    lines += bullets(fresh[:2]) if fresh else ["- nothing that the own statement does not rest on too"]
    lines += ["", "Against that still stands:", *bullets(own_points[:3])]
    reason = f'It rests on: "{own_points[0].text}"' if own_points else held.reason
    return with_contract(lines, Position(answer, held.confidence, reason, ()))


def judge(reading: Reading) -> str:
    """A verdict between two statements, by the weight of the material that each rests on."""
    # The blind statement only: in a rebuttal a side also quotes what it accepts of the other.
    weights = {side: reading.support(text.split("\n---\n")[0]) for side, text in reading.statements.items()}
    (first, (high, points)), (_, (low, _rest)) = sorted(weights.items(), key=lambda item: (-item[1][0], item[0]))
    clear = high > low * _CLEAR and high > 0
    lines = [LABEL, "", "Weight of the material each side rests on:"]
    lines += [f"- {side}: {weight:.1f}, {len(held)} passage(s)" for side, (weight, held) in sorted(weights.items())]
    reason = f'It rests on more of the material: "{points[0].text}"' if clear else "Both rest on as much of the material."
    verdict = {
        "winner": first if clear else "tie",
        "confidence": round(high / (high + low), 2) if clear else 0.5,
        "reason": reason,
    }
    return "\n".join([*lines, "", json.dumps(verdict, ensure_ascii=False)])
