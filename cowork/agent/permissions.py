"""What may be done without asking: the permission rules of every settings file, the command line's, and the mode."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

from cowork.core.errors import Denied, InvalidInput
from cowork.core.outcome import Notice
from cowork.formats.settings_json import Kind
from cowork.registry import settings_files
from cowork.registry.settings_files import SettingsFile
from cowork.rules.permissions import PermissionRules, SourcedRule, sourced
from cowork.rules.restrictions import ToolRestrictions
from cowork.rules.specs import BadRule, parse

Mode = Literal["default", "acceptEdits", "plan", "bypass"]
MODES: tuple[Mode, ...] = get_args(Mode)
_SPELLINGS: dict[str, Mode] = {**{mode: mode for mode in MODES}, "bypassPermissions": "bypass"}


@dataclass(frozen=True)
class Permissions:
    """The rules in force, the mode, and directories beside the workspace that count as part of it.

    `lent` are the sources of rules that came with what was typed, not from the user's own settings. `unattended`: a hook can
    deny, but what it allows a person does not count.
    """

    rules: PermissionRules
    mode: Mode
    directories: tuple[Path, ...]
    lent: frozenset[str] = frozenset()
    unattended: bool = False

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
        more = (sourced(text, source, str(root)) for text in texts)
        rules = replace(self.rules, allow=(*self.rules.allow, *more))
        return replace(self, rules=rules, lent=self.lent | {source})


def load(
    project: Path, *, trusted: bool, allow: Sequence[str], deny: Sequence[str], mode: str | None, unattended: bool = False
) -> tuple[Permissions, tuple[Notice, ...]]:
    """Everything that is set. Of a project that is not trusted, and where it is unattended, only deny and ask rules count.

    Raises `settings.unreadable` for a settings file that cannot be read: what it denies cannot be known. Raises
    `tool.bad_rule` for a rule of the command line, `permissions.bypass_disabled` where a settings file forbids that mode.
    """
    files = settings_files.read_or_refuse(project)
    counting = [item for item in files if not unattended and (trusted or not item.needs_trust)]
    rules = PermissionRules(
        deny=(*_given(deny, project), *_rules(files, "deny")),
        ask=_rules(files, "ask"),
        allow=(*_given(allow, project), *_rules(counting, "allow")),
    )
    chosen = mode or next((item.permissions.default_mode for item in counting if item.permissions.default_mode), None)
    found = _SPELLINGS.get(chosen or "default", "default")
    if found == "bypass" and any(item.permissions.disable_bypass for item in files):
        raise Denied(
            "permissions.bypass_disabled",
            "the mode 'bypass' is turned off by a settings file",
            cause="disableBypassPermissionsMode is set",
            hint="allow what is needed with --allow",
        )
    directories = tuple(
        project / Path(text).expanduser() for item in counting for text in item.permissions.additional_directories
    )
    return Permissions(rules, found, directories, unattended=unattended), tuple(_notices(files, trusted=trusted))


def _rules(files: Iterable[SettingsFile], kind: Kind) -> tuple[SourcedRule, ...]:
    """The rules of a kind. One that cannot be parsed stays: in a deny list it denies, in an allow list it allows nothing."""
    return tuple(sourced(text, str(item.path), str(item.root)) for item in files for text in getattr(item.permissions, kind))


def _notices(files: Iterable[SettingsFile], *, trusted: bool) -> Iterable[Notice]:
    for item in files:
        ignored = len(item.permissions.allow)
        if item.needs_trust and not trusted and ignored:
            text = f"{item.path}: {ignored} allow rule(s) are ignored: the project is not trusted (cowork config trust)"
            yield Notice("trust.ignored", text)
        for problem in item.problems:
            yield Notice(problem.rule, f"{item.path}{f':{problem.line}' if problem.line else ''}: {problem.message}")


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
