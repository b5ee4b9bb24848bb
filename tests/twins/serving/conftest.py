"""A home in memory, where there is one: days of heartbeats are thousands of writes that wait for a disk."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

_MEMORY = Path("/dev/shm")


@pytest.fixture(autouse=True)
def home(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    if not _MEMORY.is_dir():
        yield home
        return
    made = Path(tempfile.mkdtemp(prefix="cowork-", dir=_MEMORY))
    monkeypatch.setenv("COWORK_HOME", str(made))
    yield made
    shutil.rmtree(made, ignore_errors=True)
