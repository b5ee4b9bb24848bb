"""The input of a call: JSON, checked against the connector's schema, which is hostile text itself and gets little time."""

from __future__ import annotations

import contextlib
import json
import math
import signal
import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cowork.core.errors import InvalidInput
from cowork.core.outcome import Notice
from cowork.core.text import one_line
from cowork.formats.limits import check_document
from cowork.formats.problem import json_path

MAX_INPUT_BYTES = 1024 * 1024
CHECK_S = 2.0
"""Seconds a schema may take: a pattern, or rules that refer to one another, can be made to take years."""
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_MOST_PROBLEMS = 20


def read_input(text: str) -> dict[str, Any]:
    """The JSON object in a text. Raises `connector.bad_input`."""
    try:
        document = json.loads(text, parse_constant=_refuse_constant)
        text.encode("utf-8")
        _refuse_surrogates(document)
    except json.JSONDecodeError as error:
        raise bad_input(f"it is not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from error
    except (ValueError, RecursionError) as error:
        raise bad_input(f"it is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise bad_input("it is not an object")
    try:
        check_document(document)
    except InvalidInput as error:
        raise bad_input(error.message) from error
    return document


def check_input(
    given: Mapping[str, Any], schema: Mapping[str, Any], *, used: Iterable[str] = ()
) -> tuple[dict[str, Any], tuple[Notice, ...]]:
    """The input with the schema's defaults, and warnings about names that nothing uses.

    `used` are the names that stand in templates. Raises `connector.bad_input` with every problem and its JSON path, and
    `connector.bad_schema` when the schema itself is at fault.
    """
    properties = schema.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    defaults = {name: rule["default"] for name, rule in properties.items() if isinstance(rule, dict) and "default" in rule}
    whole = {**defaults, **given}
    _refuse_foreign_references(schema)
    with _time_limit(CHECK_S):
        problems = _problems(whole, schema)
    if problems:
        raise bad_input(*problems)
    known = {*properties, *used}
    unknown = sorted(name for name in given if name not in known) if known and "input" not in used else []
    text = "nothing in the connector uses the input '{}'"
    return whole, tuple(Notice("connector.unknown_input", text.format(one_line(name, 80))) for name in unknown)


def _problems(given: dict[str, Any], schema: Mapping[str, Any]) -> list[str]:
    from jsonschema import Draft202012Validator, SchemaError
    from jsonschema.validators import validator_for
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    kind = validator_for(schema, default=Draft202012Validator)
    try:
        kind.check_schema(dict(schema))
        checker = kind(dict(schema), registry=Registry())  # empty: a reference can only lead into the schema itself
        found = []
        for error in checker.iter_errors(given):
            found.append((json_path(error.absolute_path), one_line(error.message, 160)))
            if len(found) >= _MOST_PROBLEMS:
                break
        return [f"{where}: {what}" for where, what in sorted(found)]
    except SchemaError as error:
        raise bad_schema(f"{json_path(error.absolute_path)}: {one_line(error.message, 160)}") from error
    except (Unresolvable, RecursionError, ValueError, OverflowError) as error:  # ValueError: a pattern that is no pattern
        raise bad_schema(one_line(str(error) or type(error).__name__)) from error


def _refuse_foreign_references(schema: Any) -> None:
    """Refuse a schema that refers to another document: nothing is fetched to check an input."""
    level = [schema]
    while level:
        item = level.pop()
        if isinstance(item, dict):
            for key in _REFERENCES:
                target = item.get(key)
                if isinstance(target, str) and not target.startswith("#"):
                    raise bad_schema(f"{key} leads to another document: {one_line(target, 80)}")
            level += item.values()
        elif isinstance(item, list):
            level += item


@contextlib.contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Interrupt what takes longer; Python looks at signals also in the middle of a regular expression.

    Only the main thread can be interrupted so; others are not limited.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def expire(_number: int, _frame: object) -> None:
        raise bad_schema(f"checking the input takes longer than {seconds:g} s")

    held = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, held)


def _refuse_constant(text: str) -> float:
    raise ValueError(f"{text} is not JSON")


def _refuse_surrogates(document: Any) -> None:
    """Half a character cannot be sent anywhere; numbers that are infinite once read cannot be written back."""
    level = [document]
    while level:
        item = level.pop()
        if isinstance(item, str):
            item.encode("utf-8")
        elif isinstance(item, float) and not math.isfinite(item):
            raise ValueError("a number is too large")
        elif isinstance(item, dict):
            level += [*item, *item.values()]
        elif isinstance(item, list):
            level += item


def bad_input(*problems: str) -> InvalidInput:
    """The refusal of an input, with every reason."""
    return InvalidInput(
        "connector.bad_input",
        "the input does not fit the connector",
        cause=problems[0] + (f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""),
        hint="see what it takes with: cowork connector show NAME",
        details={"problems": list(problems)},
    )


def bad_schema(cause: str) -> InvalidInput:
    """The error for a connector whose input schema cannot be used."""
    return InvalidInput(
        "connector.bad_schema", "the connector's input schema cannot be used", cause=cause, hint="tell the author of its pack"
    )
