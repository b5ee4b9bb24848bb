from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.sandboxing.world import World, make


@pytest.fixture
def world(tmp_path: Path) -> World:
    return make(tmp_path / "world")
