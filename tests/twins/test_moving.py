"""Twins as a document: out of one home, into another."""

from __future__ import annotations

import copy
import dataclasses
import json
import re
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cowork.core.errors import CoworkError, Denied, InvalidInput
from cowork.formats import persona, twins_document
from cowork.formats.persona_mending import ID, TASK_ID
from cowork.twins import blueprint
from cowork.twins.activation import activate
from cowork.twins.moving import bring, export
from cowork.twins.states import pause
from cowork.twins.store import addresses, opening, roles
from cowork.twins.store.opening import reading
from cowork.twins.wanted import Wanted
from tests.formats import samples
from tests.support import FakeClock
from tests.twins.samples import add_numbered

pytestmark = pytest.mark.usefixtures("installation")
SECRET = "json://user:hunter2@localhost/"
FILE = Path("twins.json")


@pytest.fixture
def document(clock: FakeClock) -> dict[str, Any]:
    options: dict[str, Any] = {
        "deliver": [SECRET, "env:TEAM"],
        "deliver_tasks": [("look", "env:REVIEW")],
        "deny": ["Bash(rm *)"],
    }
    activate("tester", clock, count=2, quiet_hours="22:00-07:00", **options)
    pause(["twin-tester-2"], clock, dry_run=False)
    return export(None, str(FILE), dry_run=False)[0].document


def test_a_document_has_no_secrets_and_says_what_it_left_out(document: dict[str, Any]) -> None:
    answer, notices = export(["@tester"], None, dry_run=False)

    assert (document["schema"], document["version"], len(document["twins"])) == ("cowork.twins", 1, 2)
    assert json.loads(FILE.read_text()) == document
    assert stat.S_IMODE(FILE.stat().st_mode) == 0o600
    assert "hunter2" not in FILE.read_text()
    assert answer.document["twins"] == document["twins"][:1]
    (notice,) = notices
    assert re.fullmatch(r"twin-tester: json://localhost/…#\w{4} holds a secret and is left out", notice.message)
    assert document["twins"][0]["deliver"] == [{"task": "", "url": "env:TEAM"}, {"task": "look", "url": "env:REVIEW"}] or (
        document["twins"][0]["deliver"] == [{"task": "look", "url": "env:REVIEW"}, {"task": "", "url": "env:TEAM"}]
    )


def test_twins_come_in_as_they_went_out(
    document: dict[str, Any], clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = roles.twins()
    monkeypatch.setenv("COWORK_HOME", str(tmp_path / "elsewhere"))
    clock.advance(3600)

    planned, _ = bring(FILE, clock, dry_run=True)
    assert not (tmp_path / "elsewhere" / "cowork.db").exists()
    done, notices = bring(FILE, clock, dry_run=False)

    assert (planned.items, planned.plan, notices) == (done.items, done.plan, ())
    after = roles.twins()
    anchor, now = "2026-01-31T09:10:00.000Z", "2026-01-31T09:05:00.000Z"
    for old, new in zip(before, after, strict=True):
        assert new.id != old.id
        tasks = tuple(dataclasses.replace(task, due_at=anchor) for task in old.tasks)
        stamps: dict[str, Any] = {"created_at": now, "updated_at": now, "anchor_at": anchor}
        kept = tuple(url for url in old.deliver if url.startswith("env:"))
        assert new == dataclasses.replace(old, id=new.id, tasks=tasks, deliver=kept, **stamps)
    with reading() as connection:
        assert connection is not None
        assert sorted(addresses.of_in(connection, after[0].id)) == [("", "env:TEAM"), ("look", "env:REVIEW")]


def test_a_name_that_is_taken_gets_the_next_number(document: dict[str, Any], clock: FakeClock) -> None:
    done, _ = bring(FILE, clock, dry_run=False)

    assert [item.name for item in done.items] == ["twin-tester-3", "twin-tester-4"]
    assert len(roles.twins()) == 4


def test_what_is_not_on_this_machine_is_replaced_with_a_notice(document: dict[str, Any], clock: FakeClock) -> None:
    document["twins"][0] |= {"workspace": "/nowhere/at/all", "provider": "acme"}
    FILE.write_text(json.dumps(document))

    done, notices = bring(FILE, clock, dry_run=False)

    twin = next(twin for twin in roles.twins() if twin.name == done.items[0].name)
    assert (twin.workspace, twin.provider) == (str(Path.cwd()), "")
    assert sorted(notice.code for notice in notices) == ["twin.no_provider", "twin.no_workspace"]


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown key": ({"quiet_hour": "x"}, "twin 2, quiet_hour: Extra inputs"),
    "a wrong type": ({"interval_minutes": "30"}, "twin 2, interval_minutes: "),
    "an interval out of bounds": ({"interval_minutes": 1}, "twin 2: a twin wakes every 5 to 240"),
    "a rule that is none": ({"allow_rules": ["Bash("]}, "twin 2: 'Bash(' is no tool rule"),
    "a name with a path": ({"name": "../x"}, "twin 2, name: "),
    "a status that is none": ({"status": "dead"}, "twin 2, status: "),
    "a task twice": ({"tasks": "twice"}, "twin 2: it has a task twice"),
    "an address of no task": ({"deliver": [{"task": "no", "url": "env:A"}]}, "twin 2: it has addresses of a task"),
    "an address in the open": (
        {"deliver": [{"task": "", "url": "json://localhost/"}]},
        "nothing is delivered to json://localhost/…",
    ),
    "an address that is none": ({"deliver": [{"task": "", "url": "nonsense://x"}]}, "nothing can be delivered to nonsense://…"),
    "a name that drives the terminal": ({"display_name": "a\x1b[31m"}, "twin 2: a twin's name is"),
    "a text with a nul": ({"system_prompt": "a\0b"}, "twin 2, system_prompt: "),
    "half a character": ({"system_prompt": "a\ud800"}, "twin 2, system_prompt: "),
    "a soul that is too deep": ({"soul": "deep"}, "twin 2: the document nests deeper"),
}


