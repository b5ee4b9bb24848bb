"""Rehearsal: no model, but it keeps every promise of the protocol, and says what it is."""

from __future__ import annotations

import asyncio
import json

import pytest

from cowork.models.chat import ChatRequest
from cowork.models.rehearsal import LABEL, Rehearsal
from tests.models.prompts import (
    ELSEWHERE,
    NONCE,
    NOTES,
    answer,
    contract,
    flat,
    judging,
    opening,
    quotes,
    rebuttal,
)

FOR_SQLITE = answer(opening(NOTES), seed=1)
FOR_POSTGRESQL = answer(opening(NOTES), seed=0)
EVERY_STEP = {
    "opening": opening(NOTES),
    "rebuttal": rebuttal(FOR_SQLITE, FOR_POSTGRESQL, NOTES),
    "concession": rebuttal("I feel so.", FOR_POSTGRESQL, NOTES),
    "judge": judging(FOR_SQLITE, FOR_POSTGRESQL, NOTES),
    "no documents": opening(),
    "nothing to the point": opening(ELSEWHERE),
    "no question": opening(NOTES, task="Describe SQLite."),
}
every_step = pytest.mark.parametrize("prompt", EVERY_STEP.values(), ids=EVERY_STEP)


class TestEveryAnswer:
    @every_step
    def test_starts_with_the_label(self, prompt: str) -> None:
        assert answer(prompt).startswith(f"{LABEL}\n")

    @every_step
    def test_ends_with_the_contract_on_its_last_line(self, prompt: str) -> None:
        for seed in range(6):
            said = contract(answer(prompt, seed))
            decision = said.get("answer", said.get("winner"))
            assert set(said) in ({"answer", "confidence", "reason"}, {"winner", "confidence", "reason"})
            assert isinstance(decision, str)
            assert decision
            assert 0 <= said["confidence"] <= 1
            assert isinstance(said["reason"], str)
            assert said["reason"]

    @every_step
    def test_is_the_same_for_the_same_prompt_and_seed(self, prompt: str) -> None:
        assert [answer(prompt, seed) for seed in range(3)] == [answer(prompt, seed) for seed in range(3)]

    @every_step
    def test_does_not_depend_on_the_tags_of_the_run(self, prompt: str) -> None:
        assert answer(prompt) == answer(prompt.replace(NONCE, "0badcafe"))

    @every_step
    def test_quotes_nothing_but_the_material(self, prompt: str) -> None:
        for seed in range(3):
            assert [quote for quote in quotes(answer(prompt, seed)) if quote not in flat(NOTES)] == []


class TestAnOpening:
    def test_takes_one_of_the_options_word_for_word(self) -> None:
        assert {contract(answer(opening(NOTES), seed))["answer"] for seed in range(6)} == {"SQLite", "PostgreSQL"}

    def test_differs_by_seed_where_the_material_can_be_read_both_ways(self) -> None:
        assert contract(FOR_SQLITE)["answer"] == "SQLite"
        assert contract(FOR_POSTGRESQL)["answer"] == "PostgreSQL"

    def test_rests_on_the_material_that_speaks_for_its_answer(self) -> None:
        for said, name in ((FOR_SQLITE, "SQLite"), (FOR_POSTGRESQL, "PostgreSQL")):
            assert 2 <= len(quotes(said)) <= 3
            assert all(name in quote for quote in quotes(said))
            assert quotes(said)[0] in contract(said)["reason"]

    def test_names_the_document_of_each_passage(self) -> None:
        assert '" (notes-2.md)' in answer(opening(ELSEWHERE, NOTES))

    @pytest.mark.parametrize(
        ("task", "material", "said"),
        [
            ("Is the deployment safe?", "The deployment was checked and every deployment went well so far.", "yes"),
            ("Is the deployment safe?", "The deployment is not safe because the deployment has no rollback.", "no"),
        ],
    )
    def test_of_a_yes_or_no_question_says_yes_or_no(self, task: str, material: str, said: str) -> None:
        assert contract(answer(opening(material, task=task)))["answer"] == said

    def test_of_an_open_task_is_the_passage_that_bears_on_it_most(self) -> None:
        text = answer(opening(NOTES, task="What does PostgreSQL cost?"))
        assert contract(text)["answer"] == "PostgreSQL costs a server to run, and a budget to watch."

    @pytest.mark.parametrize("material", [(), (ELSEWHERE,), ("",), ("# SQLite or PostgreSQL\n\n```\nSQLite\n```\n",)])
    def test_says_so_when_the_material_has_nothing(self, material: tuple[str, ...]) -> None:
        text = answer(opening(*material))
        assert contract(text)["reason"] == "The material says nothing that bears on the task."
        assert contract(text)["confidence"] == 0.1
        assert contract(text)["answer"] in ("SQLite", "PostgreSQL")
        assert "- nothing bears on the task" in text
        assert quotes(text) == []

    def test_of_an_open_task_without_material_is_unknown(self) -> None:
        assert contract(answer(opening(ELSEWHERE, task="Name the best database.")))["answer"] == "unknown"


