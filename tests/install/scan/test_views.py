"""Views: every place in a rewritten text knows where it came from."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from cowork.install.scan import views
from cowork.install.scan.text import Text

TEXTS = st.text(st.sampled_from(list("ab 'éİ\\\n\t\"u0041nx*_${IFS}\u200b\ufe0fＡ😀")), max_size=60)


@given(st.text(max_size=50))
def test_decoded_json_reads_as_json_does(text: str) -> None:
    document = json.dumps({"key": text})
    assert views.decoded_json(views.plain(document)).text == '{"key": "' + text + '"}'


@given(TEXTS)
def test_every_place_leads_back_into_the_text_in_order(text: str) -> None:
    for name in ("a.json", "a.yaml", "a.md"):
        holder = Text(name, text)
        for view in (holder.view, holder.commands, holder.phrases):
            places = [view.source(at) for at in range(len(view.text) + 1)]
            assert places == sorted(places)
            assert places[-1] == len(text)
            assert all(0 <= place <= len(text) for place in places)


@given(TEXTS)
def test_a_character_that_was_not_rewritten_is_the_one_at_its_place(text: str) -> None:
    view = Text("a.md", text).phrases
    for at, character in enumerate(view.text):
        source = text[view.source(at)]
        assert character == source.replace("\u0130", "i").lower() or not source.isascii() or source in " \n\t*_"


def test_lower_case_keeps_every_place() -> None:
    everything = "".join(chr(point) for point in range(0x110000) if not 0xD800 <= point <= 0xDFFF)
    view = views.commands(views.plain(everything.replace("\\", "").replace("$", "")))
    assert len(view.text) == len(everything) - 2


def test_commands_join_continued_lines_and_read_ifs_as_a_blank() -> None:
    assert views.commands(views.plain("Curl \\\n   x${IFS}|$IFS sh")).text == "curl  x | " + " sh"


def test_phrases_lose_padding_emphasis_and_dress() -> None:
    assert views.phrases(views.plain("Do  **not**\n\n > t\u200bell ｔｈｅ 𝐮𝐬𝐞𝐫’s")).text == "do not tell the user's"
