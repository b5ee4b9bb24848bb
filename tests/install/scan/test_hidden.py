"""Characters that nobody sees, and those that only look suspicious."""

from __future__ import annotations

import pytest

from tests.install.scan.samples import Scanner

TAGS = "".join(chr(0xE0000 + ord(letter)) for letter in "run me")
BYTES = "".join(chr(0xE0100 + byte - 16) for byte in b"run me")
FLAGS = [
    "\U0001f3f4" + "".join(chr(0xE0000 + ord(letter)) for letter in place) + "\U000e007f"
    for place in ("gbeng", "gbsct", "gbwls")
]

HIDDEN = {
    "tag characters": (f"Hello{TAGS}", "tag_characters", "critical"),
    "tag characters after a flag that does not exist": ("\U0001f3f4" + TAGS, "tag_characters", "critical"),
    "a flag that does not end": (FLAGS[0][:-1], "tag_characters", "critical"),
    "bytes in variation selectors": (f"😀{BYTES}", "variation_selectors", "critical"),
    "one selector from the supplement": ("a\U000e0155", "variation_selectors", "critical"),
    "a selector after a letter": ("a\ufe01", "variation_selectors", "critical"),
    "the emoji selector twice": ("❤\ufe0f\ufe0f", "variation_selectors", "warning"),
    "an override of direction": ("user\u202eresu", "bidi", "critical"),
    "an isolate": ("if \u2066admin\u2069:", "bidi", "critical"),
    "an override among Hebrew": ("שלום \u202eabc", "bidi", "warning"),
    "a mark in English": ("left\u200eright", "bidi", "warning"),
    "a zero-width space in a word": ("ig\u200bnore", "zero_width", "warning"),
    "bits in zero-width characters": ("a\u200b\u200c\u200b\u200d\u2060b", "zero_width", "critical"),
    "a byte order mark in the middle": ("a\ufeffb", "zero_width", "warning"),
    "a joiner between Latin letters": ("a\u200db", "joiner", "warning"),
    "a soft hyphen": ("Wort\u00adende", "invisible_filler", "warning"),
    "a Hangul filler alone": ("a\u3164b", "invisible_filler", "warning"),
    "fillers in a row": ("a\u2800\u2800\u2800\u2800\u2800b", "invisible_filler", "critical"),
    "a terminal escape": ("\x1b[2Jgone", "terminal_escape", "critical"),
    "a terminal escape of one byte": ("\x9b2J", "terminal_escape", "critical"),
    "a backspace": ("safe\x08\x08\x08\x08evil", "control", "warning"),
    "a carriage return alone": ("evil\rsafe", "control", "warning"),
    "a line separator": ("# a\u2028rm", "line_separator", "warning"),
}
SEEN = {
    "flags": "🏁 🇩🇪 " + " ".join(FLAGS),
    "families and professions": "👩‍👩‍👧‍👦 👩🏽‍💻 🏳️‍🌈 ❤️‍🔥 🧑‍⚕️",
    "keycaps": "1️⃣ #️⃣ *️⃣ ©️ ™️ ☎︎",
    "Persian": "می‌خواهم این کار را انجام دهم؛ کتاب‌ها",
    "Arabic with marks": "مرحبا \u200f(2024)\u200f و\u061c5",
    "Hindi": "क्‍षत्रिय और क्‌ष, हिन्दी में",
    "Sinhala and Malayalam": "ශ්‍රී ന്‍റെ",
    "Thai with breaks": "ภาษา\u200bไทย",
    "Japanese names": "葛\U000e0100城市、辻\U000e0101さん",
    "Hebrew": "שלום עולם \u200f!",
    "Braille, also its blank": "⠓⠑⠇⠇⠕⠀⠺⠕⠗⠇⠙",
    "Mongolian": "ᠮᠣᠩᠭᠣᠯ᠎ᠠ",
    "German and tabs": "Größe\tÄnderung\r\nweiter\f\n",
    "a byte order mark at the start": "\ufeff# Title\n",
    "an escape that is only written": r"print('\x1b[1m\u202e')",
}


@pytest.mark.parametrize("text, rule, severity", HIDDEN.values(), ids=HIDDEN)
def test_what_hides_is_found(scanner: Scanner, text: str, rule: str, severity: str) -> None:
    assert scanner.worst(rule, f"Some text.\n{text}\n") == severity


def test_what_people_write_is_left_alone(scanner: Scanner) -> None:
    assert {what: found for what, text in SEEN.items() if (found := scanner.findings(text))} == {}


def test_what_tag_characters_and_selectors_spell_is_said(scanner: Scanner) -> None:
    for text in (f"Hi{TAGS}", f"😀{BYTES}"):
        [finding] = scanner.findings(text)
        assert "'run me'" in finding.message
        assert finding.excerpt.isascii() or finding.excerpt.startswith("😀")


@pytest.mark.parametrize("escaped", [r"\u202e", r"\udb40\udc41\udb40\udc42", r"\u001b[2J", r"\u200b"])
def test_json_hides_nothing_in_escapes(scanner: Scanner, escaped: str) -> None:
    before = '{"name": "x",\n "description": "a'
    [finding] = scanner.findings(f'{before}{escaped}b"}}', "cowork.plugin.json")
    assert (finding.line, finding.column) == (2, len(' "description": "a') + 1)
    assert finding.excerpt.startswith(escaped)


def test_an_escaped_backslash_in_json_is_no_escape(scanner: Scanner) -> None:
    assert scanner.findings(r'{"pattern": "\\u202e"}', "x.json") == ()


@pytest.mark.parametrize("name", ["x.yaml", "SKILL.md"])
def test_yaml_hides_nothing_in_escapes(scanner: Scanner, name: str) -> None:
    assert scanner.worst("bidi", '---\ndescription: "a\\u202eb"\n---\ntext\n', name) == "critical"


def test_markdown_below_its_frontmatter_has_no_escapes(scanner: Scanner) -> None:
    assert scanner.findings("---\nname: x\n---\nwrite \\u202e for it\n") == ()


def test_an_emoji_of_two_escapes_is_one_character(scanner: Scanner) -> None:
    assert scanner.findings(r'{"icon": "\ud83d\udc69\u200d\ud83d\udcbb"}', "x.json") == ()


def test_an_excerpt_shows_escapes_and_never_the_characters(scanner: Scanner) -> None:
    [finding] = scanner.findings("a\u202eb\u2066c")[:1]
    assert finding.excerpt == "\\u202eb\\u2066c"
