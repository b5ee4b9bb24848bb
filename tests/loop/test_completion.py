"""What a final message says: the promise, a question, or nothing that counts."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.loop.completion import LONGEST_QUESTION, Said, said
from cowork.loop.engine.order import Completion
from cowork.loop.masking import without_quotations

TAG = "<promise>COMPLETE</promise>"
USUAL = Completion()
NONCED = Completion(nonce="7f3a")

SAYS_IT = {
    "alone": TAG,
    "after its report": f"All three endpoints are in place and the tests pass.\n\n{TAG}",
    "behind a sentence": f"It reads hello now. {TAG}",
    "behind two words": f"All done. {TAG}",
    "behind a sentence in bold": f"**All done!** {TAG}",
    "after a point that denies": f"- Did not touch the settings\n\n{TAG}",
    "after a sentence that denies": f"It does not crash any more.\n{TAG}",
    "after a comment and a thought": f"<thinking>Is it?</thinking>\n<!-- it is -->\n{TAG}",
    "with white space in and around it": "Done.\n  <promise>\n  COMPLETE \n</promise>  \n",
    "with the tag in capitals": "<PROMISE>COMPLETE</PROMISE>",
    "in bold": f"**{TAG}**",
    "with a full stop": f"{TAG}.",
    "with carriage returns": f"Done.\r\n{TAG}\r\n",
    "twice": f"{TAG}\n\nI checked again.\n\n{TAG}",
    "after a plain colon": f"Everything works and is committed:\n{TAG}",
    "after an apostrophe and a quotation": f"I'm done with `parse()` and the user's \"quotes\".\n{TAG}",
    "after a code block": f"```python\nprint('x')\n```\n{TAG}",
    "after a block in a block": f"````markdown\n```\n{TAG}\n```\n````\n\n{TAG}",
    "after it was only mentioned": f"I was asked to say {TAG} at the end.\n\n{TAG}",
    "after a single backtick": f"The ` key is handled.\n\n{TAG}",
    "after a fence of tildes in a list": f"- ran it:\n  ~~~\n  ok\n  ~~~\n{TAG}",
}
DOES_NOT = {
    "more after it": f"Done.\n{TAG}\nThank you for the clear description.",
    "code after it": f"{TAG}\n```\nls\n```",
    "what it was asked for": f"The task asks me to print\n{TAG}\nwhen everything is done. The tests still fail",
    "what it was asked for, at the end": f"The task asks me to print\n\n{TAG}",
    "a denial before it": f"Do NOT print this yet\n{TAG}",
    "a denial that is a sentence": f"Do not print this yet.\n\n{TAG}",
    "a comment": f"<!--\n{TAG}\n-->",
    "a comment that is not closed": f"<!-- later\n{TAG}",
    "a comment on a line": f"<!-- {TAG} -->",
    "a thought": f"<thinking>\n{TAG}\n</thinking>",
    "a thought that is not closed": f"<think>Then\n{TAG}",
    "behind a condition": f"When all of them pass I am done. {TAG}",
    "behind words that go on": f"Now all is done {TAG}",
    "behind a colon": f"My last words: done. {TAG}",
    "in a quotation": f'It says "Done. {TAG}',
    "a numbered point": f"1. {TAG}",
    "announced, behind a sentence": f"Once it works I will say:\nAll done. {TAG}",
    "nothing": "",
    "the word alone": "COMPLETE",
    "the word in capitals in a report": "The migration is COMPLETE.",
    "an intention": f"I will output {TAG} when done.",
    "an explanation": f"To stop the loop I have to say {TAG}, so first the tests.",
    "a denial": f"I cannot say {TAG} yet: two tests fail.",
    "a plan that ends with it": f"1. Fix the parser.\n2. Run the tests.\n3. Output {TAG}",
    "a point of a list": f"- {TAG}",
    "an announcement with a colon": f"When all of them pass I will write:\n\n{TAG}",
    "a denial with a colon": f"So I don't say this yet:\n{TAG}",
    "inline code": f"`{TAG}`",
    "inline code over lines": f"`the\n{TAG}\nline`",
    "double backticks": f"``\n{TAG}\n``",
    "a code block": f"```\n{TAG}\n```",
    "a code block of tildes": f"~~~text\n{TAG}\n~~~",
    "a code block in a point": f"1. ```\n   {TAG}\n   ```",
    "a code block that is never closed": f"```bash\necho\n{TAG}",
    "a longer fence": f"````\n```\n{TAG}\n````",
    "indented code": f"It says:\n\n    {TAG}",
    "a block quote": f"> {TAG}",
    "a nested block quote": f"> > {TAG}",
    "quotation marks": f'"{TAG}"',
    "an escape": "&lt;promise&gt;COMPLETE&lt;/promise&gt;",
    "a tag that is not closed": "<promise>COMPLETE",
    "another tag": "<promised>COMPLETE</promised>",
    "taken back": f"{TAG}\n\nI said {TAG} too early, the linter fails.",
    "a heading": f"# {TAG}",
    "a cell": f"| {TAG} |",
    "an attribute": '<promise id="1">COMPLETE</promise>',
    "tool output in a block": f'The log of the last run:\n\n```json\n{{"text":"{TAG}"}}\n```\nIt stopped there.',
}


@pytest.mark.parametrize("message", SAYS_IT.values(), ids=SAYS_IT.keys())
def test_a_promise_that_is_said_counts(message: str) -> None:
    assert said(message, USUAL) == Said(promised=True)


@pytest.mark.parametrize("message", DOES_NOT.values(), ids=DOES_NOT.keys())
def test_a_promise_that_is_spoken_of_does_not(message: str) -> None:
    found = said(message, USUAL)
    assert (found.promised, found.blocked, found.other) == (False, None, None)
    assert (found.hint is not None) == ("promise>" in message)  # who wrote the tag learns why it did not count


@pytest.mark.parametrize(
    ("message", "other"),
    [
        ("<promise>complete</promise>", "complete"),
        ("<promise>COMPLETE:7f3a</promise>", "COMPLETE:7f3a"),
        ("<promise>DONE</promise>", "DONE"),
        ("<promise></promise>", ""),
        (f"{TAG}\n<promise>NOT COMPLETE</promise>", "NOT COMPLETE"),
        ("<promise>\x1b[31mX\n\nY</promise>", "\\u001b[31mX Y"),
    ],
)
def test_another_promise_is_reported_and_does_not_count(message: str, other: str) -> None:
    found = said(message, USUAL)
    assert (found.promised, found.other) == (False, other)
    assert TAG in (found.hint or "")


def test_with_a_nonce_only_the_promise_of_this_run_counts() -> None:
    assert said("<promise>COMPLETE:7f3a</promise>", NONCED).promised
    for text in ("COMPLETE", "COMPLETE:7f3b", "COMPLETE: 7f3a", "COMPLETE:7F3A", "7f3a"):
        found = said(f"<promise>{text}</promise>", NONCED)
        assert (found.promised, found.other) == (False, text)


def test_a_promise_of_several_words_is_compared_without_its_white_space() -> None:
    order = Completion(promise="ALL  TESTS\tPASS")
    assert said("<promise> ALL\nTESTS   PASS </promise>", order).promised
    assert not said("<promise>ALL TESTS PASSED</promise>", order).promised


def test_a_question_blocks_and_keeps_its_lines() -> None:
    message = "I looked at both.\n\n<blocked>\nWhich one?\n\n\n\n- `a.py`\n```\nx = 1\n```\n\x07</blocked>\nI wait."
    assert said(message, USUAL) == Said(promised=False, blocked="Which one?\n\n- `a.py`\n```\nx = 1\n```\n\\u0007")


@pytest.mark.parametrize("message", [f"<blocked>Which port?</blocked>\n{TAG}", f"{TAG}\n**<blocked>Which port?</blocked>**"])
def test_who_asks_is_not_done(message: str) -> None:
    assert said(message, USUAL) == Said(promised=False, blocked="Which port?")


def test_a_question_may_hold_the_promise() -> None:
    assert said(f"<blocked>Am I to say\n{TAG}\nnow?</blocked>", USUAL).blocked == f"Am I to say\n{TAG}\nnow?"


@pytest.mark.parametrize(
    "message",
    [
        "If I am stuck I will say <blocked>question</blocked>.",
        "If I am stuck I will say:\n<blocked>question</blocked>",
        "```\n<blocked>question</blocked>\n```",
        "> <blocked>question</blocked>",
        "<blocked>question",
        "<blocked> \n </blocked>",
    ],
)
def test_a_question_that_is_spoken_of_does_not_block(message: str) -> None:
    found = said(message, USUAL)
    assert (found.promised, found.blocked) == (False, None)
    assert found.hint


def test_a_question_may_follow_words_that_lead_to_it() -> None:
    assert said("I cannot go on until you answer\n<blocked>Which port?</blocked>", USUAL).blocked == "Which port?"


def test_the_last_question_counts_and_a_long_one_is_cut() -> None:
    found = said("<blocked>One?</blocked>\n<blocked>" + "x" * 9_000 + "</blocked>", USUAL).blocked or ""
    assert (len(found), found[-1]) == (LONGEST_QUESTION, "…")


def test_only_the_end_of_an_endless_message_is_looked_at() -> None:
    assert said("x\n" * 400_000 + TAG, USUAL).promised


@pytest.mark.parametrize(
    "piece",
    ["`", "` ``", "<promise>\n", "<blocked>\n", "```\n", "> ", "<promise>", "*\n", "a:\n", "<!--", "<think>", "*", "_ "],
)
def test_no_message_takes_long(piece: str) -> None:
    began = time.monotonic()
    said(piece * 100_000, USUAL)
    assert time.monotonic() - began < 5


PIECES = st.sampled_from(
    [
        TAG,
        "<promise>",
        "</promise>",
        "<blocked>",
        "</blocked>",
        "COMPLETE",
        "`",
        "```",
        "~~~",
        "\n",
        "\n\n",
        "> ",
        "    ",
        "word ",
        ":",
    ]
)


@given(st.lists(PIECES | st.text(max_size=5), max_size=20).map("".join))
def test_any_message_is_understood(message: str) -> None:
    found = said(message, USUAL)
    assert not (found.promised and found.blocked)
    assert found.blocked is None or 0 < len(found.blocked) <= LONGEST_QUESTION
    if found.promised:
        assert "<promise>" in message.casefold()
        assert found == Said(promised=True)


@given(st.lists(PIECES | st.text(max_size=5), max_size=20).map("".join))
def test_whatever_is_quoted_says_nothing(message: str) -> None:
    fence = "`" * (message.count("`") + 3)
    for quoted in (f"{fence}\n{message}\n{fence}", "\n".join(f"> {line}" for line in message.replace("\r", "\n").split("\n"))):
        found = said(quoted, USUAL)
        assert (found.promised, found.blocked, found.other) == (False, None, None)


@given(st.text(alphabet=st.characters(exclude_characters="<>`~:\r"), max_size=200))
def test_after_any_prose_a_promise_on_the_last_line_counts(prose: str) -> None:
    assert said(f"{prose}\n\n{TAG}\n", USUAL).promised


@given(st.lists(PIECES | st.text(max_size=5), max_size=20).map("".join))
def test_taking_quotations_out_moves_nothing(text: str) -> None:
    bare = without_quotations(text)
    assert len(bare) == len(text)
    assert all(after in (before, " ") for before, after in zip(text, bare, strict=True))
    assert bare.count("\n") == text.count("\n")
