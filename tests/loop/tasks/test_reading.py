"""Files of tasks of both formats are read; what is wrong with one is told with its place, all of it, and never passed over."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.core.errors import InvalidInput, NotFound
from cowork.formats.problem import RULES
from cowork.loop.tasks.judging import judge
from cowork.loop.tasks.reading import PLACES, find, look, read
from tests.loop.tasks.files import PLAN, STORIES, written


def rules(document: Any) -> list[str]:
    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    return [problem.rule for problem in judge(raw, "tasks.json").problems]


def refused(text: str | bytes) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        read(written(text))
    return caught.value


def test_a_plan_has_every_field_of_the_format() -> None:
    tasks = read(written(PLAN))
    assert (tasks.format, tasks.name, tasks.done) == ("plan", "Shop", 0)
    schema, api, page = tasks.tasks
    assert (schema.id, schema.priority, schema.pattern) == ("schema", 1, "debate")
    assert schema.criteria == ("migrations run twice without harm",)
    assert (api.priority, api.dependencies, api.agent, api.model, api.checks) == (
        1,
        ("schema",),
        "claude",
        "opus",
        ("make test",),
    )
    assert (api.criteria, api.labels, api.notes) == (("GET answers in JSON", "it is documented"), ("backend",), "see RFC 7")
    assert (page.priority, page.criteria, page.status) == (2, (), "pending")
    assert schema.raw["estimate"] == 1.5
    assert tasks.raw["owner"]["team"] == "orders"


def test_a_plan_may_be_the_bare_list() -> None:
    tasks = read(written('[{"id": 1, "title": "A"}, {"id": 2, "title": "B", "dependencies": [1]}]'))
    assert [(task.id, task.dependencies) for task in tasks.tasks] == [("1", ()), ("2", ("1",))]


def test_user_stories_are_read_as_they_are_found_in_the_wild() -> None:
    tasks = read(written(STORIES, "prd.json"))
    assert (tasks.format, tasks.name, tasks.description, tasks.done) == ("stories", "Shop", "Orders", 1)
    first, second = tasks.tasks
    assert (first.status, first.criteria, first.priority) == ("done", ("Typecheck passes",), 1)
    assert (second.status, second.dependencies, second.priority) == ("pending", ("US-001",), 7)


@pytest.mark.parametrize(
    ("word", "status"),
    [("done", "done"), ("Completed", "done"), ("in-progress", "active"), ("in progress", "active"), ("ready", "pending"),
     ("todo", "pending"), ("blocked", "blocked"), ("failed", "failed"), ("cancelled", "skipped"), ("skipped", "skipped")],
)  # fmt: skip
def test_statuses_are_understood_in_the_words_people_use(word: str, status: str) -> None:
    assert read(written(json.dumps([{"id": "a", "title": "A", "status": word}]))).tasks[0].status == status


@pytest.mark.parametrize(
    ("value", "priority"),
    [(5, 5), (9, 9), (-1, -1), (3.0, 3), ("P0", 0), ("p3", 3), ("critical", 0), ("High", 1), ("medium", 2), ("low", 3),
     ("4", 4), (None, 2)],
)  # fmt: skip
def test_priorities_are_numbers_or_words_and_never_tie_when_they_differ(value: Any, priority: int) -> None:
    assert read(written(json.dumps([{"id": "a", "title": "A", "priority": value}]))).tasks[0].priority == priority


def test_a_syntax_error_names_line_and_column_and_is_never_an_empty_list() -> None:
    error = refused('[\n  {"id": "a",\n   "title": }\n]\n')
    assert error.code == "tasks.invalid"
    assert "tasks.json:3:13" in error.message
    assert error.details["problems"][0]["rule"] == "tasks.syntax"


@pytest.mark.parametrize("raw", [b"", b" \n", b"\xff[]", b"[NaN]", b"[1e999]", b"[" * 100_000, b'[{"id": "a"', b"[]x", b"nul"])
def test_what_is_no_json_is_invalid(raw: bytes) -> None:
    assert refused(raw).code == "tasks.invalid"


@pytest.mark.parametrize("text", ["[]", '{"tasks": []}', '{"name": "x", "userStories": [ ]}'])
def test_a_list_without_tasks_is_an_error_of_its_own(text: str) -> None:
    assert refused(text).code == "tasks.empty"


def test_a_byte_order_mark_is_no_error() -> None:
    assert read(written(b"\xef\xbb\xbf" + PLAN.encode())).tasks[0].id == "schema"


def test_a_cycle_is_named_in_its_order() -> None:
    needs = {"x": "b", "a": "b", "b": "c", "c": "a"}
    chain = [{"id": name, "title": name, "dependencies": [other]} for name, other in needs.items()]
    error = refused(json.dumps(chain))
    assert "a -> b -> c -> a" in error.message
    assert len(error.details["problems"]) == 1  # x waits for the cycle, and is in none


def test_every_knot_has_its_cycle() -> None:
    pairs = [("a", ["b"]), ("b", ["a"]), ("c", ["d"]), ("d", ["c", "a"])]
    found = judge(json.dumps([{"id": a, "title": a, "dependencies": b} for a, b in pairs]).encode(), "f")
    assert [problem.message.split(": ")[1] for problem in found.problems] == ["a -> b -> a", "c -> d -> c"]


def test_a_long_chain_is_no_burden() -> None:
    count = 3000
    items = [{"id": str(n), "title": "t", "dependencies": [str(n + 1)] if n + 1 < count else []} for n in range(count)]
    assert len(read(written(json.dumps(items))).tasks) == count
    items[-1]["dependencies"] = ["0"]
    assert rules(items) == ["tasks.cycle"]


def test_each_mistake_is_a_problem_of_its_own_and_all_are_told() -> None:
    text = """[
  {"id": "a", "title": "A", "dependencies": ["a", "zz"]},
  {"id": "a", "title": "", "priority": true},
  {"title": "no id", "status": "nope"},
  {"id": "c", "id": "d", "title": "D", "checks": 7},
  {"id": "e", "title": "E", "dependencies": {"a": 1}, "labels": [1]},
  "a word"
]"""
    found = judge(text.encode(), "tasks.json").problems
    assert sorted((problem.line, problem.rule) for problem in found) == [
        (2, "tasks.missing_dependency"),
        (2, "tasks.self_dependency"),
        (3, "tasks.duplicate_id"),
        (3, "tasks.required"),
        (3, "tasks.value"),
        (4, "tasks.required"),
        (4, "tasks.value"),
        (5, "tasks.duplicate_key"),
        (5, "tasks.type"),
        (6, "tasks.type"),
        (6, "tasks.type"),
        (7, "tasks.type"),
    ]
    assert all(problem.column and problem.fix for problem in found)


def test_missing_dependencies_are_named_with_a_suggestion() -> None:
    error = refused('[{"id": "schema", "title": "S"}, {"id": "api", "title": "A", "dependencies": ["shema"]}]')
    assert "'shema'" in error.message
    assert error.hint == "did you mean 'schema'?"


@pytest.mark.parametrize(
    ("document", "fix"),
    [
        ({"prd": {"name": "x", "userStories": []}}, "take userStories out of prd, to the top of the file"),
        ({"stories": [{"id": "a"}]}, "call it tasks (or userStories, if its items have acceptanceCriteria and passes)"),
        ({"id": "a", "title": "A"}, 'put it in a list: {"tasks": [...]}'),
        ({"tasks": [], "userStories": []}, "keep one of the two lists"),
        ({"tasks": {"a": {}}}, "write a list"),
        ("text", 'write a list, or {"tasks": [...]}'),
        (None, "write a list of tasks"),
        ({"userStories": [{"id": "a", "title": "A", "subtasks": []}]}, "make each of them a story of its own, with dependsOn"),
        (
            {"userStories": [{"id": "a", "title": "A", "status": "open"}]},
            'write "passes": true for what is done, false for everything else',
        ),
        ({"tasks": [{"id": "a", "title": "A", "depends_on": []}]}, "call it dependencies"),
        (
            {"tasks": [{"id": "a", "title": "A", "passes": True}]},
            'write "status": "done" for what is done; passes belongs to userStories',
        ),
    ],
)  # fmt: skip
def test_shapes_that_are_often_written_instead_are_told_how_to_be_put_right(document: Any, fix: str) -> None:
    (problem,) = judge(json.dumps(document).encode(), "f").errors
    assert problem.fix == fix


def test_unknown_keys_are_kept_and_those_that_look_misspelled_are_warned_of() -> None:
    text = '{"owner": 1, "tasks": [{"id": "a", "title": "A", "dependancies": ["b"], "estimate": 3}]}'
    looked = look(written(text))
    assert looked.tasks.tasks[0].raw["estimate"] == 3
    assert [notice.code for notice in looked.notices] == ["tasks.misspelled"]
    assert "'dependencies'" in looked.notices[0].message
    assert rules(json.loads(text)) == ["tasks.unknown_key", "tasks.misspelled", "tasks.unknown_key"]


@pytest.mark.parametrize("name", ["", " a", "a\n", "a\x1b[31m", "\u202ea", "x" * 101, True, 1.5, [], "\ud800"])
def test_ids_that_could_drive_a_terminal_or_name_nothing_are_refused(name: Any) -> None:
    assert rules([{"id": name, "title": "A"}]) == ["tasks.value"]


@pytest.mark.parametrize("text", ["\ud800", "a\0b"])
def test_texts_that_no_program_can_be_given_are_refused(text: str) -> None:
    assert rules([{"id": "a", "title": text}]) == ["tasks.value"]


def test_the_file_of_a_project_is_found_in_four_places_in_their_order() -> None:
    project = Path.cwd()
    with pytest.raises(NotFound) as caught:
        find(project)
    assert caught.value.code == "tasks.no_file"
    for place in reversed(PLACES):
        written(PLAN, place)
        assert find(project) == project / place
    assert find(project, "tasks.json") == project / "tasks.json"
    with pytest.raises(NotFound):
        find(project, "nowhere.json")
    with pytest.raises(NotFound):
        find(project, "")


def test_a_file_that_is_there_and_cannot_be_read_is_not_passed_over_for_the_next() -> None:
    written(PLAN, "tasks.json")
    Path("prd.json").symlink_to("nowhere")
    with pytest.raises(NotFound, match=r"prd\.json"):
        read(find(Path.cwd()))
    Path("prd.json").unlink()
    os.mkfifo("prd.json")
    with pytest.raises(InvalidInput) as caught:
        read(find(Path.cwd()))
    assert caught.value.code == "tasks.unreadable"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
_KEYS = st.sampled_from(
    ["id", "title", "priority", "dependencies", "status", "completion_criteria", "checks", "passes", "dependsOn", "subtasks"]
)
_ITEMS = st.lists(st.dictionaries(_KEYS, _JSON, max_size=6) | _JSON, max_size=5)


@settings(deadline=None)
@given(_JSON | _ITEMS | st.fixed_dictionaries({"tasks": _ITEMS}) | st.fixed_dictionaries({"userStories": _ITEMS}))
def test_whatever_a_document_holds_is_judged_and_has_tasks_or_a_reason(document: Any) -> None:
    judged = judge(json.dumps(document).encode(), "f")
    assert judged.errors or (judged.tasks is not None and judged.tasks.tasks)
    assert {problem.rule for problem in judged.problems} <= RULES.keys()
    assert all(problem.line is None or problem.line >= 1 for problem in judged.problems)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_whatever_bytes_a_file_holds_are_judged(raw: bytes) -> None:
    judged = judge(raw, "f")
    assert judged.errors or judged.tasks is not None
