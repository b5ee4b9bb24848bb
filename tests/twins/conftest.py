"""An installation with the sample pack and the sample persona, and moments that do not move by themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.installation import Installation, install
from tests.formats.samples import manifest, persona
from tests.support import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    made = install(tmp_path, monkeypatch)
    made.write("packs/mine/cowork.plugin.json", manifest())
    made.write("personas/tester.json", persona())
    return made
