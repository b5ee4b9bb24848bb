"""Texts of manifests as data. What cannot be read is said with its place."""

from __future__ import annotations

import configparser
import json
import re
import tomllib
from functools import cache
from typing import Any

from cowork.twins.evidence.dependencies.dependency import Malformed

_AT = re.compile(r" ?\(at (?:line (\d+), column \d+|end of document)\)$")

_MOST_DEPTH = 50
_MOST_INI_LINES = 10_000  # lines that cannot be read take the library their square
_MOST_DOTS = 30_000_000  # of each line their square: as long the library takes for a key of so many parts


def read_toml(content: str) -> dict[str, Any]:
    """A TOML document. Raises Malformed."""
    if sum(line.count(".") ** 2 for line in content.splitlines()) > _MOST_DOTS:
        raise Malformed("", "it has too many dots")
    try:
        return tomllib.loads(content.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        said = str(error)
        at = _AT.search(said)
        place = f"line {at[1]}" if at and at[1] else "its end"
        raise Malformed(place, _AT.sub("", said)) from None
    except (RecursionError, ValueError):  # thousands of digits are a ValueError
        raise Malformed("", "it is nested too deep, or holds too long a number") from None


def read_json(content: str) -> dict[str, Any]:
    """A JSON object. Raises Malformed."""
    try:
        found = json.loads(content.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        raise Malformed(f"line {error.lineno}", error.msg) from None
    except (RecursionError, ValueError):  # thousands of digits are a ValueError
        raise Malformed("", "it is nested too deep, or holds too long a number") from None
    if not isinstance(found, dict):
        raise Malformed("line 1", "it is not an object")
    return found


def read_yaml(content: str) -> dict[str, Any]:
    """A YAML mapping, as programs write lockfiles: large and plain. Raises Malformed."""
    import yaml

    try:
        depth = 0
        for event in yaml.parse(content, _yaml_loader()):  # which does not recurse, as the rest does until the process dies
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _MOST_DEPTH:
                raise Malformed("", "it is nested too deep")
        found = yaml.load(content, _yaml_loader())  # noqa: S506 - one of the two safe ones
    except yaml.MarkedYAMLError as error:
        place = f"line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise Malformed(place, error.problem or "it cannot be parsed") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Malformed("", str(error).split("\n", 1)[0] or "it cannot be parsed") from None
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise Malformed("line 1", "it is not a mapping")
    return found


@cache
def _yaml_loader() -> Any:
    """A safe loader that merges no mappings into others: a few lines of them unfold to gigabytes."""
    import yaml

    class Plain(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        def flatten_mapping(self, node: Any) -> None:
            """A key `<<` is left, which nothing knows how to read."""

    return Plain


def read_ini(content: str) -> configparser.RawConfigParser:
    """An INI file as setuptools reads it. Raises Malformed."""
    if content.count("\n") + content.count("\r") > _MOST_INI_LINES:
        raise Malformed("", f"it has more than {_MOST_INI_LINES} lines")
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(content.removeprefix("\ufeff"))
    except configparser.MissingSectionHeaderError as error:
        raise Malformed(f"line {error.lineno}", "a value stands before the first section") from None
    except configparser.ParsingError as error:
        raise Malformed(f"line {error.errors[0][0]}", "this is neither a section nor a value") from None
    except configparser.Error as error:
        raise Malformed("", error.message) from None
    return parser
