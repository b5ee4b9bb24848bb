"""Votes measured: statistical seats through the real patterns, against exact theory, within Wilson 95 % intervals.

The intervals say that the protocols do what they are meant to; of real models they say nothing. Every run has a fixed
seed, so it either agrees with theory for good or does not. M1 to M20 number what is measured of all patterns.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.core.ids import seeded
from cowork.patterns import consensus, debate, solo, team
from cowork.patterns.answers import normalise
from cowork.patterns.intervals import correlation, effective_seats, mean_interval, wilson
from cowork.patterns.protocol import Question, Reply, SeatLost
from cowork.patterns.results import PatternResult
from cowork.patterns.setup import Pattern
from tests.patterns.scripted import RIGHT, Played, Scripted, Seat, members, play
from tests.patterns.seats import setup

ALONE = Seat(0.6)


def binomial(count: int, chance: float) -> list[float]:
    return [math.comb(count, right) * chance**right * (1 - chance) ** (count - right) for right in range(count + 1)]


def majority(count: int, chance: float) -> float:
    return sum(binomial(count, chance)[count // 2 + 1 :])


@cache
def voted(count: int, seat: Seat, questions: int, **options: int | bool) -> Played:
    return play(team.PATTERN, members(count, seat), questions, **{"verbatim": True, **options})


def agrees(played: Played, theory: float) -> bool:
    return theory in wilson(played.right, len(played))


# M1 to M3: equal seats


@pytest.mark.parametrize(("seats", "expected"), [(3, 0.648), (5, 0.683), (7, 0.710), (9, 0.733)])
def test_m1_more_seats_are_right_more_often(seats: int, expected: float) -> None:
    assert majority(seats, 0.6) == pytest.approx(expected, abs=0.001)
    played = voted(seats, ALONE, 1500)
    assert agrees(played, majority(seats, 0.6))
    assert 0.6 not in wilson(played.right, len(played))  # one seat alone


def test_m1_one_seat_is_as_right_as_it_is() -> None:
    assert agrees(play(solo.PATTERN, members(1, ALONE, "solo"), 1500), 0.6)


@pytest.mark.parametrize("samples", [3, 9])
def test_m1_samples_of_one_seat_follow_the_same_curve(samples: int) -> None:
    assert agrees(play(solo.PATTERN, members(1, ALONE, "solo"), 1500, samples=samples), majority(samples, 0.6))


@pytest.mark.parametrize("seats", [3, 5, 7])
def test_m2_seats_worse_than_chance_are_made_worse_by_voting(seats: int) -> None:
    played = voted(seats, Seat(0.4), 1200)
    assert agrees(played, majority(seats, 0.4))
    assert wilson(played.right, len(played)).high < 0.4


def plateau(seats: int, rho: float = 0.5, chance: float = 0.6) -> float:
    """The majority when every vote copies one shared draw with the chance `rho`."""
    return chance * majority(seats, rho + (1 - rho) * chance) + (1 - chance) * majority(seats, (1 - rho) * chance)


@pytest.mark.parametrize("seats", [3, 5, 7, 9])
def test_m3_seats_that_err_together_stop_gaining(seats: int) -> None:
    assert plateau(seats) == pytest.approx(0.628, abs=0.004)
    assert agrees(voted(seats, Seat(0.6, correlation=0.5), 1500), plateau(seats))


def test_m3_nine_such_seats_are_worth_three_and_are_measured_so() -> None:
    played = voted(9, Seat(0.6, correlation=0.5), 1500)
    rows = [[said.answer == RIGHT for said in result.statements] for result in played.results]
    assert correlation(rows) == pytest.approx(0.25, abs=0.02)  # two votes share a draw with the chance 0.5 * 0.5
    assert effective_seats(9, correlation(rows)) == pytest.approx(3, abs=0.2)
    assert majority(9, 0.6) > wilson(played.right, len(played)).high
    independent = [[said.answer == RIGHT for said in result.statements] for result in voted(9, ALONE, 1500).results]
    assert effective_seats(9, correlation(independent)) == pytest.approx(9, abs=0.7)


# M4: more than two answers


def plurality(seats: int, options: int, chance: float) -> float:
    """How often the right answer has the most votes of all; a tie is won by each that ties as often."""
    wrong = (1 - chance) / (options - 1)
    total = 0.0
    for right, *others in shares(seats, options):
        ways = math.factorial(seats) / math.prod(map(math.factorial, [right, *others]))
        most = max(right, *others)
        if right == most:
            total += ways * chance**right * wrong ** (seats - right) / [right, *others].count(most)
    return total


def shares(votes: int, options: int) -> Iterator[list[int]]:
    """All ways in which votes fall on options."""
    if options == 1:
        yield [votes]
        return
    for first in range(votes + 1):
        for rest in shares(votes - first, options - 1):
            yield [first, *rest]


@pytest.mark.parametrize(("seats", "expected"), [(3, 0.443), (5, 0.509), (7, 0.554), (9, 0.598)])
def test_m4_the_most_votes_find_an_answer_that_most_seats_miss(seats: int, expected: float) -> None:
    assert plurality(seats, 4, 0.4) == pytest.approx(expected, abs=0.007)
    played = play(solo.PATTERN, members(1, Seat(0.4, options=4), "solo"), 1200, samples=seats)
    assert agrees(played, plurality(seats, 4, 0.4))


@pytest.mark.parametrize(
    ("voter", "found"),
    [
        (Seat(0.4, 4, discrimination=1.0), 1.0),
        (Seat(0.4, 4, discrimination=0.8), 0.8**2 + 2 * 0.8 * 0.2 / 6),  # both rank it first; or one does, and a cycle is drawn
        (Seat(0.4, 4, discrimination=0.0), 0.0),
        (Seat(0.4, 4, position_bias=1.0), 1 / 3),  # labels are drawn, so position is chance
        (Seat(0.4, 4, discrimination=0.5, self_preference=1.0), 0.5**2 + 2 * 0.5 * 0.5 / 6),  # nobody ranks its own
    ],
)
def test_m4_rankings_find_the_right_one_of_three_as_often_as_voters_can_tell(voter: Seat, found: float) -> None:
    decided, split = majority(3, 0.4), 3 * 0.4 * 0.6**2 * 2 / 3  # one is right, and the two wrong ones differ
    assert agrees(voted(3, voter, 1200), decided + split * found)


def won(played: Played) -> Counter[str]:
    """How often each seat's proposal won a ranking."""
    ranked = [result for result in played.results if result.ballots]
    return Counter(next(said.seat for said in result.statements if said.answer == result.answer) for result in ranked)


