"""Many twins at once: alike by a count, or a whole team from a file, all of them or none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cowork.core.errors import CoworkError, Denied, InvalidInput, NotFound
from cowork.twins import team
from cowork.twins.activation import activate
from cowork.twins.store import addresses, roles
from cowork.twins.store.opening import reading
from tests.core.installation import Installation
from tests.formats.samples import persona
from tests.support import FakeClock

pytestmark = pytest.mark.usefixtures("installation")
SECRET = "json://user:hunter2@localhost/"


def stored_addresses(twin_id: str) -> list[tuple[str, str]]:
    with reading() as connection:
        assert connection is not None
        return sorted(addresses.of_in(connection, twin_id))


def written(text: str) -> Path:
    path = Path("team.yaml")
    path.write_text(text)
    return path.absolute()


def test_a_count_makes_twins_with_numbered_names(clock: FakeClock) -> None:
    activate("tester", clock)

    done, _ = activate("tester", clock, count=3, display_name="Backend Twin")

    assert [(item.name, item.display_name) for item in done.items] == [
        ("twin-tester-2", "Backend Twin"),
        ("twin-tester-3", "Backend Twin 2"),
        ("twin-tester-4", "Backend Twin 3"),
    ]
    assert [step.target for step in done.plan if step.action == "create"] == [item.name for item in done.items]
    assert len({twin.id for twin in roles.twins()}) == 4


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"count": 0}, "twin.bad_count"),
        ({"count": 10_001}, "twin.bad_count"),
        ({"count": 100, "display_name": "x" * 78}, "twin.bad_name"),
        ({"timezone": "Europe/Berlin2"}, "twin.bad_timezone"),
        ({"timezone": "../etc/passwd"}, "twin.bad_timezone"),
        ({"timezone": "Europe"}, "twin.bad_timezone"),
        ({"timezone": "localtime"}, "twin.bad_timezone"),
        ({"timezone": "Factory"}, "twin.bad_timezone"),
        ({"timezone": "posixrules"}, "twin.bad_timezone"),
        ({"quiet_hours": "22-7"}, "twin.bad_quiet_hours"),
        ({"quiet_hours": "07:00-7:00"}, "twin.bad_quiet_hours"),
        ({"workspace": "missing"}, "twin.no_workspace"),
        ({"workspace": "a\0b"}, "twin.no_workspace"),
        ({"model": "two words"}, "twin.bad_model"),
        ({"provider": "antropic"}, "provider.not_found"),
        ({"autonomy": "boss"}, "twin.bad_autonomy"),
        ({"allow": ["Bash(git"]}, "twin.bad_rule"),
        ({"every": [("look", 0)]}, "twin.bad_frequency"),
        ({"every": [("nothing", 60)]}, "twin.unknown_task"),
        ({"deliver_tasks": [("nothing", "env:X")]}, "twin.unknown_task"),
        ({"deliver": ["nonsense://hunter2"]}, "twin.bad_address"),
        ({"deliver": ["env:"]}, "twin.bad_address"),
        ({"deliver": ["env:A B"]}, "twin.bad_address"),
        ({"deliver": ["workflows://hunter2/a/b?template=/etc/passwd"]}, "twin.bad_address"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_stored(
    clock: FakeClock, home: Path, options: dict[str, Any], code: str
) -> None:
    with pytest.raises(CoworkError) as caught:
        activate("tester", clock, **options)

    assert caught.value.code == code
    assert caught.value.hint
    assert "hunter2" not in f"{caught.value} {caught.value.hint} {caught.value.details}"
    assert not (home / "cowork.db").exists()


def test_a_twin_is_set_up_as_it_is_wanted(clock: FakeClock, tmp_path: Path) -> None:
    (tmp_path / "work" / "code").mkdir()
    options: dict[str, Any] = {
        "provider": "anthropic",
        "model": "m-1",
        "workspace": "code",
        "quiet_hours": " 22:00-7:05 ",
        "timezone": "Europe/Berlin",
        "autonomy": "intern",
        "allow": ["Bash(git log *)"],
        "deny": ["Bash(git push *)"],
        "every": [("look", 90)],
        "deliver": [SECRET, "env:TEAM"],
        "deliver_tasks": [("look", "env:REVIEW")],
    }
    done, _ = activate("tester", clock, **options)

    twin = done.twin
    assert (twin.provider, twin.model, twin.workspace) == ("anthropic", "m-1", str(tmp_path / "work" / "code"))
    assert (twin.quiet_hours, twin.timezone, twin.autonomy) == ("22:00-07:05", "Europe/Berlin", "intern")
    assert (twin.allow_rules, twin.deny_rules) == (("Bash(git log *)",), ("Bash(git push *)",))
    assert twin.tasks[0].frequency_minutes == 90
    assert stored_addresses(twin.id) == sorted([("", SECRET), ("", "env:TEAM"), ("look", "env:REVIEW")])
    assert "hunter2" not in str(done) + str(roles.twins())
    assert sorted(twin.deliver) == sorted(roles.twins()[0].deliver) == ["env:TEAM", "json://…"]
    assert twin.tasks == roles.twins()[0].tasks


def test_the_usual_workspace_is_the_project(clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "work" / ".git").mkdir()
    (tmp_path / "work" / "deep").mkdir()
    monkeypatch.chdir(tmp_path / "work" / "deep")

    assert activate("tester", clock)[0].twin.workspace == str(tmp_path / "work")


def test_a_twin_knows_the_state_of_its_template(clock: FakeClock, installation: Installation) -> None:
    first = activate("tester", clock)[0].twin.template_digest
    again = activate("tester", clock)[0].twin.template_digest
    installation.write("personas/tester.json", persona(tags=["other"]))

    assert first == again != activate("tester", clock)[0].twin.template_digest


TEAM = f"""
# two kinds
- persona: tester
  name: Backend Twin
  count: 2
  interval: 60
  tasks: {{on: dig, every: {{look: 120}}, deliver: {{look: "env:ONE"}}}}
  workspace: code
  quiet-hours: 22:00-07:00
  deliver: "{SECRET}"
