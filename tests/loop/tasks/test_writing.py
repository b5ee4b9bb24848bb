"""A file of tasks is changed in one place: every other byte stays, whoever wrote it and when."""

from __future__ import annotations

import json
import multiprocessing
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.core.errors import Conflict, CoworkError, InvalidInput, NotFound
from cowork.loop.tasks import json_text
from cowork.loop.tasks.reading import read
from cowork.loop.tasks.task import SYMBOLS, Status
from cowork.loop.tasks.writing import add_task, next_id, set_status, update_task
from tests.loop.tasks.files import PLAN, STORIES, written


def status(path: Path, name: str) -> Status:
    return next(task.status for task in read(path).tasks if task.id == name)


def test_a_status_is_written_in_its_place_and_nothing_else_is_touched() -> None:
    path = written(PLAN)
    assert set_status(path, "api", "done")
    assert path.read_text() == PLAN.replace('"status": "pending"', '"status": "done"')


def test_a_task_without_a_status_gets_one_as_its_last_key_laid_out_like_the_others() -> None:
    path = written(PLAN)
    set_status(path, "schema", "failed")
    set_status(path, "page", "skipped")
    expected = PLAN.replace('"estimate": 1.50e0\n', '"estimate": 1.50e0,\n      "status": "failed"\n')
    expected = expected.replace('"dependencies": ["api"]}', '"dependencies": ["api"], "status": "skipped"}')
    assert path.read_text() == expected


def test_user_stories_say_passes_and_nothing_else() -> None:
    path = written(STORIES, "prd.json")
    assert set_status(path, "US-002", "done")
    assert path.read_text() == STORIES.replace('"passes": false', '"passes": true')
    assert set_status(path, "US-002", "pending")
    assert path.read_text() == STORIES


@pytest.mark.parametrize("wanted", ["active", "blocked", "failed", "skipped"])
def test_a_status_that_stories_have_no_word_for_is_refused_and_changes_nothing(wanted: Status) -> None:
    path = written(STORIES, "prd.json")
    with pytest.raises(InvalidInput) as caught:
        set_status(path, "US-002", wanted)
    assert caught.value.code == "tasks.no_such_status"
    assert path.read_text() == STORIES


def test_what_is_so_already_is_not_written_again_in_whatever_word_the_file_says_it() -> None:
    path = written(PLAN.replace('"status": "pending"', '"status": "Completed"'))
    before = path.stat()
    assert not set_status(path, "api", "done")
    assert not set_status(path, "page", "pending")
    assert not set_status(path, "page", "ready")
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_remarks_of_a_run_go_beside_the_notes_of_people() -> None:
    path = written(PLAN)
    set_status(path, "api", "done", notes='It "works", ünd\nthat is all.')
    task = read(path).tasks[1]
    assert task.notes == "see RFC 7"
    assert task.raw["completion_notes"] == 'It "works", ünd\nthat is all.'
    set_status(written(STORIES, "prd.json"), "US-001", "done", notes="fine")
    assert read(Path("prd.json")).tasks[0].raw["completionNotes"] == "fine"


def test_mode_is_kept_and_a_link_still_leads_to_its_target() -> None:
    target = written(PLAN, "elsewhere/plan.json")
    target.chmod(0o640)
    link = Path("tasks.json").absolute()
    link.symlink_to("elsewhere/plan.json")
    set_status(link, "api", "done")
    assert link.is_symlink()
    assert status(target, "api") == "done"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert sorted(os.listdir()) == ["elsewhere", "tasks.json"]  # no lock, no temporary


@pytest.mark.parametrize(
    "change", [lambda text: text.replace("\n", "\r\n"), lambda text: "\ufeff" + text, lambda text: text.rstrip("\n")]
)
def test_line_ends_a_byte_order_mark_and_a_missing_last_newline_stay(change: object) -> None:
    text = change(PLAN)  # type: ignore[operator]
    path = written(text)
    set_status(path, "page", "done")
    set_status(path, "schema", "done")
    without = path.read_bytes().decode().replace(', "status": "done"', "").replace(',\r\n      "status": "done"', "")
    assert without.replace(',\n      "status": "done"', "") == text


