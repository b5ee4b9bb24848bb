"""A user's Jinja2: values, conditions and loops; nothing that reaches out or grows without end, and never a traceback."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.core.errors import InvalidInput
from cowork.prompts.jinja_rules import FILTERS
from cowork.prompts.jinja_templates import parse, render

DATA: dict[str, Any] = {"x": "X", "l": [1, 2], "d": {"items": 3, "title": "T", "a": {"b": 1}}, "none": None, "b": True}

RENDERED = {
    "{{ x }}": "X",
    "{{ missing }}|{{ missing.deep.er }}|{{ none }}|{{ none.title }}": "|||",
    "{{ d.title }} {{ d['title'] }} {{ d.items }} {{ d.a.b }}": "T T 3 1",
    "{{ l }} {{ b }}": "1, 2 true",
    "{% for i in l %}{{ loop.index }}/{{ loop.length }}{{ ';' if not loop.last }}{% else %}none{% endfor %}": "1/2;2/2",
    "{% for i in none %}x{% else %}none{% endfor %}": "none",
    "{% for k, v in d.a.items() %}{{ k }}={{ v }}{% endfor %}": "b=1",
    "{% if x and not missing %}yes{% else %}no{% endif %}": "yes",
    "{% set y = 2 %}{{ y + 1 }}": "3",
    "{{ l | join('-') }} {{ x | lower }} {{ d.a | tojson }} {{ missing | default('d') }}": '1-2 x {"b": 1} d',
    "{% raw %}{{ x }}{% endraw %}": "{{ x }}",
    "{# gone #}a": "a",
    "{% if x is defined and x in ['X', 'Y'] %}in{% endif %}": "in",
    "{{ l[0] }}{{ l[9] }}{{ l[:1] }}{{ range(3) | join }}": "11012",
    "{{ x | replace('X', '{{ x }}') }}": "{{ x }}",
    "{{ '<b>' }} {{ ['<b>'] | tojson }}": '<b> ["<b>"]',
}


@pytest.mark.parametrize("template", RENDERED)
def test_what_prompts_need_works(template: str) -> None:
    assert render(template, DATA) == RENDERED[template]


REFUSED = {
    "\n{% if x %}": "syntax",
    "\n{{ x": "syntax",
    "\n{% nope %}": "syntax",
    "\n{{ x | nope }}": "unsupported",
    "\n{{ x is nope }}": "unsupported",
    "\n{{ x.__class__ }}": "unsupported",
    "\n{{ ''.__class__.__mro__ }}": "unsupported",
    "\n{{ _private }}": "unsupported",
    "\n{{ x.upper() }}": "unsupported",
    "\n{{ x | attr('__class__') }}": "unsupported",
    "\n{{ x | format(1) }}": "unsupported",
    "\n{{ lipsum() }}": "unsupported",
    "\n{{ cycler.__init__ }}": "unsupported",
    "\n{% include '/etc/passwd' %}": "unsupported",
    "\n{% import 'a' as a %}": "unsupported",
    "\n{% from 'a' import a %}": "unsupported",
    "\n{% extends 'a' %}": "unsupported",
    "\n{% macro m() %}{{ m() }}{% endmacro %}": "unsupported",
    "\n{% set a %}x{% endset %}": "unsupported",
    "\n{% set a = x ~ x %}": "unsupported",
    "\n{% set a = [x, x] %}": "unsupported",
    "\n{% set a = {'k': x} %}": "unsupported",
    "\n{% set a.b = 1 %}": "unsupported",
    "\n{{ 9 ** 9 ** 9 }}": "unsupported",
    "\n{% for a in l recursive %}{{ loop(l) }}{% endfor %}": "unsupported",
    "\n{% filter upper %}x{% endfilter %}": "unsupported",
    "\n{% with a = 1 %}{% endwith %}": "unsupported",
}


@pytest.mark.parametrize("template", REFUSED)
def test_what_is_not_on_the_list_is_refused_with_its_line(template: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        render(template, DATA)

    assert (caught.value.code, caught.value.details["line"]) == (f"template.{REFUSED[template]}", 2)


FAILS = [
    "\n{{ x + 1 }}",
    "\n{{ 'a' * 1000000000 }}",
    "\n{{ 1 / 0 }}",
    "\n{{ x % 3 }}",
    "\n{{ x | map('nope') | list }}",
    "\n{{ x.get() }}",
]


@pytest.mark.parametrize("template", FAILS)
def test_a_value_that_does_not_fit_is_named_by_its_line(template: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        render(template, DATA)

    assert (caught.value.code, caught.value.details["line"]) == ("template.failed", 2)
    assert caught.value.message == "line 2: a value does not fit here"


LARGE = [
    "{{ range(100000) | list }}",
    "{% for a in range(999) %}{% for b in range(999) %}{% endfor %}{% endfor %}",
    "{% for a in range(900) %}{{ big }}{% endfor %}",
    "{{ big | replace('x', big) }}",
    "{{ big | replace('x', big) | length }}",
    "{{ range(900) | join(big) | length }}",
    "{{ " + "(" * 3000,
    "{{ " + "-" * 500 + "1 }}",
    "{% for a in l %}" * 7 + "{% endfor %}" * 7,
    "{% if x %}" * 200 + "{% endif %}" * 200,
]


@pytest.mark.parametrize("template", LARGE, ids=[text[:30] for text in LARGE])
def test_nothing_grows_beyond_its_limit(template: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        render(template, {**DATA, "big": "x" * 10_000})

    assert caught.value.code == "template.too_large"


def test_numbers_stay_numbers_of_a_size() -> None:
    with pytest.raises(InvalidInput) as caught:
        render("{% set a = 99999999 * 99999999 %}{% set b = a * a %}", {})
    assert caught.value.code == "template.failed"
    with pytest.raises(InvalidInput):
        render("{{ " + "9" * 5000 + " }}", {})


class Secret:
    """Not plain data."""

    password = "s3cret"

    def get(self) -> str:
        return "s3cret"


@pytest.mark.parametrize(
    "template",
    ["{{ o.password }}", "{{ o['password'] }}", "{{ [1] | map(attribute='__class__') | list }}{{ o | string | length }}"],
)
def test_an_object_keeps_to_itself(template: str) -> None:
    assert "s3cret" not in render(template, {"o": Secret()})


def test_an_object_is_not_called() -> None:
    with pytest.raises(InvalidInput):
        render("{{ o.get() }}", {"o": Secret()})


PIECES = st.sampled_from(
    [
        *(
            "{{",
            "}}",
            "{%",
            "%}",
            "{#",
            "#}",
            "{{ x }}",
            "{% if x %}",
            "{% endif %}",
            "{% for i in l %}",
            "{% endfor %}",
            "{% else %}",
        ),
        *(
            " x ",
            " l ",
            " i ",
            ".",
            "[",
            "]",
            "(",
            ")",
            "|",
            "~",
            "+",
            "*",
            "**",
            "%",
            "-",
            "=",
            "==",
            "'",
            '"',
            ",",
            ":",
            "not ",
        ),
        *(
            "range(3)",
            "1",
            "0",
            "99999999999",
            "loop.index",
            "__class__",
            "items()",
            "get",
            "set a =",
            "include",
            "raw",
            "endraw",
        ),
        *(f"|{name}" for name in FILTERS),
        *(
            "\n",
            "\\",
            "\0",
            "é",
            "is",
            "in",
            "if",
            "for",
            "recursive",
            "macro m()",
            "self",
            "super()",
            "import",
            "none",
            "d",
            "true",
        ),
    ]
)


@settings(deadline=None)
@given(st.lists(PIECES | st.text(max_size=3), max_size=25).map("".join))
def test_any_text_is_rendered_or_refused(template: str) -> None:
    try:
        assert isinstance(render(template, DATA), str)
    except InvalidInput as error:
        assert error.code in ("template.syntax", "template.unsupported", "template.too_large", "template.failed")
        assert error.details["line"] is None or 1 <= error.details["line"] <= len(re.split("\r\n|\r|\n", template))


@pytest.mark.parametrize("name", FILTERS)
@settings(deadline=None)
@given(expression=st.sampled_from(["x", "l", "d", "none", "b", "missing", "1", "1.5", "''", "range(5)"]))
def test_every_filter_answers_or_says_that_it_does_not_fit(name: str, expression: str) -> None:
    try:
        render(f"{{{{ {expression} | {name} }}}}", DATA)
    except InvalidInput as error:
        assert error.code == "template.failed"


def test_reading_does_not_change_what_a_loop_is_made_of() -> None:
    tree = parse("{% for i in l %}{{ i }}{% endfor %}")

    assert type(tree.body[0]).__name__ == "For"
