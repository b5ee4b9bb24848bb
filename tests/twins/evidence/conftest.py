"""A place to look at."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.twins.evidence.places import Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    root = tmp_path / "place"
    root.mkdir()
    return Place(root)
