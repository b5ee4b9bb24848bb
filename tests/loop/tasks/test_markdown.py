"""Markdown lists become tasks, and tasks become Markdown lists; what is not understood stays text and is told."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.core.errors import InvalidInput
from cowork.loop.tasks import converting
from cowork.loop.tasks.judging import judge
from cowork.loop.tasks.markdown import tasks_of
from cowork.loop.tasks.reading import read
from cowork.loop.tasks.task import Task, TaskList
from tests.loop.tasks.files import PLAN, STORIES, written


def tasks(text: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = tasks_of(text, "list.md").document["tasks"]
    return found


def test_items_are_tasks_boxes_statuses_nested_items_criteria_and_headings_labels() -> None:
    document = tasks_of(
        """# Shop

What we build,
and for whom.

## Backend

- [x] Tables for orders
  - migrations run twice
    without harm
  - [ ] they are documented
* [ ] Read orders

  It answers in JSON.

  ```sh
  - no task
  ```

### Mail
1. Send mails
2) [-] Send faxes

## Frontend
+ Page of orders
\t- it shows
""",
        "list.md",
    ).document
    assert (document["name"], document["description"]) == ("Shop", "What we build,\nand for whom.")
    assert document["tasks"] == [
        {"id": "task-1", "title": "Tables for orders", "status": "done",
         "completion_criteria": ["migrations run twice without harm", "they are documented"], "labels": ["Backend"]},
        {"id": "task-2", "title": "Read orders", "status": "pending", "labels": ["Backend"],
         "description": "It answers in JSON.\n```sh\n- no task\n```"},
        {"id": "task-3", "title": "Send mails", "status": "pending", "labels": ["Backend", "Mail"]},
        {"id": "task-4", "title": "Send faxes", "status": "skipped", "labels": ["Backend", "Mail"]},
        {"id": "task-5", "title": "Page of orders", "status": "pending", "completion_criteria": ["it shows"],
         "labels": ["Frontend"]},
    ]  # fmt: skip


def test_hints_say_what_comes_first_and_how_much_it_matters() -> None:
    first, second, third, fourth = tasks(
        """1. US-7: Tables (high priority)
2. Read orders (after 1) (priority: 5)
3. **Page**: shows orders (depends on: US-7, read orders)
4. Mail
   - depends on: 2 and `US-7`
   - priority: low
   - check: `make test`
   - agent: claude
   - labels: a, b
   - notes: ask first
   - Acceptance criteria:
     - it arrives: always
