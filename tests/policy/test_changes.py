"""Changing the policies: what is written, what is kept, what is shown before, and when nothing is done."""

from __future__ import annotations

import contextlib
import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from cowork.core.errors import Denied, InvalidInput, NotFound
from cowork.policy import changes, store
from cowork.policy.changes import PolicyChange
from cowork.policy.naming import Known
from tests.formats.fuzz import broken
from tests.formats.test_policies import FULL
from tests.policy.conftest import Write
from tests.support import FakeClock, run_here

HERE = Known((("a", "a"), ("b", "b-dir"), ("x", None)), frozenset({"crm", "a:crm"}))


def update(change: dict[str, Any], *, dry_run: bool = False) -> PolicyChange:
    return changes.update_policies(change, known=HERE, dry_run=dry_run)[0]


def replace(document: Any, *, dry_run: bool = False) -> PolicyChange:
    return changes.set_policies(document, origin=Path("new.json"), known=HERE, dry_run=dry_run)[0]


def steps(change: PolicyChange) -> list[tuple[str, str, str]]:
    return [(step.action, step.target, step.detail) for step in change.plan]


def held(home: Path) -> Any:
    return json.loads((home / "policies.json").read_text())


def test_a_first_update_makes_a_private_file_of_what_was_named(home: Path) -> None:
    done = update({"packs": {"blocked": ["x"]}})

    assert held(home) == {"packs": {"blocked": ["x"]}}
    assert stat.S_IMODE((home / "policies.json").stat().st_mode) == 0o600
    assert (done.changed, done.kept, done.policies["packs"]["blocked"]) == (True, None, ["x"])
    assert steps(done) == [("set", "packs.blocked", '[] (the default) → ["x"]')]


def test_an_update_replaces_lists_and_keeps_the_rest_and_the_file_before(write: Write, home: Path) -> None:
    before = write({**FULL, "general": {"orgName": "Müller"}}).read_bytes()

    done = update({"packs": {"blocked": ["x"], "pinned": None}, "general": {"orgName": None}, "runtime": {"new": 1}})

    assert held(home) == {
        **FULL,
        "packs": {**FULL["packs"], "blocked": ["x"], "pinned": None},
        "general": {"orgName": None},
        "runtime": {**FULL["runtime"], "new": 1},
    }
    assert done.kept == str(home / "policies.json.bak")
    assert (home / "policies.json.bak").read_bytes() == before
    assert steps(done) == [
        ("set", "packs.blocked", '["c"] → ["x"]'),
        ("set", "packs.pinned", '{"a": "1.0.0"} → null'),
        ("set", "general.orgName", '"Müller" → null'),
        ("set", "runtime.new", "not set → 1"),
    ]


@pytest.mark.parametrize("change", [{}, {"packs": {}}, {"packs": {"blocked": ["c"]}}, {"version": 2}])
def test_an_update_that_changes_nothing_writes_nothing(write: Write, home: Path, change: dict[str, Any]) -> None:
    path = write(FULL)
    before = path.stat()

    done = update(change)

    assert (done.changed, done.kept) == (False, None)
    assert steps(done) == [("keep", str(path), "nothing changes")]
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert not (home / "policies.json.bak").exists()


def test_true_and_1_are_not_the_same(write: Write, home: Path) -> None:
    write({"runtime": {"flag": True}})
    assert update({"runtime": {"flag": 1}}).changed
    assert held(home)["runtime"]["flag"] is not True


def test_half_a_character_is_kept_and_can_be_read_again(home: Path) -> None:
    replace({"runtime": {"odd": "\ud800", "name": "Müller"}})
    assert held(home) == {"runtime": {"odd": "\ud800", "name": "Müller"}}
    assert not update({}).changed


def test_set_replaces_the_whole_document(write: Write, home: Path) -> None:
    write(FULL)
    done = replace({"general": {"orgName": "New"}, "runtime": {}})
    assert held(home) == {"general": {"orgName": "New"}, "runtime": {}}
    assert ("remove", "packs.blocked", '["c"] → [] (the default)') in steps(done)
    assert ("set", "general.orgName", '"Org" → "New"') in steps(done)


