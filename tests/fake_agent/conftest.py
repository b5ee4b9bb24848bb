from __future__ import annotations

from pathlib import Path

import pytest

from tests.fake_agent.running import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    stage.work.mkdir()
    return stage