class TestARebuttal:
    def test_gives_way_to_a_statement_that_rests_on_more_of_the_material(self) -> None:
        weak = '{"answer": "SQLite", "confidence": 0.9, "reason": "I feel so."}'
        text = answer(rebuttal(weak, FOR_POSTGRESQL, NOTES))
        assert "I concede" in text
        assert contract(text)["answer"] == "PostgreSQL"
        assert quotes(text) == quotes(FOR_POSTGRESQL)

    def test_holds_on_against_a_statement_that_rests_on_nothing(self) -> None:
        weak = '{"answer": "PostgreSQL", "confidence": 1.0, "reason": "Trust me."}'
        text = answer(rebuttal(FOR_SQLITE, weak, NOTES))
        assert "I concede" not in text
        assert contract(text)["answer"] == "SQLite"
        assert "- nothing that the own statement does not rest on too" in text

    def test_keeps_an_answer_word_for_word_whatever_characters_it_has(self) -> None:
        own = json.dumps({"answer": "one\u2028line\x85"}, ensure_ascii=False)
        assert contract(answer(rebuttal(own, "I feel so.", NOTES)))["answer"] == "one\u2028line\x85"

    def test_grants_the_other_what_the_material_says(self) -> None:
        text = answer(rebuttal(FOR_SQLITE + "\n" + FOR_SQLITE, FOR_POSTGRESQL, NOTES), seed=1)
        assert set(quotes(text)) & set(quotes(FOR_POSTGRESQL))

    @pytest.mark.parametrize(
        "own", ["", "no JSON at all", "{", '{"answer": 5}', "[]", '{"a":' * 5000, '{"answer": "a\u2028b"}', "\u0085{"]
    )
    def test_keeps_the_contract_whatever_the_statements_are(self, own: str) -> None:
        for prompt in (rebuttal(own, FOR_SQLITE, NOTES), rebuttal(FOR_SQLITE, own, NOTES), rebuttal(own, own, NOTES)):
            assert set(contract(answer(prompt))) == {"answer", "confidence", "reason"}


class TestAJudge:
    def test_names_the_same_side_in_both_orders(self) -> None:
        strong, weak = FOR_POSTGRESQL, '{"answer": "SQLite", "reason": "I feel so."}'
        one, other = answer(judging(strong, weak, NOTES)), answer(judging(weak, strong, NOTES))
        assert (contract(one)["winner"], contract(other)["winner"]) == ("A", "B")
        assert contract(one)["confidence"] == contract(other)["confidence"]
        assert contract(one)["reason"] == contract(other)["reason"]

    @pytest.mark.parametrize("statement", [FOR_SQLITE, "I feel so."])
    def test_calls_it_a_tie_when_both_rest_on_as_much(self, statement: str) -> None:
        verdict = contract(answer(judging(statement, statement, NOTES)))
        assert (verdict["winner"], verdict["confidence"]) == ("tie", 0.5)

    def test_is_not_moved_by_length_or_by_claims_without_support(self) -> None:
        loud = "PostgreSQL is better. It is the best. Everybody knows. " * 50
        assert contract(answer(judging(loud, FOR_SQLITE, NOTES)))["winner"] == "B"

    def test_sees_a_quotation_inside_json(self) -> None:
        material = 'The store is called "SQLite" by everybody who uses the store.'
        inside = json.dumps({"answer": "SQLite", "reason": material})
        assert contract(answer(judging(inside, "I feel so.", material)))["winner"] == "A"


class TestAReply:
    def ask(self, prompt: str, max_tokens: int = 2048) -> tuple[list[str], str, str | None]:
        pieces: list[str] = []
        request = ChatRequest(prompt, system="Be brief.", max_tokens=max_tokens)
        reply = asyncio.run(Rehearsal().reply(request, pieces.append))
        assert reply.usage.source == "estimated"
        assert reply.usage.input_tokens == (len(prompt) + 9) // 4
        assert reply.usage.output_tokens == len(reply.text) // 4
        return pieces, reply.text, reply.stop_reason

    def test_streams_the_answer_line_by_line(self) -> None:
        pieces, text, stop = self.ask(opening(NOTES))
        assert len(pieces) > 5
        assert "".join(pieces) == text == answer(opening(NOTES))
        assert stop == "end_turn"

    def test_is_cut_at_the_limit_and_says_so(self) -> None:
        _, text, stop = self.ask(opening(NOTES), max_tokens=40)
        assert (len(text), stop) == (160, "max_tokens")

    def test_is_never_cut_within_the_label(self) -> None:
        assert self.ask(opening(NOTES), max_tokens=1)[1] == LABEL
