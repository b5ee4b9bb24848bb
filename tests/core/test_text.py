"""Text from elsewhere: nothing in it drives a terminal or hides, and nothing harmless is lost."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.core.text import did_you_mean, one_line, printable, safe_json, suggest

ANY_TEXT = st.text(st.characters())  # lone surrogates included
UNSAFE = {
    "escape sequence": "\x1b",
    "bell": "\x07",
    "backspace": "\x08",
    "nul": "\x00",
    "delete": "\x7f",
    "C1 control sequence introducer": "\x9b",
    "next line": "\x85",
    "bidi override": "\u202e",
    "bidi isolate": "\u2066",
    "right-to-left mark": "\u200f",
    "Arabic letter mark": "\u061c",
    "zero-width space": "\u200b",
    "word joiner": "\u2060",
    "byte order mark": "\ufeff",
    "soft hyphen": "\u00ad",
    "line separator": "\u2028",
    "tag letter": "\U000e0041",
    "lone surrogate": "\udc80",
}
FAMILY = "👨\u200d💻"  # a man, a zero-width joiner and a laptop
HARMLESS = {
    "plain": "plain text",
    "tab and newline": "a\tb\nc",
    "emoji with ZWJ": f"an engineer {FAMILY} here",
    "emoji with variation selector": "⚙️",
    "Persian with ZWNJ": "می\u200cخواهم",
    "combining accent": "e\u0301",
    "other scripts": "日本語 العربية",
}


def has_unsafe(text: str) -> bool:
    """Whether a terminal could be driven, or a reader misled: said in other words than the code says it."""
    return any(
        (unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") and character not in "\t\n")
        or character in "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c\u2060\ufeff\u00ad"
        or 0xE0000 <= ord(character) <= 0xE007F
        for character in text
    )


def utf16(value: Any) -> Any:
    """`value` as JSON means it: its strings are UTF-16, where two lone surrogates side by side are one character."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass")
    if isinstance(value, list):
        return [utf16(item) for item in value]
    return {utf16(key): utf16(item) for key, item in value.items()} if isinstance(value, dict) else value


@pytest.mark.parametrize("character", UNSAFE.values(), ids=UNSAFE)
def test_an_unsafe_character_is_shown_as_its_escape(character: str) -> None:
    shown = printable(f"a{character}b")

    point = ord(character)
    assert shown == (f"a\\u{point:04x}b" if point <= 0xFFFF else f"a\\U{point:08x}b")


@pytest.mark.parametrize("text", HARMLESS.values(), ids=HARMLESS)
def test_harmless_text_is_left_alone(text: str) -> None:
    assert printable(text) == text
    assert safe_json(json.dumps(text, ensure_ascii=False)) == json.dumps(text, ensure_ascii=False)


def test_line_ends_of_all_systems_become_newlines() -> None:
    assert printable("a\r\nb\rc\nd") == "a\nb\nc\nd"


@given(ANY_TEXT)
def test_printable_text_holds_nothing_unsafe(text: str) -> None:
    assert not has_unsafe(printable(text))


@given(ANY_TEXT)
def test_making_printable_twice_changes_nothing_more(text: str) -> None:
    assert printable(printable(text)) == printable(text)


@given(ANY_TEXT, st.integers(2, 40))
def test_one_line_is_one_safe_line_within_its_limit(text: str, limit: int) -> None:
    line = one_line(text, limit)

    assert len(line) <= limit
    assert "\n" not in line
    assert "\t" not in line
    assert not has_unsafe(line)


def test_one_line_says_when_it_cut_something_off() -> None:
    assert one_line("abcdef", 4) == "abc…"
    assert one_line(" a \n\n b\tc ", 9) == "a b c"


@pytest.mark.parametrize("character", UNSAFE.values(), ids=UNSAFE)
def test_json_holds_no_raw_unsafe_character_and_still_means_the_same(character: str) -> None:
    raw = json.dumps({f"k{character}": f"v\\{character}"}, ensure_ascii=False)

    safe = safe_json(raw)

    assert not has_unsafe(safe)
    assert json.loads(safe) == {f"k{character}": f"v\\{character}"}


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(JSON_VALUES, st.sampled_from([None, 2]))
@settings(deadline=None)
def test_safe_json_round_trips_every_document(value: Any, indent: int | None) -> None:
    safe = safe_json(json.dumps(value, ensure_ascii=False, indent=indent))

    assert not has_unsafe(safe)
    assert utf16(json.loads(safe)) == utf16(value)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("devop", "devops"), ("DEVOPS", "devops"), ("pretooluse", "PreToolUse"), ("enginering", "engineering"), ("xyz", None)],
)
def test_a_suggestion_is_the_name_most_like_the_typed_one(typed: str, meant: str | None) -> None:
    assert suggest(typed, ["engineering", "devops", "PreToolUse"]) == meant


def test_the_hint_falls_back_when_nothing_is_alike() -> None:
    assert did_you_mean("devop", ["devops"], "list them") == "did you mean 'devops'?"
    assert did_you_mean("xyz", ["devops"], "list them") == "list them"
    assert did_you_mean("xyz", [], "list them") == "list them"