@pytest.mark.parametrize("voter", [Seat(0.25, 4, position_bias=1.0), Seat(0.25, 4, discrimination=0.5, self_preference=1.0)])
def test_m9_m10_no_seat_wins_by_where_it_stands_or_by_what_it_prefers(voter: Seat) -> None:
    wins = won(voted(3, voter, 900))
    for seat in ("member-1", "member-2", "member-3"):
        assert 1 / 3 in wilson(wins[seat], wins.total())
    vain = {
        "member": {**members(3, Seat(0.25, 4, discrimination=0.5))["member"], "member-1": Seat(0.25, 4, self_preference=1.0)}
    }
    wins = won(play(team.PATTERN, vain, 600, verbatim=True))
    assert 1 / 3 in wilson(wins["member-1"], wins.total())


# M5: unequal seats

UNEQUAL = {"member": {"strong": Seat(0.9), "middling": Seat(0.6), "weak": Seat(0.55)}}
MEASURED = {"strong": 0.9, "middling": 0.6, "weak": 0.55}


def test_m5_a_plain_vote_of_unequal_seats_is_worse_than_the_best_of_them() -> None:
    played = play(team.PATTERN, UNEQUAL, 1500, verbatim=True)
    assert agrees(played, 0.771)
    assert wilson(played.right, len(played)).high < 0.9


def test_m5_log_odds_of_measured_accuracies_make_good_for_it_and_the_user_is_told() -> None:
    played = play(team.PATTERN, UNEQUAL, 1500, accuracies=MEASURED, verbatim=True)
    assert agrees(played, 0.9)
    assert all("less than strong alone with 90.0%" in result.notes[1] for result in played.results)


