"""The lines a person sees while a loop runs."""

from __future__ import annotations

import pytest

from cowork.core.paths import data_dir
from cowork.render.progress import Progress

STEPS = sorted({path.stem for path in (data_dir("templates") / "patterns").glob("[!_]*.j2")} - {"system"})


@pytest.mark.parametrize("step", STEPS)
def test_every_step_is_told_in_words(step: str, capsys: pytest.CaptureFixture[str]) -> None:
    Progress("never")({"type": "call.started", "data": {"round": 1, "seat": "red-1", "step": step}})
    line = capsys.readouterr().err
    assert line.startswith("round 1 red-1 ")
    assert line.rstrip().endswith("...")
    assert step not in line.split()
