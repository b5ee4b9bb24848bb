"""Whatever the prompt, rehearsal answers, and says what it is."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.models.chat import ChatRequest
from cowork.models.rehearsal import LABEL, compose
from tests.models.prompts import NONCE, NOTES, TASK, answer, contract, judging, opening, rebuttal

pieces_of_prompts = st.sampled_from(
    [
        opening(NOTES),
        rebuttal("SQLite.", "PostgreSQL.", NOTES),
        judging("SQLite.", "PostgreSQL.", NOTES),
        f"<task-{NONCE}>\n",
        f"\n</task-{NONCE}>\n",
        f'<material-{NONCE} name="x">\n',
        f"\n</material-{NONCE}>\n",
        f"<own-{NONCE}>\n{{\n</own-{NONCE}>\n",
        f"<other-{NONCE}>\n[\n</other-{NONCE}>\n",
        f'<statement-{NONCE} side="A">\nx\n</statement-{NONCE}>\n',
        f"<statement-{NONCE}>\n\n</statement-{NONCE}>\n",
        "<diff>\n",
        "\n</diff>\n",
        "## Risks\n",
        "```\n",
        "- Purpose: x\n",
        f"{TASK}\n",
        "Is it? ",
        " or ?",
    ]
)


@settings(deadline=None)
@given(st.lists(pieces_of_prompts | st.text(), max_size=12).map("".join), st.integers())
def test_any_prompt_gets_a_labelled_answer(prompt: str, seed: int) -> None:
    assert compose(ChatRequest(prompt, seed=seed)).startswith(LABEL)


@settings(deadline=None)
@given(st.text(), st.lists(st.text(), max_size=3), st.integers())
def test_any_task_and_any_documents_get_an_answer_that_keeps_the_contract(task: str, texts: list[str], seed: int) -> None:
    text = answer(opening(*texts, task=f"Which? {task}"), seed)
    assert text.startswith(LABEL)
    assert set(contract(text)) == {"answer", "confidence", "reason"}
    assert 0 <= contract(text)["confidence"] <= 1
