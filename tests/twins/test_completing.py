"""What a shell offers for the arguments of verbs about twins."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from cowork.cli import completing
from cowork.cli.main import root
from cowork.twins.activation import activate
from tests.support import FakeClock

pytestmark = pytest.mark.usefixtures("installation")


def offered(line: str) -> list[str]:
    """What is offered for the last word of a line."""
    from click.shell_completion import ShellComplete

    *words, last = line.split(" ")
    return [item.value for item in ShellComplete(root(), {}, "cowork", "_COWORK_COMPLETE").get_completions(words, last)]


LINES = {
    "show ": ["twin-tester", "twin-tester-2"],
    "show twin-tester-": ["twin-tester-2"],
    "show tester-": ["tester-2"],
    "show x": [],
    "ask @twin-tester-": ["@twin-tester-2"],
    "ask @te": ["@tester", "@tester-2"],
    "pause tester tes": ["tester", "tester-2"],
    "activate ": ["tester"],
    "preview te": ["tester"],
    "list --template t": ["tester"],
    "activate tester --task ": ["look", "dig"],
    "edit tester --no-task d": ["dig"],
    "edit nobody --task ": [],
    "beat tester --task l": ["look"],
    "results list --twin twin-tester-": ["twin-tester-2"],
}


@pytest.mark.parametrize(("line", "words"), LINES.items(), ids=LINES)
def test_names_personas_and_tasks_are_offered(clock: FakeClock, line: str, words: list[str]) -> None:
    activate("tester", clock, count=2)

    assert offered(f"twin {line}") == words


def test_without_twins_nothing_is_offered_and_nothing_made(home: Path) -> None:
    assert offered("twin show ") == []
    assert not home.exists()


def test_a_broken_database_offers_nothing(home: Path) -> None:
    home.mkdir()
    (home / "cowork.db").write_bytes(b"no database at all" * 100)

    assert offered("twin show ") == []


def test_offering_names_imports_nothing_heavy() -> None:
    script = (
        "import sys, click\nfrom cowork.cli import completing\n"
        "completing.twins(click.Context(click.Command('x')), click.Argument(['n']), '')\n"
        "print(*{name.partition('.')[0] for name in sys.modules} & {'pydantic', 'rich', 'anthropic', 'yaml', 'asyncio'})"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=dict(os.environ), check=True)
    assert ran.stdout.strip() == ""


def test_no_context_is_needed_to_offer_nothing() -> None:
    assert completing.tasks(click.Context(click.Command("x")), click.Argument(["n"]), "") == []
