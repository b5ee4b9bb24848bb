"""Servers of these tests are on this machine, whatever proxy the machine uses."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def no_proxy(home: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
