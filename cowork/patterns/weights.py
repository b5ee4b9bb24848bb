"""What a vote weighs: one seat one vote, unless the user has measured how often each seat is right."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from cowork.patterns.setup import Setup
from cowork.patterns.votes import weight

MOST_ENUMERATED = 12
Weigh = Callable[[str], float]


def one_vote(_: str) -> float:
    """One seat, one vote."""
    return 1.0


def weigh(setup: Setup, voters: Sequence[str]) -> Weigh:
    """The weight of each voter's vote: log-odds of its accuracy when it was measured for all of them, else 1."""
    if not measured(setup.accuracies, voters):
        return one_vote
    return lambda seat: weight(setup.accuracies[seat])


def measured(accuracies: Mapping[str, float], voters: Sequence[str]) -> bool:
    """Whether measured accuracies can weigh the votes: every voter has one, a share, and somebody is better than chance."""
    held = [accuracies.get(voter, -1.0) for voter in voters]
    return all(0 <= accuracy <= 1 for accuracy in held) and any(accuracy > 0.5 for accuracy in held)


def recalibrated(confidence: float) -> float:
    """What a stated confidence is worth in a vote, by the steps of ReConcile: models say 0.9 far too easily."""
    if confidence >= 1:
        return 1.0
    if confidence >= 0.9:
        return 0.8
    if confidence >= 0.8:
        return 0.5
    return 0.3 if confidence > 0.6 else 0.1


def expected_accuracy(accuracies: Sequence[float], weights: Sequence[float] | None = None) -> float | None:
    """How often a vote between two options is right when seats err independently, counted over all ways in which they can.

    `weights` are 1 when none are given; a tie counts half. None beyond 12 seats, where counting would take too long.
    """
    if len(accuracies) > MOST_ENUMERATED:
        return None
    held = weights or [1.0] * len(accuracies)
    right = 0.0
    for case in range(2 ** len(accuracies)):
        chance, margin = 1.0, 0.0
        for seat, accuracy in enumerate(accuracies):
            correct = case >> seat & 1
            chance *= accuracy if correct else 1 - accuracy
            margin += held[seat] if correct else -held[seat]
        right += chance * (0.5 if abs(margin) < 1e-9 else margin > 0)
    return right


def about(setup: Setup, voters: Sequence[str]) -> list[str]:
    """Notes on weighted votes: that they are, and when a plain vote is expected to be worse than the best seat alone."""
    if not measured(setup.accuracies, voters):
        return []
    accuracies = [setup.accuracies[voter] for voter in voters]
    notes = ["votes are weighted by the log-odds of the measured accuracies"]
    plain, best = expected_accuracy(accuracies), max(voters, key=lambda voter: setup.accuracies[voter])
    if plain is not None and plain < max(accuracies) - 1e-9:
        weighted = expected_accuracy(accuracies, [weight(accuracy) for accuracy in accuracies]) or 0.0
        notes.append(
            f"a plain vote of these seats would be right in {plain:.1%} of cases, less than {best} alone with "
            f"{max(accuracies):.1%}; weighted, it is {weighted:.1%}"
        )
    return notes
