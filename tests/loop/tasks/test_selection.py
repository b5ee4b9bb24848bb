"""Which task is next: dependencies first, then priority, then the order of the file; and why a task is not."""

from __future__ import annotations

from typing import TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.loop.tasks.selection import layers, next_task, order, ready, remaining, statuses, waiting
from cowork.loop.tasks.task import SYMBOLS, Status, Task


def task(id: str, *needs: str, priority: int = 2, status: Status = "pending") -> Task:
    return Task(id, id.upper(), priority=priority, dependencies=needs, status=status)


def chosen(tasks: list[Task], overlay: dict[str, Status] | None = None, exclude: tuple[str, ...] = ()) -> str | None:
    found = next_task(tasks, overlay or {}, exclude)
    return found and found.task.id


def test_dependencies_come_before_priority_and_priority_before_the_order_of_the_file() -> None:
    tasks = [task("a", priority=3), task("b", "c", priority=0), task("c", priority=2), task("d", priority=2)]
    assert chosen(tasks) == "c"
    assert chosen(tasks, {"c": "done"}) == "b"
    assert chosen(tasks, {"c": "done", "b": "done"}) == "d"
    assert chosen(tasks, {"c": "done", "b": "done", "d": "done"}) == "a"
    assert chosen(tasks, dict.fromkeys("abcd", "done")) is None


def test_large_priorities_differ() -> None:
    assert chosen([task("a", priority=9), task("b", priority=6), task("c", priority=7)]) == "b"


def test_what_is_excluded_is_passed_over() -> None:
    tasks = [task("a"), task("b"), task("c", "a")]
    assert chosen(tasks, exclude=("a",)) == "b"
    assert chosen(tasks, exclude=("a", "b")) is None


def test_who_depends_on_what_was_given_up_stays_pending_and_so_do_those_behind_it() -> None:
    for lost in ("skipped", "failed", "blocked", "active"):
        tasks = [task("a"), task("b", "a"), task("c", "b")]
        assert statuses(tasks, {"a": lost}) == {"a": lost, "b": "pending", "c": "pending"}
        assert chosen(tasks, {"a": lost}) is None


def test_what_a_run_knows_goes_over_the_file() -> None:
    tasks = [task("a", status="done"), task("b", status="failed"), task("c", "a")]
    assert statuses(tasks, {}) == {"a": "done", "b": "failed", "c": "ready"}
    assert statuses(tasks, {"a": "active", "b": "done"}) == {"a": "active", "b": "done", "c": "pending"}
    assert statuses(tasks, {"a": "pending", "b": "pending"}) == {"a": "ready", "b": "ready", "c": "pending"}


def test_what_somebody_did_by_hand_is_done_although_the_run_gave_it_up() -> None:
    for given_up in ("blocked", "failed", "skipped"):
        assert statuses([task("a", status="done"), task("b", "a")], {"a": given_up}) == {"a": "done", "b": "ready"}


def test_a_task_that_was_left_in_the_middle_is_begun_again_and_one_that_is_worked_on_is_not() -> None:
    tasks = [task("a", status="active"), task("b")]
    assert statuses(tasks, {})["a"] == "active"
    assert chosen(tasks) == "a"
    assert chosen(tasks, {"a": "active"}) == "b"


def test_the_reason_is_in_words() -> None:
    tasks = [task("a"), task("b", "a", priority=1), task("c"), task("d")]
    reasons = [next_task(tasks, dict.fromkeys(done, "done")).reason for done in ("", "a", "ab", "abc")]  # type: ignore[union-attr]
    assert reasons == [
        "it depends on nothing, and it is the first in the file of 3 with priority 2",
        "everything it depends on is done (a), and its priority 1 comes before that of 2 more",
        "it depends on nothing, and it is the first in the file of 2 with priority 2",
        "it depends on nothing, and no other task is ready",
    ]


def test_what_cannot_be_begun_says_why() -> None:
    tasks = [task("a"), task("b", "a", "x"), task("c"), task("d"), task("x", status="done"), task("e")]
    held = waiting(tasks, {"a": "blocked", "c": "failed", "d": "skipped", "e": "active"})
    assert [(item.task.id, item.reason) for item in held] == [
        ("a", "is blocked: it has a question"),
        ("b", "waits for a (blocked)"),
        ("c", "failed"),
        ("d", "is skipped"),
        ("e", "is being worked on"),
    ]
    assert [item.id for item in remaining(tasks, {"a": "blocked"})] == ["a", "b", "c", "d", "e"]


def test_order_and_layers() -> None:
    tasks = [
        task("page", "api"),
        task("api", "schema"),
        task("docs", priority=5),
        task("schema"),
        task("mail", "schema", priority=0),
    ]
    assert [item.id for item in order(tasks)] == ["schema", "mail", "api", "page", "docs"]
    assert [[item.id for item in layer] for layer in layers(tasks)] == [["schema", "docs"], ["mail", "api"], ["page"]]


Drawn: TypeAlias = tuple[list[Task], dict[str, Status]]


@st.composite
def lists(draw: st.DrawFn) -> Drawn:
    """Tasks without cycles, in any order, and what a run may know of them."""
    count = draw(st.integers(0, 7))
    tasks = []
    for number in range(count):
        needs = draw(st.sets(st.sampled_from(range(number)), max_size=3)) if number else set()
        status = draw(st.sampled_from(list(SYMBOLS)))
        tasks.append(task(str(number), *map(str, sorted(needs)), priority=draw(st.integers(0, 3)), status=status))
    overlay = draw(st.dictionaries(st.sampled_from([item.id for item in tasks] or ["x"]), st.sampled_from(list(SYMBOLS))))
    return draw(st.permutations(tasks)), overlay


@settings(deadline=None)
@given(lists())
def test_whatever_the_tasks_the_next_one_can_be_begun_and_none_is_forgotten(
    given_: Drawn,
) -> None:
    tasks, overlay = given_
    found = statuses(tasks, overlay)
    startable = ready(tasks, overlay)
    assert list(found) == [item.id for item in tasks]
    for item in startable:
        assert all(found[name] == "done" for name in item.dependencies)
    choice = next_task(tasks, overlay)
    assert (choice is None) == (not startable)
    if choice:
        assert choice.task.priority == min(item.priority for item in startable)
    parts = [*startable, *(item.task for item in waiting(tasks, overlay))]
    assert sorted(item.id for item in parts) == sorted(item.id for item in remaining(tasks, overlay))


@settings(deadline=None)
@given(lists())
def test_every_task_comes_after_what_it_depends_on(given_: Drawn) -> None:
    tasks, _ = given_
    place = {item.id: number for number, item in enumerate(order(tasks))}
    layer = {item.id: number for number, items in enumerate(layers(tasks)) for item in items}
    assert len(place) == len(layer) == len(tasks)
    for item in tasks:
        assert all(place[name] < place[item.id] for name in item.dependencies)
        assert layer[item.id] == 1 + max((layer[name] for name in item.dependencies), default=-1)


@settings(deadline=None)
@given(lists())
def test_doing_the_next_one_again_and_again_does_them_all_in_an_order_that_holds(
    given_: Drawn,
) -> None:
    tasks, _ = given_
    overlay: dict[str, Status] = {item.id: "pending" for item in tasks}
    done: list[str] = []
    while choice := next_task(tasks, overlay):
        assert set(choice.task.dependencies) <= set(done)
        overlay[choice.task.id] = "done"
        done.append(choice.task.id)
    assert done == [item.id for item in order(tasks)]
