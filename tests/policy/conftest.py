"""A policy file of the test's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Write = Callable[[Any], Path]


@pytest.fixture
def write(home: Path) -> Write:
    """Write the policy file: text and bytes as they are, anything else as JSON."""

    def put(content: Any) -> Path:
        home.mkdir(exist_ok=True)
        path = home / "policies.json"
        raw = content if isinstance(content, bytes) else (content if isinstance(content, str) else json.dumps(content)).encode()
        path.write_bytes(raw)
        return path

    return put
