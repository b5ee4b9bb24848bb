"""Which pattern fits a task, by what the task's own words ask for, and why.

The rules follow what is known of the patterns: blind votes help where answers can be compared, debate where two positions can
be held, reviews and attacks where there is a text or a design to examine, a plan where the work falls apart into pieces. A rule
that does not apply says nothing; without any the plainest pattern is the honest advice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from cowork.core.errors import InvalidInput

_MANY_WORDS = 120  # a task this long usually asks for several things


@dataclass(frozen=True)
class Suggestion:
    """A pattern, why it fits, what in the task says so, the next best, and the command that starts it."""

    task: str
    pattern: str
    reason: str
    evidence: tuple[str, ...]
    alternatives: tuple[str, ...]
    command: str


@dataclass(frozen=True)
class _Rule:
    pattern: str
    reason: str
    words: re.Pattern[str]
    weight: float = 1.0


def _words(listed: str) -> re.Pattern[str]:
    """Words and phrases, comma-separated; `*` stands for any ending."""
    phrases = (re.escape(" ".join(phrase.split())).replace(r"\*", r"\w*") for phrase in listed.split(","))
    return re.compile(rf"\b(?:{'|'.join(phrases)})\b", re.IGNORECASE)


_RULES = (
    _Rule(
        "redblue",
        "it asks whether something withstands attack: let attackers claim, a verifier reproduce, and the builder patch",
        _words(
            """attack*, exploit*, vulnerab*, threat*, harden*, penetration test*, pentest*, security, abuse*, bypass*,
            injection*, red team*, to break, break into, get around, tamper*, spoof*, malicious, hostile"""
        ),
        1.3,
    ),
    _Rule(
        "hierarchy",
        "it falls into parts that can be worked on apart: plan them, let workers do them in parallel, put the parts together",
        _words(
            """implement*, build, migrat*, refactor*, port, rollout, roll out, end to end, end-to-end, step by step, break
            down, decompos*, each module, each service, each file, all modules, all services, all files, roadmap,
            project plan"""
        ),
    ),
    _Rule(
        "devil",
        "it is about a proposal that somebody leans towards: have the strongest case against it made before it is adopted",
        _words(
            """should we, we want to, we plan to, we intend to, we propose to, propos*, is it wise, is it safe, a good
            idea, risk*, downside*, could go wrong, pre-mortem, premortem, challeng*, assumption*, adopt*"""
        ),
    ),
    _Rule(
        "debate",
        "it sets two positions against each other: let both be argued and judged in both orders",
        _words(
            """or, versus, vs, compar*, trade-off*, tradeoff*, pros and cons, which one, which of, better, instead of,
            rather than, disput*"""
        ),
        0.9,
    ),
    _Rule(
        "panel",
        "it has several sides that need different eyes: give each its own expert, and keep their disagreements",
        _words(
            """perspective*, stakeholder*, legal, compliance, point of view, points of view, holistic*, due diligence,
            strateg*, architecture review, implications, impact on, impacts on"""
        ),
    ),
    _Rule(
        "refine",
        "it asks for a text that can be scored and improved: draft, criticise by a rubric, revise, keep the best version",
        _words(
            """write, draft*, rewrite, improve*, polish*, email, e-mail, blog, announcement*, documentation, readme,
            summar*, proofread*, edit, pitch, description, release notes"""
        ),
    ),
    _Rule(
        "chain",
        "it asks for something that must be right line by line: let reviewers go over it one after the other",
        _words(
            """review*, check*, verify, proof, correct*, audit*, contract*, specification*, sql, regex*, query, function,
            script, code, bug*, fix*"""
        ),
        0.8,
    ),
    _Rule(
        "consensus",
        "it needs an estimate or a judgement that all can stand behind: blind answers, then rounds until they agree or do not",
        _words(
            """estimat*, how many, how much, how long, how likely, forecast*, predict*, probabilit*, agree*, consensus,
            prioriti*, rank*"""
        ),
    ),
    _Rule(
        "team",
        "it asks for ideas or solutions that can be compared: several propose, all rank, the best is merged",
        _words("idea*, brainstorm*, options, alternatives, suggest*, name for, names for, design*, solution*, approach*"),
        0.9,
    ),
)
"""Where two fit as well, the earlier wins: the more a task asks for, the earlier its pattern stands."""


def suggest(task: str) -> Suggestion:
    """The pattern for a task, with its reason. Raises `loop.empty_task`."""
    if not task.strip():
        raise InvalidInput("loop.empty_task", "the task is empty", hint='say what to do: cowork loop patterns suggest "TASK"')
    found = []
    for position, rule in enumerate(_RULES):
        evidence = tuple(dict.fromkeys(match.group().casefold() for match in rule.words.finditer(task)))
        if evidence:
            weight = rule.weight * len(evidence) ** 0.5
            if rule.pattern == "hierarchy" and len(task.split()) >= _MANY_WORDS:
                weight += 0.5
            found.append((-weight, position, rule, evidence))
    found.sort(key=lambda item: item[:2])
    others = tuple(rule.pattern for _, _, rule, _ in found[1:3])
    if not found:
        reason = "nothing in it asks for more than one answer; --samples 5 lets the answers of one model vote"
        return Suggestion(task, "solo", reason, (), ("team", "debate"), _command(task, "solo"))
    _, _, rule, evidence = found[0]
    return Suggestion(task, rule.pattern, rule.reason, evidence, others or ("solo",), _command(task, rule.pattern))


def _command(task: str, pattern: str) -> str:
    import shlex

    if task.startswith("-"):  # it is no option
        return f"cowork loop start --pattern {pattern} -- {shlex.quote(task)}"
    return f"cowork loop start {shlex.quote(task)} --pattern {pattern}"
