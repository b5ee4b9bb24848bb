"""A workspace that all tests share, for they only read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.twins.beating import make_workspace


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_workspace(tmp_path_factory.mktemp("twins") / "workspace")
