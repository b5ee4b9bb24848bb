"""Who sits where."""

from __future__ import annotations

from pathlib import Path

import pytest

from cowork.core import settings
from cowork.core.errors import CoworkError, InvalidInput
from cowork.loop.request import Wish, prepare
from cowork.loop.seating import Seating, seat_specs, seated
from cowork.patterns.setup import Pattern, Price, Role
from cowork.patterns.solo import solo

PANEL = Pattern(
    name="round",
    title="Round",
    summary="",
    when="",
    not_when="",
    diagram="",
    roles=(
        Role("member", "answers", default=3, least=2, most=5),
        Role("judge", "decides", most=2, apart=True),
        Role("spare", "may be there", default=0, least=0, apart=True),
    ),
    options={},
    formula="N",
    price=lambda _: Price("N", "1", 1, 1, 1),
    run=solo,
)


def sit(*specs: str, count: int | None = None, empty: tuple[str, ...] = ()) -> dict[str, Seating]:
    """The seats of the panel by role and number."""
    found, _ = seated(PANEL, seat_specs(specs), settings.load(), provider="rehearsal", model=None, count=count, empty=empty)
    numbers: dict[str, int] = {}
    held = {}
    for seat in found:
        numbers[seat.role] = numbers.get(seat.role, 0) + 1
        held[f"{seat.role}-{numbers[seat.role]}"] = seat
    return held


def names(held: dict[str, Seating]) -> dict[str, str]:
    return {place: seat.name for place, seat in held.items()}


def test_without_a_word_the_usual_seats_get_the_default_model(home: Path) -> None:
    held = sit()
    assert names(held) == {"member-1": "member-1", "member-2": "member-2", "member-3": "member-3", "judge-1": "judge"}
    assert {seat.target.label for seat in held.values()} == {"rehearsal/extract-1"}


def test_a_seat_named_like_a_role_takes_it_and_other_names_fill_the_seats_that_answer(home: Path) -> None:
    held = sit("ann=groq/a", "judge=groq/j", "bob=groq/b")
    assert names(held) == {"member-1": "ann", "member-2": "bob", "member-3": "member-3", "judge-1": "judge"}
    assert held["judge-1"].target.label == "groq/j"


def test_a_numbered_seat_is_taken_by_its_number(home: Path) -> None:
    held = sit("member-2=groq/b", "ann=groq/a")
    assert (held["member-1"].name, held["member-2"].target.label) == ("ann", "groq/b")


def test_more_names_than_usual_make_a_larger_table_up_to_its_limit(home: Path) -> None:
    assert list(sit(*(f"s{number}=groq/m" for number in range(5)))) == [*(f"member-{n}" for n in range(1, 6)), "judge-1"]
    with pytest.raises(InvalidInput) as error:
        sit(*(f"s{number}=groq/m" for number in range(6)))
    assert error.value.code == "loop.too_many_seats"


def test_nobody_is_put_on_a_judges_seat_by_accident(home: Path) -> None:
    assert "judge" in names(sit(*(f"s{number}=groq/m" for number in range(5)))).values()


def test_a_second_judge_is_named_by_number(home: Path) -> None:
    held = sit("judge=groq/one", "judge-2=groq/two")
    assert (held["judge-1"].target.model, held["judge-2"].target.model) == ("one", "two")


def test_the_count_is_that_of_the_role_for_several(home: Path) -> None:
    assert sum(place.startswith("member") for place in sit(count=5)) == 5
    with pytest.raises(InvalidInput) as error:
        sit(count=9)
    assert (error.value.code, "2 to 5 seats for member" in error.value.message) == ("loop.bad_seat_count", True)


def test_an_optional_role_is_taken_when_it_is_named(home: Path) -> None:
    assert "spare-1" not in sit()
    assert "spare-1" in sit("spare=groq/m")


def test_a_role_may_stay_empty_only_where_the_pattern_can_do_without(home: Path) -> None:
    with pytest.raises(CoworkError) as error:
        sit(empty=("member",))
    assert error.value.code == "loop.role_needed"


def test_an_unknown_role_cannot_stay_empty(home: Path) -> None:
    with pytest.raises(CoworkError) as error:
        sit(empty=("jugde",))
    assert (error.value.code, error.value.hint) == ("loop.no_such_role", "did you mean 'judge'?")


def test_a_seat_may_name_who_stands_in(home: Path) -> None:
    (seat, *_) = sit("member-1=groq/a, cerebras/b").values()
    assert (seat.target.label, [target.label for target in seat.fallbacks]) == ("groq/a", ["cerebras/b"])


@pytest.mark.parametrize(
    "text", ["ann", "=groq", "ann=", "ann=groq,", "ann=,groq", "a/b=groq", "a b=groq", "a\nb=groq", "x" * 41 + "=groq"]
)
def test_what_is_no_seat_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as error:
        seat_specs([text])
    assert error.value.code == "loop.bad_seat"


def test_a_name_given_twice_is_refused() -> None:
    with pytest.raises(InvalidInput):
        seat_specs(["ann=groq/a", "ann=groq/b"])


def test_two_seats_on_one_model_are_warned_of(home: Path) -> None:
    _, notices = seated(
        PANEL, seat_specs(["a=groq/m", "b=groq/m", "c=groq/n", "judge=groq/j"]), settings.load(), provider=None, model=None
    )
    assert [notice.code for notice in notices] == ["loop.same_model"]
    assert "groq/m sits on 2 seats" in notices[0].message


@pytest.mark.parametrize("name", ["judge-1", "judge-3", "member-6"])
def test_a_name_with_a_number_that_its_role_has_not_takes_no_seat_of_another_role(name: str) -> None:
    with pytest.raises(InvalidInput) as error:
        sit(f"{name}=rehearsal")
    assert error.value.code == "loop.bad_seat"
    assert f"{name.split('-')[0]}-2" in (error.value.hint or "")


def test_labels_and_ties_are_drawn_anew_for_models_unless_a_seed_is_given_and_alike_in_rehearsals(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "k")
    loaded = settings.load()

    def seed(given: int | None, seat: str) -> int:
        request, _ = prepare("Is it so?", (), loaded, Wish("solo", seat_specs([f"solo={seat}"]), seed=given))
        return request.seed

    assert len({seed(None, "groq/m") for _ in range(5)}) > 1
    assert (seed(7, "groq/m"), seed(None, "rehearsal"), seed(7, "rehearsal")) == (7, 0, 7)
