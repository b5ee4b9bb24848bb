"""The four command-line agents, installed for a test; keys; and no proxy on the way to this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.loop.agents.jobs import Site
from tests.models.command_line.agents import Agents, installed
from tests.models.conftest import keys, no_proxy

__all__ = ["agents", "config", "keys", "no_proxy", "site"]


@pytest.fixture
def agents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Agents:
    place = tmp_path / "agents"
    place.mkdir()
    return installed(place, monkeypatch)


@pytest.fixture
def config(home: Path) -> Path:
    """The user's configuration."""
    home.mkdir(exist_ok=True)
    return home / "config.yaml"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A place to work."""
    (tmp_path / "site" / "worktree").mkdir(parents=True)
    return Site(tmp_path / "site")
