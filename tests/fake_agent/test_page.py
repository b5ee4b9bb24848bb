"""The page about testing loops is true: its scripts are good, its lists are whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cowork.fake_agent.script import ABOUT, parse
from cowork.fake_agent.steps import STEPS
from tests.fake_agent.running import Stage, said
from tests.support import ROOT

PAGE = (ROOT / "docs" / "testing-loops.md").read_text()
SCRIPTS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("text", SCRIPTS)
def test_its_scripts_are_good(text: str) -> None:
    assert parse(text.encode(), Path("s.yaml")).calls


def test_it_names_every_step_and_every_key() -> None:
    assert [name for name in (*STEPS, *ABOUT) if f"`{name}`" not in PAGE] == []


def test_its_first_script_does_what_it_says(stage: Stage) -> None:
    script = stage.place / "script.yaml"
    script.write_text(SCRIPTS[0])

    finals = [said(stage.call("Say <promise>OK:1</promise>", COWORK_FAKE_AGENT=str(script))) for _ in range(3)]

    assert finals[0] == "Written, not yet checked."
    assert finals[1] == "It reads helo. <promise>COMPLETE</promise> comes later."
    assert finals[2] == "It reads hello now.\n<promise>OK:1</promise>"
    assert (stage.work / "hello.txt").read_text() == "hello\n"
