"""The first look leaves out no rule that would find something: shown for each table, and tried with texts that break rules."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.install.scan import access, autorun, damage, downloads, prompts, secrets
from cowork.install.scan.first_look import as_read, suspects
from cowork.install.scan.kinds import kind_of
from cowork.install.scan.second_look import MODULES, SecondLook
from cowork.install.scan.signs import Sign
from cowork.install.scan.text import Text
from tests.install.sample_packs import fifty_files
from tests.install.scan import (
    test_access,
    test_damage,
    test_downloads,
    test_encoded,
    test_hidden,
    test_markup,
    test_prompts,
    test_scanner,
    test_secrets,
)
from tests.install.scan.grammar import always_holds, may_take, shortest
from tests.install.scan.samples import Scanner

SIGNS: list[Sign] = [*access.SIGNS, *damage.SIGNS, *downloads.SIGNS, *prompts.SENTENCES, *prompts.MARKS]
named = pytest.mark.parametrize("sign", SIGNS, ids=lambda sign: f"{sign.rule.id}: {sign.message}")


@named
def test_every_match_of_a_sign_holds_one_of_each_group(sign: Sign) -> None:
    for group in filter(None, sign.also.split(" & ")):
        assert always_holds(sign.pattern, group.split(), beside=not sign.apart), group


@named
def test_no_match_of_a_sign_goes_beyond_what_keeps_it_apart(sign: Sign) -> None:
    assert [character for character in sign.apart if may_take(sign.pattern, character)] == []
    if sign.apart:  # then it is searched only around its words
        assert always_holds(sign.pattern, [word.rstrip("*") for word in sign.words.split()], beside=False)


@named
def test_what_is_looked_for_reads_the_same_in_every_view(sign: Sign) -> None:
    for word in f"{sign.words} {sign.also}".split():
        assert word.isascii()
        assert word == word.lower()
        assert sign not in prompts.SENTENCES or not re.search(r"[*_>#|]{2}", word)  # which would be read as a blank


@pytest.mark.parametrize("name", autorun._NAMES, ids=lambda name: name.pattern)
def test_every_path_that_a_row_matches_holds_one_of_its_words(name: autorun._Name) -> None:
    assert always_holds(name.pattern, name.words.split())


@pytest.mark.parametrize("token", secrets._TOKENS, ids=lambda token: token.what)
def test_every_token_holds_one_of_its_words_in_one_long_piece(token: secrets._Token) -> None:
    assert always_holds(token.pattern, token.words.split())
    if "aws_" in token.pattern:
        assert len("awssecretaccesskey") >= secrets._SHORTEST
    else:
        assert not may_take(token.pattern, " ")
        assert shortest(token.pattern) >= secrets._SHORTEST


CALLS = (test_access.SENT, *test_downloads.RUNS.values(), *test_damage.BAD.values())
BROKEN = [
    *(line.strip() for text in CALLS for line in text.splitlines() if line.strip()),
    *(line.strip() for text in test_prompts.CRITICAL.values() for line in text.splitlines() if line.strip()),
    *(text for text, _, _ in test_hidden.HIDDEN.values()),
    *test_hidden.SEEN.values(),
    *test_encoded.ENCODED.values(),
    *test_markup.CRITICAL,
    *test_markup.WARNINGS,
    *test_secrets.TOKENS.values(),
    "https://user:" + "p4ssw0rd" + "@db.x.dev/app http://10.0.0.1 https://x.dev@y.dev",
    "\n" * 120 + "more",
    " " * 220 + "far",
    "x" * 2100,
]
GLUE = [
    "",
    " ",
    "\n",
    "\n\n",
    "*",
    "_",
    "\\\n",
    "${IFS}",
    "\\u0020",
    "\\n",
    "\\",
    '"',
    "\u2019",
    "\u200b",
    "\ufe0f",
    "❤\ufe0f",
    ".",
]
NAMES = ["SKILL.md", "cowork.plugin.json", "a.yaml", "run.sh", "x.py", "LICENSE", "data.csv", "a.png", ".mcp.json", "test_x.py"]
PIECES = st.sampled_from([*BROKEN, *(word for text in BROKEN for word in text.split())])
TEXTS = st.lists(PIECES | st.sampled_from(GLUE) | st.text(max_size=3), max_size=9).map("".join)


def written(text: str, form: str) -> bytes:
    """A text as it may stand in a file."""
    if form == "json":
        return json.dumps({"prompt": text}).encode()
    if form == "yaml":
        return f"---\ndescription: {json.dumps(text, ensure_ascii=False)}\n---\n".encode("utf-8", "surrogatepass")
    if form == "utf-16":
        return text.encode("utf-16", "surrogatepass")
    return (text.upper() if form == "upper" else text).encode("utf-8", "surrogatepass")


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(NAMES), TEXTS, st.sampled_from(["plain", "plain", "json", "yaml", "upper", "utf-16"]))
def test_rules_that_are_left_out_find_nothing(name: str, text: str, form: str) -> None:
    data = written(text, form)
    rules = SecondLook(Path(), [], {}, 0)
    assert rules.findings(name, data, suspects(name, data)) == rules.findings(name, data, MODULES)


@pytest.mark.parametrize("form", ["plain", "json", "yaml"])
def test_each_text_that_breaks_a_rule_gets_a_second_look(form: str) -> None:
    rules = SecondLook(Path(), [], {}, 0)
    for text in BROKEN:
        for name in ("SKILL.md", "cowork.plugin.json", "run.sh"):
            data = written(text, form)
            assert rules.findings(name, data, suspects(name, data)) == rules.findings(name, data, MODULES), text


@settings(max_examples=300)
@given(
    st.sampled_from(["a.json", "a.yaml", "a.md", "a.sh"]),
    st.lists(st.sampled_from(["\\", "\\\\", "n", "u0041", "x41", '"', "\n", "---\n", "\0", "é", "/", "\\ud83d\\ude00"])).map(
        "".join
    ),
)
def test_escapes_are_read_as_the_rules_read_them(name: str, raw: str) -> None:
    assert as_read(name, raw, kind_of(name)) == Text(name, raw).view.text


def test_words_that_stand_in_different_sentences_need_no_second_look() -> None:
    assert suspects("SKILL.md", b"Do not stop. Tell me everything (the user knows it). Keep this; hide it.") == set()
    assert suspects("SKILL.md", b"Do not stop or tell me everything as the user knows it.") == {"prompts"}


def test_any_bytes_get_a_first_look() -> None:
    for unit in test_scanner.UNITS.values():
        assert suspects("a.md", unit.encode() * 20) <= set(MODULES)


def test_letters_that_match_others_where_case_is_ignored_hide_no_attribute(scanner: Scanner) -> None:
    assert scanner.worst("hidden_markup", '<p \u017ftyle="d\u0131splay: none">x</p>') == "warning"


def test_an_ordinary_pack_needs_no_second_look_and_no_pattern(tmp_path: Path) -> None:
    for path, text in fifty_files().items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    script = (
        "import sys; from pathlib import Path; from cowork.install.local import list_local\n"
        "from cowork.install.scan.patterns import compiled; from cowork.install.scan.scanner import scan\n"
        "report = scan(Path(sys.argv[1]), list_local(Path(sys.argv[1])))\n"
        "loaded = [name for name in ('second_look', 'text', 'hidden') if 'cowork.install.scan.' + name in sys.modules]\n"
        "print(report.files, len(report.findings), compiled.cache_info().currsize, loaded)"
    )
    ran = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True)
    assert ran.stdout == "50 0 0 []\n"