# M6 and M7: discussions


def discussed(conformity: float, correction: float, rounds: int, *, stop: bool = True) -> float:
    """How often five seats with 0.6 are right after a discussion in which each draws from the crowd, by its Markov chain.

    `stop` ends it after a round that changed nothing.
    """
    now, ended = binomial(5, 0.6), [0.0] * 6
    for _ in range(rounds):
        after = [0.0] * 6
        for right, chance in enumerate(now):
            if right in (0, 5):
                after[right] += chance
                continue
            keep = 1 - conformity + conformity * right / 5
            learn = correction + (1 - correction) * conformity * right / 5
            for kept, first in enumerate(binomial(right, keep)):
                for learnt, second in enumerate(binomial(5 - right, learn)):
                    unchanged = stop and kept == right and learnt == 0
                    (ended if unchanged else after)[kept + learnt] += chance * first * second
        now = after
    return sum(now[3:]) + sum(ended[3:])


@cache
def consented(conformity: float, correction: float, rounds: int, questions: int) -> Played:
    seat = Seat(0.6, conformity=conformity, correction=correction)
    return play(consensus.PATTERN, members(5, seat), questions, rounds=rounds)


def drift(results: Sequence[PatternResult]) -> list[float]:
    """By how much the share of seats that are right changed, for each question."""
    changes = []
    for result in results:
        first = {said.seat: said.answer == RIGHT for said in result.statements if not said.round}
        last = {said.seat: said.answer == RIGHT for said in result.statements}
        changes.append((sum(last.values()) - sum(first.values())) / len(first))
    return changes


@pytest.mark.parametrize("rounds", [1, 3])
def test_m6_copying_the_crowd_teaches_nobody_and_costs_the_vote_what_it_was_worth(rounds: int) -> None:
    played = consented(1.0, 0.0, rounds, 1200)
    assert 0 in mean_interval(drift(played.results))  # a martingale: seats are as right as before
    assert agrees(played, discussed(1.0, 0.0, rounds))
    blind = sum(_blind_majority(result) == RIGHT for result in played.results)
    assert majority(5, 0.6) in wilson(blind, len(played))
    assert wilson(played.right, len(played)).high < majority(5, 0.6)


def _blind_majority(result: PatternResult) -> str:
    return max(result.round0, key=lambda vote: len(vote.seats)).answer


def test_m6_the_result_says_when_a_discussion_left_the_blind_majority() -> None:
    for result in consented(1.0, 0.0, 3, 1200).results:
        moved = any("the discussion moved away" in note for note in result.notes)
        assert moved == (normalise(_blind_majority(result)) != normalise(result.answer or ""))


def test_m6_stubborn_seats_are_a_blind_vote() -> None:
    played = play(consensus.PATTERN, members(5, Seat(0.6, conformity=1.0, stubbornness=1.0)), 500, rounds=3)
    assert agrees(played, majority(5, 0.6))
    assert {result.rounds for result in played.results} == {0, 1}  # and it takes one round to see that


@pytest.mark.parametrize("rounds", [1, 2, 3])
def test_m7_seats_that_learn_from_a_right_argument_gain_with_every_round(rounds: int) -> None:
    played = consented(1.0, 0.5, rounds, 1000)
    assert agrees(played, discussed(1.0, 0.5, rounds))
    assert mean_interval(drift(played.results)).low > 0
    assert wilson(played.right, len(played)).low > discussed(1.0, 0.5, rounds - 1)


def test_m7_stopping_when_nothing_moves_costs_less_than_a_point() -> None:
    played = consented(1.0, 0.5, 3, 1000)
    full = discussed(1.0, 0.5, 3, stop=False)
    assert discussed(1.0, 0.5, 3) > full - 0.01
    assert full in wilson(played.right, len(played))
    stopped = sum(result.rounds < 3 and result.outcome != "unanimous" for result in played.results)
    assert stopped > 20  # the rule was at work


