"""The `providers` section of the user's config.yaml: providers added, and fields of known ones changed.

Only the user's own file is asked, never a project's: it must not choose who receives the material. Keys stay in the
environment; a field that would hold one is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from cowork.core.config_sections import Entry
from cowork.core.errors import InvalidInput
from cowork.core.outcome import Notice
from cowork.core.text import did_you_mean
from cowork.models.catalogue import PLACEHOLDER, REHEARSAL, CommandLine, Provider, command_line
from cowork.models.override_fields import FIELDS, Wrong, checked, is_name

_KEYS = re.compile(r"(?:api|access|secret|auth)?(?:key|token|secret|password)(?:value)?")
_COMMAND_DEFAULTS = {"flags": (), "work_flags": (), "model_flag": "--model", "prompt": "stdin"}


def merged(shipped: Sequence[Provider], entries: Mapping[str, Entry]) -> tuple[tuple[Provider, ...], tuple[Notice, ...]]:
    """The providers with the user's entries, and notices of fields that are not known.

    Raises `config.invalid` naming the file, the field and its rule.
    """
    found = {provider.id: provider for provider in shipped}
    owners = {name: provider.id for provider in shipped for name in (provider.id, *provider.aliases)}
    notices: list[Notice] = []
    seen: dict[str, str] = {}
    for name, entry in entries.items():
        id_ = owners.get(name, name)
        if id_ in seen:
            raise _invalid(entry, name, f"is the same provider as '{seen[id_]}'")
        seen[id_] = name
        fields = _fields(name, entry, notices)
        found[id_] = _changed(found[id_], name, entry, fields) if id_ in found else _added(name, entry, fields)
    _names_are_unique(found, entries, seen)
    return tuple(found.values()), tuple(notices)


def _fields(name: str, entry: Entry, notices: list[Notice]) -> dict[str, Any]:
    """An entry's known fields, judged."""
    known = {}
    for key, raw in entry.value.items():
        if _KEYS.fullmatch(re.sub(r"[^a-z]", "", str(key).casefold())):
            hint = "keep the key in the environment, and name its variable: key_env: [NAME]"
            raise _invalid(entry, f"{name}.{key}", "must not be in a configuration: it is a key", hint=hint)
        if key in FIELDS:
            known[key] = raw
        else:
            hint = did_you_mean(str(key), FIELDS, f"there are {', '.join(FIELDS)}")
            notices.append(Notice("config.unknown_key", f"{entry.source}: unknown field 'providers.{name}.{key}' ({hint})"))
    try:
        return checked(known, FIELDS)
    except Wrong as wrong:
        raise _invalid(entry, f"{name}.{wrong.below}", wrong.rule) from None


def _changed(provider: Provider, name: str, entry: Entry, fields: dict[str, Any]) -> Provider:
    origins = dict.fromkeys(fields, entry.source)
    if "prices" in fields:
        fields["prices"] = {**provider.prices, **fields["prices"]}
    return _finished(provider, name, entry, fields, origins)


def _added(name: str, entry: Entry, fields: dict[str, Any]) -> Provider:
    if not is_name(name) or name == REHEARSAL:
        raise _invalid(entry, name, "must be a name in lower case, of letters, digits, '.', '_' and '-', and not 'rehearsal'")
    if "style" not in fields:
        raise _invalid(entry, f"{name}.style", "must be given for a provider that is not in the catalogue")
    if fields["style"] != "command" and "base_url" not in fields:
        raise _invalid(entry, f"{name}.base_url", "must be given for a provider that is not in the catalogue")
    variable = re.sub(r"[^A-Z0-9]", "_", name.upper()) + "_BASE_URL"
    empty = Provider.of_the_user(name, "openai", base_url_env=variable)
    return _finished(empty, name, entry, fields, dict.fromkeys(fields, entry.source))


def _finished(provider: Provider, name: str, entry: Entry, fields: dict[str, Any], origins: dict[str, str]) -> Provider:
    """The provider with the fields, once those that go together do."""
    if "base_url" in fields and "needs" not in fields:
        fields["needs"] = tuple(dict.fromkeys(PLACEHOLDER.findall(fields["base_url"])))
    needs = fields.get("needs", provider.needs)
    missing = set(PLACEHOLDER.findall(fields.get("base_url", provider.base_url))) - set(needs)
    if missing:
        raise _invalid(entry, f"{name}.needs", f"must name the variables of the address: {', '.join(sorted(missing))}")
    if "command" in fields:
        fields["command"] = _command(provider.command, name, entry, fields["command"])
    if (fields.get("style", provider.style) == "command") != (fields.get("command", provider.command) is not None):
        raise _invalid(entry, f"{name}.style", "must be command for an entry with a command, and for no other")
    return replace(provider, **fields, origins=origins)


def _command(known: CommandLine | None, name: str, entry: Entry, fields: dict[str, Any]) -> CommandLine:
    whole = {**(asdict(known) if known else _COMMAND_DEFAULTS), **fields}
    for key in ("program", "dialect"):
        if key not in whole:
            raise _invalid(entry, f"{name}.command.{key}", "must be given")
    return command_line(whole)


def _names_are_unique(found: Mapping[str, Provider], entries: Mapping[str, Entry], seen: Mapping[str, str]) -> None:
    taken = {REHEARSAL: REHEARSAL, **{id_: id_ for id_ in found}}
    for provider in found.values():
        for alias in provider.aliases:
            owner = taken.setdefault(alias, provider.id)
            if owner != provider.id:
                name = seen.get(provider.id) or seen[owner]
                raise _invalid(entries[name], f"{name}.aliases", f"must not hold '{alias}', which is {owner} already")


def _invalid(entry: Entry, key: str, rule: str, hint: str | None = None) -> InvalidInput:
    where = f"providers.{key}"
    return InvalidInput(
        "config.invalid",
        f"{entry.source}: {where} {rule}",
        hint=hint or "see what a provider looks like: cowork provider show groq",
        details={"key": where, "source": entry.source},
    )
