"""A document judged as a list of tasks: each task's fields, and then what the tasks say of each other."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from cowork.core.text import did_you_mean, one_line
from cowork.formats.problem import Problem, quoted
from cowork.loop.tasks import graph, parsing
from cowork.loop.tasks.fields import FORMATS, KNOWN, PLAN, ROOT_KEYS, STORIES, Format
from cowork.loop.tasks.reader import Reader
from cowork.loop.tasks.task import Task, TaskList

_LIST_NAMES = ("prd", "stories", "user_stories", "userstories", "items", "features", "todos", "todo", "task_list", "backlog")
_SLIP = 0.8  # how alike a key has to be to one of ours to look like a slip


class Judged(NamedTuple):
    """What a file came to: its tasks, None when that cannot be said, and everything that is wrong or odd."""

    tasks: TaskList | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What keeps the file from being used."""
        return tuple(problem for problem in self.problems if problem.severity == "error")


def judge(raw: bytes, file: str) -> Judged:
    """Everything about the bytes of a file. Nothing is raised."""
    document = parsing.document(raw, file)
    if document.value is None:
        found = document.problems or (_shape(file, "it is null", "write a list of tasks")[1],)
        return Judged(None, found)
    reader = Reader(file)
    located = _locate(document.value, file, reader)
    if located is None:
        return Judged(None, _sorted(document, reader))
    format, path, items = located
    if not items:
        text, fix = "there are no tasks in it", "add one: cowork loop task create TITLE"
        reader.error(path, "tasks.empty", text, fix)
    tasks = _tasks(format, path, items, reader)
    root = document.value if isinstance(document.value, dict) else {}
    _root_keys(root, reader)
    name = next((root[key] for key in ("name", "project", "title") if isinstance(root.get(key), str)), "")
    about = root.get("description") if isinstance(root.get("description"), str) else ""
    listed = TaskList(file, format.name, name, str(about), tuple(tasks), document.value, document.text)
    return Judged(listed, _sorted(document, reader))


def _sorted(document: parsing.Document, reader: Reader) -> tuple[Problem, ...]:
    problems = [*document.problems, *parsing.placed(reader.found, document.text)]
    return tuple(sorted(problems, key=lambda item: (item.line or 0, item.column or 0)))


def _locate(value: Any, file: str, reader: Reader) -> tuple[Format, parsing.Path, list[Any]] | None:
    """The format, and where its list is; None, and the reason among the problems, where there is none."""
    if isinstance(value, list):
        return FORMATS[PLAN], (), value
    if not isinstance(value, dict):
        reader.found.append(_shape(file, f"it is {_kind(value)}, not a list of tasks", 'write a list, or {"tasks": [...]}'))
        return None
    keys = [FORMATS[name].list_key for name in (PLAN, STORIES) if FORMATS[name].list_key in value]
    if len(keys) == 2:
        reader.error(("userStories",), "tasks.shape", "it has tasks and userStories", "keep one of the two lists")
        return None
    if keys:
        format = FORMATS[PLAN if keys == ["tasks"] else STORIES]
        if isinstance(value[keys[0]], list):
            return format, (keys[0],), value[keys[0]]
        reader.error((keys[0],), "tasks.type", f"{keys[0]} is {_kind(value[keys[0]])}, not a list", "write a list")
        return None
    reader.found.append(_no_list(value, file))
    return None


def _no_list(value: dict[str, Any], file: str) -> tuple[parsing.Path, Problem]:
    """The shapes that models and people write instead, with what to do about each."""
    inner = value.get("prd")
    if isinstance(inner, dict):
        key = next((key for key in ("userStories", "tasks") if key in inner), None)
        fix = f"take {key} out of prd, to the top of the file" if key else "put userStories at the top of the file"
        return ("prd",), Problem(file, "$", "tasks.shape", "error", "everything is inside prd", fix)
    found = next((key for key in value if key.lower() in _LIST_NAMES and isinstance(value[key], list)), None)
    if found is not None:
        fix = "call it tasks (or userStories, if its items have acceptanceCriteria and passes)"
        return (found,), Problem(file, "$", "tasks.shape", "error", f"the list is called {quoted(found)}", fix)
    if "id" in value and "title" in value:
        return _shape(file, "it is a single task", 'put it in a list: {"tasks": [...]}')
    return _shape(file, "it has no list of tasks", 'write {"tasks": [...]}, or {"userStories": [...]}')


