"""What is wrong with a policy document: every fault, not only the first, and keys that have no effect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cowork.core.errors import InvalidInput
from cowork.core.text import one_line, printable, suggest
from cowork.formats.limits import check_document
from cowork.formats.policies import FIELDS, OTHER_SECTIONS, READABLE_VERSIONS, SECTIONS, Field, known_as
from cowork.formats.problem import Problem, Severity, bounded, json_path

Place = tuple[str | int, ...]


class Judged:
    """What is wrong with one file, as it is found."""

    __slots__ = ("file", "problems")

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def add(self, place: Place, rule: str, message: str, fix: str, severity: Severity = "error") -> None:
        """Take down a problem: where, the broken rule, what is wrong and what to do."""
        self.problems.append(Problem(self.file, json_path(place), rule, severity, message, fix))

    def add_type(self, place: Place, wanted: str, value: Any) -> None:
        """Take down a value of the wrong type."""
        kinds = {str: "a text", int: "a number", float: "a number", list: "a list", dict: "an object"}
        kind = "null" if value is None else str(value).lower() if isinstance(value, bool) else kinds.get(type(value), "this")
        self.add(place, "policy.type", f"must be {wanted}, not {kind}", f"write {wanted} here")


def errors(document: Any, file: str) -> list[Problem]:
    """Every broken rule of a document, in the order of the fields; none for a document that can be used."""
    judged = Judged(file)
    if not isinstance(document, dict):
        judged.add_type((), "an object", document)
        return judged.problems
    try:
        check_document(document)
    except InvalidInput as error:
        judged.add((), error.code, error.message, error.hint or "shorten it")
        return judged.problems
    _version(document, judged)
    for name in SECTIONS:
        if name in document and not isinstance(document[name], dict):
            judged.add_type((name,), "an object", document[name])
    for field in FIELDS:
        section = document.get(field.section)
        if isinstance(section, dict) and field.key in section:
            _field(field, section[field.key], judged)
    _conflicts(document.get("packs"), judged)
    return bounded(judged.problems)


def unknown_keys(document: Mapping[str, Any], file: str) -> list[Problem]:
    """Warnings for keys that have no effect: of core sections, and top-level ones that look like a slip."""
    judged = Judged(file)
    for name in document:
        if name not in ("version", *SECTIONS, *OTHER_SECTIONS) and (meant := suggest(name, SECTIONS)):
            _unknown((name,), f"did you mean '{meant}'?", judged)
    for section in SECTIONS:
        keys = {field.key for field in FIELDS if field.section == section}
        for key in document.get(section, {}):
            if key not in keys:
                meant = suggest(key, keys)
                _unknown((section, key), f"did you mean '{meant}'?" if meant else "remove it", judged)
    return bounded(judged.problems)


def _version(document: dict[str, Any], judged: Judged) -> None:
    version = document.get("version", READABLE_VERSIONS[-1])
    if isinstance(version, bool) or not isinstance(version, int):
        judged.add_type(("version",), "a whole number", version)
    elif version not in READABLE_VERSIONS:
        judged.add(("version",), "policy.value", "must be 1 or 2: other versions mean something else", "write 2")


def _field(field: Field, value: Any, judged: Judged) -> None:
    place = (field.section, field.key)
    if field.kind == "names":
        _names(place, value, judged)
    elif field.kind == "flag":
        if not isinstance(value, bool):
            judged.add_type(place, "true or false", value)
    elif field.kind == "number":
        if isinstance(value, bool) or not isinstance(value, int):
            judged.add_type(place, "a whole number", value)
        elif value < field.least:
            judged.add(place, "policy.value", f"must be {field.least} or more", f"write {field.least} or more")
    elif value is not None:
        _text(field, place, value, judged)


def _names(place: Place, value: Any, judged: Judged) -> None:
    if not isinstance(value, list):
        judged.add_type(place, "a list", value)
        return
    for position, name in enumerate(value):
        if not isinstance(name, str):
            judged.add_type((*place, position), "a text", name)
        elif not name or name != name.strip() or not _visible(name):
            message = "is no name: it is empty, or has blanks around it or characters that cannot be seen"
            judged.add((*place, position), "policy.value", message, "write the name as `pack list` shows it")


def _text(field: Field, place: Place, value: Any, judged: Judged) -> None:
    if not isinstance(value, str):
        judged.add_type(place, "a text", value)
    elif not value.strip() or not _visible(value):
        message = "is empty, or has characters that cannot be seen"
        judged.add(place, "policy.value", message, "write it out, or remove it")
    elif field.kind == "path" and not (value.startswith(("/", "~/")) or value == "~"):
        message = "must be an absolute path, or one that starts with ~/"
        judged.add(place, "policy.value", message, "write the whole path")


def _visible(text: str) -> bool:
    return text == printable(text) and "\n" not in text


def _conflicts(packs: Any, judged: Judged) -> None:
    """Names that contradict each other, whichever of a pack's names each list uses."""
    if not isinstance(packs, dict) or not isinstance(packs.get("required"), list):
        return
    blocked, allowed = _listed(packs.get("blocked")), _listed(packs.get("allowed"))
    for position, name in enumerate(packs["required"]):
        if not isinstance(name, str):
            continue
        place, shown, names = ("packs", "required", position), one_line(name, 80), {*known_as(name), f"{name}-pack"}
        if names & blocked:
            other = name if name in blocked else one_line(min(names & blocked), 80)
            also = "" if other == name else f" (there as '{other}')"
            message = f"'{shown}' is both required and blocked{also}"
            judged.add(place, "policy.conflict", message, "remove it from one of the two")
        if allowed and not names & allowed:
            message = f"'{shown}' is required but not in allowed"
            judged.add(place, "policy.conflict", message, "add it to packs.allowed, or empty that list")


def _listed(value: Any) -> frozenset[str]:
    return frozenset(name for name in value if isinstance(name, str)) if isinstance(value, list) else frozenset()


def _unknown(place: Place, fix: str, judged: Judged) -> None:
    message = f"unknown key '{one_line(str(place[-1]), 80)}' has no effect"
    judged.add(place, "policy.unknown_key", message, fix, "warning")