- persona: analyst
  quiet_hours: 1:00-2:00
"""


def test_a_team_comes_from_a_file(clock: FakeClock, installation: Installation, tmp_path: Path) -> None:
    installation.write("personas/analyst.json", persona(id="analyst", name="Analyst"))
    (tmp_path / "work" / "code").mkdir()

    done, _ = team.activate(written(TEAM), clock, trust_addresses=True)

    assert [(item.name, item.display_name) for item in done.items] == [
        ("twin-tester", "Backend Twin"),
        ("twin-tester-2", "Backend Twin 2"),
        ("twin-analyst", "Analyst Twin"),
    ]
    analyst, first, second = roles.twins()
    assert (first.interval_minutes, first.quiet_hours, analyst.quiet_hours) == (60, "22:00-07:00", "01:00-02:00")
    assert first.workspace == second.workspace == str(tmp_path / "work" / "code")
    assert [(task.id, task.enabled, task.frequency_minutes) for task in second.tasks] == [
        ("look", True, 120),
        ("dig", True, 1440),
    ]
    assert stored_addresses(second.id) == [("", SECRET), ("look", "env:ONE")]


@pytest.mark.parametrize("where", ["deliver: ", "tasks: {deliver: {look: "])
def test_a_file_of_others_says_nowhere_that_results_are_delivered_to(clock: FakeClock, home: Path, where: str) -> None:
    path = written(f"- {{persona: tester, {where}'{SECRET}'{'}}' if '{' in where else ''}}}")

    with pytest.raises(InvalidInput) as caught:
        team.activate(path, clock)

    assert caught.value.code == "twin.bad_address"
    assert "--trust-addresses" in (caught.value.hint or "")
    assert "hunter2" not in str(vars(caught.value))
    assert not (home / "cowork.db").exists()


def test_a_dry_run_of_a_team_names_the_same_and_writes_nothing(
    clock: FakeClock, installation: Installation, home: Path
) -> None:
    path = written("- {persona: tester, count: 2}\n- {persona: tester}\n")

    planned = team.activate(path, clock, dry_run=True)[0]

    assert not home.exists() or not (home / "cowork.db").exists()
    done = team.activate(path, clock)[0]
    assert (planned.items, planned.plan) == (done.items, done.plan)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("", "a team is a list", "persona"),
        ("persona: tester", "a team is a list", "persona"),
        ("- tester", "entry 1: it is no mapping", "persona"),
        ("- {persona: tester}\n- {name: x}", "entry 2, persona: it is missing", "name the template"),
        ("- {persona: tester, intervall: 30}", "entry 1, intervall: there is no such key", "did you mean 'interval'?"),
        ("- {persona: tester, interval: often}", "entry 1, interval: it is no whole number", "30"),
        ("- {persona: tester, count: true}", "entry 1, count: it is no whole number", "30"),
        ("- {persona: tester, name: 5}", "entry 1, name: it is no text", "quotes"),
        ("- {persona: tester, deliver: [1]}", "entry 1, deliver: it is no list of texts", "[a, b]"),
        ("- {persona: tester, tasks: [look]}", "entry 1, tasks: it is no mapping", "on"),
        ("- {persona: tester, tasks: {onn: [look]}}", "entry 1, tasks.onn: there is no such key", "did you mean 'on'?"),
        ("- {persona: tester, tasks: {every: {look: x}}}", "entry 1, tasks.every.look: it is no whole number", "30"),
        ("- {persona: tester, tasks: {every: [look]}}", "entry 1, tasks.every: it is no mapping of tasks", "pr-triage"),
        ("- {persona: tester}\n- {persona: testr}", "entry 2: there is no persona template 'testr'", "did you mean 'tester'?"),
        ("- {persona: tester}\n- {persona: tester, interval: 4}", "entry 2: a twin wakes every 5 to 240 minutes", "--interval"),
        ("- {persona: tester, tasks: {on: [lok]}}", "entry 1: tester has no task 'lok'", "did you mean 'look'?"),
        ("- {persona: tester, deliver: 'nonsense://hunter2'}", "entry 1: nothing can be delivered to nonsense://…", "env:"),
        ("- &a {persona: tester}\n- *a", "team.yaml:2", "mend that line"),
        ("- {persona: tester", "team.yaml:1", "mend that line"),
    ],
)
def test_a_team_is_checked_as_a_whole_with_file_entry_and_field(
    clock: FakeClock, home: Path, text: str, message: str, hint: str
) -> None:
    path = written(text)

    with pytest.raises((InvalidInput, NotFound)) as caught:
        team.activate(path, clock)

    assert message in caught.value.message
    assert str(path) in caught.value.message
    assert hint in (caught.value.hint or "")
    assert "hunter2" not in str(vars(caught.value))
    assert not (home / "cowork.db").exists()


@pytest.mark.parametrize("content", [b"\xff\xfe", b"#" * 300_000])
def test_a_file_that_is_no_text_is_reported(clock: FakeClock, content: bytes) -> None:
    path = Path("team.yaml")
    path.write_bytes(content)

    with pytest.raises(InvalidInput, match=r"team\.yaml"):
        team.activate(path.absolute(), clock)


def test_policy_is_asked_for_each_entry_and_one_refusal_stops_all(clock: FakeClock, home: Path) -> None:
    home.mkdir()
    (home / "policies.json").write_text(json.dumps({"agents": {"maxHeartbeatFrequencySec": 3600}}))

    with pytest.raises(Denied):
        team.activate(written("- {persona: tester, interval: 60}\n- {persona: tester, interval: 30}"), clock)

    assert roles.twins() == []
    log = [json.loads(line)["verdict"] for line in (home / "audit.jsonl").read_text().splitlines()]
    assert log == ["denied"]
    team.activate(written("- {persona: tester, interval: 60, count: 3}"), clock)
    assert len((home / "audit.jsonl").read_text().splitlines()) == 2  # once, however many twins


def test_a_team_is_no_larger_than_what_is_made_at_once(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(team, "activate_all", lambda *_args, **_more: pytest.fail("twins were made"))

    with pytest.raises(InvalidInput) as caught:
        team.activate(written("- {persona: tester, count: 10000}\n- {persona: tester}\n"), clock, dry_run=True)

    assert (caught.value.code, caught.value.details["count"]) == ("team.too_many", 10_001)