def _shape(file: str, text: str, fix: str) -> tuple[parsing.Path, Problem]:
    return (), Problem(file, "$", "tasks.shape", "error", text, fix)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    names = {dict: "an object", list: "a list", str: "a text", int: "a number", float: "a number"}
    return names.get(type(value), "null")


def _tasks(format: Format, path: parsing.Path, items: Sequence[Any], reader: Reader) -> list[Task]:
    tasks, places = [], []
    for number, item in enumerate(items):
        place = (*path, number)
        if not isinstance(item, dict):
            what = f"a {format.one} is an object, and this is {_kind(item)}"
            reader.error(place, "tasks.type", what, 'write {"id": "...", "title": "..."}')
            continue
        for key, fix in format.wrong.items():
            if key in item:
                reader.error((*place, key), "tasks.shape", f"a {format.one} of this format has no {key}", fix)
        _odd_keys(format, place, item, reader)
        tasks.append(reader.task(format, place, item))
        places.append(place)
    _relations(format, tasks, places, reader)
    return [task for task in tasks if task.id]


def _odd_keys(format: Format, place: parsing.Path, item: Mapping[str, Any], reader: Reader) -> None:
    ours = [*format.keys.values()]
    for key in item:
        if key in ours or key in format.wrong or key in KNOWN:
            continue
        meant = difflib.get_close_matches(key.lower(), ours, n=1, cutoff=_SLIP)
        if meant:
            fix = f"did you mean '{meant[0]}'? As it is, it has no effect"
            reader.note((*place, key), "tasks.misspelled", f"unknown key {quoted(key)}", fix, severity="warning")
        else:
            reader.note((*place, key), "tasks.unknown_key", f"unknown key {quoted(key)}", "it is kept, and has no effect")


def _root_keys(root: Mapping[str, Any], reader: Reader) -> None:
    for key in root:
        if key not in ROOT_KEYS:
            reader.note((key,), "tasks.unknown_key", f"unknown key {quoted(key)}", "it is kept, and has no effect")


def _relations(format: Format, tasks: Sequence[Task], places: Sequence[parsing.Path], reader: Reader) -> None:
    """Ids are unique, dependencies exist, and no task waits for itself, directly or through others."""
    first: dict[str, int] = {}
    for number, task in enumerate(tasks):
        if task.id in first:
            text = f"the id {quoted(task.id)} is taken by an earlier {format.one}"
            reader.error((*places[number], "id"), "tasks.duplicate_id", text, "give one of them another id")
        elif task.id:
            first[task.id] = number
    key = format.keys["dependencies"]
    for task, place in zip(tasks, places, strict=True):
        for needed in dict.fromkeys(task.dependencies):
            if needed == task.id:
                text = f"{quoted(task.id)} depends on itself"
                reader.error((*place, key), "tasks.self_dependency", text, "take it out")
            elif needed not in first:
                text = f"{quoted(task.id)} depends on {quoted(needed)}, and there is no such {format.one}"
                fix = did_you_mean(needed, first.keys() - {task.id}, "add it, or take the dependency out")
                reader.error((*place, key), "tasks.missing_dependency", text, fix)
    for cycle in graph.cycles({task.id: task.dependencies for task in tasks if task.id}):
        names = " -> ".join(one_line(name, 60) for name in (*cycle, cycle[0]))
        text = f"these wait for each other: {names}"
        reader.error((*places[first[cycle[0]]], key), "tasks.cycle", text, "take one of these dependencies out")
