"""Rehearsal at the table of a vote: what it says keeps the contracts, whatever the material and the others say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.models.chat import ChatRequest, Shape
from cowork.models.rehearsal import LABEL, compose
from cowork.patterns.answers import parse_answer
from cowork.patterns.ballots import STANCE, SYNTHESIS, merged, ranking
from cowork.patterns.contracts import Contract
from cowork.prompts.templates import render
from tests.models.prompts import ELSEWHERE, NONCE, NOTES, TASK, documents

WORDS = st.text(st.characters(exclude_categories=("Cs",)), max_size=120)
SQLITE = 'It says: "SQLite keeps the whole store in a single file, so a backup is a copy."\n\nAnswer: SQLite'
POSTGRES = (
    '"PostgreSQL serves many users at once and shows the whole team who changed what." '
    '"A team can review the history of PostgreSQL with an audit export."\n\nAnswer: PostgreSQL'
)


def say(step: str, contract: Contract[object], *texts: str, seed: int = 0, task: str = TASK, **view: object) -> str:
    prompt = render(f"patterns/{step}.j2", nonce=NONCE, task=task, documents=documents(*texts), **view)
    return compose(ChatRequest(prompt, seed=seed, shape=Shape(contract.form.name, contract.form.schema)))


def labelled(*texts: str) -> list[dict[str, str]]:
    return [{"label": label, "text": text} for label, text in zip("ABCDEF", texts, strict=False)]


def group(label: str, answer: str, reason: str, *, yours: bool = False) -> dict[str, object]:
    said = [] if yours else [{"confidence": 0.7, "reason": reason}]
    return {"label": label, "answer": answer, "members": 1, "yours": yours, "explanations": said}


def test_a_ballot_ranks_by_the_material_that_candidates_rest_on() -> None:
    said = say("team_ranking", ranking("AB"), NOTES, candidates=labelled("SQLite, for no reason.", POSTGRES))
    assert said.startswith(LABEL)
    assert ranking("AB").parse(said).labels == ("B", "A")


@pytest.mark.parametrize("seed", range(3))
def test_candidates_that_rest_on_nothing_are_all_ranked_with_little_confidence(seed: int) -> None:
    said = say("team_ranking", ranking("ABC"), ELSEWHERE, candidates=labelled("x", "y", "z"), seed=seed)
    ballot = ranking("ABC").parse(said)
    assert (sorted(ballot.labels), ballot.labels[0], ballot.confidence) == (["A", "B", "C"], "ABC"[seed], 0.1)


def test_a_stance_moves_to_a_group_that_rests_on_more_and_records_what_remains() -> None:
    own = 'SQLite\n\nIt says: "SQLite is simple and fast to read for a single user."'
    groups = [group("A", "SQLite", "", yours=True), group("B", "PostgreSQL", POSTGRES.replace("\n", " "))]
    stance = STANCE.parse(say("consensus_round", STANCE, NOTES, own=own, groups=groups))
    assert stance.answer == "PostgreSQL"
    assert "SQLite is simple" in stance.dissent


def test_a_stance_stays_where_nothing_weighs_more() -> None:
    own = "PostgreSQL\n\n" + POSTGRES.split("\n")[0]
    groups = [group("A", "PostgreSQL", "", yours=True), group("B", "SQLite", "because")]
    stance = STANCE.parse(say("consensus_round", STANCE, NOTES, own=own, groups=groups))
    assert (stance.answer, stance.dissent) == ("PostgreSQL", "")


def test_a_synthesis_takes_the_candidate_that_rests_on_most() -> None:
    said = say("team_synthesis", SYNTHESIS, NOTES, candidates=labelled(SQLITE, POSTGRES))
    assert parse_answer(said).answer == "PostgreSQL"


def test_a_writer_keeps_the_answer_and_names_what_it_takes_from_others() -> None:
    said = say("team_writing", merged("PostgreSQL"), NOTES, chosen="PostgreSQL", draft=POSTGRES, candidates=labelled(SQLITE))
    assert '- A: "SQLite keeps the whole store in a single file, so a backup is a copy."' in said
    assert merged("PostgreSQL").parse(said).answer == "PostgreSQL"


@given(WORDS.filter(str.strip), st.lists(WORDS, min_size=1, max_size=4), WORDS, st.integers(0, 5))
def test_whatever_is_said_the_contracts_are_kept(task: str, texts: list[str], material: str, seed: int) -> None:
    labels = "ABCDEF"[: len(texts)]
    told = {"task": task, "seed": seed}
    ranking(labels).parse(say("team_ranking", ranking(labels), material, **told, candidates=labelled(*texts)))
    STANCE.parse(say("consensus_opening", STANCE, material, **told))
    groups = [
        group(label, " ".join(text.split()) or "x", " ".join(text.split())) for label, text in zip(labels, texts, strict=True)
    ]
    STANCE.parse(say("consensus_round", STANCE, material, **told, own="x\n\nwhy", groups=groups))
    for step in ("team_proposal", "team_layer", "team_synthesis"):
        SYNTHESIS.parse(say(step, SYNTHESIS, material, **told, candidates=labelled(*texts)))
    for step in ("team_writing", "consensus_writing"):
        contract = merged("the answer")
        contract.parse(say(step, contract, material, **told, chosen="the answer", draft=texts[0], candidates=labelled(*texts)))