def test_what_somebody_wrote_meanwhile_survives() -> None:
    path = written(PLAN)
    tasks = read(path)
    by_hand = PLAN.replace("Read orders", "Read all orders").replace('"owner"', '"added": true, "owner"')
    path.write_text(by_hand)
    set_status(path, tasks.tasks[1].id, "done")
    assert path.read_text() == by_hand.replace('"status": "pending"', '"status": "done"')


def test_mistakes_of_other_tasks_do_not_keep_a_status_from_its_file() -> None:
    path = written('[{"id": "a", "title": "A", "dependencies": ["zz"]}, {"id": "b"}]')
    assert set_status(path, "b", "done")
    assert path.read_text().endswith('{"id": "b", "status": "done"}]')


def test_what_cannot_be_done_changes_nothing() -> None:
    for text, name, error in [
        ("[", "a", InvalidInput),
        (PLAN, "nobody", NotFound),
        ('[{"id": "a", "title": "A"}, {"id": "a", "title": "B"}]', "a", InvalidInput),
    ]:
        path = written(text)
        with pytest.raises(error):
            set_status(path, name, "done")
        assert path.read_text() == text


def _mark(path: Path, numbers: range) -> None:
    for number in numbers:
        set_status(path, str(number), "done")


def test_many_who_write_at_once_lose_nothing() -> None:
    path = written(json.dumps([{"id": str(n), "title": "t"} for n in range(24)]))
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_mark, args=(path, range(start, 24, 4))) for start in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert read(path).done == 24


def test_a_task_is_appended_like_the_ones_before_it() -> None:
    path = written(STORIES, "prd.json")
    added = add_task(path, {"title": "Mails", "dependencies": ("US-002",), "priority": 3})
    assert added.task == "US-003"
    new = """,
\t\t{
\t\t\t"id": "US-003",
\t\t\t"title": "Mails",
\t\t\t"priority": 3,
\t\t\t"passes": false,
\t\t\t"dependsOn": [
\t\t\t\t"US-002"
\t\t\t],
\t\t\t"acceptanceCriteria": []
\t\t}
\t],"""
    assert path.read_text() == STORIES.replace("\n\t],", new)


def test_what_is_appended_has_the_line_ends_of_the_file() -> None:
    path = written(STORIES.replace("\n", "\r\n"), "prd.json")
    add_task(path, {"title": "Mails", "dependencies": ("US-002",)})
    assert path.read_bytes().count(b"\n") == path.read_bytes().count(b"\r\n") > STORIES.count("\n")


@pytest.mark.parametrize("text", ["[]", '{"tasks":[]}', '{\n    "tasks": [\n    ]\n}\n', '[{"id":"x","title":"X"}]'])
def test_a_task_can_be_appended_to_any_list(text: str) -> None:
    path = written(text)
    add_task(path, {"id": "new", "title": "Neü", "criteria": ("a", "b")})
    task = read(path).tasks[-1]
    assert (task.id, task.title, task.criteria) == ("new", "Neü", ("a", "b"))
    assert ("\n" in path.read_text()) == ("\n" in text)


def test_a_file_is_made_for_the_first_task_and_an_id_is_taken_once() -> None:
    path = Path("new/tasks.json").absolute()
    assert add_task(path, {"title": "First"}).task == "task-1"
    assert add_task(path, {"title": "Second"}).task == "task-2"
    with pytest.raises(Conflict):
        add_task(path, {"id": "task-1", "title": "Again"})
    assert [task.title for task in read(path).tasks] == ["First", "Second"]


@pytest.mark.parametrize(
    ("known", "new"),
    [
        ([], "task-1"),
        (["a", "b"], "task-3"),
        (["US-009"], "US-010"),
        (["T1", "T3", "T2"], "T4"),
        (["7"], "8"),
        (["x" * 80], "task-2"),
    ],
)
def test_a_new_id_goes_on_from_the_last_one(known: list[str], new: str) -> None:
    assert next_id(known) == new


