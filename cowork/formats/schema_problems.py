"""Reading a document through its pydantic model: the model, and what pydantic found in our words with JSON paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from cowork.core.errors import InvalidInput
from cowork.formats.limits import check_document
from cowork.formats.problem import RULES, Problem, json_path, quoted
from cowork.formats.section import Section, unknown_paths

Model = TypeVar("Model", bound=Section)

_TYPES = {
    "bool_type": "true or false",
    "dict_type": "an object",
    "float_type": "a number",
    "int_type": "a whole number",
    "list_type": "a list",
    "model_attributes_type": "an object",
    "model_type": "an object",
    "string_type": "a text",
}


def read_model(
    model: type[Model],
    document: Any,
    *,
    file: str,
    family: str,
    explain: Mapping[str, str],
    prefix: Sequence[str | int] = (),
) -> tuple[Model | None, list[Problem]]:
    """The document as its model, or None, with errors and with warnings about unknown keys. Raises nothing.

    `family` starts the rule ids (`manifest.required`). `explain` says in words what a pattern of the schema asks for.
    `prefix` is the place of the document in a larger one.
    """
    try:
        check_document(document)
        found = model.model_validate(document)
    except InvalidInput as error:
        return None, [Problem(file, json_path(prefix), error.code, "error", error.message, error.hint or "shorten it")]
    except ValidationError as error:
        details = error.errors(include_url=False)
        return None, [_problem(item, file, family, explain, tuple(prefix)) for item in details]
    unknown = [
        Problem(
            file,
            json_path((*prefix, *path)),
            f"{family}.unknown_key",
            "warning",
            f"unknown key {quoted(path[-1])} has no effect",
            "check its spelling, or remove it",
        )
        for path in unknown_paths(found)
    ]
    return found, unknown


def _problem(item: ErrorDetails, file: str, family: str, explain: Mapping[str, str], prefix: tuple[str | int, ...]) -> Problem:
    """A custom error whose type is a rule id keeps that id; its context may hold a `fix`."""
    kind, value = item["type"], item["input"]
    context: Mapping[str, Any] = item.get("ctx", {})
    # the name of a union's member is no part of the document; ours start with ~
    where = json_path((*prefix, *(part for part in item["loc"] if not str(part).startswith("~"))))
    if kind in RULES:
        return Problem(file, where, kind, "error", item["msg"], str(context.get("fix") or "mend this value"))
    if kind == "missing":
        key = str(item["loc"][-1]) if item["loc"] else "the field"
        return Problem(file, where, f"{family}.required", "error", "the field is missing", f'add "{key}"')
    if kind in _TYPES:
        text = f"must be {_TYPES[kind]}, not {_kind_of(value)}"
        return Problem(file, where, f"{family}.type", "error", text, f"write {_TYPES[kind]} here")
    if kind == "extra_forbidden":
        return Problem(file, where, f"{family}.value", "error", "this key is not allowed here", "remove it")
    message, fix = _value(kind, value, context, explain, item["msg"])
    return Problem(file, where, f"{family}.value", "error", message, fix)


def _value(kind: str, value: Any, context: Mapping[str, Any], explain: Mapping[str, str], otherwise: str) -> tuple[str, str]:
    if kind == "string_pattern_mismatch":
        wanted = explain.get(context["pattern"], f"a text that matches {context['pattern']}")
        return f"{quoted(value)} is not {wanted}", f"write {wanted}"
    if kind == "literal_error":
        return f"{quoted(value)} is not {context['expected']}", f"write {context['expected']}"
    if kind == "string_too_short":
        return "must not be empty", "write something here"
    if kind == "string_too_long":
        return f"is longer than {context['max_length']} characters", "shorten it"
    return otherwise[:1].lower() + otherwise[1:], "mend this value"


def _kind_of(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    names = {str: "a text", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return names.get(type(value), type(value).__name__)
