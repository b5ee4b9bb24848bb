from __future__ import annotations

from pathlib import Path

import pytest

from tests.loop.engine.driving import Stage, staged
from tests.support import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def stage(tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Stage:
    project = tmp_path / "project"
    project.mkdir()
    monkeypatch.chdir(project)
    return staged(project, monkeypatch, clock)