def test_a_section_can_be_reset(write: Write, home: Path) -> None:
    write(FULL)
    done, _ = changes.reset_section("packs", known=HERE)
    assert held(home) == {key: value for key, value in FULL.items() if key != "packs"}
    assert done.policies["packs"] == {"allowed": [], "blocked": [], "required": []}

    assert changes.reset_section("runtime", known=HERE)[0].changed
    assert not changes.reset_section("packs", known=HERE)[0].changed
    with pytest.raises(NotFound) as caught:
        changes.reset_section("runtim", known=HERE)
    assert caught.value.code == "policy.unknown_field"


def test_reset_takes_the_file_away_and_keeps_it(write: Write, home: Path) -> None:
    before = write(FULL).read_bytes()
    (home / "policies.json.bak").write_text("an older one")

    done = changes.reset_all(FakeClock())

    assert not (home / "policies.json").exists()
    assert (home / "policies.json.bak").read_bytes() == before
    assert (done.changed, done.kept) == (True, str(home / "policies.json.bak"))
    assert not changes.reset_all(FakeClock()).changed


def test_reset_is_the_way_out_of_a_file_that_cannot_be_read(write: Write, home: Path) -> None:
    names = ["policies.json.broken-20260131T080500Z", "policies.json.broken-20260131T080500Z-2"]
    for name in names:
        write("{ broken")
        done = changes.reset_all(FakeClock())
        assert done.kept == str(home / name)
        assert (home / name).read_text() == "{ broken"
    assert not (home / "policies.json.bak").exists()
    assert update({"packs": {"blocked": ["x"]}}).changed


def test_reset_clears_away_a_directory_and_a_dead_link_too(home: Path) -> None:
    path = home / "policies.json"
    path.mkdir(parents=True)
    assert changes.reset_all(FakeClock()).changed
    path.symlink_to("/unmounted/policies.json")
    assert changes.reset_all(FakeClock()).changed
    assert not os.path.lexists(path)


CORRUPT = ["{", "null", '{"packs": {"blocked": [""]}}', '{"packs": {"blocked": ["a"], "required": ["a"]}}']


@pytest.mark.parametrize("content", CORRUPT)
def test_a_file_that_cannot_be_read_is_neither_updated_nor_replaced(write: Write, home: Path, content: str) -> None:
    path = write(content)
    for change in (lambda: update({}), lambda: replace({}), lambda: changes.reset_section("packs", known=HERE)):
        with pytest.raises(Denied) as caught:
            change()
        assert caught.value.code == "policy.unreadable"
    assert path.read_text() == content
    assert sorted(item.name for item in home.iterdir()) == ["audit.jsonl", "policies.json"]


def test_a_change_that_would_break_the_schema_is_refused_with_every_problem(write: Write, home: Path) -> None:
    path = write({"packs": {"blocked": ["a"], "allowed": ["a", "b"]}})
    before = path.read_bytes()

    with pytest.raises(InvalidInput) as caught:
        update({"packs": {"required": ["a", "c"]}, "agents": {"maxConcurrentAgents": 0}})

    assert caught.value.code == "policy.invalid"
    assert [item["where"] for item in caught.value.details["problems"]] == [
        "$.agents.maxConcurrentAgents",
        "$.packs.required[0]",
        "$.packs.required[1]",
    ]
    with pytest.raises(InvalidInput, match=r"new\.json: version: must be 1 or 2"):
        replace({"version": 7})
    assert path.read_bytes() == before
    assert not (home / "policies.json.bak").exists()


def test_one_pack_may_not_be_required_by_its_name_and_blocked_by_its_directory(home: Path) -> None:
    with pytest.raises(InvalidInput, match="'b' and 'b-dir' are one pack, both required and blocked"):
        update({"packs": {"required": ["b"], "blocked": ["b-dir"]}})
    assert not (home / "policies.json").exists()