def argued(correction: float, rounds: int, discrimination: float = 0.8) -> tuple[float, float]:
    """How often two debaters with 0.6 that draw from both answers end right, and how often undecided, with a judge."""
    learn = correction + (1 - correction) / 2
    right, apart, ended = 0.36, 0.48, 0.0
    for _ in range(rounds):
        right += apart * learn / 2
        ended += apart * (1 - learn) / 2  # neither moved: they repeat themselves, and the judge is asked
        apart *= learn / 2  # they swapped answers
    judged = apart + ended
    return right + judged * discrimination**2, judged * 2 * discrimination * (1 - discrimination)


@cache
def debated(correction: float, rounds: int) -> Played:
    debater = Seat(0.6, conformity=1.0, correction=correction)
    roles = {"first": {"one": debater}, "second": {"two": debater}, "judge": {"jay": Seat(discrimination=0.8)}}
    return play(debate.PATTERN, roles, 1200, rounds=rounds)


@pytest.mark.parametrize("rounds", [1, 3])
@pytest.mark.parametrize("correction", [0.0, 0.5])
def test_m6_m7_debates_gain_by_correction_and_by_nothing_else(correction: float, rounds: int) -> None:
    played = debated(correction, rounds)
    right, undecided = argued(correction, rounds)
    assert agrees(played, right)
    assert undecided in wilson(sum(result.outcome == "undecided" for result in played.results), len(played))
    change = mean_interval(drift(played.results))
    assert change.low > 0 if correction else 0 in change


# M13: stopping early


def spoken(seats: int, chance: float) -> float:
    """How many seats speak, on the mean, until one of two answers has more than half."""
    need, mean = seats // 2 + 1, 0.0
    for count in range(need, seats + 1):
        ways = math.comb(count - 1, need - 1)
        ends = chance**need * (1 - chance) ** (count - need) + (1 - chance) ** need * chance ** (count - need)
        mean += count * ways * ends
    return mean


@pytest.mark.parametrize(("seats", "expected"), [(5, 3.63), (7, 4.93)])
def test_m13_seats_asked_in_turn_save_calls_and_change_no_decision(seats: int, expected: float) -> None:
    assert spoken(seats, 0.8) == pytest.approx(expected, abs=0.005)
    full, stopped = voted(seats, Seat(0.8), 1000), voted(seats, Seat(0.8), 1000, sequential=True)
    assert [result.answer for result in stopped.results] == [result.answer for result in full.results]
    assert expected in mean_interval([result.calls for result in stopped.results])
    assert {result.calls for result in full.results} == {seats}


def test_m13_samples_drawn_in_turn_save_as_much() -> None:
    roles = members(1, Seat(0.8), "solo")
    full, stopped = (play(solo.PATTERN, roles, 1000, samples=5, sequential=flag) for flag in (False, True))
    assert [result.answer for result in stopped.results] == [result.answer for result in full.results]
    assert 3.63 in mean_interval([result.calls for result in stopped.results])


# M14 for votes: a seat that is lost


@pytest.mark.parametrize("lost", [1, 2])
def test_m14_lost_seats_leave_what_the_others_are_worth(lost: int) -> None:
    roles = members(3 + lost, ALONE)
    roles["member"] |= {f"member-{4 + number}": Seat(lost_at=("consensus_opening",)) for number in range(lost)}
    played = play(consensus.PATTERN, roles, 1200, rounds=0)
    assert agrees(played, majority(3, 0.6))
    assert {result.outcome for result in played.results} == {"degraded"}


class Faulty(Scripted):
    """Seats of which every third call, drawn by its key, fails: no answer, no object, or an object that is none of ours."""

    async def ask(self, question: Question) -> Reply:
        fault = seeded(self.seed, "fault", question.key) % 12
        if fault < 2:
            raise SeatLost(question.seat, ("timed_out", "out_of_funds")[fault], "drawn")
        broken = ("", '{"answer": ["red"], "ranking": {"A": 1}}')
        return Reply(broken[fault - 2]) if fault < 4 else await super().ask(question)