"""
    )
    assert (first["id"], first["title"], first["priority"]) == ("US-7", "Tables", 1)
    assert (second["title"], second["dependencies"], second["priority"]) == ("Read orders", ["US-7"], 5)
    assert (third["title"], third["description"], third["dependencies"]) == ("Page", "shows orders", ["US-7", "task-2"])
    assert fourth == {
        "id": "task-4", "title": "Mail", "priority": 3, "status": "pending", "dependencies": ["task-2", "US-7"],
        "completion_criteria": ["it arrives: always"], "checks": ["make test"], "agent": "claude", "labels": ["a", "b"],
        "notes": "ask first",
    }  # fmt: skip


def test_a_number_means_the_item_of_its_own_section_first() -> None:
    found = tasks("## A\n1. one\n2. two (after 1)\n\n## B\n1. three\n2. four (after 1)\n")
    assert [item.get("dependencies") for item in found] == [None, ["task-1"], None, ["task-3"]]


@pytest.mark.parametrize(
    "text", ["- Emails (after 9)", "- Emails (after emails)", "1. Emails (after 1)", "- Emails (after lunch, 1)"]
)
def test_a_hint_that_names_no_other_task_stays_in_the_title_and_is_told(text: str) -> None:
    found = tasks_of(text, "list.md")
    assert found.document["tasks"][0]["title"] == text.split(maxsplit=1)[1]
    assert "dependencies" not in found.document["tasks"][0]
    assert [notice.code for notice in found.notices] == ["tasks.hint_unresolved"]


def test_words_that_only_look_like_hints_stay_words() -> None:
    found = tasks("- Fix: the parser (again)\n- Use `a, b` (see below)\n- after all: rest\n  - note to self\n")
    assert [item["title"] for item in found] == ["Fix: the parser (again)", "Use `a, b` (see below)", "after all: rest"]
    assert found[2]["completion_criteria"] == ["note to self"]


@pytest.mark.parametrize("text", ["", "Just words.\n", "# A heading\n", "```\n- code\n```\n", "- [ ]\n-\n", "---\n* * *\n"])
def test_a_text_without_a_list_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        tasks_of(text, "list.md")
    assert caught.value.code == "tasks.none_found"


def test_a_cycle_and_an_id_that_stands_twice_are_refused_by_name() -> None:
    with pytest.raises(InvalidInput, match=r"task-1 -> task-2 -> task-1"):
        tasks_of("1. a (after 2)\n2. b (after 1)\n", "list.md")
    with pytest.raises(InvalidInput, match=r"list\.md:3: the id 'T-1' is taken"):
        tasks_of("- T-1: a\n\n- T-1: b\n", "list.md")


def test_new_ids_keep_clear_of_those_that_are_given() -> None:
    assert [item["id"] for item in tasks("- one\n- task-1: two\n- task-4: three\n")] == ["task-7", "task-1", "task-4"]


@pytest.mark.parametrize("text", [PLAN, STORIES])
def test_what_is_exported_as_markdown_is_read_back_as_it_was(text: str) -> None:
    before = read(written(text))
    exported, lost = converting.markdown(before)
    raw = json.dumps(tasks_of(exported, "list.md").document).encode()
    after = judge(raw, "f").tasks
    assert lost == ()
    assert after is not None
    assert after.name == before.name
    assert [_essence(task) for task in after.tasks] == [_essence(task) for task in before.tasks]


def _essence(task: Task) -> tuple[object, ...]:
    rest = (task.priority, task.status, task.agent, task.model, task.pattern, task.checks, task.labels, task.notes)
    return (task.id, task.title, task.description, task.dependencies, task.criteria, *rest)


def test_odd_ids_and_titles_go_through_markdown_too() -> None:
    odd = [
        Task("über alles", "Plain", description="One.\n\n- two\n# three"),
        Task("a", "US-9: not its id", dependencies=("über alles",), criteria=("id: none", "[x] boxed", "check: none")),
        Task("US-1", "**Bold** one", description="Two\nlines."),
    ]
    text, _ = converting.markdown(TaskList("f", "plan", "", "", tuple(odd), [], ""))
    found = tasks(text)
    assert [(item["id"], item["title"]) for item in found] == [(task.id, task.title) for task in odd]
    assert [item.get("description") for item in found] == ["One. - two # three", None, "Two\nlines."]
    assert (found[1]["dependencies"], found[1]["completion_criteria"]) == (["über alles"], list(odd[1].criteria))


@pytest.mark.parametrize(("text", "other"), [(PLAN, "stories"), (STORIES, "plan")])
def test_the_other_format_says_the_same_and_back_again(text: str, other: str) -> None:
    before = read(written(text))
    converted, lost = converting.document(before, other)
    assert lost == ()
    between = read(written(converted, "other.json"))
    assert between.format == other
    assert [_essence(task) for task in between.tasks] == [_essence(task) for task in before.tasks]
    back, _ = converting.document(between, before.format)
    assert [_essence(task) for task in read(written(back, "back.json")).tasks] == [_essence(task) for task in before.tasks]
    assert all(key in json.loads(back) for key in json.loads(text) if key != "tasks")
    odd = {"estimate", "storyPoints"}
    assert [odd & task.raw.keys() for task in between.tasks] == [odd & task.raw.keys() for task in before.tasks]


def test_a_status_that_a_format_cannot_say_is_told() -> None:
    plan = read(written('[{"id": "a", "title": "A", "status": "blocked"}, {"id": "b", "title": "B", "status": "skipped"}]'))
    assert "a (blocked), b (skipped)" in converting.document(plan, "stories")[1][0].message
    assert "of a (blocked):" in converting.markdown(plan)[1][0].message


_TEXTS = (
    *("T1: a", "T1: b", "a (after 1)", "b (after 2, a)", "depends on: 1", "id: x", "id: \u202e", "**b**: c"),
    *("US-1: ", "priority: high", "x (priority 99999999999999)", "check: ``", "(after 1)", "a (P1) (P2)"),
)
_LINES = st.one_of(
    st.sampled_from(["", "  ", "```", "~~~", "---", "# H", "## S", "text", "  more", "- ", "- [ ]", "1.", "* * *", "- - a"]),
    st.builds(
        lambda indent, marker, box, text: f"{indent}{marker} {box}{text}",
        st.sampled_from(["", " ", "  ", "   ", "    ", "\t", "      "]),
        st.sampled_from(["-", "*", "+", "1.", "2)", "10.", "999999999."]),
        st.sampled_from(["", "[ ] ", "[x] ", "[-] ", "[y] "]),
        st.one_of(
            st.text(max_size=12),
            st.sampled_from(_TEXTS),
        ),
    ),
    st.text(max_size=20),
)


@settings(deadline=None, max_examples=300)
@given(st.lists(_LINES, max_size=14).map("\n".join))
def test_any_text_becomes_tasks_that_can_be_read_or_is_refused(text: str) -> None:
    try:
        found = tasks_of(text, "list.md")
    except InvalidInput as error:
        assert error.code in ("tasks.none_found", "tasks.duplicate_id", "tasks.cycle")
        return
    judged = judge(json.dumps(found.document).encode(), "f")
    assert judged.problems == ()
    assert judged.tasks is not None
    exported, _ = converting.markdown(judged.tasks)
    again = tasks_of(exported, "again.md").document["tasks"]
    assert [item["id"] for item in again] == [task.id for task in judged.tasks.tasks]
