"""Where the catalogue is, and in which form a registry answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from cowork.core import settings
from cowork.core.errors import CoworkError
from cowork.registry import catalogue_place
from cowork.registry.catalogue_place import DEFAULT, VARIABLE, place, read


@pytest.mark.parametrize(
    ("text", "mode", "document"),
    [
        (DEFAULT, "static", f"{DEFAULT}/pack-catalog.json"),
        ("https://raw.githubusercontent.com/o/r/main/packs", "static", None),
        ("https://o.github.io/packs", "static", "https://o.github.io/packs/pack-catalog.json"),
        ("https://example.com/registry", "static", "https://example.com/registry/pack-catalog.json"),
        ("https://example.com/registry/", "static", "https://example.com/registry/pack-catalog.json"),
        ("https://example.com/packs.json", "static", "https://example.com/packs.json"),
        ("HTTPS://example.com/a/registry", "static", "https://example.com/a/registry/pack-catalog.json"),
        ("http://127.0.0.1:8080/registry", "static", "http://127.0.0.1:8080/registry/pack-catalog.json"),
        ("https://example.com", "rest", "https://example.com"),
        ("https://example.com/", "rest", "https://example.com"),
        ("https://example.com/api/v1/", "rest", "https://example.com/api/v1"),
        ("https://example.com/my-registry", "rest", "https://example.com/my-registry"),
        ("https://github.io.example.com/x", "rest", "https://github.io.example.com/x"),
        ("https://example.com/raw.githubusercontent.com", "rest", None),
        ("/srv/packs", "local", "/srv/packs/pack-catalog.json"),
        ("/srv/packs/", "local", "/srv/packs/pack-catalog.json"),
        ("/srv/packs/team.json", "local", "/srv/packs/team.json"),
    ],
)
def test_the_form_is_told_by_the_address(text: str, mode: str, document: str | None) -> None:
    found = read(text)
    assert found.mode == mode
    assert document is None or found.document == document
    assert found.is_default == (text == DEFAULT)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "registry.bad_address"),
        ("registry", "registry.bad_address"),
        ("./registry", "registry.bad_address"),
        ("~nobody-of-that-name/registry", "registry.bad_address"),
        ("ftp://example.com/registry", "registry.bad_address"),
        ("file:///srv/registry", "registry.bad_address"),
        ("https:///registry", "registry.bad_address"),
        ("https://example.com/registry?token=x", "registry.bad_address"),
        ("https://example.com/registry#x", "registry.bad_address"),
        ("https://example.com\\@evil.example/registry", "registry.bad_address"),
        ("https://user:secret@example.com/registry", "web.credentials_in_url"),
    ],
)
def test_what_is_no_address_is_refused_before_anything_is_asked(text: str, code: str) -> None:
    with pytest.raises(CoworkError) as caught:
        read(text)
    assert caught.value.code == code
    assert "secret" not in str(caught.value) + str(caught.value.cause) + str(caught.value.details)


def test_the_variable_comes_before_the_setting_and_both_before_the_default(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE)
    assert place().is_default
    home.mkdir()
    (home / "config.yaml").write_text("pack_registry: https://example.com/of-the-file\n")
    assert place().base == "https://example.com/of-the-file"
    (home / "config.yaml").write_text('"pack\\x5fregistry": https://example.com/spelled\n')
    assert place().base == "https://example.com/spelled"
    monkeypatch.setenv("COWORK_PACK_REGISTRY", "https://example.com/of-the-setting")
    assert place().base == "https://example.com/of-the-setting"
    monkeypatch.setenv(VARIABLE, "https://example.com/of-the-variable")
    assert place().base == "https://example.com/of-the-variable"
    monkeypatch.setenv(VARIABLE, "")
    assert place().base == "https://example.com/of-the-setting"


def test_a_project_does_not_choose_the_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE)
    project = Path.cwd() / ".cowork"
    project.mkdir()
    (project / "config.yaml").write_text("pack_registry: https://evil.example/registry\n")
    assert place().is_default
    assert settings.one("pack_registry") == DEFAULT


def test_a_configuration_that_cannot_be_read_is_reported(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE)
    home.mkdir()
    (home / "config.yaml").write_text("pack_registry: [\n")
    with pytest.raises(CoworkError) as caught:
        place()
    assert caught.value.code == "config.corrupt"


def test_the_shipped_catalogue_is_a_registry_of_its_own() -> None:
    assert catalogue_place.shipped().mode == "local"
    assert Path(catalogue_place.shipped().document).is_file()
