"""One rule, matched widely: the `if` of a hook, which wants to hear of every call that may be what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cowork.rules import widely
from cowork.rules.call import Call
from cowork.rules.places import Places
from cowork.rules.rule import compile_text


def matches(rule_text: str, tool: str, arguments: Mapping[str, Any], places: Places) -> bool:
    """Whether a rule is about a call in any reading of it. A text that is no rule is about the tool it names, or about all."""
    return widely.matches(compile_text(rule_text), Call.of(tool, arguments, places)) is not None
