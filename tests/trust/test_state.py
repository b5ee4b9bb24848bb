"""Whether a project is trusted: by its real path and the digest of its files, and by nothing else."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from cowork.core.clock import SystemClock
from cowork.policy import trusting
from cowork.trust.state import Corrupt, Trust, read, state, unfit


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with something to trust."""
    path = tmp_path / "project"
    (path / ".claude").mkdir(parents=True)
    (path / ".claude" / "settings.json").write_text("{}")
    return path


def trust(project: Path, home: Path) -> Trust:
    found = state(project, home)
    trusting.remember(found.project, found.digest, found.files, SystemClock())
    return state(project, home)


def test_nothing_is_trusted_before_somebody_says_so(project: Path, home: Path) -> None:
    found = state(project, home)

    assert (found.status, found.trusted, found.why) == ("untrusted", False, "nobody said so yet")
    assert not home.exists()


def test_where_nothing_could_run_there_is_nothing_to_trust(tmp_path: Path, home: Path) -> None:
    found = state(tmp_path / "work", home)

    assert (found.status, found.trusted, found.why) == ("nothing_to_trust", True, "")
    assert state(tmp_path / "no" / "such", home).status == "nothing_to_trust"


def test_a_trusted_project_stays_trusted_until_a_file_changes(project: Path, home: Path) -> None:
    (project / ".mcp.json").write_text("{}")
    assert trust(project, home).status == "trusted"

    (project / "README.md").write_text("it does not count")
    assert state(project, home).trusted

    (project / ".claude" / "settings.json").write_text('{"hooks": {}}')
    (project / ".mcp.json").unlink()
    (project / ".claude" / "agents").mkdir()
    (project / ".claude" / "agents" / "a.md").write_text("new")
    found = state(project, home)
    assert (found.status, found.trusted) == ("changed", False)
    assert found.changed == ("+ .claude/agents/a.md", "~ .claude/settings.json", "- .mcp.json")
    assert found.why == "changed since: + .claude/agents/a.md, ~ .claude/settings.json, - .mcp.json"


def test_a_change_that_is_undone_leaves_the_trust_as_it_was(project: Path, home: Path) -> None:
    trust(project, home)
    (project / ".claude" / "settings.json").write_text("[]")
    assert not state(project, home).trusted

    (project / ".claude" / "settings.json").write_text("{}")

    assert state(project, home).trusted


def test_a_project_that_is_moved_is_another_one(project: Path, home: Path, tmp_path: Path) -> None:
    trust(project, home)

    project.rename(tmp_path / "moved")

    assert state(tmp_path / "moved", home).status == "untrusted"


def test_a_project_is_known_by_its_real_path(project: Path, home: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(project)
    trust(tmp_path / "link", home)

    assert state(project, home).trusted
    assert state(tmp_path / "link" / ".." / "project", home).trusted

    other = tmp_path / "other"
    (other / ".claude").mkdir(parents=True)
    (other / ".claude" / "settings.json").write_text("{}")
    (tmp_path / "link").unlink()
    (tmp_path / "link").symlink_to(other)
    assert state(tmp_path / "link", home).status == "untrusted"


def test_trust_does_not_reach_into_projects_inside(project: Path, home: Path) -> None:
    inner = project / "vendor" / "inner"
    (inner / ".claude").mkdir(parents=True)
    (inner / ".claude" / "settings.json").write_text("{}")

    trust(project, home)

    assert state(inner, home).status == "untrusted"


def test_nobody_trusts_everything_by_accident(tmp_path: Path, home: Path) -> None:
    user = tmp_path / "user"
    (user / ".claude" / "skills").mkdir(parents=True)
    (user / ".claude" / "skills" / "x").write_text("x")

    found = state(user, home)
    assert (found.status, found.why) == ("untrusted", "it is your home directory, and everything below would count as yours")
    assert unfit("/", str(home)) == "it is the root of the file system"
    assert unfit(str(user / "code"), str(home)) == ""


def test_a_project_that_holds_the_record_of_trust_cannot_vouch_for_itself(project: Path) -> None:
    own = project / "config" / "cowork"
    own.mkdir(parents=True)
    found = state(project, own)
    record = {"version": 1, "projects": {found.project: {"digest": found.digest, "files": {}}}}
    (own / "trust.json").write_text(json.dumps(record))

    found = state(project, own)

    assert (found.status, found.trusted) == ("untrusted", False)
    assert "it could bring its own trust" in found.why


def test_the_home_of_cowork_is_no_project(project: Path) -> None:
    found = state(project, project)
    trusting_itself = {"version": 1, "projects": {found.project: {"digest": found.digest, "files": {}}}}
    (project / "trust.json").write_text(json.dumps(trusting_itself))

    assert not state(project, project).trusted


@pytest.mark.parametrize(
    "content",
    [
        "", "{", "[]", "{}", '{"version": 2, "projects": {}}', '{"version": 1}', '{"version": 1, "projects": []}',
        '{"version": 1, "projects": {"/x": 1}}', '{"version": 1, "projects": {"/x": {"digest": "y"}}}', "[" * 100_000, "\x00",
    ],
)  # fmt: skip
def test_a_record_that_is_corrupt_trusts_nothing_and_says_so(project: Path, home: Path, content: str) -> None:
    trust(project, home)
    (home / "trust.json").write_text(content)

    found = state(project, home)

    assert (found.status, found.trusted) == ("untrusted", False)
    assert found.why.startswith(f"{home / 'trust.json'} is corrupt, so nothing is trusted")
    assert (home / "trust.json").read_text() == content


def test_a_record_that_cannot_be_read_trusts_nothing(project: Path, home: Path) -> None:
    home.mkdir()
    (home / "trust.json").mkdir()
    assert "cannot be read" in state(project, home).why

    (home / "trust.json").rmdir()
    (home / "trust.json").symlink_to("/nowhere")
    assert "link to nowhere" in state(project, home).why

    (home / "trust.json").unlink()
    os.mkfifo(home / "trust.json")
    assert not state(project, home).trusted


def test_files_that_cannot_be_judged_are_not_trusted_whatever_the_record_says(project: Path, home: Path) -> None:
    trust(project, home)
    os.mkfifo(project / ".mcp.json")

    found = state(project, home)

    assert (found.status, found.trusted) == ("untrusted", False)
    assert found.why == "it cannot be judged: .mcp.json is neither a file nor a directory"


def test_names_that_are_no_utf_8_are_names_all_the_same(project: Path, home: Path) -> None:
    (project / ".claude" / "agents").mkdir()
    path = os.fsencode(project / ".claude" / "agents") + b"/\xff.md"
    with open(path, "wb"):
        pass
    assert trust(project, home).trusted

    os.unlink(path)

    assert state(project, home).status == "changed"


def test_the_record_is_read_as_it_was_written(project: Path, home: Path) -> None:
    found = trust(project, home)

    record: dict[str, Any] = read(str(home))[str(project)]
    assert (record["digest"], record["files"]) == (found.digest, found.files)
    (home / "trust.json").write_text("{")
    with pytest.raises(Corrupt):
        read(str(home))
