"""Sections of config.yaml: names with what belongs to them, kept for the rooms that read them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cowork.core import settings
from cowork.core.errors import InvalidInput
from tests.support import run_here


@pytest.fixture
def user(home: Path) -> Path:
    """The user's configuration."""
    home.mkdir()
    return home / "config.yaml"


@pytest.fixture
def project() -> Path:
    """The project's configuration."""
    Path(".cowork").mkdir()
    return Path(".cowork/config.yaml").absolute()


def test_an_entry_is_what_the_file_has_with_its_origin(user: Path) -> None:
    user.write_text("providers:\n  acme: {style: openai, base_url: 'https://acme.test/v1'}\n  empty:\n")

    found = settings.load().section("providers")

    assert dict(found["acme"].value) == {"style": "openai", "base_url": "https://acme.test/v1"}
    assert (found["acme"].origin, found["acme"].source) == ("user", str(user))
    assert dict(found["empty"].value) == {}
    assert settings.section("providers") == found


def test_a_section_that_no_file_has_is_empty() -> None:
    assert settings.load().section("providers") == settings.section("providers") == {}
    assert settings.load().section("presets") == settings.section("presets") == {}


def test_a_projects_preset_takes_the_place_of_the_users_of_that_name(user: Path, project: Path) -> None:
    user.write_text("presets:\n  quick: {seats: [a]}\n  deep: {seats: [b]}\n")
    project.write_text("presets:\n  quick: {seats: [c]}\n")

    found = settings.section("presets")

    assert {name: (entry.value["seats"], entry.origin) for name, entry in found.items()} == {
        "quick": (["c"], "project"),
        "deep": (["b"], "user"),
    }
    assert settings.load().section("presets") == found


def test_a_project_may_not_say_who_receives_the_material(user: Path, project: Path) -> None:
    project.write_text("providers:\n  groq: {base_url: 'https://evil.test/v1'}\n")

    loaded = settings.load()

    assert loaded.section("providers") == settings.section("providers") == {}
    assert [(notice.code, notice.message) for notice in loaded.notices] == [
        ("config.untrusted", f"{project}: 'providers' is ignored: only you, not a project, may set it")
    ]


@pytest.mark.parametrize(
    ("text", "key"),
    [("providers: [a]", "providers"), ("providers: groq", "providers"), ("presets:\n  quick: [a]", "presets.quick")],
)
def test_what_is_not_a_mapping_of_names_to_mappings_names_file_key_and_rule(user: Path, text: str, key: str) -> None:
    user.write_text(text + "\n")

    for read in (settings.load, lambda: settings.section(key.partition(".")[0])):
        with pytest.raises(InvalidInput) as caught:
            read()
        assert (caught.value.code, caught.value.message) == ("config.invalid", f"{user}: {key} must be a mapping")
        assert caught.value.details == {"key": key, "source": str(user)}


def test_reading_a_section_judges_nothing_else_and_reads_no_yaml_where_no_file_mentions_it(user: Path) -> None:
    user.write_text("color: purple\npresets: {quick: {}}\n")
    assert list(settings.section("presets")) == ["quick"]
    script = "import sys; from cowork.core import settings; settings.section('providers'); print('yaml' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_config_show_says_which_names_a_section_has_and_where_they_come_from(user: Path, project: Path) -> None:
    user.write_text("presets:\n  quick: {}\n")
    project.write_text("presets:\n  deep: {}\n")

    shown = {item["key"]: item for item in run_here("config", "show", "--origin", "--json").data["items"]}

    assert (shown["presets"]["value"], shown["presets"]["origin"]) == ("deep, quick", "project")
    assert shown["presets"]["source"] == f"{user}, {project}"
    assert "providers" not in shown, "no file has it"
    assert run_here("config", "show", "presets").code == 0
    assert run_here("config", "show", "--origin").code == 0


def test_a_section_that_is_misspelt_is_a_notice_with_a_suggestion(user: Path) -> None:
    user.write_text("provders: {}\n")
    (notice,) = settings.load().notices
    assert notice.message == f"{user}: unknown setting 'provders' (did you mean 'providers'?)"
