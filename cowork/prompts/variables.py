"""`${NAME}` variables of prompts: what Claude Code knows, and the surroundings of a conversation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["command", "skill", "agent"]

FAMILY = (
    *("WORKING_DIRECTORY", "PLATFORM", "OS_VERSION", "SHELL", "DATE", "CURRENT_DATE", "CURRENT_YEAR"),
    *("IS_GIT_REPO", "GIT_BRANCH", "GIT_STATUS", "MODEL", "ASSISTANT_NAME"),
)
_FROM_THE_REPOSITORY = ("GIT_BRANCH", "GIT_STATUS")
_VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]{0,63})\}")


@dataclass(frozen=True)
class Surroundings:
    """Where a conversation takes place. Texts of a repository are hostile: they are inserted once and never expanded."""

    working_directory: str
    platform: str = ""
    os_version: str = ""
    shell: str = ""
    date: str = ""
    is_git_repo: bool = False
    git_branch: str = ""
    git_status: str = ""
    model: str = ""
    assistant_name: str = "cowork"

    def values(self) -> dict[str, str]:
        """The values by the names of FAMILY."""
        return {
            "WORKING_DIRECTORY": self.working_directory,
            "PLATFORM": self.platform,
            "OS_VERSION": self.os_version,
            "SHELL": self.shell,
            "DATE": self.date,
            "CURRENT_DATE": self.date,
            "CURRENT_YEAR": self.date[:4],
            "IS_GIT_REPO": "yes" if self.is_git_repo else "no",
            "GIT_BRANCH": self.git_branch,
            "GIT_STATUS": self.git_status,
            "MODEL": self.model,
            "ASSISTANT_NAME": self.assistant_name,
        }


@dataclass(frozen=True)
class Variables:
    """What `${NAME}` stands for in one text; names that are not here stay as they are.

    `ours` are values that this program decides, such as its directories; the others may hold anything.
    """

    values: Mapping[str, str]
    ours: frozenset[str] = frozenset()


def of(
    kind: Kind,
    surroundings: Surroundings | None = None,
    *,
    project: Path | str | None = None,
    session: str | None = None,
    effort: str | None = None,
    skill_directory: Path | str | None = None,
    plugin_root: Path | str | None = None,
    plugin_data: Path | str | None = None,
) -> Variables:
    """The variables that count in a text of a kind: the skill's directory in skills alone, the plugin's in plugins alone."""
    given = {
        "CLAUDE_PROJECT_DIR": project,
        "CLAUDE_SESSION_ID": session,
        "CLAUDE_EFFORT": effort,
        "CLAUDE_SKILL_DIR": skill_directory if kind == "skill" else None,
        "CLAUDE_PLUGIN_ROOT": plugin_root,
        "CLAUDE_PLUGIN_DATA": plugin_data if plugin_root is not None else None,
    }
    values = {name: str(value) for name, value in given.items() if value is not None}
    if surroundings is not None:
        values = {**surroundings.values(), **values}
    return Variables(values, frozenset(values) - frozenset(_FROM_THE_REPOSITORY))


def joined(known: Variables, surroundings: Surroundings, *, session: str) -> Variables:
    """The variables of a text, and those that are known only once a conversation takes place."""
    more = of("command", surroundings, session=session)
    return Variables({**more.values, **known.values}, more.ours | known.ours)


def find(text: str, variables: Variables) -> list[tuple[int, int, str]]:
    """The variables of a text that have a value: start, end and name."""
    matches = _VARIABLE.finditer(text)
    return [(match.start(), match.end(), match[1]) for match in matches if match[1] in variables.values]


def fill(text: str, variables: Variables) -> str:
    """The text with its variables filled in, once; a value is never expanded again."""
    return _VARIABLE.sub(lambda match: variables.values.get(match[1], match[0]), text)
