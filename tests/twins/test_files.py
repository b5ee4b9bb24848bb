"""Files that are named on the command line: what is there is not lost, what is not there is said alike everywhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cowork.core.errors import Conflict, NotFound
from cowork.twins import keeping, moving
from cowork.twins.activation import activate
from cowork.twins.store.opening import database_path
from tests.support import FakeClock, run_here

pytestmark = pytest.mark.usefixtures("installation")

MISSING = {
    "activate": (["activate", "--from", "nowhere.yaml"], "team.not_found"),
    "import": (["import", "nowhere.json"], "import.not_found"),
    "facts": (["facts", "import", "nowhere.csv"], "facts.not_found"),
    "prompt": (["edit", "tester", "--system-prompt", "nowhere.md"], "prompt.not_found"),
    "restore": (["restore", "nowhere.db", "--yes"], "backup.not_found"),
    "export": (["export", "--all", "--output", "nowhere/twins.json"], "file.no_directory"),
    "backup": (["backup", "nowhere/copy.db"], "file.no_directory"),
}


@pytest.mark.parametrize(("words", "code"), MISSING.values(), ids=MISSING)
def test_what_is_not_there_is_said_alike(clock: FakeClock, words: list[str], code: str) -> None:
    activate("tester", clock)

    ran = run_here("twin", *words, "--json")

    assert (ran.code, ran.document["error"]["code"]) == (3, code)
    assert "nowhere" in ran.document["error"]["message"]
    assert ran.document["error"]["hint"]
    assert "Errno" not in ran.out
    assert not Path("nowhere").exists()


@pytest.mark.parametrize("dry_run", [True, False])
def test_files_are_replaced_with_force_alone(clock: FakeClock, dry_run: bool) -> None:
    activate("tester", clock)
    document, copy = Path("twins.json"), Path("copy.db")
    for path in (document, copy):
        path.write_text("mine")

    with pytest.raises(Conflict, match="there is a file"):
        moving.export(None, str(document), dry_run=dry_run)
    with pytest.raises(Conflict, match="there is a file"):
        keeping.backup(str(copy), clock, dry_run=dry_run)
    assert (document.read_text(), copy.read_text()) == ("mine", "mine")

    moving.export(None, str(document), dry_run=dry_run, force=True)
    keeping.backup(str(copy), clock, dry_run=dry_run, force=True)
    if dry_run:
        assert (document.read_text(), copy.read_text()) == ("mine", "mine")
    else:
        assert json.loads(document.read_text())["twins"][0]["name"] == "twin-tester"
        assert keeping.restore(str(copy), clock, force=False, dry_run=True).twins == 1


def test_what_is_to_be_copied_is_never_replaced_by_its_copy(clock: FakeClock) -> None:
    activate("tester", clock)

    with pytest.raises(Conflict, match="is what there is to copy"):
        keeping.backup(str(database_path()), clock, dry_run=False, force=True)


def test_a_prompt_that_is_no_text_is_refused(clock: FakeClock) -> None:
    activate("tester", clock)
    Path("prompt.md").write_bytes(b"\xff")

    ran = run_here("twin", "edit", "tester", "--system-prompt", "prompt.md", "--json")
    assert (ran.code, ran.document["error"]["code"]) == (4, "twin.bad_prompt")
    with pytest.raises(NotFound):
        moving.bring(Path("prompt.md/more"), clock, dry_run=True)
