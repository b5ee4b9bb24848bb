"""What a twin may do by itself: its autonomy as tool rules and a permission mode. Nobody is there to be asked at night.

| autonomy | mode | tools | without being asked |
|---|---|---|---|
| intern | plan | Read, Glob, Grep | reads the workspace; no rule of its own makes it do more |
| specialist | default | and Bash, Skill, Edit, Write | commands that only read; files under `.cowork/artifacts/` |
| lead | default | and Agent | also what `gh` shows of pull requests, issues and runs; subagents that are bound the same |

Rules of the twin's own come on top, except for an intern; what no rule allows is refused, and the refusal is in its session.
Settings files of the user and of a trusted project can deny more; what they allow a person they do not allow a twin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cowork.twins.twin import Twin

ARTIFACTS = "Edit(./.cowork/artifacts/**)"
_READS = ("Read", "Glob", "Grep")
_WORKS = ("Bash", "BashOutput", "KillShell", "Skill", "TodoWrite", ARTIFACTS)
_LOOKS_AT_GITHUB = (
    "Bash(gh pr list *)",
    "Bash(gh pr view *)",
    "Bash(gh pr checks *)",
    "Bash(gh pr diff *)",
    "Bash(gh issue list *)",
    "Bash(gh issue view *)",
    "Bash(gh run list *)",
    "Bash(gh run view *)",
)


@dataclass(frozen=True)
class Powers:
    """What a twin works under: `tools` are all it may ever use, `allow` goes without asking, `deny` never goes."""

    mode: Literal["plan", "default"]
    tools: tuple[str, ...]
    allow: tuple[str, ...]
    deny: tuple[str, ...]


def powers(twin: Twin) -> Powers:
    """The powers that a twin's autonomy and its own rules give it."""
    if twin.autonomy == "intern":
        return Powers("plan", _READS, (), twin.deny_rules)
    lead = twin.autonomy == "lead"
    more = (*_LOOKS_AT_GITHUB, "Bash(gh pr list)", "Bash(gh issue list)", "Bash(gh run list)") if lead else ()
    tools = (*_READS, *_WORKS, *(("Agent",) if lead else ()), *twin.allow_rules)
    return Powers("default", tools, (ARTIFACTS, *more, *twin.allow_rules), twin.deny_rules)
