"""An installation of the test's own, without packs yet; and a registry on the web."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from tests.core.installation import Installation, install
from tests.registry.remotes import Remote


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    return install(tmp_path, monkeypatch)


@pytest.fixture
def remote(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> Remote:
    """A registry on the web, which is the one in force, on a network without proxies."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return Remote(httpserver, monkeypatch)


@pytest.fixture
def kept(home: Path) -> Path:
    """A home that exists, so that what is fetched is kept there."""
    home.mkdir()
    return home
