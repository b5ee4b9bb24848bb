"""The four agents, installed for a test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.models.command_line.agents import Agents, installed


@pytest.fixture
def agents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Agents:
    place = tmp_path / "agents"
    place.mkdir()
    return installed(place, monkeypatch)
