"""Who is measured, and the single model beside each."""

from __future__ import annotations

from pathlib import Path

import pytest

from cowork.core import settings
from cowork.core.errors import InvalidInput, UsageError
from cowork.loop.bench.arms import Arm, Asked, arms_of
from cowork.loop.bench.cautions import cautions
from cowork.loop.bench.questions import BenchQuestion
from cowork.loop.bench.record import Bench
from cowork.loop.budget import NO_BUDGET
from cowork.models.errors import AuthError

PRESETS = """
presets:
  measured:
    pattern: consensus
    seats:
      strong: {model: groq/a, accuracy: 0.9}
      middling: {model: groq/b, accuracy: 0.6}
      weak: {model: cerebras/c, accuracy: 0.55}
  sampled:
    pattern: solo
    options: {samples: 5}
    seats: {solo: groq/a}
"""


@pytest.fixture(autouse=True)
def keys_and_presets(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GROQ", "CEREBRAS"):
        monkeypatch.setenv(f"{name}_API_KEY", "k")
    home.mkdir()
    (home / "config.yaml").write_text(PRESETS)


def arms(**asked: object) -> tuple[Arm, ...]:
    return arms_of(Asked(**asked), settings.load())[0]  # type: ignore[arg-type]


def said(arm: Arm) -> list[str]:
    return [f"{seat.name}={seat.target.label}" for seat in arm.request.seats]


def test_each_pattern_has_a_single_model_beside_it_and_all_have_it_alone() -> None:
    found = arms(patterns=("debate", "team"), provider="groq/m")
    assert [(arm.name, arm.kind, arm.against) for arm in found] == [
        ("solo", "solo", None),
        ("debate", "pattern", "debate@equal-calls"),
        ("debate@equal-calls", "equal_calls", "debate"),
        ("team", "pattern", "team@equal-calls"),
        ("team@equal-calls", "equal_calls", "team"),
    ]
    assert {tuple(said(arm)) for arm in found if arm.kind in ("solo", "equal_calls")} == {("solo=groq/m",)}


def test_the_single_model_is_the_first_seats_or_the_declared_one() -> None:
    seats = ("debate:first=groq/a", "team:member-1=groq/b")
    own = arms(patterns=("debate", "team"), provider="cerebras/m", seats=seats)
    assert [(arm.name, *said(arm)) for arm in own if arm.kind in ("solo", "equal_calls")] == [
        ("solo groq/a", "solo=groq/a"),
        ("solo groq/b", "solo=groq/b"),
        ("debate@equal-calls", "solo=groq/a"),
        ("team@equal-calls", "solo=groq/b"),
    ]
    declared = arms(patterns=("debate", "team"), provider="cerebras/m", seats=seats, baseline_seat="groq/best")
    assert {said(arm)[0] for arm in declared if arm.kind in ("solo", "equal_calls")} == {"solo=groq/best"}


def test_one_model_alone_is_its_own_baseline() -> None:
    assert [arm.name for arm in arms(patterns=("solo",), provider="groq/m")] == ["solo"]
    assert [arm.name for arm in arms(presets=("sampled",))] == ["solo", "sampled"]
    beside_another = arms(patterns=("solo",), provider="groq/m", baseline_seat="groq/best")
    assert [(arm.name, *said(arm)) for arm in beside_another] == [
        ("solo groq/best", "solo=groq/best"),
        ("solo", "solo=groq/m"),
        ("solo@equal-calls", "solo=groq/best"),
    ]


def test_without_a_baseline_there_are_only_the_arms_that_were_asked_for() -> None:
    assert [arm.name for arm in arms(patterns=("debate",), presets=("measured",), baseline=False, provider="groq/m")] == [
        "debate",
        "measured",
    ]


def test_a_seat_for_an_arm_that_is_not_there_and_an_arm_twice_are_refused() -> None:
    with pytest.raises(InvalidInput, match="not measured") as error:
        arms(patterns=("debate",), seats=("debat:first=groq/a",))
    assert error.value.hint == "did you mean 'debate'?"
    with pytest.raises(UsageError, match="measured once"):
        arms(patterns=("debate", "debate"))


def test_a_single_model_without_a_key_is_refused_before_anything_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CEREBRAS_API_KEY")
    with pytest.raises(AuthError):
        arms(patterns=("debate",), provider="groq/m", baseline_seat="cerebras/c")


def test_labels_differ_from_question_to_question_and_are_the_same_when_asked_anew() -> None:
    (debate, *_) = arms(patterns=("debate",), provider="groq/m", baseline=False)
    one, two = BenchQuestion("a", "A?", ("x",)), BenchQuestion("b", "B?", ("x",), "material")
    seeds = {debate.asking(one, 1).seed, debate.asking(one, 2).seed, debate.asking(two, 1).seed}
    assert len(seeds) == 3
    assert debate.asking(one, 1).seed == debate.asking(one, 1).seed
    assert [document.text for document in debate.asking(two, 1).documents] == ["material"]


def test_what_makes_the_numbers_say_less_is_told() -> None:
    found = arms(patterns=("debate",), presets=("measured",), provider="groq/m")
    bench = Bench("q.jsonl", (BenchQuestion("a", "A?", ("x",)),), found, 1, 1, NO_BUDGET)
    told = {caution.code: caution.message for caution in cautions(bench, ())}
    assert "groq/m sits on several seats" in told["bench.same_model"]
    assert "less than strong alone with 90.0%" in told["bench.votes"]
    assert "bench.few_questions" in told
    assert "bench.rehearsal" not in told


def test_a_rehearsal_is_labelled_and_compared_with_nobody() -> None:
    found = arms(patterns=("debate",), provider="rehearsal")
    bench = Bench("q.jsonl", (BenchQuestion("a", "A?", ("x",)),), found, 1, 1, NO_BUDGET)
    assert "no model was asked by solo, debate" in cautions(bench, ())[0].message
