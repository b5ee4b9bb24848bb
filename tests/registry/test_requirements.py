"""What a skill needs, and what of it is not here."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from cowork.registry.requirements import missing

CASES = {
    "nothing asked": (None, ()),
    "all there": ({"bins": ["there"], "anyBins": ["absent", "there"], "env": ["HOME"], "os": [sys.platform]}, ()),
    "no program": ({"bins": ["there", "absent"]}, ("it needs the program 'absent', which is not on PATH",)),
    "none of several": ({"anyBins": ["a1", "a2"]}, ("it needs one of the programs a1, a2, and none is on PATH",)),
    "no variable": ({"env": ["NO_SUCH"]}, ("it needs the environment variable NO_SUCH, which is not set",)),
    "another system": ({"os": ["win95"]}, (f"it is for win95, not for {sys.platform}",)),
    "a name that hides something": ({"bins": ["a\x1b\n"]}, ("it needs the program 'a\\u001b ', which is not on PATH",)),
}


@pytest.mark.parametrize(("requires", "found"), CASES.values(), ids=CASES)
def test_what_is_missing_is_said(
    requires: Any, found: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "there").write_text("#!/bin/sh\n")
    (tmp_path / "there").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert missing(requires) == found