def test_names_of_nothing_and_keys_without_effect_are_warnings(home: Path) -> None:
    _, notices = changes.update_policies(
        {"packs": {"blocked": ["a", "a-pack", "b-dir", "aa"], "bloked": []}, "connectors": {"blocked": ["a:crm", "cmr"]}},
        known=HERE,
    )
    assert [(item.code, item.message.partition(":")[0]) for item in notices] == [
        ("policy.unknown_key", "packs.bloked"),
        ("policy.unknown_pack", "packs.blocked[3]"),
        ("policy.unknown_connector", "connectors.blocked[1]"),
    ]
    assert "did you mean 'a'?" in notices[1].message
    assert "did you mean 'crm'?" in notices[2].message


def test_a_dry_run_shows_the_difference_and_writes_nothing(write: Write, home: Path) -> None:
    path = write(FULL)
    before = {item.name: item.read_bytes() for item in home.iterdir()}

    planned = [
        update({"packs": {"blocked": ["x"]}}, dry_run=True),
        replace({}, dry_run=True),
        changes.reset_section("packs", known=HERE, dry_run=True)[0],
        changes.reset_all(FakeClock(), dry_run=True),
    ]

    assert all(item.dry_run and item.changed and item.plan for item in planned)
    assert {item.name: item.read_bytes() for item in home.iterdir()} == before
    assert steps(update({"packs": {"blocked": ["x"]}})) == steps(planned[0])
    path.write_text("{")
    with pytest.raises(Denied):
        update({}, dry_run=True)


def test_a_file_behind_a_link_is_written_where_it_is(write: Write, home: Path, tmp_path: Path) -> None:
    central = write({"packs": {"blocked": ["x"]}}).rename(tmp_path / "central.json")
    (home / "policies.json").symlink_to(central)
    update({"packs": {"blocked": ["a"]}})
    assert (home / "policies.json").is_symlink()
    assert json.loads(central.read_text()) == {"packs": {"blocked": ["a"]}}


def test_a_file_that_others_could_write_is_theirs_no_longer(write: Write, home: Path) -> None:
    write({}).chmod(0o666)
    update({"packs": {"blocked": ["x"]}})
    assert stat.S_IMODE((home / "policies.json").stat().st_mode) == 0o644


def test_a_change_is_logged_with_what_it_touches(home: Path) -> None:
    update({"packs": {"blocked": ["x"], "allowed": []}, "runtime": {}})
    replace({})
    changes.reset_section("packs", known=HERE)
    changes.reset_all(FakeClock())
    lines = [json.loads(line) for line in (home / "audit.jsonl").read_text().splitlines()]
    assert [(line["verb"], line["what"] or line["source"]) for line in lines] == [
        ("admin policy update", "packs.blocked, packs.allowed, runtime"),
        ("admin policy set", "new.json"),
        ("admin policy reset", "packs"),
        ("admin policy reset", None),
    ]


CHANGE = """
import sys
from cowork.policy import changes
from cowork.policy.naming import Known
sys.stdin.read()
for number in range(5):
    changes.update_policies({f"runtime{sys.argv[1]}-{number}": {"on": True}}, known=Known())
"""


def test_processes_that_change_different_fields_at_once_lose_none(home: Path) -> None:
    children = [subprocess.Popen([sys.executable, "-c", CHANGE, str(number)], stdin=subprocess.PIPE) for number in range(4)]
    for child in children:
        assert child.stdin is not None
        child.stdin.close()  # go
    assert [child.wait(60) for child in children] == [0] * 4
    assert held(home) == {f"runtime{child}-{number}": {"on": True} for child in range(4) for number in range(5)}


@given(change=broken(FULL))
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_set_can_be_read_again_or_is_refused(home: Path, change: Any) -> None:
    with contextlib.suppress(InvalidInput):
        replace(change)
    if (home / "policies.json").exists():
        assert store.load().effective()


# The verbs


def test_fields_are_set_by_their_paths(home: Path) -> None:
    done = run_here(
        "admin",
        "policy",
        "update",
        "--set",
        "packs.blocked=engineering, devops",
        "--set",
        "general.allowGitInstall=false",
        "--set",
        "agents.maxConcurrentAgents=3",
        "--set",
        "general.orgName=My Org",
        "--json",
    )
    assert (done.code, done.document["warnings"]) == (0, [])
    assert held(home) == {
        "packs": {"blocked": ["engineering", "devops"]},
        "general": {"allowGitInstall": False, "orgName": "My Org"},
        "agents": {"maxConcurrentAgents": 3},
    }
    assert run_here("admin", "policy", "update", "--set", "packs.blocked=").code == 0
    assert held(home)["packs"] == {"blocked": []}


