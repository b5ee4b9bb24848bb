"""Texts of manifests as data. What cannot be read is said with its place."""

from __future__ import annotations

import configparser
import json
import re
import tomllib
from typing import Any

from cowork.twins.evidence.dependencies.dependency import Malformed

_AT = re.compile(r" ?\(at (?:line (\d+), column \d+|end of document)\)$")


def read_toml(content: str) -> dict[str, Any]:
    """A TOML document. Raises Malformed."""
    try:
        return tomllib.loads(content.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        said = str(error)
        at = _AT.search(said)
        place = f"line {at[1]}" if at and at[1] else "its end"
        raise Malformed(place, _AT.sub("", said)) from None
    except RecursionError:
        raise Malformed("", "it is nested too deep") from None


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

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        found = yaml.load(content, loader)  # noqa: S506 - one of the two safe ones
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


def read_ini(content: str) -> configparser.RawConfigParser:
    """An INI file as setuptools reads it. Raises Malformed."""
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
