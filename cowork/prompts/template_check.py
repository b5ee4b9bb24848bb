"""What is wrong with a template: it cannot be read, or it names what nobody fills. Rendering it shows only a gap."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from cowork.core.errors import InvalidInput
from cowork.core.text import did_you_mean, one_line
from cowork.formats.problem import Problem, bounded, in_order
from cowork.prompts import handlebars, jinja_templates
from cowork.prompts.handlebars_paths import Path
from cowork.prompts.loop_variables import Variable

if TYPE_CHECKING:
    from jinja2 import nodes

Style = Literal["handlebars", "jinja2"]
_ANYTHING = object()  # the shape of a value about which nothing is known
_UNKNOWN = "template.unknown_variable"


def check(source: str, style: Style, file: str, known: Mapping[str, Variable]) -> tuple[Problem, ...]:
    """The problems of a template, each with its line, and its column where it is known."""
    try:
        found = _handlebars(source, file, known) if style == "handlebars" else _jinja(source, file, known)
    except InvalidInput as error:
        line, column = error.details.get("line"), error.details.get("column")
        what = str(error.details.get("what") or error.message) + (f" ({error.cause})" if error.cause else "")
        found = [Problem(file, _where(line, column), error.code, "error", what, error.hint or "mend it", line, column)]
    if "promise" not in source:
        what, fix = "it does not say how an agent reports that the task is done", "let it name {{promise}}"
        found.append(Problem(file, "$", "template.no_promise", "warning", what, fix))
    return in_order(bounded(found))


def _where(line: int | None, column: int | None) -> str:
    return "$" if line is None else f"line {line}" + (f", column {column}" if column else "")


def _unknown(file: str, line: int, column: int | None, what: str, fix: str) -> Problem:
    return Problem(file, _where(line, column), _UNKNOWN, "error", what, fix, line, column)


def _handlebars(source: str, file: str, known: Mapping[str, Variable]) -> list[Problem]:
    root = {name: _ANYTHING if variable.open else variable.sample for name, variable in known.items()}
    return list(_walk(handlebars.parse(source), [root], file))


def _walk(parts: Sequence[handlebars.Node], shapes: list[Any], file: str) -> Iterator[Problem]:
    """The problems of a tree. `shapes` are samples of what `this` is, from all variables to the innermost loop."""
    for part in parts:
        if isinstance(part, str):
            continue
        shape, missing = _follow(part.path, shapes)
        if missing is not None:
            yield _unknown(file, part.tag.line, part.tag.column, *missing)
        if isinstance(part, handlebars.Value):
            continue
        if part.name == "each" and missing is None and shape is not _ANYTHING and not isinstance(shape, (list, dict)):
            what, fix = f"'{one_line(part.path.text, 60)}' is no list", "loop over a list, or ask with {{#if}}"
            yield Problem(
                file,
                _where(part.tag.line, part.tag.column),
                "template.not_a_list",
                "error",
                what,
                fix,
                part.tag.line,
                part.tag.column,
            )
        yield from _walk(part.body, [*shapes, _item(shape)] if part.name == "each" else shapes, file)
        yield from _walk(part.otherwise or [], shapes, file)


def _item(shape: Any) -> Any:
    """What one round of a loop over something has."""
    items = list(shape.values()) if isinstance(shape, dict) else shape if isinstance(shape, list) else []
    return items[0] if items else _ANYTHING


def _follow(path: Path, shapes: list[Any]) -> tuple[Any, tuple[str, str] | None]:
    """What a path leads to, and what is wrong with it: in words, with how to mend it."""
    if path.data and path.data != "root":
        inside = len(shapes) - 1 > path.up
        wrong = (f"@{path.data} stands outside of a loop", "write it inside of {{#each}}")
        return _ANYTHING, None if inside else wrong
    if path.up >= len(shapes):
        return _ANYTHING, (
            f"'{one_line(path.text, 60)}' leads out of the template",
            f"there are {len(shapes) - 1} loop(s) here",
        )
    shape = shapes[0] if path.data else shapes[len(shapes) - 1 - path.up]
    for at, name in enumerate(path.segments):
        if shape is _ANYTHING:
            return shape, None
        if isinstance(shape, dict) and name in shape:
            shape = shape[name]
        elif isinstance(shape, (list, str)) and name == "length":
            shape = 0
        elif isinstance(shape, list) and name.isdigit():
            shape = _item(shape)
        else:
            return _ANYTHING, _no_such(path, name, shape, shapes, first=at == 0)
    return shape, None


def _no_such(path: Path, name: str, shape: Any, shapes: list[Any], *, first: bool) -> tuple[str, str]:
    shown = one_line(path.text, 60)
    if first and shape is not shapes[0] and not path.data and name in shapes[0]:
        up = "../" * (len(shapes) - 1)
        return f"there is no '{shown}' in this loop's items", f"write {up}{name} for the variable outside of the loop"
    names = [key for key in shape if isinstance(key, str)] if isinstance(shape, dict) else []
    otherwise = f"there are: {', '.join(names)}" if 0 < len(names) < 12 else "see: docs/templates.md"
    return f"there is no '{shown}'", did_you_mean(name, names, otherwise)


def _jinja(source: str, file: str, known: Mapping[str, Variable]) -> list[Problem]:
    from jinja2 import meta, nodes

    tree = jinja_templates.parse(source)
    free = meta.find_undeclared_variables(tree) - set(known) - {"range", "loop"}
    found = []
    for name in sorted(free):
        node = next(item for item in tree.find_all(nodes.Name) if item.name == name)
        fix = did_you_mean(name, known, "see: docs/templates.md")
        found.append(
            _unknown(file, node.lineno, _column(source, node.lineno, name), f"there is no '{one_line(name, 60)}'", fix)
        )
    found += [problem for node in tree.find_all(nodes.Getattr) for problem in _attribute(node, source, file, known)]
    return found


def _attribute(node: nodes.Getattr, source: str, file: str, known: Mapping[str, Variable]) -> Iterator[Problem]:
    """A name behind a variable that has none."""
    from jinja2 import nodes

    from cowork.prompts.jinja_rules import METHODS

    if not isinstance(node.node, nodes.Name) or node.node.name not in known or node.attr in METHODS:
        return
    variable = known[node.node.name]
    if not variable.open and not (isinstance(variable.sample, dict) and node.attr in variable.sample):
        path = one_line(f"{variable.name}.{node.attr}", 60)
        column = _column(source, node.lineno, f"{variable.name}.{node.attr}")
        yield _unknown(file, node.lineno, column, f"there is no '{path}'", "see: docs/templates.md")


def _column(source: str, line: int, text: str) -> int | None:
    """Where a name first stands in a line."""
    lines = re.split(r"\r\n|\r|\n", source)  # the lines that Jinja2 counts
    match = re.search(rf"(?<![\w.]){re.escape(text)}(?!\w)", lines[line - 1]) if line <= len(lines) else None
    return match.start() + 1 if match else None
