"""`pack try`: a sample of prompts, each with its pack."""

from __future__ import annotations

from cowork.registry import tries
from tests.support import run_here


def test_a_sample_is_drawn_by_its_seed() -> None:
    assert tries.sample(count=5, seed=7) == tries.sample(count=5, seed=7)
    assert tries.sample(count=5, seed=7) != tries.sample(count=5, seed=8)


def test_no_prompt_comes_twice_and_each_names_its_pack() -> None:
    drawn = tries.sample(count=100, seed=1)
    assert len({item.prompt for item in drawn.items}) == drawn.count == 93
    for item in drawn.items[:5]:
        assert item.prompt in run_here("pack", "show", item.pack, "--json").data["try_asking"]


def test_packs_that_are_off_are_not_drawn_from() -> None:
    run_here("pack", "disable", "devops")
    assert "devops" not in {item.pack for item in tries.sample(count=100, seed=1).items}


def test_a_prompt_of_the_sample_can_be_asked_by_number() -> None:
    ran = run_here("pack", "try", "--seed", "3", "--run", "2", "--provider", "rehearsal", "--json")
    assert ran.data["asked"] == ran.data["items"][1]
    assert ran.data["output"].startswith("[rehearsal:")


def test_a_number_out_of_the_sample_is_refused() -> None:
    ran = run_here("pack", "try", "--seed", "3", "--run", "6", "--json")
    assert (ran.code, ran.document["error"]["code"]) == (3, "pack.no_such_prompt")


def test_the_sample_of_the_day_stays_so_that_its_numbers_can_be_asked() -> None:
    first, again = (run_here("pack", "try", "--json").data for _ in range(2))
    assert first["items"] == again["items"]
    assert run_here("pack", "try", "--run", "1", "--provider", "rehearsal", "--json").data["asked"] == first["items"][0]
