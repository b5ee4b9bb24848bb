"""Red team / blue team: attacks, verification, patches, and a ledger that never calls unverified what is not."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from cowork.patterns.redblue import PATTERN, price, redblue
from cowork.patterns.results import PatternResult
from tests.models.prompts import ELSEWHERE, NOTES, TASK
from tests.patterns.attacking import NEVER, REDS, Replies, attacks, builds, in_its_round, replies, seats, verifies
from tests.patterns.rehearsed import rehearse
from tests.patterns.seats import Script, lost, setup


def play(said: Replies, table: dict[str, list[str]] | None = None, **options: int | bool) -> tuple[PatternResult, Script]:
    script = Script(said)
    return asyncio.run(redblue(script, setup(PATTERN, table or seats(), **options))), script


def ledger(result: PatternResult) -> dict[str, str]:
    return {finding.claim: finding.status for finding in result.findings}


# The protocol


@pytest.mark.parametrize("rounds", [1, 2, 3, 4])
@pytest.mark.parametrize("attackers", [1, 2, 6])
def test_a_full_run_makes_the_calls_and_depth_of_the_formula(attackers: int, rounds: int) -> None:
    result, script = play(replies(attackers), seats(attackers), rounds=rounds)
    priced = price(setup(PATTERN, seats(attackers), rounds=rounds))
    assert result.calls == len(script.asked) == priced.most_calls == 1 + rounds * (attackers + 1 + 1)
    assert result.depth == priced.depth == 1 + 3 * rounds


@pytest.mark.parametrize("attackers", [1, 2, 6])
def test_a_draft_that_nobody_finds_fault_with_costs_the_draft_and_the_attacks(attackers: int) -> None:
    said = {**replies(attackers), **{(seat, "redblue_attack"): attacks() for seat in REDS[:attackers]}}
    result, _ = play(said, seats(attackers), rounds=4)
    assert result.calls == price(setup(PATTERN, seats(attackers), rounds=4)).fewest_calls == 1 + attackers
    assert (result.outcome, result.decided_by, result.answer, result.rounds) == ("unanimous", "review", "a lock", 1)
    assert (result.votes_for, result.votes_of) == (1 + attackers, 1 + attackers)
    assert result.states["vic"] == "not_needed"


def test_attackers_see_the_draft_and_what_is_known_but_not_who_found_it() -> None:
    _, script = play(replies(), rounds=2)
    first, second = (
        [question.view for question in script.asked if question.step == "redblue_attack" and question.round == number]
        for number in (1, 2)
    )
    assert first == [{"draft": "draft 0", "known": []}] * 2
    assert second[0] == second[1]
    assert second[0]["draft"] == "patched 1"
    assert [claim["claim"] for claim in second[0]["known"]] == ["rex 1", "ray 1"]
    assert not {"rex", "ray"} & {str(value) for claim in second[0]["known"] for key, value in claim.items() if key == "seat"}


def test_equal_claims_about_the_same_place_are_one_and_the_graver_severity_counts() -> None:
    said = replies()
    said["rex", "redblue_attack"] = attacks("No lock.", "no lock@bottom", severity="minor")
    said["ray", "redblue_attack"] = attacks("no LOCK", severity="critical")
    result, script = play(said)
    checked = next(question.view["findings"] for question in script.asked if question.step == "redblue_verify")
    assert [(item["claim"], item["place"], item["severity"]) for item in checked] == [
        ("no LOCK", "top", "critical"),
        ("no lock", "bottom", "minor"),
    ]
    assert [finding.seat for finding in result.findings] == ["rex, ray", "rex"]


def test_blue_patches_what_was_confirmed_and_nothing_else() -> None:
    said = replies()
    said["vic", "redblue_verify"] = verifies(lambda item: "reproduced" if item["claim"] == "rex 1" else "rejected")
    result, script = play(said)
    (patched,) = [question.view for question in script.asked if question.step == "redblue_patch"]
    assert [item["claim"] for item in patched["findings"]] == ["rex 1"]
    assert ledger(result) == {"rex 1": "open", "ray 1": "rejected"}


def test_earlier_confirmed_attacks_are_replayed_against_the_patch_and_not_marked_as_old() -> None:
    _, script = play({**replies(), ("vic", "redblue_verify"): in_its_round}, rounds=2)
    first, second = (question.view for question in script.asked if question.step == "redblue_verify")
    assert [item["claim"] for item in first["findings"]] == ["rex 1", "ray 1"]
    assert (second["draft"], [item["claim"] for item in second["findings"]]) == (
        "patched 1",
        ["rex 1", "ray 1", "rex 2", "ray 2"],
    )
    assert len({tuple(item) for item in second["findings"]}) == 1


def test_a_patch_that_the_next_round_cannot_break_is_a_fix_and_a_quiet_round_ends_it() -> None:
    said = {**replies(), ("vic", "redblue_verify"): in_its_round}
    said |= {(seat, "redblue_attack", 2): attacks() for seat in REDS[:2]}
    result, _ = play(said, rounds=4)
    assert (result.rounds, result.calls, result.depth) == (2, 8, 6)
    assert ledger(result) == {"rex 1": "fixed", "ray 1": "fixed"}
    assert (result.outcome, result.votes_for, result.votes_of) == ("unanimous", 4, 4)
    assert "confirmed 2 of 2 claims, fixed 2 of 2" in result.notes
    assert [finding.fix for finding in result.findings] == ["mended F1", "mended F2"]
    assert [(version.round, version.text, version.chosen) for version in result.versions] == [
        (0, "draft 0", False),
        (1, "patched 1", True),
    ]
    assert result.document == "patched 1"


def test_what_comes_back_after_it_was_fixed_has_regressed() -> None:
    verdicts = {1: {"rex 1": "reproduced"}, 2: {"rex 2": "reproduced"}, 3: {"rex 1": "reproduced"}}
    said = replies(1)
    said["vic", "redblue_verify"] = lambda question: verifies(
        lambda item: verdicts[question.round].get(item["claim"], "rejected")
    )(question)
    result, script = play(said, seats(1), rounds=3)
    assert ledger(result) == {"rex 1": "regressed", "rex 2": "fixed", "rex 3": "rejected"}
    patched = [question.view for question in script.asked if question.step == "redblue_patch"]
    assert [[item["claim"] for item in view["fixed"]] for view in patched] == [[], ["rex 1"], ["rex 2"]]
    assert (result.outcome, result.decided_by) == ("no_consensus", "nobody")


def test_a_patch_that_does_not_hold_stays_open() -> None:
    result, _ = play(replies(1), seats(1), rounds=2)
    assert ledger(result) == {"rex 1": "open", "rex 2": "open"}
    assert "the patch of round 1 did not fix it" in result.findings[0].note


def test_the_patches_of_the_last_round_are_never_called_fixed() -> None:
    result, _ = play(replies(1), seats(1), rounds=1)
    assert (result.outcome, result.decided_by, result.answer) == ("no_consensus", "nobody", "a lock")
    assert ledger(result) == {"rex 1": "open"}
    assert "patched, and verified by nobody: F1" in result.notes
    assert "residual risk: 1 of 1 not known to be fixed or wrong" in result.notes


def test_a_finding_that_blue_leaves_out_is_noted_as_not_patched() -> None:
    said = {**replies(), ("blu", "redblue_patch"): builds("patched", patches=["F1"])}
    result, _ = play(said)
    assert [(finding.fix, "not patched in round 1" in finding.note) for finding in result.findings] == [
        ("mended F1", False),
        ("", True),
    ]


def test_a_patch_without_a_draft_leaves_the_draft_as_it_was() -> None:
    result, _ = play({**replies(), ("blu", "redblue_patch"): builds("", patches=["F1"])})
    assert result.document == "draft 0"
    assert "the patch of round 1 came without a draft: the one before it stands" in result.notes


def test_rejected_claims_end_it_but_those_who_made_them_do_not_stand_behind_the_draft() -> None:
    said = {**replies(3), ("vic", "redblue_verify"): NEVER, ("rex", "redblue_attack"): attacks()}
    result, _ = play(said, seats(3), rounds=3)
    assert (result.calls, result.rounds) == (5, 1)
    assert (result.outcome, result.votes_for, result.votes_of) == ("majority", 3, 5)


def test_rejected_claims_of_most_attackers_leave_no_majority() -> None:
    result, _ = play({**replies(), ("vic", "redblue_verify"): NEVER})
    assert (result.outcome, result.decided_by, result.votes_for, result.votes_of) == ("no_consensus", "review", 2, 4)


def test_a_rejected_claim_that_is_made_again_is_checked_again() -> None:
    said = {**replies(), ("ray", "redblue_attack"): attacks("same old")}
    said["vic", "redblue_verify"] = verifies(lambda item: "rejected" if item["claim"] == "same old" else "reproduced")
    _, script = play(said, rounds=2)
    checked = [
        [item["claim"] for item in question.view["findings"]] for question in script.asked if question.step == "redblue_verify"
    ]
    assert checked == [["rex 1", "same old"], ["rex 1", "same old", "rex 2"]]


def test_what_is_unclear_stays_unconfirmed_and_is_not_clean() -> None:
    result, _ = play({**replies(), ("vic", "redblue_verify"): verifies(lambda _: "unclear")}, rounds=2)
    assert ledger(result) == {"rex 1": "unconfirmed", "ray 1": "unconfirmed"}
    assert (result.outcome, result.decided_by, result.rounds) == ("no_consensus", "nobody", 1)


def test_what_was_fixed_and_becomes_unclear_is_open_again() -> None:
    verdicts = {
        "rex 1": ["reproduced", "rejected", "unclear"],
        "rex 2": ["", "reproduced", "rejected"],
        "rex 3": ["", "", "rejected"],
    }
    said = replies(1)
    said["vic", "redblue_verify"] = lambda question: verifies(lambda item: verdicts[item["claim"]][question.round - 1])(
        question
    )
    result, _ = play(said, seats(1), rounds=4)
    assert ledger(result) == {"rex 1": "open", "rex 2": "fixed", "rex 3": "rejected"}
    assert result.outcome == "no_consensus"


def test_without_rounds_nobody_attacks_and_the_result_says_so() -> None:
    result, _ = play(replies(), rounds=0)
    assert (result.outcome, result.reason, result.calls) == ("no_consensus", "unattacked: there were no rounds", 1)


# Faults


def test_without_a_draft_there_is_nothing() -> None:
    result, script = play({**replies(), ("blu", "redblue_build"): lost("blu")})
    assert (result.outcome, result.answer, len(script.asked)) == ("failed", None, 1)


def test_one_attacker_lost_the_others_go_on_and_it_shows() -> None:
    result, _ = play({**replies(), ("ray", "redblue_attack"): lost("ray")}, rounds=2)
    assert result.outcome == "degraded"
    assert ledger(result) == {"rex 1": "open", "rex 2": "open"}
    assert "attacked by 1 of 2 in round 1" in result.notes


def test_a_lost_attacker_is_not_one_that_found_nothing() -> None:
    said = {**replies(), ("ray", "redblue_attack"): lost("ray"), ("rex", "redblue_attack"): attacks()}
    result, _ = play(said)
    assert (result.outcome, result.votes_for, result.votes_of) == ("degraded", 2, 3)


def test_all_attackers_lost_it_stops_unattacked() -> None:
    result, script = play({**replies(), **{(seat, "redblue_attack"): lost(seat) for seat in REDS[:2]}}, rounds=3)
    assert (result.outcome, result.decided_by, result.answer) == ("degraded", "nobody", "a lock")
    assert "nobody attacked in round 1" in result.reason
    assert len(script.asked) == 3


def test_the_second_verifier_takes_over() -> None:
    result, _ = play({**replies(), ("vic", "redblue_verify"): lost("vic")}, seats(verifiers=2))
    assert (result.outcome, result.calls, result.extra_calls) == ("degraded", 5, 1)
    assert set(ledger(result).values()) == {"open"}


def test_without_a_verifier_findings_stay_unconfirmed_and_nothing_is_patched() -> None:
    result, script = play({**replies(), ("vic", "redblue_verify"): lost("vic")}, rounds=3)
    assert result.outcome == "degraded"
    assert ledger(result) == {"rex 1": "unconfirmed", "ray 1": "unconfirmed"}
    assert result.reason == "the verifier was lost, so what was claimed last is unconfirmed: 2 unconfirmed"
    assert script.steps("blu") == ["redblue_build"]


def test_a_verifier_lost_later_leaves_the_patches_unverified() -> None:
    result, _ = play({**replies(), ("vic", "redblue_verify", 2): lost("vic")}, rounds=3)
    assert ledger(result) == {"rex 1": "open", "ray 1": "open", "rex 2": "unconfirmed", "ray 2": "unconfirmed"}
    assert "patched, and verified by nobody: F1, F2" in result.notes


def test_without_blue_there_is_a_report_of_findings() -> None:
    result, _ = play({**replies(), ("blu", "redblue_patch"): lost("blu")}, rounds=3)
    assert (result.outcome, result.decided_by, result.rounds) == ("degraded", "nobody", 1)
    assert "report of findings" in result.reason
    assert set(ledger(result).values()) == {"open"}
    assert result.document == "draft 0"


def test_names_of_models_do_not_travel() -> None:
    said = {
        **replies(),
        ("blu", "redblue_build"): builds("As acme-7 I drafted"),
        ("rex", "redblue_attack"): attacks("acme-7 fails@acme-7"),
    }
    script = Script(said)
    asyncio.run(redblue(script, replace(setup(PATTERN, seats(), rounds=2), names=("acme-7",))))
    assert "acme-7" not in str([question.view for question in script.asked])


# With the real templates


@pytest.mark.parametrize(
    ("material", "rounds", "outcome"),
    [(NOTES, 1, "no_consensus"), (NOTES, 4, "unanimous"), (ELSEWHERE, 2, "unanimous")],
)
def test_rehearsal_attacks_verifies_and_patches_to_the_end(material: str, rounds: int, outcome: str) -> None:
    result, asked = rehearse(PATTERN, seats(), TASK, material, rounds=rounds)
    assert (result.outcome, result.problems, result.repairs) == (outcome, (), 0)
    assert all(TASK in prompt for prompt in asked.prompts.values())