@pytest.mark.parametrize(
    ("pattern", "options"),
    [
        (team.PATTERN, {}),
        (team.PATTERN, {"sequential": True}),
        (team.PATTERN, {"layers": 2}),
        (consensus.PATTERN, {"rounds": 3}),
    ],
)
def test_m14_faults_anywhere_never_pass_for_a_full_result(pattern: Pattern, options: dict[str, int]) -> None:
    outcomes = Counter[str]()
    known = {**members(4, Seat(0.4, 4, conformity=0.5)), **members(2, role="writer"), "tie-break": {"tie-break": Seat()}}
    seats = {role.name: known[role.name] for role in pattern.roles}
    for number in range(150):
        told = setup(pattern, {role: tuple(held) for role, held in seats.items()}, seed=str(number), **options)
        script = Faulty({name: seat for held in seats.values() for name, seat in held.items()}, str(number))
        result = asyncio.run(pattern.run(script, told))
        outcomes[result.outcome] += 1
        assert (result.outcome in ("degraded", "failed")) == bool(result.problems)
        assert (result.answer is None) == (result.outcome == "failed")
        assert result.calls <= pattern.price(told).most_calls
        assert result.calls + result.extra_calls + result.repairs >= len(script.asked)
    assert outcomes["degraded"] > 50
    assert outcomes["majority"] + outcomes["no_consensus"] + outcomes["unanimous"] > 5


# M20: the word "unanimous"

SAID = st.sampled_from(["red", "red", "Red.", "blue", "lost", "broken"])


class Told(Scripted):
    """Seats that say what is told, round by round; rankings and verdicts are drawn."""

    def __init__(self, seats: Sequence[str], said: dict[tuple[str, int], str]) -> None:
        super().__init__({seat: Seat(lost_at=()) for seat in seats}, "told")
        self.said = said

    async def ask(self, question: Question) -> Reply:
        if question.form is None or question.form.name not in ("answer", "stance", "synthesis"):
            return await super().ask(question)
        told = self.said.get((question.seat, question.round), "red")
        if told == "lost":
            raise SeatLost(question.seat, "timed_out", "told to be")
        if told == "broken":
            return Reply("no object at all")
        return Reply(f'Text {question.round}.\n{{"answer": "{told}", "confidence": 0.7, "reason": "because {question.round}"}}')


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(["team", "layers", "consensus", "debate"]),
    st.integers(2, 5),
    st.lists(SAID, min_size=20, max_size=20),
    st.integers(0, 3),
    st.booleans(),
)
def test_m20_unanimous_is_said_when_every_seat_says_so_and_never_else(
    name: str, count: int, said: list[str], rounds: int, in_turn: bool
) -> None:
    seats = ["one", "two"] if name == "debate" else [f"m{number}" for number in range(count)]
    script = Told(
        [*seats, "wil", "jay"], {(seat, turn): said[index * 4 + turn] for index, seat in enumerate(seats) for turn in range(4)}
    )
    if name == "debate":
        told = setup(debate.PATTERN, {"first": ["one"], "second": ["two"], "judge": ["jay"]}, rounds=rounds)
        result = asyncio.run(debate.debate(script, told))
    elif name == "consensus":
        result = asyncio.run(consensus.consensus(script, setup(consensus.PATTERN, {"member": seats}, rounds=rounds)))
    else:
        layers = 1 + rounds if name == "layers" else 0
        told = setup(team.PATTERN, {"member": seats}, verbatim=True, layers=layers, sequential=in_turn)
        result = asyncio.run(team.team(script, told))
    last = {said.seat: normalise(said.answer) for said in result.statements}
    answered = all(result.states[seat] == "ok" for seat in seats) and not result.problems
    of_one_mind = len(last) == len(seats) and len(set(last.values())) == 1
    spoke_last = {said.seat for said in result.statements if said.round == max(said.round for said in result.statements)}
    assert (result.outcome == "unanimous") == (answered and of_one_mind and spoke_last == set(seats))
    if result.outcome == "unanimous":
        assert (result.votes_for, result.votes_of) == (len(seats), len(seats))
    if result.outcome == "majority" and name != "debate":
        assert result.votes_for * 2 > result.votes_of == len(seats)
