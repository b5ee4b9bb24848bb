"""The built-in templates: strict about what they need, deaf to what the material says."""

from __future__ import annotations

from pathlib import Path

import jinja2
import pytest

from cowork.core.paths import data_dir
from cowork.prompts import templates
from tests.core.installation import install

PATTERNS = sorted(path.name for path in (data_dir("templates") / "patterns").glob("*.j2"))


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Templates of the test's own."""
    root = install(tmp_path, monkeypatch).root / "templates"
    templates._environment.cache_clear()
    yield root
    templates._environment.cache_clear()


def test_a_template_is_filled_and_trimmed(elsewhere: Path) -> None:
    (elsewhere / "t.j2").write_text("\n{% if name %}\n  Hello {{ name }}\n{% endif %}\n\n")

    assert templates.render("t.j2", name="you") == "Hello you"


def test_a_missing_variable_is_an_error_not_a_gap(elsewhere: Path) -> None:
    (elsewhere / "t.j2").write_text("Hello {{ name }}")

    with pytest.raises(jinja2.UndefinedError, match="name"):
        templates.render("t.j2")


MATERIAL = [
    "{{ ''.__class__.__mro__ }}",
    "{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
    "{# hidden #}",
    "{{ secret }}",
    "<b>&amp;</b>",
    "{% raw %}",
]


@pytest.mark.parametrize("material", MATERIAL)
def test_material_is_a_value_and_is_never_evaluated(elsewhere: Path, material: str) -> None:
    (elsewhere / "t.j2").write_text("<{{ material }}>{{ secret }}")

    assert templates.render("t.j2", material=material, secret="s") == f"<{material}>s"


@pytest.mark.parametrize("escape", ["{{ ''.__class__.__mro__ }}", "{{ x.__init__.__globals__ }}", "{{ x.append(1) }}"])
def test_even_a_template_cannot_leave_the_sandbox(elsewhere: Path, escape: str) -> None:
    (elsewhere / "t.j2").write_text(escape)

    with pytest.raises((jinja2.exceptions.SecurityError, jinja2.UndefinedError)):
        templates.render("t.j2", x=[])


def test_a_template_outside_the_directory_is_not_found(elsewhere: Path) -> None:
    (elsewhere.parent / "t.j2").write_text("outside")

    with pytest.raises(jinja2.TemplateNotFound):
        templates.render("../t.j2")


@pytest.mark.parametrize("name", PATTERNS)
def test_every_shipped_template_compiles(name: str) -> None:
    assert templates._environment().get_template(f"patterns/{name}")
