"""What rules say, held against what bash does: thousands of commands, run where every program only writes down its call."""

from __future__ import annotations

from pathlib import Path

import pytest

from cowork.rules.places import Places
from cowork.rules.restrictions import ToolRestrictions
from tests.rules.sandbox import Sandbox, commands, sandbox

RULES = ["Bash(alpha:*)", "Bash(beta one *)", "Bash(gamma)", "Bash(cd .)", "Bash(builtin echo *)", "Edit(./f)"]
COUNT = 2_500


@pytest.fixture
def box(tmp_path: Path) -> Sandbox:
    return sandbox(tmp_path / "box")


def is_named(call: list[str]) -> bool:
    """Whether a call is what RULES name, said anew and without the code that is tested."""
    return call[0] == "alpha" or call[:2] == ["beta", "one"] or call == ["gamma"]


def at(box: Sandbox) -> Places:
    return Places(str(box.work), str(box.work), str(box.work))


@pytest.mark.parametrize("seed", [1, 2])
def test_an_allowed_command_runs_what_the_rules_name_and_nothing_else(box: Sandbox, seed: int) -> None:
    rules, ran = ToolRestrictions.of(RULES), 0
    for command in commands(seed, COUNT):
        if not rules.is_allowed("Bash", {"command": command}, at(box)).allowed:
            continue
        ran += 1
        calls = box.run(command)
        assert all(is_named(call) for call in calls), (command, calls)
        assert box.files() <= {"f", "nohup.out"}, command
    assert ran > COUNT / 25, "too few commands were allowed for this to prove anything"


@pytest.mark.parametrize("seed", [3, 4])
def test_a_command_that_is_not_denied_does_not_run_what_is_denied(box: Sandbox, seed: int) -> None:
    rules, ran = ToolRestrictions.of(None, ["Bash(evil:*)"]), 0
    for command in commands(seed, COUNT // 2):
        if not rules.is_allowed("Bash", {"command": command}, at(box)).allowed or "\0" in command:
            continue
        ran += 1
        calls = box.run(command)
        assert not any(call[0] == "evil" for call in calls), (command, calls)
        box.files()
    assert ran > COUNT / 50, "too few commands were left for this to prove anything"


@pytest.mark.parametrize("seed", [5])
def test_an_allowed_command_writes_no_file_without_a_rule_for_it(box: Sandbox, seed: int) -> None:
    rules = ToolRestrictions.of([rule for rule in RULES if not rule.startswith("Edit")])
    for command in commands(seed, COUNT):
        if ">" in command and rules.is_allowed("Bash", {"command": command}, at(box)).allowed:
            box.run(command)
            assert box.files() <= {"nohup.out"}, command
