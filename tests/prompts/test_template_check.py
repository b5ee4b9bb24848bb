"""`template check`: what nobody fills is found, with its place; what is filled is not complained about."""

from __future__ import annotations

import pytest

from cowork.formats.problem import RULES
from cowork.prompts.loop_variables import BY_NAME
from cowork.prompts.template_check import check


def found(source: str, style: str = "handlebars") -> list[tuple[str, int | None, int | None, str]]:
    comment = "{{! promise }}" if style == "handlebars" else "{# promise #}"
    problems = check(source + comment, style, "t", BY_NAME)  # type: ignore[arg-type]
    return [(problem.rule.removeprefix("template."), problem.line, problem.column, problem.fix) for problem in problems]


GOOD = [
    "{{taskTitle}} {{this.taskTitle}} {{@root.taskTitle}} {{taskTitle.length}}",
    "{{#if rejection.length}}{{#each rejection}}{{@index}} {{this}} {{../taskTitle}}{{/each}}{{/if}}",
    "{{#each answers}}{{question}} {{this.answer}} {{answers.[0]}}{{/each}}".replace(" {{answers.[0]}}", ""),
    "{{answers.[0].question}} {{queue.0.id}}",
    "{{#each queue}}{{#if current}}{{id}}{{/if}}{{/each}}",
    "{{task.whatever.it.has}} {{config.autoCommit}} {{prd.x.[0].y}} {{epic.z}}",
    "{{#each prd.userStories}}{{id}} {{anything}} {{../taskId}}{{/each}}",
    "{{#each task}}{{@key}}: {{this}}{{/each}}",
    "{{#each queue}}{{#each ../rejection}}{{../id}}{{../../taskId}}{{/each}}{{/each}}",
]


@pytest.mark.parametrize("source", GOOD)
def test_what_is_filled_is_no_problem(source: str) -> None:
    assert found(source) == []


BAD = {
    "{{taskTitel}}": ("unknown_variable", 1, 1, "did you mean 'taskTitle'?"),
    "\n  {{#if taskTitel}}{{/if}}": ("unknown_variable", 2, 3, "did you mean 'taskTitle'?"),
    "{{#each answers}}{{taskTitle}}{{/each}}": (
        "unknown_variable",
        1,
        18,
        "write ../taskTitle for the variable outside of the loop",
    ),
    "{{#each queue}}{{#each ../answers}}{{taskId}}{{/each}}{{/each}}": (
        *("unknown_variable", 1, 36),
        "write ../../taskId for the variable outside of the loop",
    ),
    "{{#each answers}}{{answr}}{{/each}}": ("unknown_variable", 1, 18, "did you mean 'answer'?"),
    "{{taskTitle.text}}": ("unknown_variable", 1, 1, "see: docs/templates.md"),
    "{{../taskTitle}}": ("unknown_variable", 1, 1, "there are 0 loop(s) here"),
    "{{@index}}": ("unknown_variable", 1, 1, "write it inside of {{#each}}"),
    "{{#each labels}}{{@../index}}{{/each}}": ("unknown_variable", 1, 17, "write it inside of {{#each}}"),
    "{{#each taskTitle}}{{/each}}": ("not_a_list", 1, 1, "loop over a list, or ask with {{#if}}"),
    "a\n{{#each labels}}": ("syntax", 2, 1, "close it with {{/each}}"),
    "{{#if x}}{{upper y}}{{/if}}": (
        *("unsupported", 1, 10),
        "there are #if, #unless and #each; a variable stands alone, such as {{y}}",
    ),
}


@pytest.mark.parametrize("source", BAD)
def test_what_nobody_fills_is_found_where_it_stands(source: str) -> None:
    assert found(source) == [BAD[source]]


def test_everything_that_is_wrong_is_listed_in_order() -> None:
    assert [(rule, line) for rule, line, _, _ in found("{{one}}\n{{#unless two}}{{three}}{{else}}{{four}}{{/unless}}\n")] == [
        ("unknown_variable", 1),
        *[("unknown_variable", 2)] * 3,
    ]


@pytest.mark.parametrize("style", ["handlebars", "jinja2"])
def test_a_template_that_names_no_promise_gets_a_warning(style: str) -> None:
    (problem,) = check("{{ taskTitle }}", style, "t", BY_NAME)  # type: ignore[arg-type]

    assert (problem.rule, problem.severity) == ("template.no_promise", "warning")
    assert check("{{ taskTitle }} {{ promise }}", style, "t", BY_NAME) == ()  # type: ignore[arg-type]
    assert check("<promise>COMPLETE</promise>", style, "t", BY_NAME) == ()  # type: ignore[arg-type]


def test_every_rule_is_described() -> None:
    assert {rule for rule in RULES if rule.startswith("template.")} == {
        f"template.{name}" for name in ("no_promise", "not_a_list", "syntax", "too_large", "unknown_variable", "unsupported")
    }


def test_jinja_is_checked_too() -> None:
    assert (
        found("{{ taskTitle }}{% for a in answers %}{{ a.question }}{{ loop.index }}{% endfor %}{{ task.x }}", "jinja2") == []
    )
    assert found("x\n  {{ taskTitel }}", "jinja2") == [("unknown_variable", 2, 6, "did you mean 'taskTitle'?")]
    assert found("{{ taskTitle.text }}", "jinja2") == [("unknown_variable", 1, 4, "see: docs/templates.md")]
    assert found("\n{% if %}", "jinja2")[0][:2] == ("syntax", 2)
    assert found("{{ x | nope }}", "jinja2")[0][:2] == ("unsupported", 1)
    assert found("{% set mine = 1 %}{{ mine }}{{ range(3) }}", "jinja2") == []