def test_fields_are_changed_and_taken_away() -> None:
    path = written(PLAN)
    update_task(path, "api", {"title": "Read “all”", "priority": 0, "criteria": ("x",), "agent": None, "notes": None})
    expected = PLAN.replace('"Read orders", "priority": "high"', '"Read “all”", "priority": 0').replace(
        ' "agent": "claude",', ""
    )
    expected = expected.replace(',\n      "notes": "see RFC 7"', "")
    assert path.read_text().replace('[\n        "x"\n      ]', '["GET answers in JSON", "it is documented"]') == expected


def test_a_change_after_which_the_file_would_be_wrong_is_not_made() -> None:
    path = written(PLAN)
    with pytest.raises(InvalidInput) as caught:
        update_task(path, "schema", {"dependencies": ("page",)})
    assert "schema -> page -> api -> schema" in caught.value.message
    assert path.read_text() == PLAN


def test_words_that_are_no_text_reach_no_file() -> None:
    path = written(PLAN)
    for change in ({"title": "\udcff"}, {"criteria": ("fine", "\udcff")}, {"notes": "a\0b"}):
        with pytest.raises(InvalidInput) as caught:
            update_task(path, "api", change)
        assert caught.value.code == "tasks.bad_text"
    set_status(path, "api", "done", notes="half\ud800 a character")
    assert read(path).tasks[1].raw["completion_notes"] == "half a character"


def test_a_dry_run_writes_nothing(home: Path) -> None:
    path = written(PLAN)
    assert update_task(path, "api", {"status": "done"}, dry_run=True).changed
    assert path.read_text() == PLAN
    assert not home.exists()


def test_a_file_that_cannot_be_written_is_an_error_and_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(PLAN)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CoworkError) as caught:
        set_status(path, "api", "done")
    assert caught.value.code == "file.not_writable"
    assert path.read_text() == PLAN
    assert os.listdir() == ["tasks.json"]


def _alike(old: str, new: str) -> int:
    """How many characters two texts have in common at their beginning."""
    return next((at for at, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), min(len(old), len(new)))


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
_OBJECTS = st.dictionaries(st.text(max_size=4), _VALUES, max_size=4)
_LAYOUTS = st.sampled_from(
    [{}, {"indent": 2}, {"indent": "\t"}, {"separators": (",", ":")}, {"ensure_ascii": False, "indent": 1}]
)


@settings(deadline=None)
@given(_OBJECTS, st.text(max_size=4), _VALUES, _LAYOUTS, st.sampled_from(["", "\ufeff", " \n"]))
def test_a_member_of_any_object_is_set_and_removed_and_the_others_stay(
    document: dict[str, object], key: str, value: object, layout: dict[str, object], before: str
) -> None:
    text = before + json.dumps(document, **layout)  # type: ignore[arg-type]
    at = json_text.root(text)
    new = json_text.with_member(text, at, key, value)
    held = json_text.member(text, at, key)
    replaced = held.end - held.start if held else 0
    same = _alike(text, new) + _alike(text[::-1], new[::-1])
    assert same >= len(text) - replaced  # everything but the old value is as it was
    assert json.loads(new.removeprefix("\ufeff")) == {**document, key: value}
    assert list(json.loads(new.removeprefix("\ufeff"))) == list({**document, key: value})
    assert json_text.with_member(new, at, key, value) == new
    gone = json.loads(json_text.without_member(new, at, key).removeprefix("\ufeff"))
    assert gone == {name: item for name, item in document.items() if name != key}


@settings(deadline=None)
@given(st.lists(_VALUES, max_size=4), _VALUES, _LAYOUTS)
def test_an_element_is_appended_to_any_list(document: list[object], value: object, layout: dict[str, object]) -> None:
    text = json.dumps({"a": 1, "list": document, "z": [2]}, **layout)  # type: ignore[arg-type]
    new = json_text.with_element(text, json_text.offset(text, ("list",)), value)
    assert json.loads(new) == {"a": 1, "list": [*document, value], "z": [2]}


def test_every_status_of_the_plan_can_be_written_and_read_back() -> None:
    path = written(PLAN)
    for wanted in SYMBOLS:
        set_status(path, "page", wanted)
        assert status(path, "page") == ("pending" if wanted == "ready" else wanted)
