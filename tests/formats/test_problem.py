"""Problems: their paths, their order, their number and their rules."""

from __future__ import annotations

import re

import pytest

from cowork.formats.problem import MOST_PROBLEMS, RULES, Problem, bounded, in_order, json_path, quoted
from tests.support import ROOT


def problem(file: str = "f", line: int | None = None, rule: str = "file.corrupt", severity: str = "error") -> Problem:
    return Problem(file, "$", rule, severity, "m", "x", line)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("parts", "path"),
    [
        ((), "$"),
        (("skills", 2, "prompt"), "$.skills[2].prompt"),
        (("$schema",), "$.$schema"),
        (("user-invocable",), "$.user-invocable"),
        (("odd key", 0), '$["odd key"][0]'),
        (('a"b',), '$["a\\"b"]'),
        (("",), '$[""]'),
        (("a\x1b[31m",), '$["a\\u001b[31m"]'),
    ],
)
def test_a_json_path_reads_as_one_writes_it(parts: tuple[str | int, ...], path: str) -> None:
    assert json_path(parts) == path


def test_values_in_messages_are_short_and_safe() -> None:
    assert quoted("\x1b[2J" + "x" * 500).startswith("'\\x1b[2Jxxx")
    assert len(quoted("x" * 500)) == 60


def test_problems_are_sorted_by_file_line_and_rule() -> None:
    mixed = [problem("b"), problem("a", 9), problem("a", 2, "skill.name"), problem("a", 2, "file.corrupt"), problem("a")]
    assert [(item.file, item.line, item.rule) for item in in_order(mixed)] == [
        ("a", None, "file.corrupt"),
        ("a", 2, "file.corrupt"),
        ("a", 2, "skill.name"),
        ("a", 9, "file.corrupt"),
        ("b", None, "file.corrupt"),
    ]


def test_too_many_problems_keep_the_errors_and_say_how_many_more() -> None:
    many = [problem(severity="warning")] * MOST_PROBLEMS + [problem(severity="error")] * 5
    kept = bounded(many)
    assert [item.severity for item in kept[:6]] == ["error"] * 5 + ["warning"]
    assert (len(kept), kept[-1].rule, kept[-1].severity) == (MOST_PROBLEMS + 1, "file.more_problems", "note")
    assert kept[-1].message.startswith("5 more")
    assert bounded(many[:MOST_PROBLEMS]) == many[:MOST_PROBLEMS]


def test_every_rule_that_the_code_names_is_described() -> None:
    families = {rule.split(".")[0] for rule in RULES}
    code = [*(ROOT / "cowork" / "formats").glob("*.py"), *(ROOT / "cowork" / "registry").glob("*ing.py")]
    texts = "\n".join(path.read_text() for path in code)
    named = {rule for rule in re.findall(r'"([a-z_]+\.[a-z_]+)"', texts) if rule.split(".")[0] in families}
    others = {"policy.invalid", "persona.invalid", "pack.manifest_invalid"}  # errors of their own, not problems
    assert named - others <= set(RULES)
    assert all(text[0].isupper() or text.startswith(("`", "agentskills")) for text in RULES.values())
