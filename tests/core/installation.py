"""An installation of cowork somewhere else, with data directories that a test fills with files of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cowork.core import paths

DATA = ("packs", "personas", "registry", "templates")


class Installation:
    """Where `data_dir` looks: a checkout below a temporary directory."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in DATA:
            (root / name).mkdir(parents=True)

    def write(self, path: str, content: Any) -> Path:
        """A file below the root: text and bytes as they are, anything else as JSON."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        raw = content if isinstance(content, bytes) else (content if isinstance(content, str) else json.dumps(content)).encode()
        target.write_bytes(raw)
        return target


def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """Pretend that the package stands below `tmp_path`; the real `data_dir` does the rest."""
    root = tmp_path / "installation"
    monkeypatch.setattr(paths, "__file__", str(root / "cowork" / "core" / "paths.py"))
    monkeypatch.setenv("PLUGIN_PACK_REGISTRY", str(root / "registry"))
    return Installation(root)
