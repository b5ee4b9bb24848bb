"""Where templates come from: the strongest place wins, nothing leads out, and what cannot be used is named."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.core.errors import CoworkError, InvalidInput, NotFound
from cowork.prompts.template_limits import MAX_BYTES
from cowork.prompts.user_templates import Template, check, find, listed, render, usual


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "project" / ".cowork" / "templates").mkdir(parents=True)
    return tmp_path / "project"


def put(path: Path, text: str = "text") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def code(name: str, project: Path) -> str:
    with pytest.raises(CoworkError) as caught:
        find(name, project)
    assert caught.value.hint
    return caught.value.code


def test_project_before_user_before_builtin_and_hbs_before_j2(project: Path, home: Path) -> None:
    assert (find("default", project).scope, find("", project).name) == ("builtin", "default")
    mine = put(home / "templates" / "default.j2", "user j2")
    assert find("default", project) == Template("default", "user", str(mine), "user j2", "jinja2")
    put(home / "templates" / "default.hbs", "user hbs")
    assert find("default", project).text == "user hbs"
    put(project / ".cowork" / "templates" / "default.j2", "project")
    assert (find("default", project).text, find("default", project).scope) == ("project", "project")

    rows = [(item.scope, item.style, item.shadowed) for item in listed(project) if item.name == "default"]
    assert rows == [
        ("project", "jinja2", False),
        ("user", "handlebars", True),
        ("user", "jinja2", True),
        ("builtin", "handlebars", True),
    ]


def test_a_project_that_cannot_be_read_is_not_passed_over(project: Path) -> None:
    (project / ".cowork" / "templates" / "default.hbs").write_bytes(b"\xff")

    assert code("default", project) == "template.binary"


def test_a_path_is_a_file_and_its_absence_an_error(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    put(tmp_path / "mine.hbs", "{{taskTitle}}")

    for wanted in ("mine.hbs", "./mine.hbs", str(tmp_path / "mine.hbs")):
        assert (find(wanted, project).name, find(wanted, project).scope) == ("mine", "file")
    assert code("default.hbs", project) == "template.not_found"  # a path, and there is no such file
    assert code("./default", project) == "template.unknown_style"
    assert find(str(put(tmp_path / "PROMPT.md")), project).style == "handlebars"
    assert find(str(put(tmp_path / "prompt.jinja2")), project).style == "jinja2"


@pytest.mark.parametrize("name", ["..", ".hidden", "a b", "-x", "x" * 65, "a\0b", "näme", "a\n"])
def test_a_name_is_a_word(project: Path, name: str) -> None:
    assert code(name, project) == "template.bad_name"


@settings(deadline=None)
@given(st.text(max_size=20) | st.text(alphabet="~./0a\0-hbsj2", max_size=12))
def test_whatever_is_asked_for_is_found_or_refused(name: str) -> None:
    project = Path("/nowhere")
    try:
        found = find(name, project)
    except (InvalidInput, NotFound):
        return
    assert found.scope == "builtin" or "/" in name


def test_an_unknown_name_gets_a_suggestion(project: Path) -> None:
    with pytest.raises(NotFound) as caught:
        find("task-qeue", project)

    assert caught.value.hint == "did you mean 'task-queue'?"


def test_a_symlink_out_of_the_project_is_refused_wherever_it_is(project: Path, tmp_path: Path) -> None:
    secret = put(tmp_path / "secret.hbs", "secret")
    templates = project / ".cowork" / "templates"
    (templates / "default.hbs").symlink_to(secret)
    (project / "link.hbs").symlink_to(secret)
    (project / "dangling.hbs").symlink_to(tmp_path / "not-there")
    put(tmp_path / "out" / "x.hbs")
    (project / "dir").symlink_to(tmp_path / "out")

    assert code("default", project) == "template.escapes"
    assert code(str(project / "link.hbs"), project) == "template.escapes"
    assert code(str(project / "dangling.hbs"), project) == "template.escapes"
    assert code(str(project / "dir" / "x.hbs"), project) == "template.escapes"
    assert code(str(project / "." / "sub" / ".." / "link.hbs"), project) == "template.escapes"


def test_a_directory_of_templates_that_leads_out_is_refused(project: Path, tmp_path: Path) -> None:
    put(tmp_path / "out" / "default.hbs")
    (project / ".cowork" / "templates").rmdir()
    (project / ".cowork" / "templates").symlink_to(tmp_path / "out")

    assert code("default", project) == "template.escapes"


def test_a_symlink_that_stays_inside_and_a_project_behind_a_symlink_are_fine(project: Path, tmp_path: Path) -> None:
    put(project / "prompts" / "x.hbs", "inside")
    (project / ".cowork" / "templates" / "mine.hbs").symlink_to(project / "prompts" / "x.hbs")
    (tmp_path / "alias").symlink_to(project)

    assert find("mine", project).text == "inside"
    assert find("mine", tmp_path / "alias").text == "inside"


def test_what_is_no_text_file_of_a_size_is_refused(project: Path, tmp_path: Path) -> None:
    large = put(tmp_path / "large.hbs", "x" * (MAX_BYTES + 1))
    os.mkfifo(tmp_path / "pipe.hbs")
    (tmp_path / "nul.hbs").write_bytes(b"a\0b")
    (tmp_path / "dir.hbs").mkdir()

    assert code(str(large), project) == "template.too_large"
    assert code(str(tmp_path / "pipe.hbs"), project) == "template.unreadable"
    assert code(str(tmp_path / "dir.hbs"), project) == "template.unreadable"
    assert code(str(tmp_path / "nul.hbs"), project) == "template.binary"


def test_rendering_names_the_file_and_the_place(project: Path) -> None:
    template = Template("t", "project", "/p/t.hbs", "promise\n {{upper x}}", "handlebars")

    with pytest.raises(InvalidInput) as caught:
        render(template, {})

    assert caught.value.message == "/p/t.hbs: line 2, column 2: the helper call 'upper x' is not supported"
    assert (caught.value.details["path"], caught.value.details["line"]) == ("/p/t.hbs", 2)
    assert [problem.file for problem in check(template)] == ["/p/t.hbs"]


def test_both_styles_are_filled_and_blank_edges_go(project: Path) -> None:
    for style, text in (("handlebars", "\n\n{{x}}\n\n"), ("jinja2", "\n{{ x }}\n\n\n")):
        assert render(Template("t", "file", "t", text, style), {"x": "{{x}}"}) == "{{x}}\n"  # type: ignore[arg-type]


def test_half_a_character_does_not_keep_a_prompt_from_being_written(project: Path) -> None:
    text = render(Template("t", "file", "t", "<{{x}}>", "handlebars"), {"x": "\ud800"})

    assert text.encode() == b"<\\ud800>\n"


def test_the_usual_template_depends_on_what_is_worked_on(project: Path) -> None:
    names = [usual(tasks=tasks, pattern=pattern) for tasks in (False, True) for pattern in (False, True)]

    assert names == ["default", "multi-model", "task-queue", "multi-model"]
    assert all(find(name, project).scope == "builtin" for name in names)
