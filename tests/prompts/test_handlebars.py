"""Handlebars as Handlebars does it, or refused with a place; and nothing that is text is ever run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.core.errors import InvalidInput
from cowork.prompts import handlebars, template_limits
from cowork.prompts.handlebars import parse, render

# Made with Handlebars 4.7 itself: templates with what it makes of them.
CASES = json.loads((Path(__file__).parent / "handlebars_cases.json").read_text())


@pytest.mark.parametrize(("template", "expected"), CASES["cases"], ids=[str(at) for at in range(len(CASES["cases"]))])
def test_it_renders_as_handlebars_does(template: str, expected: str) -> None:
    assert render(template, CASES["data"]) == expected


def refusal(template: str) -> tuple[str, int | None, int | None]:
    with pytest.raises(InvalidInput) as caught:
        parse(template)
    return caught.value.code, caught.value.details["line"], caught.value.details["column"]


REFUSED = {
    "{{x": ("syntax", 1, 1),
    "a\n b{{x": ("syntax", 2, 3),
    "{{}}": ("syntax", 1, 1),
    "{{#}}": ("syntax", 1, 1),
    "{{{x}}": ("syntax", 1, 1),
    "{{x {{y}}": ("syntax", 1, 1),
    "\n{{! never closed": ("syntax", 2, 1),
    "{{!-- never closed }}": ("syntax", 1, 1),
    "{{#if x}}": ("syntax", 1, 1),
    "{{#if x}}{{#each y}}{{/if}}": ("syntax", 1, 21),
    "{{/if}}": ("syntax", 1, 1),
    "{{else}}": ("syntax", 1, 1),
    "{{#if x}}{{else}}{{else}}{{/if}}": ("syntax", 1, 18),
    "{{#if x}}{{else}}{{else if y}}{{/if}}": ("syntax", 1, 18),
    "{{#if}}{{/if}}": ("syntax", 1, 1),
    "{{a..b}}": ("syntax", 1, 1),
    "{{a.}}": ("syntax", 1, 1),
    "{{a.this}}": ("syntax", 1, 1),
    "{{a/../b}}": ("syntax", 1, 1),
    "{{@}}": ("syntax", 1, 1),
    "ok\n  {{> partial}}": ("unsupported", 2, 3),
    "{{#> layout}}{{/layout}}": ("unsupported", 1, 1),
    "{{* decorator}}": ("unsupported", 1, 1),
    "{{{{raw}}}} {{{{/raw}}}}": ("unsupported", 1, 1),
    "{{upper x}}": ("unsupported", 1, 1),
    "{{lookup list 1}}": ("unsupported", 1, 1),
    "{{#with task}}{{/with}}": ("unsupported", 1, 1),
    "{{#x}}{{/x}}": ("unsupported", 1, 1),
    "{{^x}}{{/x}}": ("unsupported", 1, 1),
    "{{#if (eq a b)}}{{/if}}": ("unsupported", 1, 1),
    "{{#if x includeZero=true}}{{/if}}": ("unsupported", 1, 1),
    "{{#each list as |item|}}{{/each}}": ("unsupported", 1, 1),
    "{{#if x}}{{else with y}}{{/if}}": ("unsupported", 1, 10),
    "{{'text'}}": ("unsupported", 1, 1),
    "{{#if true}}{{/if}}": ("unsupported", 1, 1),
    "{{7}}": ("unsupported", 1, 1),
    "{{if}}": ("unsupported", 1, 1),
    "{{@level}}": ("unsupported", 1, 1),
}


@pytest.mark.parametrize("template", REFUSED)
def test_what_is_not_supported_is_refused_where_it_stands(template: str) -> None:
    code, line, column = REFUSED[template]

    assert refusal(template) == (f"template.{code}", line, column)


def test_a_refusal_says_what_is_meant() -> None:
    with pytest.raises(InvalidInput) as caught:
        parse("{{#iff x}}{{/iff}}")

    assert caught.value.message == "line 1, column 1: the block 'iff' is not supported"
    assert caught.value.hint == "did you mean 'if'?"


JINJA = ["{{ ''.__class__ }}", "{% for x in y %}", "{# hidden #}", "{{ x }}", "{{x}}", "{% raw %}", "\\{{x}}", "{{> p}}"]


@pytest.mark.parametrize("text", JINJA)
def test_a_value_is_never_expanded(text: str) -> None:
    assert render("<{{x}}{{#each l}}{{this}}{{/each}}>", {"x": text, "l": [text]}) == f"<{text}{text}>"


@pytest.mark.parametrize("text", ["{% for x in y %}", "{# hidden #}", "{% raw %}", "#}", "{%- x -%}", "\\{{ x }}"])
def test_what_looks_like_jinja_in_a_template_is_text(text: str) -> None:
    assert render(f"<{text}>", {"x": "no"}) == f"<{text.removeprefix(chr(92))}>"


class Secret:
    """Not plain data: nothing in it may be reached."""

    password = "s3cret"

    def __init__(self) -> None:
        self.items = ["s3cret"]

    def __repr__(self) -> str:
        return "(an object)"


@pytest.mark.parametrize(
    "path", ["__class__", "password", "items", "__init__.__globals__", "__dict__.password", "[__class__].mro", "items.0"]
)
def test_no_path_leads_to_an_attribute(path: str) -> None:
    for value in (Secret(), "text", [1], {"a": 1}, 5, None):
        assert render(f"{{{{x.{path}}}}}{{{{#each x.{path}}}}}!{{{{/each}}}}", {"x": value}) == ""


def test_lists_are_shown_with_commas_and_objects_as_json() -> None:
    values = {"l": ["a", 1, True, None], "o": {"k": ["é", 1.5]}, "deep": [{"a": 1}], "n": 2.0}

    assert render("{{l}}|{{n}}", values) == "a, 1, true, |2"
    assert json.loads(render("{{o}}", values)) == values["o"]
    assert json.loads(render("{{deep}}", values)) == values["deep"]


def test_it_does_not_escape_for_html() -> None:
    assert render("{{x}}", {"x": "<b> & \"'"}) == "<b> & \"'"


def test_lines_around_else_if_are_trimmed_like_all_others() -> None:
    template = "{{#if a}}\n  one\n  {{else if b}}\n  two\n  {{else}}\n  three\n  {{/if}}\nafter"

    assert render(template, {"b": 1}) == "  two\nafter"
    assert render(template, {}) == "  three\nafter"


def test_loops_end_after_so_many_rounds_together() -> None:
    items = list(range(1000))
    twice = "{{#each l}}{{#each ../l}}{{/each}}{{/each}}"

    with pytest.raises(InvalidInput) as caught:
        render(twice, {"l": items})
    assert caught.value.code == "template.too_large"
    assert render(twice, {"l": items[:300]}) == ""


def test_a_prompt_has_a_longest_length() -> None:
    with pytest.raises(InvalidInput) as caught:
        render("{{#each l}}{{../x}}{{/each}}", {"l": list(range(50)), "x": "x" * 100_000})

    assert caught.value.code == "template.too_large"


@pytest.mark.parametrize(
    ("part", "end", "limit"),
    [
        ("{{#if x}}", "{{/if}}", template_limits.MAX_BLOCKS),
        ("{{#each x}}", "{{/each}}", template_limits.MAX_LOOPS),
        ("{{else if x}}", "", template_limits.MAX_BRANCHES),
    ],
)
def test_blocks_loops_and_branches_are_counted(part: str, end: str, limit: int) -> None:
    def made(count: int) -> str:
        return "{{#if x}}" + part * count + "{{/if}}" if not end else part * count + "y" + end * count

    assert render(made(limit), {"x": [1]}) in ("y", "")
    assert refusal(made(limit + 1))[0] == "template.too_large"
    assert refusal(made(5000))[0] == "template.too_large"


PIECES = st.sampled_from(
    [
        *("{{", "}}", "{{{", "}}}", "{{~", "~}}", "{{#if ", "{{#each ", "{{#unless ", "{{/if}}", "{{/each}}", "{{/unless}}"),
        *(
            "{{else}}",
            "{{else if ",
            "{{^}}",
            "{{!",
            "{{!--",
            "--}}",
            "{{>",
            "{{&",
            "{{#",
            "{{/",
            "\\",
            "\\{{",
            "{%",
            "%}",
            "{#",
        ),
        *("x", "list", "this", "../", "..", ".", "@index", "@", "__class__", "[", "]", " ", "\n", "\r\n", "\t", "|", "(", '"'),
        *("{{x}}", "{{#if x}}", "{{#each list}}", "\u2028", "\0", "é", "\U0001f600"),
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("{{x}}{% y %}"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["x", "list", "__class__"]), inner),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.lists(PIECES | st.text(max_size=3), max_size=40).map("".join), VALUES, VALUES)
def test_any_text_is_a_template_or_is_refused_with_its_place(template: str, one: Any, two: Any) -> None:
    try:
        parse(template)
    except InvalidInput as error:
        lines = template.split("\n")
        assert error.code in ("template.syntax", "template.unsupported", "template.too_large")
        assert 1 <= error.details["line"] <= len(lines)
        place = lines[error.details["line"] - 1][error.details["column"] - 1 :]
        assert place.startswith("{{")
        assert error.hint
        return
    assert isinstance(render(template, {"x": one, "list": two}), str)


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("ab{}%#~\\ \n\r\t'\""), max_size=40))
def test_a_text_without_tags_stays_as_it_is(text: str) -> None:
    if "{{" not in text:
        assert render(text, {}) == text


@settings(deadline=None)
@given(st.text(max_size=30), st.text(max_size=30))
def test_a_value_comes_out_as_it_is(before: str, value: str) -> None:
    before = before.replace("{{", "").rstrip("\\{")

    assert render(f"{before}{{{{x}}}}", {"x": value}) == before + value


def test_a_value_that_cannot_be_shown_is_a_refusal() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    for value in (10**5000, deep):
        with pytest.raises(InvalidInput) as caught:
            render("{{x}}", {"x": value})
        assert caught.value.code == "template.failed"


def test_a_template_is_made_ready_once() -> None:
    handlebars._prepared.cache_clear()
    for number in range(3):
        assert render("{{x}}!", {"x": number}) == f"{number}!"
    assert handlebars._prepared.cache_info().misses == 1
