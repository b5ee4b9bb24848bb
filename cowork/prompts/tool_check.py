"""What tool rules say about one call: asked by a person who writes rules, and answered by what an agent is held to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from cowork.core.errors import Denied, InvalidInput
from cowork.rules.places import Places
from cowork.rules.restrictions import ToolRestrictions, Verdict

MAX_INPUT_CHARS = 1_000_000


@dataclass(frozen=True)
class ToolCheck:
    """The verdict on a call. `outcome`: allow, deny or ask; without anybody to ask, ask is a denial.

    `rule` is the rule that decides, as it was given; null when none does. `source`: allow, deny, ask, or built-in for
    the set of harmless commands. Without a tool, `items` is that set, with `count`.
    """

    tool: str | None
    allowed: bool | None
    outcome: Literal["allow", "deny", "ask"] | None
    rule: str | None
    source: str | None
    reason: str
    items: tuple[str, ...] = ()
    count: int = 0


def readonly_set() -> ToolCheck:
    """The built-in set of harmless commands, sorted."""
    from cowork.rules.readonly_set import shown

    items = shown()
    return ToolCheck(None, None, None, None, None, "commands that only read, below the working directory", items, len(items))


def check_tool(
    tool: str,
    text: str,
    *,
    allow: Sequence[str] | None,
    deny: Sequence[str] = (),
    ask: Sequence[str] = (),
    cwd: str | None = None,
    readonly: bool = False,
) -> ToolCheck:
    """The verdict on a call of `tool` with the JSON object `text`. `allow` None: everything that is not denied.

    Raises InvalidInput `tool.bad_input` for input that is no JSON object, `tool.bad_cwd` for a directory that is none, and
    Denied `tool.denied`, with the verdict as its data.
    """
    from cowork.rules.single import matches

    arguments, places = _arguments(text), _places(cwd)
    verdict = ToolRestrictions.of(None, deny, "deny").is_allowed(tool, arguments, places)
    outcome: Literal["allow", "deny", "ask"] = "allow" if verdict.allowed else "deny"
    if outcome == "allow" and (asked := next((rule for rule in ask if matches(rule, tool, arguments, places)), None)):
        verdict, outcome = Verdict(False, asked, "ask", f"the rule {asked} wants a person to be asked"), "ask"
    if outcome == "allow":
        verdict = ToolRestrictions.of(allow, (), "allow").is_allowed(tool, arguments, places)
        if not verdict.allowed and readonly:
            verdict = _harmless(tool, arguments, places) or verdict
        outcome = "allow" if verdict.allowed else "deny"
    check = ToolCheck(tool, verdict.allowed, outcome, verdict.rule, verdict.source, verdict.reason)
    if not verdict.allowed:
        raise Denied(
            "tool.denied",
            f"{tool} is not allowed with this input",
            cause=verdict.reason,
            hint="read docs/tool-rules.md for what a rule covers; deny and ask rules win over every allow rule",
            details={"rule": verdict.rule, "source": verdict.source, "outcome": outcome},
            data=check,
        )
    return check


def _harmless(tool: str, arguments: Mapping[str, Any], places: Places) -> Verdict | None:
    from cowork.rules.readonly import is_readonly

    command = arguments.get("command")
    if tool != "Bash" or not isinstance(command, str):
        return None
    verdict = is_readonly(command, places)
    return verdict if verdict.allowed else None


def _arguments(text: str) -> dict[str, Any]:
    problem = None
    value: Any = None
    if len(text) > MAX_INPUT_CHARS:
        problem = f"it is longer than {MAX_INPUT_CHARS:,} characters"
    else:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            problem = f"it is no JSON: {error}"
    if problem is None and not isinstance(value, dict):
        problem = "it is no JSON object"
    if problem:
        raise InvalidInput(
            "tool.bad_input",
            "the input of the tool cannot be read",
            cause=problem,
            hint="""give an object, for example --input '{"command": "git status"}'""",
        )
    arguments: dict[str, Any] = value
    return arguments


def _places(cwd: str | None) -> Places:
    here = Places.here()
    if cwd is None:
        return here
    path = Path(cwd).absolute()
    if not path.is_dir():
        raise InvalidInput("tool.bad_cwd", "there is no such directory", cause=str(path), hint="give a directory to --cwd")
    return Places(str(path), here.home, str(path))
