"""The servers of these tests are on this machine, and so are their keys."""

from __future__ import annotations

import pytest

from tests.models.surroundings import CANARY, SetKeys


@pytest.fixture(autouse=True)
def no_proxy(home: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever proxy the machine uses, these tests do not."""
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> SetKeys:
    """Sets variables, by default to the canary: keys("GROQ_API_KEY", AZURE_RESOURCE_NAME="acme")."""

    def set_all(*names: str, **values: str) -> None:
        for name, value in (dict.fromkeys(names, CANARY) | values).items():
            monkeypatch.setenv(name, value)

    return set_all
