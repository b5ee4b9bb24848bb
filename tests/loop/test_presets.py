"""Presets: built in, of the user, of a project."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from cowork.core import settings
from cowork.core.errors import InvalidInput, NotFound, UsageError
from cowork.loop.presets import list_presets, show_preset
from cowork.loop.request import Wish
from cowork.loop.wishes import wish
from tests.support import run_here


def user(home: Path, **presets: object) -> None:
    home.mkdir(exist_ok=True)
    (home / "config.yaml").write_text(yaml.safe_dump({"presets": presets}))


def asked(**flags: object) -> Wish:
    found, _ = wish(settings.load(), **flags)  # type: ignore[arg-type]
    return found


def test_every_preset_that_comes_along_is_well_formed(home: Path) -> None:
    listed, notices = list_presets(settings.load())
    assert {"vote", "debate", "flow", "local"} <= {item.name for item in listed.items}
    assert notices == ()


def test_a_preset_whose_keys_lack_is_listed_as_not_ready(home: Path) -> None:
    item, _ = show_preset("debate", settings.load())
    assert (item.ready, "no key is set" in (item.lacking or "")) == (False, True)


def test_the_users_preset_fills_the_wish(home: Path) -> None:
    user(
        home,
        ours={
            "pattern": "debate",
            "seats": {"first": "groq/a", "judge": {"model": "groq/j", "fallbacks": ["cerebras/k"], "accuracy": 0.9}},
            "options": {"rounds": 2},
            "with": ["review"],
            "budget": {"calls": 20},
        },
    )
    found = asked(preset="ours")
    assert (found.pattern, found.options, found.steps, found.budget.calls) == ("debate", {"rounds": 2}, ("review",), 20)
    assert (found.seats["first"].target, found.seats["judge"].fallbacks) == ("groq/a", ("cerebras/k",))
    assert found.seats["judge"].accuracy == 0.9


def test_the_command_line_is_stronger_than_the_preset(home: Path) -> None:
    user(home, ours={"pattern": "debate", "seats": {"first": "groq/a", "second": "groq/b"}, "options": {"rounds": 2}})
    found = asked(preset="ours", seats=["second=cerebras/c"], options={"rounds": 0, "judge_speaks": None})
    assert (found.seats["first"].target, found.seats["second"].target) == ("groq/a", "cerebras/c")
    assert found.options == {"rounds": 0}


def test_another_pattern_takes_none_of_the_presets_seats(home: Path) -> None:
    user(home, ours={"pattern": "debate", "seats": {"first": "groq/a"}, "with": ["review"]})
    found = asked(preset="ours", pattern="solo")
    assert (found.pattern, dict(found.seats), found.steps) == ("solo", {}, ("review",))


def test_the_users_preset_takes_the_place_of_one_that_comes_along(home: Path) -> None:
    user(home, vote={"pattern": "solo", "options": {"samples": 3}})
    item, _ = show_preset("vote", settings.load())
    assert (item.options, item.origin) == ({"samples": 3}, "user")


def test_a_projects_presets_count_only_once_the_project_is_trusted(home: Path) -> None:
    project = Path.cwd() / ".cowork"
    project.mkdir()
    (project / "config.yaml").write_text(yaml.safe_dump({"presets": {"theirs": {"seats": {"solo": "groq/evil"}}}}))
    with pytest.raises(NotFound):
        show_preset("theirs", settings.load())
    _, notices = list_presets(settings.load())
    assert [notice.code for notice in notices] == ["preset.untrusted"]
    assert run_here("config", "trust", "--yes").code == 0
    assert show_preset("theirs", settings.load())[0].origin == "project"


@pytest.mark.parametrize(
    ("preset", "rule"),
    [
        ({"patern": "debate"}, "there is no 'patern'"),
        ({"pattern": "nope"}, "there is no pattern of that name"),
        ({"seats": {"a": 7}}, "seats.a must be PROVIDER[/MODEL]"),
        ({"seats": {"a": {"fallbacks": []}}}, "seats.a needs a model"),
        ({"seats": {"a": {"model": "groq", "accuracy": 1.5}}}, "accuracy must be"),
        ({"options": {"rounds": 2}}, "options.rounds is not an option of solo"),
        ({"options": {"samples": True}}, "options.samples is not an option of solo, or not of its type"),
        ({"with": "review"}, "'with' must be a list of texts"),
        ({"budget": {"money": 3}}, "there is no 'budget.money'"),
        ({"budget": {"calls": -1}}, "'calls' must be a number above 0"),
        ({"budget": {"usd": float("nan")}}, "'usd' must be a number above 0"),
        ({"budget": {"usd": float("inf")}}, "'usd' must be a number above 0"),
        ({"count": "three"}, "'count' must be a number above 0"),
    ],
)
def test_a_preset_that_is_not_well_formed_is_refused_with_its_file_and_rule_and_listed_as_a_warning(
    home: Path, preset: dict[str, object], rule: str
) -> None:
    user(home, ours=preset)
    with pytest.raises(InvalidInput) as error:
        show_preset("ours", settings.load())
    assert error.value.code == "preset.invalid"
    assert str(home / "config.yaml") in error.value.message
    assert rule in error.value.message
    assert [notice.code for notice in list_presets(settings.load())[1]] == ["preset.invalid"]


def test_an_unknown_preset_is_refused_with_a_suggestion(home: Path) -> None:
    with pytest.raises(NotFound) as error:
        asked(preset="debat")
    assert error.value.hint == "did you mean 'debate'?"


@pytest.mark.parametrize("amount", [float("nan"), float("inf")])
def test_what_is_no_amount_of_money_caps_nothing_and_is_refused(home: Path, amount: float) -> None:
    with pytest.raises(UsageError) as error:
        asked(max_cost=amount)
    assert error.value.code == "loop.bad_option"
    user(home, mine={"budget": {"usd": amount}})
    with pytest.raises(InvalidInput) as refused:
        asked(preset="mine")
    assert refused.value.code == "preset.invalid"
