"""`cowork loop task`: what people and scripts see of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.loop.tasks.files import PLAN, STORIES, written
from tests.support import Ran, run_here


def task(*argv: str) -> Ran:
    return run_here("loop", "task", *argv)


def code(ran: Ran) -> tuple[int, str]:
    return ran.code, ran.document["error"]["code"]


def test_a_list_of_tasks_is_worked_through_from_the_first_to_the_last() -> None:
    assert task("create", "Tables").code == 0
    assert task("create", "Page", "--depends-on", "task-1", "--priority", "critical", "--criterion", "it shows").code == 0
    assert [item["status"] for item in task("list", "--json").data["items"]] == ["ready", "pending"]

    assert task("next", "--json").data["task"]["id"] == "task-1"
    assert task("update", "task-1", "--status", "done").code == 0
    chosen = task("next", "--json").data
    assert (chosen["task"]["id"], chosen["remaining"]) == ("task-2", 1)
    assert chosen["reason"] == "everything it depends on is done (task-1), and no other task is ready"

    assert task("update", "task-2", "--status", "done").code == 0
    ran = task("next", "--json")
    assert code(ran) == (8, "tasks.none_runnable")
    assert ran.document["error"]["details"]["all_done"] is True
    assert json.loads(Path(".cowork/tasks.json").read_text())["tasks"][1] == {
        "id": "task-2", "title": "Page", "priority": 0, "dependencies": ["task-1"], "completion_criteria": ["it shows"],
        "status": "done",
    }  # fmt: skip


def test_when_no_task_can_be_begun_it_says_what_each_waits_for() -> None:
    written(PLAN.replace('"priority": 1,', '"priority": 1, "status": "blocked",'))
    ran = task("next")
    assert ran.code == 8
    assert "why: schema is blocked: it has a question; api waits for schema (blocked); page waits for api (pending)" in ran.err
    details = task("next", "--json").document["error"]["details"]
    assert details["all_done"] is False
    assert details["waiting"][1] == {
        "task": "api",
        "status": "pending",
        "on": ["schema"],
        "reason": "waits for schema (blocked)",
    }


def test_the_listing_counts_every_status_and_shows_those_that_are_asked_for() -> None:
    written(PLAN)
    data = task("list", "--status", "pending", "--json").data
    assert ([item["id"] for item in data["items"]], data["count"], data["total"]) == (["api", "page"], 2, 3)
    assert data["counts"] == {"done": 0, "active": 0, "blocked": 0, "ready": 1, "pending": 2, "failed": 0, "skipped": 0}


def test_each_status_has_its_symbol_and_colour() -> None:
    words = ["done", "active", "blocked", "pending", "failed", "skipped"]
    tasks = [{"id": word, "title": "t", "status": word} for word in words]
    written(json.dumps([*tasks, {"id": "behind", "title": "t", "dependencies": ["failed"]}]))
    page = task("list", "--color", "always").out
    for mark in (
        *("\x1b[32m✓ done", "\x1b[34m→ active", "\x1b[31m✗ blocked", "\x1b[36m○ ready"),
        *("\x1b[2m· pending", "\x1b[33m! failed", "\x1b[2m– skipped"),
    ):
        assert mark in page
    plain = task("list").out
    assert "\x1b" not in plain
    assert "✗ blocked" in plain


def test_text_of_files_is_no_markup_and_drives_no_terminal() -> None:
    written(
        json.dumps(
            [
                {
                    "id": "a",
                    "title": '[red]x[/red] \x1b[2J <b> "]; x',
                    "description": "[bold]\x07",
                    "labels": ["[x]"],
                    "checks": ["\x1b"],
                }
            ]
        )
    )
    for argv in (["list"], ["show", "a"], ["next"], ["graph"], ["graph", "--format", "dot"], ["graph", "--format", "mermaid"],
                 ["export"], ["export", "--format", "markdown"], ["update", "a", "--priority", "3"]):  # fmt: skip
        ran = task(*argv)
        assert ran.code == 0, ran.err
        assert not {"\x1b", "\x07"} & set(ran.out + ran.err), argv
    assert "[red]x[/red]" in task("list").out
    assert task("graph", "--format", "mermaid").out.count('"') == 2
    assert '\\"]; x' in task("graph", "--format", "dot").out


def test_a_page_tells_what_waits_for_a_task() -> None:
    written(PLAN)
    data = task("show", "api", "--json").data
    assert (data["dependents"], data["reason"]) == (["page"], "waits for schema (ready)")
    assert (data["criteria"], data["checks"]) == (["GET answers in JSON", "it is documented"], ["make test"])
    assert code(task("show", "apu", "--json")) == (3, "tasks.no_such_task")
    assert "did you mean 'api'?" in task("show", "apu").err


def test_fields_are_changed_in_place_and_a_change_without_effect_writes_nothing() -> None:
    path = written(PLAN)
    data = task("update", "api", "--title", "Read", "--clear", "agent", "--label", "x", "--json").data
    assert [step["action"] for step in data["plan"]] == ["set", "set", "clear"]
    assert data["changed"]
    before = path.stat().st_mtime_ns
    again = task("update", "api", "--title", "Read", "--json").data
    assert (again["changed"], again["plan"][0]["action"]) == (False, "keep")
    assert path.stat().st_mtime_ns == before
    for argv, error in [
        (["update", "api"], (4, "tasks.nothing_to_change")),
        (["update", "api", "--priority", "soon"], (4, "tasks.bad_value")),
        (["update", "api", "--title", " "], (4, "tasks.bad_value")),
        (["update", "schema", "--depends-on", "api"], (4, "tasks.invalid")),
        (["create", "X", "--id", "api"], (5, "tasks.duplicate_id")),
        (["create", "X", "--id", "a\nb"], (4, "tasks.bad_value")),
        (["update", "api", "--status", "finished"], (2, "usage.invalid")),
    ]:
        assert code(task(*argv, "--json")) == error
    assert path.stat().st_mtime_ns == before


def test_user_stories_refuse_a_status_that_they_cannot_say() -> None:
    written(STORIES, "prd.json")
    assert code(task("update", "US-002", "--status", "failed", "--json")) == (4, "tasks.no_such_status")
    assert task("update", "US-002", "--status", "done").code == 0
    assert Path("prd.json").read_text() == STORIES.replace('"passes": false', '"passes": true')


def test_a_file_is_taken_over_as_it_is_once_it_is_right() -> None:
    source = written(STORIES, "elsewhere/stories.json")
    ours = Path(".cowork/tasks.json")
    data = task("load", str(source), "--json").data
    assert (data["format"], data["count"], data["changed"]) == ("stories", 2, True)
    assert ours.read_bytes() == source.read_bytes()
    assert task("load", str(source), "--json").data["changed"] is False

    source.write_text(PLAN)
    assert code(task("load", str(source), "--json")) == (5, "tasks.exists")
    assert ours.read_text() == STORIES
    assert task("load", str(source), "--force").code == 0
    assert ours.read_text() == PLAN

    source.write_text("[")
    assert code(task("load", str(source), "--force", "--json")) == (4, "tasks.invalid")
    assert ours.read_text() == PLAN


def test_nothing_is_written_where_another_file_would_be_found_first() -> None:
    written(STORIES, ".cowork/prd.json")
    written("- [ ] One\n", "list.md")
    source = written(PLAN, "plan.json")
    assert code(task("load", str(source), "--force", "--json")) == (5, "tasks.shadowed")
    assert code(task("import", "list.md", "--json")) == (5, "tasks.shadowed")
    assert not Path(".cowork/tasks.json").exists()
    assert task("import", "list.md", "--output", "mine.json").code == 0
    assert task("list", "--file", "mine.json", "--json").data["items"][0]["title"] == "One"


def test_a_list_is_imported_shown_and_replaces_nothing_unasked() -> None:
    written("# Shop\n## Backend\n1. [x] Tables\n2. Page (after 1)\n   - it shows\n", "list.md")
    data = task("import", "list.md", "--json").data
    assert [(item["id"], item["status"], item["labels"]) for item in data["items"]] == [
        ("task-1", "done", ["Backend"]),
        ("task-2", "ready", ["Backend"]),
    ]
    assert json.loads(Path(".cowork/tasks.json").read_text()) == data["document"]
    written("- Other\n", "list.md")
    assert code(task("import", "list.md", "--json")) == (5, "tasks.exists")
    assert task("import", "list.md", "--force").code == 0
    assert code(task("import", "missing.md", "--json")) == (4, "tasks.missing")
    written("no list", "list.md")
    assert code(task("import", "list.md", "--force", "--json")) == (4, "tasks.none_found")
    assert task("list", "--json").data["items"][0]["title"] == "Other"


def test_tasks_are_written_down_in_three_formats() -> None:
    written(PLAN)
    assert task("export").out == PLAN
    assert "userStories" in json.loads(task("export", "--format", "stories", "--json").data["text"])
    assert task("export", "--format", "markdown").out.startswith("# Shop\n\n- [ ] Tables for orders\n  - id: `schema`\n")
    assert task("export", "--format", "stories", "--output", "prd.json").code == 0
    assert task("validate", "prd.json").code == 0
    assert code(task("export", "--output", "prd.json", "--json")) == (5, "tasks.exists")


def test_a_graph_has_layers_and_edges() -> None:
    written(PLAN)
    data = task("graph", "--json").data
    assert [[item["id"] for item in layer["items"]] for layer in data["layers"]] == [["schema"], ["api"], ["page"]]
    assert data["edges"] == [{"task": "api", "needs": "schema"}, {"task": "page", "needs": "api"}]
    assert "  t1 -> t2;\n  t2 -> t3;" in task("graph", "--format", "dot").out
    assert "  t1 --> t2\n  t2 --> t3" in task("graph", "--format", "mermaid").out


def test_everything_that_is_wrong_is_told_at_once_and_kept_as_data() -> None:
    written('[{"id": "a", "title": "A", "dependencies": ["b"]},\n {"id": "b", "title": "B", "dependencies": ["a", "c"]}]')
    ran = task("validate", "--json")
    assert code(ran) == (4, "tasks.invalid")
    assert [(item["line"], item["rule"]) for item in ran.data["items"]] == [(1, "tasks.cycle"), (2, "tasks.missing_dependency")]
    page = " ".join(task("validate").out.split())
    assert "tasks.json:1: error: $[0].dependencies: these wait for each other: a -> b -> a [tasks.cycle]" in page
    assert "tasks.json:2: error: $[1].dependencies: 'b' depends on 'c', and there is no such task" in page
    assert code(task("list", "--json")) == (4, "tasks.invalid")


@pytest.mark.parametrize(
    "argv", [["list"], ["next"], ["graph"], ["export"], ["update", "a", "--status", "done"], ["create", "B"]]
)
def test_a_file_that_cannot_be_understood_is_never_everything_done(argv: list[str]) -> None:
    path = written('[{"id": "a", "title": "A"')
    assert code(task(*argv, "--json")) == (4, "tasks.invalid")
    assert path.read_text() == '[{"id": "a", "title": "A"'


def test_a_slip_in_a_key_is_warned_of_where_tasks_are_chosen() -> None:
    written('[{"id": "a", "title": "A"}, {"id": "b", "title": "B", "dependecies": ["a"]}]')
    (warning,) = task("next", "--json").document["warnings"]
    assert warning["code"] == "tasks.misspelled"
    assert "did you mean 'dependencies'?" in warning["message"]
