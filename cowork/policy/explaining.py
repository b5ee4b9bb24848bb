"""Why the policies allow or deny a command line: every rule that was asked, in order, and where its value comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from cowork.core.errors import Denied
from cowork.policy import gate
from cowork.policy.actions import Action, Via
from cowork.policy.files import policy_path
from cowork.policy.packs import Says
from cowork.policy.refusals import CODES

Subject = Literal["pack", "skill", "command", "connector", "source", "persona", "nothing"]


class Shape(NamedTuple):
    """What the first word after a verb names, and what the verb does with it. `inside`: the second word, in a pack."""

    subject: Subject = "nothing"
    removes: bool = False
    via: Via | None = None
    inside: bool = False


SHAPES: Mapping[str, Shape] = {
    "pack enable": Shape("pack"),
    "pack disable": Shape("pack", removes=True),
    "pack install": Shape("source"),
    "pack update": Shape("pack"),
    "pack rollback": Shape("pack"),
    "pack pin": Shape("pack"),
    "pack unpin": Shape("pack"),
    "pack uninstall": Shape("pack", removes=True),
    "pack scaffold": Shape("pack", via="created"),
    "skill enable": Shape("pack", inside=True),
    "skill disable": Shape("pack", removes=True, inside=True),
    "skill run": Shape("skill"),
    "run": Shape("command"),
    "connector call": Shape("connector"),
    "twin activate": Shape("persona"),
}
"""The verbs that the gate asks more about than whether anything may be changed."""


@dataclass(frozen=True)
class RuleAnswer:
    """What one rule says: denies; allows, because it names the thing; passes, having no objection; skipped, not concerned.

    `rule` is the field of the policies it reads, `value` what stands there and `origin` whether that is the `file` or the
    `default`.
    """

    rule: str
    says: Says
    reason: str
    value: Any
    origin: Literal["file", "default"]


@dataclass(frozen=True)
class Explanation:
    """The verdict on a command line that was not run, the rule that gives it, and in `items` what every rule says, in order.

    `code` is the error that the command line would fail with. `origin` is `default` when there is no policy file.
    """

    question: str
    verb: str
    pack: str | None
    connector: str | None
    source: str | None
    via: str | None
    allowed: bool
    rule: str
    reason: str
    code: str | None
    items: tuple[RuleAnswer, ...]
    count: int
    origin: Literal["file", "default"]
    path: str


def action_of(verb: str, words: Sequence[str]) -> Action:
    """What `verb` with these words is about, as far as the words alone say it."""
    shape = SHAPES.get(verb, Shape())
    first, second = (*words, None, None)[:2]
    named: dict[str, Any] = {}
    if shape.subject in ("pack", "connector", "source"):
        named[shape.subject] = first
    elif shape.subject != "nothing":
        named["what"] = first
    if shape.inside:
        named["what"] = second
    return Action(verb, removes=shape.removes, via=shape.via, **named)


def explain(action: Action, question: str) -> Explanation:
    """The verdict on an action and how it comes about. Being denied is an answer too: nothing is raised, nothing is logged."""
    try:
        verdict = gate.ask(action)
        allowed, rule, reason, answers = verdict.allowed, verdict.rule, verdict.reason, verdict.answers
        code = None if allowed else CODES[rule]
    except Denied as error:
        allowed, rule, reason, answers, code = False, error.code, f"{error.message}: {error.cause}", (), error.code
    path = policy_path()
    return Explanation(
        question=question,
        verb=action.verb,
        pack=action.pack,
        connector=action.connector,
        source=action.source,
        via=action.via,
        allowed=allowed,
        rule=rule,
        reason=reason,
        code=code,
        items=tuple(RuleAnswer(*answer) for answer in answers),
        count=len(answers),
        origin="file" if path.exists() else "default",
        path=str(path),
    )