@pytest.mark.parametrize(("change", "message"), BAD.values(), ids=BAD)
def test_a_document_that_is_wrong_anywhere_is_refused_whole(
    document: dict[str, Any], clock: FakeClock, change: dict[str, Any], message: str
) -> None:
    if change.get("tasks") == "twice":
        change = {"tasks": [document["twins"][1]["tasks"][0]] * 2}
    if change.get("soul") == "deep":
        soul: dict[str, Any] = {}
        for _ in range(200):
            soul = {"a": soul}
        change = {"soul": soul}
    document["twins"][1] |= change
    FILE.write_text(json.dumps(document))

    with pytest.raises(InvalidInput) as caught:
        bring(FILE, clock, dry_run=False)

    assert caught.value.code == "import.invalid"
    assert message in caught.value.message
    assert caught.value.message.startswith(f"{FILE}: ")
    assert len(roles.twins()) == 2


def test_a_document_of_another_kind_or_version_is_refused(document: dict[str, Any], clock: FakeClock) -> None:
    kinds: list[tuple[Any, str]] = [
        ([], "import.invalid"),
        ({"twins": []}, "import.invalid"),
        ({**document, "twins": []}, "import.invalid"),
        ({**document, "version": 2}, "import.newer"),
        ({**document, "version": True}, "import.invalid"),
        ({**document, "more": 1}, "import.invalid"),
    ]
    for content, code in kinds:
        FILE.write_text(json.dumps(content))
        with pytest.raises(InvalidInput) as caught:
            bring(FILE, clock, dry_run=False)
        assert caught.value.code == code
    for raw in (json.dumps(document)[:-20], "", "[" * 100_000):
        FILE.write_text(raw)
        with pytest.raises(InvalidInput) as caught:
            bring(FILE, clock, dry_run=False)
        assert caught.value.code == "file.corrupt"
    assert len(roles.twins()) == 2


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8), lambda inner: st.lists(inner, max_size=3), max_leaves=4
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_stands_in_a_field_it_is_taken_or_refused_by_name(
    document: dict[str, Any], clock: FakeClock, data: st.DataObject
) -> None:
    changed = copy.deepcopy(document)
    field = data.draw(st.sampled_from(sorted(changed["twins"][0])))
    changed["twins"][0][field] = data.draw(json_values)
    FILE.write_text(json.dumps(changed))

    try:
        twins_document.read(FILE)
        bring(FILE, clock, dry_run=True)
    except CoworkError as error:
        assert error.code == "import.invalid"
        assert "twin 1" in error.message


def test_the_policies_are_asked(document: dict[str, Any], clock: FakeClock, home: Path) -> None:
    (home / "policies.json").write_text('{"agents": {"maxHeartbeatFrequencySec": 3600}}')

    with pytest.raises(Denied):
        bring(FILE, clock, dry_run=False)
    assert len(roles.twins()) == 2


texts = st.text(max_size=12).map(lambda text: f"x{text}")
ids = st.from_regex(ID, fullmatch=True)
templates = st.fixed_dictionaries(
    {
        "id": ids,
        "version": texts,
        "name": texts,
        "category": texts,
        "icon": st.text(max_size=4),
        "color": st.text(max_size=4),
        "role": st.fixed_dictionaries(
            {"capabilities": st.lists(st.text(max_size=8), min_size=1, max_size=60), "systemPrompt": texts, "soul": json_values}
        ),
        "cognitiveOffload": st.fixed_dictionaries(
            {
                "proactiveTasks": st.lists(
                    st.fixed_dictionaries(
                        {"id": st.from_regex(TASK_ID, fullmatch=True), "promptTemplate": texts},
                        optional={"name": st.text(max_size=4), "evidence": st.lists(st.text(max_size=4), max_size=3)},
                    ),
                    max_size=3,
                )
            }
        ),
    }
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fields=templates, count=st.integers(1, 3), longer=st.sampled_from([1, 50_000]))
def test_whatever_a_template_makes_comes_in_as_it_went_out(
    clock: FakeClock, fields: dict[str, Any], count: int, longer: int
) -> None:
    fields["role"]["systemPrompt"] *= longer
    template = persona.parse(samples.persona(**fields), path=Path("x.json")).template
    opening.database_path().parent.mkdir(exist_ok=True)
    for path in opening.database_path().parent.glob("cowork.db*"):
        path.unlink()
    twin = dataclasses.replace(blueprint.twin_of(template, Wanted(template.id), clock.now()), id="a")
    add_numbered(blueprint.copies_of(twin, count))
    before = roles.twins()
    export(None, str(FILE), dry_run=False, force=True)
    with opening.writing() as connection:
        connection.execute("DELETE FROM agent_roles")

    bring(FILE, clock, dry_run=False)

    assert [dataclasses.replace(twin, id="") for twin in roles.twins()] == [dataclasses.replace(twin, id="") for twin in before]
