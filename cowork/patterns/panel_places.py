"""The places at a panel: who speaks through which lens, what each gets to see, and the record of it all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cowork.patterns.answers import Answer, body, same
from cowork.patterns.labels import labelled
from cowork.patterns.lenses import Lens, Opinion, Point, Recommendation
from cowork.patterns.results import Coverage, Dissent
from cowork.patterns.table import Table

Claim = tuple[int, int]
"""The number of a place and of one of its claims, the claims counted from 1."""


@dataclass
class Place:
    """A place at the panel. `lent` marks a lens that its seat took over from a lost one."""

    number: int
    lens: Lens
    seat: str
    lent: bool = False
    opinion: Opinion | None = None
    latest: Answer | None = None
    withdrawn: set[int] = field(default_factory=set)
    disputes: dict[Claim, str] = field(default_factory=dict)

    @property
    def claims(self) -> tuple[str, ...]:
        """What it claims, withdrawn or not."""
        return self.opinion.claims if self.opinion else ()

    @property
    def own(self) -> bool:
        """Whether an expert answered through its own lens."""
        return self.opinion is not None and not self.lent


def lens_view(table: Table, place: Place) -> dict[str, Any]:
    """The lens as a seat sees it."""
    shown = [table.scrubbed(question) for question in place.lens.questions]
    return {"lens": {"name": table.scrubbed(place.lens.name), "focus": table.scrubbed(place.lens.focus), "questions": shown}}


def against(place: Place, places: Iterable[Place]) -> list[tuple[int, str]]:
    """What is held against its claims, by the number of the claim, without who does."""
    return [(index, why) for other in places for (owner, index), why in other.disputes.items() if owner == place.number]


def cross_view(
    table: Table, place: Place, places: Sequence[Place], round_number: int
) -> tuple[dict[str, Any], dict[str, Claim]]:
    """What an expert sees of the others in a round, and the claims that the labels in it stand for.

    In the first round it sees every claim, later those that it disputes.
    """
    others = {str(other.number): other for other in places if other.opinion and other.seat != place.seat}
    names: dict[str, Claim] = {}
    shown = []
    for label, number in labelled(table.setup, place.seat, round_number, list(others)).items():
        other, claims = others[number], []
        for index, text in enumerate(other.claims, 1):
            claim = (other.number, index)
            if index not in other.withdrawn and (round_number == 1 or claim in place.disputes):
                names[f"{label}{index}"] = claim
                held = table.scrubbed(place.disputes.get(claim, ""))
                claims.append({"id": f"{label}{index}", "text": table.scrubbed(text), "held": held})
        if claims:
            said = table.scrubbed(f"{other.latest.answer}: {other.latest.reason}") if other.latest else ""
            shown.append({"lens": table.scrubbed(other.lens.name), "says": said, "claims": claims})
    view = {
        **lens_view(table, place),
        "own": table.scrubbed(place.latest.text) if place.latest else "",
        "own_claims": _own_claims(table, place, places),
        "others": shown,
    }
    return view, names


def _own_claims(table: Table, place: Place, places: Sequence[Place]) -> list[dict[str, Any]]:
    held = [(index, table.scrubbed(why)) for index, why in against(place, places)]
    return [
        {"number": number, "text": table.scrubbed(text), "held": [why for index, why in held if index == number]}
        for number, text in enumerate(place.claims, 1)
        if number not in place.withdrawn
    ]


def moderator_view(table: Table, labels: Mapping[str, Place]) -> dict[str, Any]:
    """All that the experts said and dispute, by label."""
    label_of = {place.number: label for label, place in labels.items()}
    experts = []
    for label, place in labels.items():
        standing = [(index, text) for index, text in enumerate(place.claims, 1) if index not in place.withdrawn]
        experts.append(
            {
                "label": label,
                **lens_view(table, place),
                "text": table.scrubbed(place.latest.text) if place.latest else "",
                "claims": [{"id": f"{label}{index}", "text": table.scrubbed(text)} for index, text in standing],
                "disputes": [
                    {"claim": f"{label_of[owner]}{index}", "why": table.scrubbed(why)}
                    for (owner, index), why in place.disputes.items()
                ],
            }
        )
    return {"experts": experts}


def coverage(places: Iterable[Place]) -> tuple[Coverage, ...]:
    """Every question of every lens, and whether somebody answered it."""
    return tuple(
        Coverage(
            place.lens.name,
            question,
            place.seat if place.opinion else None,
            place.opinion is not None and number in place.opinion.settled,
        )
        for place in places
        for number, question in enumerate(place.lens.questions, 1)
    )


def dissent(places: Iterable[Place], answer: Answer) -> tuple[Dissent, ...]:
    """The experts whose own answer is another."""
    return tuple(
        Dissent(place.seat, place.latest.answer, place.latest.reason)
        for place in places
        if place.own and place.latest and not same(place.latest, answer)
    )


def side_by_side(places: Iterable[Place]) -> str:
    """The statements, each under its lens, for want of a moderator."""
    parts = []
    for place in places:
        if place.latest:
            said = body(place.latest.text)
            parts.append(f"## {place.lens.name} ({place.seat})\n\n" + (f"{said}\n\n" if said else ""))
            parts[-1] += f"Answer: {place.latest.answer}\nReason: {place.latest.reason}"
    return "\n\n".join(parts)


def minutes(found: Recommendation, labels: Mapping[str, Place]) -> str:
    """The moderator's text, then what is agreed, what is not, and who said what."""

    def said(point: Point) -> str:
        return f"{point.text} ({', '.join(f'{labels[label].lens.name}: {labels[label].seat}' for label in point.who)})"

    lines = [body(found.answer.text), "", "Experts:"]
    lines += [f"- {label}: {place.lens.name} ({place.seat})" for label, place in labels.items()]
    agreed = [f"- {said(point)}" for point in found.agreements]
    kept = [line for about, sides in found.disagreements for line in (f"- {about}", *(f"  - {said(side)}" for side in sides))]
    nothing = ["- nothing that the moderator names"]
    return "\n".join([*lines, "", "Agreed:", *(agreed or nothing), "", "Not agreed:", *(kept or nothing)]).strip()
