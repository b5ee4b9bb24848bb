"""Which tools there are, and whether what a model hands to one fits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cowork.agent.tools.base import Tool
from cowork.core.text import one_line, suggest

if TYPE_CHECKING:
    from jsonschema import ValidationError

_MOST_PROBLEMS = 5


def standard_tools() -> dict[str, Tool]:
    """Files, searches, shells, the web and the list of things to do, by name."""
    from cowork.agent.tools.bash import Bash, BashOutput, KillShell
    from cowork.agent.tools.edit import Edit, MultiEdit
    from cowork.agent.tools.glob_files import Glob
    from cowork.agent.tools.grep import Grep
    from cowork.agent.tools.read import Read
    from cowork.agent.tools.todo import TodoWrite
    from cowork.agent.tools.web_fetch import WebFetch
    from cowork.agent.tools.write import Write

    files: list[Tool] = [Read(), Write(), Edit(), MultiEdit(), Glob(), Grep()]
    tools = [*files, Bash(), BashOutput(), KillShell(), WebFetch(), TodoWrite()]
    return {tool.name: tool for tool in tools}


def check_arguments(tool: Tool, arguments: object) -> str | None:
    """What is wrong with the arguments of a call, in words for the model; None when they fit."""
    if not isinstance(arguments, Mapping):
        return f"{tool.name}: the arguments must be an object with names, not {_kind(arguments)}.\n{_usage(tool)}"
    problems = list(_problems(tool, arguments))
    if not problems:
        return None
    shown = list(dict.fromkeys(problems))
    more = [f"- and {len(shown) - _MOST_PROBLEMS} more"] if len(shown) > _MOST_PROBLEMS else []
    lines = [f"- {problem}" for problem in shown[:_MOST_PROBLEMS]]
    return "\n".join([f"{tool.name}: the arguments do not fit.", *lines, *more, _usage(tool)])


def _problems(tool: Tool, arguments: Mapping[str, Any]) -> Iterator[str]:
    """Every problem in words. A schema can be a stranger's: it refers to nothing outside, and its patterns are not tried."""
    from jsonschema import Draft202012Validator, SchemaError
    from jsonschema.validators import extend
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    kind = extend(  # type: ignore[no-untyped-call]
        Draft202012Validator, {"pattern": _untried, "patternProperties": _untried}
    )
    try:
        kind.check_schema(dict(tool.parameters))
        checker = kind(dict(tool.parameters), registry=Registry())
        for error in sorted(checker.iter_errors(dict(arguments)), key=lambda error: list(map(str, error.absolute_path))):
            yield from _words(error)
    except (SchemaError, Unresolvable, RecursionError) as error:
        yield f"the tool's own schema cannot be used: {one_line(str(error), 120)}"


def _untried(*_: object) -> Iterator[ValidationError]:
    return iter(())


def _words(error: ValidationError) -> Iterator[str]:
    where = _place(error.absolute_path)
    rule: Any = error.validator_value
    within: Any = error.instance
    if error.validator == "required":
        for name in rule:
            if name not in within:
                yield f"{where}{name} is missing"
    elif error.validator == "additionalProperties" and rule is False:
        whole: Any = error.schema
        known = list(whole.get("properties", {}))
        for name in sorted(map(str, set(within) - set(known))):
            meant = suggest(name, known) or next((item for item in known if name.lower() in item.lower()), None)
            hint = f"did you mean {meant}?" if meant else f"there is {', '.join(known) or 'none'}"
            yield f"{where}{one_line(name, 60)} is unknown; {hint}"
    elif error.validator == "type":
        wanted = rule if isinstance(rule, str) else " or ".join(rule)
        yield f"{where.removesuffix('.') or 'the whole'} must be {_article(wanted)}, not {_kind(error.instance)}"
    elif error.validator == "enum":
        choices = ", ".join(map(str, rule))
        yield f"{where.removesuffix('.')} must be one of {choices}, not {one_line(repr(error.instance), 60)}"
    else:
        yield f"{where.removesuffix('.')}: {one_line(error.message, 160)}"


def _place(path: Any) -> str:
    text = ""
    for part in path:
        text = f"{text.removesuffix('.')}[{part}]." if isinstance(part, int) else f"{text}{one_line(str(part), 60)}."
    return text


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, (int, float)):
        return f"the number {value}" if len(str(value)) < 20 else "a number"
    if isinstance(value, str):
        return f"the text {one_line(value, 40)!r}"
    return "an object" if isinstance(value, Mapping) else "a list"


def _article(kind: str) -> str:
    names = {"array": "a list", "integer": "a whole number", "object": "an object", "string": "a text"}
    return names.get(kind, f"a {kind}")


def _usage(tool: Tool) -> str:
    """The names it takes, those it needs first."""
    properties = tool.parameters.get("properties", {})
    required = [name for name in tool.parameters.get("required", ()) if name in properties]
    rest = [f"{name}?" for name in properties if name not in required]
    return f"It takes: {', '.join([*required, *rest]) or 'nothing'}."
