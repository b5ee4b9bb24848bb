"""Settings: flag > COWORK_* environment > project config > user config > default, each value with its origin.

Beside settings a file has sections: mappings of names to mappings, which other rooms read and judge.

Nothing else reads configuration from the environment or from `config.yaml`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cowork.core.config_files import mentions, read_yaml
from cowork.core.config_sections import SECTIONS, Entry, Section, entries
from cowork.core.errors import NotFound
from cowork.core.known_settings import GENERAL
from cowork.core.loop_settings import LOOP
from cowork.core.outcome import Notice
from cowork.core.paths import home, project_dir
from cowork.core.setting import Setting, from_text
from cowork.core.text import did_you_mean

SETTINGS = tuple(sorted((*GENERAL, *LOOP), key=lambda setting: setting.key))
_BY_KEY = {setting.key: setting for setting in SETTINGS}


class Value(NamedTuple):
    """A setting's value and where it comes from: default, user, project, env or flag; `source` names the file or variable."""

    key: str
    value: Any
    origin: str
    source: str
    help: str


class Settings:
    """The settings in force for one command."""

    def __init__(
        self,
        values: Mapping[str, Value],
        notices: tuple[Notice, ...],
        sections: Mapping[str, Mapping[str, Entry]] | None = None,
    ) -> None:
        self._values = dict(values)
        self._sections = dict(sections or {})
        self.notices = notices

    def __getitem__(self, key: str) -> Any:
        return self._values[key].value

    def section(self, name: str) -> Mapping[str, Entry]:
        """The entries of a section by name; a project's takes the place of the user's of that name."""
        return self._sections.get(name, {})

    def all(self) -> list[Value]:
        """Every value as it may be shown, sorted by key. A section that a file has is one, too: it says the names in it."""
        return sorted(self._shown().values(), key=lambda value: value.key)

    def value(self, key: str) -> Value:
        """One value as it may be shown, with its origin. Raises `config.unknown_key`."""
        shown = self._shown()
        if key not in shown:
            hint = did_you_mean(key, shown, "list them with: cowork config show")
            raise NotFound("config.unknown_key", f"there is no setting '{key}'", hint=hint, details={"key": key})
        return shown[key]

    def _shown(self) -> dict[str, Value]:
        shown = {key: item._replace(value=_BY_KEY[key].shown(item.value)) for key, item in self._values.items()}
        for name, held in self._sections.items():
            if held:
                origin = max((entry.origin for entry in held.values()), key=("user", "project").index)
                sources = dict.fromkeys(entry.source for entry in held.values())
                shown[name] = Value(name, ", ".join(sorted(held)), origin, ", ".join(sources), SECTIONS[name].help)
        return shown


def load(environ: Mapping[str, str] | None = None, flags: Mapping[str, Any] | None = None) -> Settings:
    """Read all layers. Raises `config.invalid` naming the file or variable, the key and the rule; unknown keys are notices."""
    environment = os.environ if environ is None else environ
    values = {item.key: Value(item.key, item.default, "default", "built in", item.help) for item in SETTINGS}
    notices: list[Notice] = []
    sections: dict[str, dict[str, Entry]] = {}
    for origin, path in _files():
        for key, raw in read_yaml(path).items():
            known = _BY_KEY.get(key) or SECTIONS.get(key)
            if known is None:
                hint = did_you_mean(key, (*_BY_KEY, *SECTIONS), "see: cowork config show")
                notices.append(Notice("config.unknown_key", f"{path}: unknown setting '{key}' ({hint})"))
            elif origin == "project" and not known.project_safe:
                text = f"{path}: '{key}' is ignored: only you, not a project, may set it"
                notices.append(Notice("config.untrusted", text))
            elif isinstance(known, Section):
                sections.setdefault(key, {}).update(entries(known, raw, origin, str(path)))
            else:
                values[key] = _value(known, raw, origin, str(path))
    for setting in SETTINGS:
        if setting.env in environment:
            values[setting.key] = _value(setting, from_text(setting, environment[setting.env]), "env", setting.env)
    for key, raw in (flags or {}).items():
        if raw is not None:
            values[key] = _value(_BY_KEY[key], raw, "flag", "command line")
    return Settings(values, tuple(notices), sections)


def one(key: str) -> Any:
    """One setting's value, without the price of reading YAML where no file mentions it. Raises what `load` raises."""
    setting = _BY_KEY[key]
    if setting.env in os.environ or any(mentions(path, key) for path in _files_of(setting)):
        return load()[key]
    return setting.default


def section(name: str) -> Mapping[str, Entry]:
    """One section's entries, as `Settings.section` has them, and as cheap as `one`; the rest of the files is not judged."""
    known, found = SECTIONS[name], dict[str, Entry]()
    for path in _files_of(known):
        if mentions(path, name):
            origin = "user" if path == home() / "config.yaml" else "project"
            found.update(entries(known, read_yaml(path).get(name), origin, str(path)))
    return found


def _files() -> tuple[tuple[str, Path], ...]:
    """The configuration files with their origins, the weaker first."""
    user, project = home() / "config.yaml", project_dir() / ".cowork" / "config.yaml"
    return (("user", user),) if project == user else (("user", user), ("project", project))


def _files_of(known: Setting | Section) -> list[Path]:
    return [path for origin, path in _files() if origin == "user" or known.project_safe]


def _value(setting: Setting, raw: Any, origin: str, source: str) -> Value:
    return Value(setting.key, setting.judged(raw, source), origin, source, setting.help)
