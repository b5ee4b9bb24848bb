"""An installation of the test's own, without packs yet."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.installation import Installation, install


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    return install(tmp_path, monkeypatch)
