"""A network without the proxies of the machine, a loopback that a test may trust, and no packs but the test's."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.installation import install
from tests.web.conftest import no_proxy_of_the_machine, trusted

__all__ = ["no_proxy_of_the_machine", "trusted"]


@pytest.fixture(autouse=True)
def no_bundled_packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, monkeypatch)
