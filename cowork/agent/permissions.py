"""What may be done without asking: the permission rules of every settings file, the command line's, and the mode."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

from cowork.core.errors import InvalidInput
from cowork.core.outcome import Notice
from cowork.registry import settings_files
from cowork.rules.permissions import PermissionRules, SourcedRule, sourced
from cowork.rules.restrictions import ToolRestrictions
from cowork.rules.specs import BadRule, parse

Mode = Literal["default", "acceptEdits", "plan", "bypass"]
MODES: tuple[Mode, ...] = get_args(Mode)
_SPELLINGS: dict[str, Mode] = {**{mode: mode for mode in MODES}, "bypassPermissions": "bypass"}


@dataclass(frozen=True)
class Permissions:
    """The rules in force, the mode, and directories beside the workspace that count as part of it."""

    rules: PermissionRules
    mode: Mode
    directories: tuple[Path, ...]

    def whole_tools_denied(self) -> ToolRestrictions:
        """What takes tools out of a request: the deny rules without a specifier."""
        return ToolRestrictions.of(
            None, [item.spec.text for item in self.rules.deny if item.spec.specifier is None], source="deny rule"
        )

    def in_mode(self, mode: Mode) -> Permissions:
        """These rules under another mode."""
        return replace(self, mode=mode)

    def allowing(self, texts: Iterable[str], source: str, root: Path) -> Permissions:
        """These permissions and what further rules allow."""
        more = tuple(_sourced(texts, source, root))
        return replace(self, rules=replace(self.rules, allow=(*self.rules.allow, *more)))


def load(
    project: Path, *, trusted: bool, allow: Sequence[str], deny: Sequence[str], mode: str | None
) -> tuple[Permissions, tuple[Notice, ...]]:
    """Everything that is set. Of a project that is not trusted only deny and ask rules count.

    Raises `settings.unreadable` for a settings file that cannot be read: what it denies cannot be known. Raises
    `tool.bad_rule` for a rule of the command line, and `usage` errors of a mode that is none.
    """
    root = Path.home()
    held: dict[str, list[SourcedRule]] = {
        "deny": list(_given(deny, project)),
        "ask": [],
        "allow": list(_given(allow, project)),
    }
    directories: list[Path] = []
    notices: list[Notice] = []
    chosen = mode
    for found in settings_files.load(project):
        root = found.root
        counts = trusted or found.scope not in ("project", "local")
        for name in ("deny", "ask", "allow"):
            texts = getattr(found.settings, name)
            if name == "allow" and not counts:
                if texts:
                    text = f"{found.path}: {len(texts)} allow rule(s) are ignored: the project is not trusted"
                    notices.append(Notice("trust.ignored", f"{text} (cowork config trust)"))
                continue
            held[name] += _sourced(texts, str(found.path), root)
        notices += [Notice("settings.problem", f"{found.path}: {problem.message}") for problem in found.problems]
        if counts:
            directories += [(root / Path(text).expanduser()) for text in found.settings.additional_directories]
            chosen = chosen or found.settings.default_mode
    rules = PermissionRules(*(tuple(held[name]) for name in ("deny", "ask", "allow")))
    return Permissions(rules, _SPELLINGS.get(chosen or "default", "default"), tuple(directories)), tuple(notices)


def _given(texts: Sequence[str], project: Path) -> Iterable[SourcedRule]:
    for text in texts:
        try:
            yield SourcedRule(parse(text), "command line", str(project))
        except BadRule as error:
            raise InvalidInput(
                "tool.bad_rule",
                f"'{text}' is not a tool rule",
                cause=str(error),
                hint="for example: --allow 'Bash(git diff *)'",
            ) from error


def _sourced(texts: Iterable[str], source: str, root: Path) -> Iterable[SourcedRule]:
    """Rules of a file. One that cannot be parsed stays as it is: a deny list with it denies, an allow list does not allow."""
    return (sourced(text, source, str(root)) for text in texts)
