"""The verbs of `template`, as a person uses them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import run_here


@pytest.fixture(autouse=True)
def project() -> Path:
    """The working directory is a project."""
    Path(".cowork/templates").mkdir(parents=True)
    return Path.cwd()


def put(name: str, text: str) -> None:
    Path(".cowork/templates", name).write_text(text)


def test_the_list_says_which_is_used_and_what_each_is_for(home: Path) -> None:
    put("default.hbs", "{{! Mine. }}{{taskTitle}}")
    put("broken.j2", "x")
    Path(".cowork/templates/broken.j2").write_bytes(b"\xff")
    put("notes.txt", "no template by name")

    items = run_here("template", "list", "--json").data["items"]

    rows = [(item["name"], item["scope"], item["shadowed"]) for item in items]
    assert rows == [
        ("broken", "project", False),
        ("default", "project", False),
        ("default", "builtin", True),
        *[(name, "builtin", False) for name in ("iteration", "json", "multi-model", "task-queue")],
    ]
    assert items[1]["description"] == "Mine."
    assert items[0]["description"].startswith("it cannot be used: the template is not UTF-8 text")
    assert not home.exists()


def test_a_copy_takes_the_place_of_the_built_in_one() -> None:
    assert run_here("template", "init", "default").code == 0

    page = run_here("template", "show", "default", "--json").data
    assert page["scope"] == "project"
    assert len(page["shadows"]) == 1
    builtin = Path(page["shadows"][0]).read_text()
    assert Path(".cowork/templates/default.hbs").read_text() == builtin == page["text"]


def test_a_copy_may_have_another_name_and_be_for_all_projects(home: Path) -> None:
    data = run_here("template", "init", "short", "--from", "iteration", "--user", "--json").data

    assert (data["source"], data["path"]) == ("iteration", str(home / "templates" / "short.hbs"))
    assert run_here("template", "render", "short").code == 0
    assert run_here("template", "init", "mine", "--json").data["source"] == "default"


def test_what_is_there_is_replaced_only_when_told() -> None:
    put("default.hbs", "mine")
    put("json.j2", "mine")

    refused = run_here("template", "init", "default", "--json")
    assert (refused.code, refused.document["error"]["code"]) == (5, "template.exists")
    assert run_here("template", "init", "json", "--force").code == 5  # the other style: it would be shadowed or shadow
    assert Path(".cowork/templates/default.hbs").read_text() == "mine"
    plan = run_here("template", "init", "default", "--force", "--dry-run", "--json").data["plan"]
    assert plan[0]["action"] == "replace"
    assert Path(".cowork/templates/default.hbs").read_text() == "mine"
    assert run_here("template", "init", "default", "--force", "--json").data["replaced"] is True
    assert "mine" not in Path(".cowork/templates/default.hbs").read_text()


@pytest.mark.parametrize(("arguments", "code"), [(["x/y"], 4), ([".."], 4), (["mine", "--from", "defaul"], 3)])
def test_a_copy_has_a_name_and_a_built_in_source(arguments: list[str], code: int) -> None:
    assert run_here("template", "init", *arguments).code == code
    assert list(Path(".cowork/templates").iterdir()) == []


def test_nothing_is_written_where_a_symlink_leads_out(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    Path(".cowork/templates").rmdir()
    Path(".cowork/templates").symlink_to(tmp_path / "out")

    ran = run_here("template", "init", "default", "--json")

    assert (ran.code, ran.document["error"]["code"]) == (4, "template.escapes")
    assert list((tmp_path / "out").iterdir()) == []


def test_check_names_every_place_and_fails() -> None:
    put("bad.hbs", "{{promise}}\n\n  {{#if x}}")
    put("worse.hbs", "{{taskTitel}} {{nope}} {{promise}}")

    ran = run_here("template", "check", "--json")
    assert (ran.code, ran.document["error"]["code"]) == (4, "template.invalid")
    places = [(Path(item["file"]).name, item["line"], item["column"]) for item in ran.data["problems"]]
    assert places == [("bad.hbs", 3, 3), ("worse.hbs", 1, 1), ("worse.hbs", 1, 15)]
    assert "worse.hbs:1: error: line 1, column 15: there is no 'nope'" in run_here("template", "check", "worse").out
    assert run_here("template", "check", "default", "json").code == 0
    assert run_here("template", "check", ".cowork/templates/worse.hbs").code == 4


def test_render_prints_the_prompt_alone() -> None:
    put("mine.hbs", "Do {{taskTitle}}{{#if checks}} until {{checks}}{{/if}}.\n")

    assert run_here("template", "render", "mine").out == "Do Sign in by link until pytest -q.\n"
    assert run_here("template", "render", "mine", "--bare").out == "Do .\n"
    given = ["--var", "taskTitle={{checks}}", "--var", 'checks=["a", "b"]']
    assert run_here("template", "render", "mine", *given).out == "Do {{checks}} until a, b.\n"


@pytest.mark.parametrize(
    ("given", "code", "hint"),
    [
        ("taskTitel=x", "template.unknown_variable", "did you mean 'taskTitle'?"),
        ("taskTitle", "template.bad_variable", "write --var taskTitle=TEXT"),
        ("checks=pytest", "template.bad_variable", "for example: --var 'checks=[\"pytest -q\"]'"),
        ("iteration=true", "template.bad_variable", "for example: --var 'iteration=4'"),
    ],
)
def test_a_variable_has_a_name_and_a_type(given: str, code: str, hint: str) -> None:
    error = run_here("template", "render", "default", "--var", given, "--json").document["error"]

    assert (error["exit"], error["code"], error["hint"]) == (4, code, hint)


def test_a_template_that_cannot_be_filled_says_where() -> None:
    put("bad.hbs", "\n{{> partial}}")

    ran = run_here("template", "render", "bad")

    assert ran.code == 4
    assert "bad.hbs: line 2, column 1: partials and decorators are not supported" in ran.err


def test_text_of_a_template_does_not_drive_the_terminal() -> None:
    put("bad.hbs", "{{! \x1b[2J }}\x1b[2J[red]{{taskTitle}}")

    for verb in ("list", "show", "render"):
        ran = run_here("template", verb, *(["bad"] if verb != "list" else []))
        assert "\x1b" not in ran.out