def test_json_a_file_and_stdin_are_taken_and_set_goes_on_top(home: Path, tmp_path: Path) -> None:
    (tmp_path / "change.json").write_text('{"packs": {"blocked": ["design"]}}')
    assert run_here("admin", "policy", "update", f"@{tmp_path / 'change.json'}").code == 0
    assert run_here("admin", "policy", "update", '{"runtime": {"a": 1}}').code == 0
    assert run_here("admin", "policy", "update", "-", stdin='{"x": 1}').code == 0
    assert (
        run_here("admin", "policy", "update", '{"packs": {"required": ["a"]}}', "--set", "packs.required=data-analysis").code
        == 0
    )
    assert held(home) == {"packs": {"blocked": ["design"], "required": ["data-analysis"]}, "runtime": {"a": 1}, "x": 1}
    assert run_here("admin", "policy", "set", str(tmp_path / "change.json")).code == 0
    assert held(home) == {"packs": {"blocked": ["design"]}}


@pytest.mark.parametrize(
    ("argv", "stdin", "exit_code", "code"),
    [
        (["update"], "", 2, "policy.no_change"),
        (["update", "[]"], "", 4, "policy.invalid"),
        (["update", "{"], "", 4, "file.corrupt"),
        (["update", "@nope.json"], "", 4, "policy.missing"),
        (["update", "--set", "packs.blocked"], "", 2, "policy.bad_assignment"),
        (["update", "--set", "runtime.x=1"], "", 2, "policy.unknown_field"),
        (["update", "--set", "general.allowGitInstall=maybe"], "", 2, "policy.bad_assignment"),
        (["update", "--set", "agents.maxConcurrentAgents=many"], "", 2, "policy.bad_assignment"),
        (["update", "--set", "agents.maxConcurrentAgents=0"], "", 4, "policy.invalid"),
        (["update", "--set", "packs.blocked=a", "--set", "packs.blocked=b"], "", 2, "policy.bad_assignment"),
        (["set", "-"], "", 4, "file.corrupt"),
        (["set", "-"], "[]", 4, "policy.invalid"),
        (["set", "-"], " " * 5_000_000, 4, "policy.too_large"),
        (["set", "/dev/zero"], "", 4, "policy.not_a_file"),
        (["set", "."], "", 4, "policy.not_a_file"),
        (["reset"], "", 2, "usage.confirmation_needed"),
        (["reset", "packs", "--no-input"], "", 2, "usage.confirmation_needed"),
        (["reset", "pakcs", "--yes"], "", 3, "policy.unknown_field"),
    ],
)
def test_a_change_that_cannot_be_understood_is_refused(
    home: Path, argv: list[str], stdin: str, exit_code: int, code: str
) -> None:
    ran = run_here("admin", "policy", *argv, "--json", stdin=stdin)
    assert (ran.code, ran.document["error"]["code"]) == (exit_code, code), ran
    assert not (home / "policies.json").exists()


def test_the_plan_is_shown_to_a_person(write: Write, home: Path) -> None:
    write({"packs": {"blocked": ["design"]}})
    page = run_here("admin", "policy", "update", "--set", "packs.blocked=devops", "--dry-run").out
    assert page.startswith("Would change  ")
    assert '["design"] → ["devops"]' in page
    done = run_here("admin", "policy", "update", "--set", "packs.blocked=devops").out
    assert f"the file before is kept as {home / 'policies.json.bak'}" in done.replace("\n", "")


def test_nothing_is_changed_where_the_home_cannot_be_written(home: Path) -> None:
    home.write_text("a file")
    with pytest.raises(Denied) as caught:
        update({"packs": {"blocked": ["x"]}})
    assert caught.value.code == "audit.not_writable"
