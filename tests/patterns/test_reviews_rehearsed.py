"""Reviewing, objecting and refining from the first prompt to the result, offline."""

from __future__ import annotations

import pytest

from cowork.models.rehearsal import LABEL
from cowork.patterns import chain, devil, refine
from tests.models.prompts import ELSEWHERE, NOTES, TASK
from tests.patterns.rehearsed import rehearse

CHAIN = {"author": ["ann"], "reviewer": ["r1", "r2"]}
REFINE = {"author": ["ann"], "critic": ["cy"]}
DEVIL = {"proposer": ["ann"], "advocate": ["a1", "a2"], "judge": ["jay"]}


class TestAChain:
    @pytest.mark.parametrize("separate", [False, True])
    def test_adds_what_the_draft_leaves_out_and_approves_it_then(self, separate: bool) -> None:
        result, asker = rehearse(chain.PATTERN, CHAIN, TASK, NOTES, separate=separate)
        assert (result.outcome, result.repairs, result.problems) == ("majority", 0, ())
        assert {finding.status for finding in result.findings} == {"fixed"}
        assert result.document.startswith(LABEL)
        assert "A crash never leaves SQLite corrupt" in result.document
        assert "A crash never leaves SQLite corrupt" not in result.versions[0].text
        assert all("{{" not in prompt and "{%" not in prompt for prompt in asker.prompts.values())

    def test_approves_at_once_where_nothing_is_left_out(self) -> None:
        result, _ = rehearse(chain.PATTERN, CHAIN, TASK, ELSEWHERE)
        assert (result.outcome, result.calls) == ("unanimous", 3)

    def test_cannot_approve_a_draft_that_fails_its_check(self) -> None:
        result, asker = rehearse(chain.PATTERN, CHAIN, TASK, ELSEWHERE, check=lambda draft: "boom")
        assert (result.outcome, result.findings[0].id) == ("no_consensus", "check")
        assert "evidence: boom" in asker.prompts["r1/chain_review/1//"]


class TestADevilsAdvocate:
    def test_finds_what_the_answer_passes_over_and_the_judge_prefers_the_revision(self) -> None:
        result, asker = rehearse(devil.PATTERN, DEVIL, TASK, NOTES)
        assert (result.outcome, result.decided_by, result.repairs, result.problems) == ("majority", "judge", 0, ())
        assert {finding.status for finding in result.findings} == {"accepted"}
        assert result.document != result.versions[0].text
        assert all("{{" not in prompt and "{%" not in prompt for prompt in asker.prompts.values())

    def test_has_nothing_to_object_a_second_time(self) -> None:
        result, _ = rehearse(devil.PATTERN, DEVIL, TASK, NOTES, rounds=3)
        assert (result.outcome, result.rounds) == ("majority", 2)

    def test_has_nothing_to_object_where_the_material_says_nothing(self) -> None:
        result, _ = rehearse(devil.PATTERN, DEVIL, TASK, ELSEWHERE)
        assert (result.outcome, result.calls) == ("unanimous", 3)


class TestARefinement:
    def test_adds_what_the_critic_misses_until_it_is_satisfied(self) -> None:
        result, asker = rehearse(refine.PATTERN, REFINE, TASK, NOTES, rounds=6)
        assert (result.outcome, result.decided_by, result.repairs, result.problems) == ("unanimous", "review", 0, ())
        held = [version.score for version in result.versions]
        assert held == sorted(held)
        assert result.rounds == 2
        assert all("{{" not in prompt and "{%" not in prompt for prompt in asker.prompts.values())

    def test_that_runs_out_of_rounds_is_no_consensus(self) -> None:
        assert rehearse(refine.PATTERN, REFINE, TASK, NOTES, rounds=1)[0].outcome == "no_consensus"

    def test_has_nothing_to_add_where_the_material_says_nothing(self) -> None:
        result, _ = rehearse(refine.PATTERN, REFINE, TASK, ELSEWHERE)
        assert (result.outcome, result.calls) == ("unanimous", 2)

    def test_tells_of_a_check_that_fails(self) -> None:
        result, asker = rehearse(refine.PATTERN, REFINE, TASK, ELSEWHERE, check=lambda draft: "boom")
        assert "A command was run on this draft" in asker.prompts["cy/refine_critique/1//"]
        assert "evidence: boom" in asker.prompts["ann/refine_revise/1//"]
        assert result.outcome == "no_consensus"
