"""`pack lint`: hints on packs that are valid and could be better. Nothing here keeps a pack from loading."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cowork.formats.cowork_plugin import FILE_NAME, ManifestView, problems
from cowork.formats.problem import Problem, Severity, in_order, json_path, quoted
from cowork.registry.bounded_tree import Tree
from cowork.registry.kinds import directory_of

_PLACEHOLDER = re.compile(r"\{\{\s*(\w+)[^{}]*\}\}")  # also `{{name | filter}}`, which older packs use
# A heading, a numbered or bulleted list, a table, or words that announce a layout.
_STRUCTURE = re.compile(
    r"^\s*(#{1,6} |\d+[.)] |[-*+] .*\n\s*[-*+] |\|.*\|)|please provide|\b(format|sections?|headings?|json|table)\b",
    re.MULTILINE | re.IGNORECASE,
)
_Hint = tuple[tuple[str | int, ...], str, Severity, str, str]


@dataclass(frozen=True)
class LintReport:
    """Hints sorted by file, line and rule. `packs` counts what was looked at, `errors` what could not be."""

    problems: tuple[Problem, ...]
    packs: int
    errors: int
    warnings: int
    notes: int


def lint_paths(paths: Iterable[str | Path]) -> LintReport:
    """Hints on the packs at `paths`, with their lines. A pack that is not valid gets its errors instead of hints."""
    found: list[Problem] = []
    count = 0
    for path in paths:
        directory = directory_of(Path(path))
        tree = None if directory is None else Tree(directory, str(directory))
        if tree is None or not tree.exists(FILE_NAME):
            text, fix = "there is no pack here", f"name a directory with a {FILE_NAME}"
            found.append(Problem(str(path), "$", "path.unknown_kind", "error", text, fix))
            continue
        count += 1
        found += _lint(tree)
    severities = [problem.severity for problem in found]
    return LintReport(in_order(found), count, severities.count("error"), severities.count("warning"), severities.count("note"))


def _lint(tree: Tree) -> list[Problem]:
    document = tree.json(FILE_NAME)
    if document is not None:
        file = Path(tree.file(FILE_NAME))
        errors = [problem for problem in problems(document, file) if problem.severity == "error"]
        view = ManifestView(document, scope="personal", directory=file.parent)
        tree.add(FILE_NAME, errors or lint_pack(view))
    return tree.problems


def lint_pack(view: ManifestView) -> tuple[Problem, ...]:
    """Hints on a valid pack, in the order of its file."""
    file = str(view.directory / FILE_NAME)
    hints = [*_skills(view), *_pack(view.document)]
    return tuple(Problem(file, json_path(where), rule, severity, text, fix) for where, rule, severity, text, fix in hints)


def _pack(document: Mapping[str, Any]) -> Iterator[_Hint]:
    if not document.get("tryAsking"):
        text, fix = "nothing shows what to ask this pack", 'add "tryAsking": ["...", "..."]'
        yield ("tryAsking",), "pack.no_try_asking", "note", text, fix


def _skills(view: ManifestView) -> Iterator[_Hint]:
    commands = {command["skillId"] for command in view.document.get("slashCommands", ())}
    for at, skill in enumerate(view.skills()):
        place = ("skills", at)
        description = skill["description"].strip()
        if not description or description.casefold() == skill["name"].strip().casefold():
            text, fix = "the description says no more than the name", "say what the skill does and when to use it"
            yield (*place, "description"), "prompt.missing_description", "warning", text, fix
        if skill["id"] not in commands and _is_called(skill):
            text, fix = f"no slash command runs {quoted(skill['id'])}", 'add one to "slashCommands"'
            yield place, "command.missing_for_skill", "note", text, fix
        yield from _prompt(skill, place)
        yield from _parameters(skill, place)


def _is_called(skill: Mapping[str, Any]) -> bool:
    """Whether a user calls this skill: a guideline always applies, and some skills are for the model only."""
    invocation = skill.get("invocation") or {}
    return skill.get("type") != "guideline" and invocation.get("userInvocable", True)


def _prompt(skill: Mapping[str, Any], place: tuple[str | int, ...]) -> Iterator[_Hint]:
    where = (*place, "prompt")
    declared = {parameter["name"] for parameter in skill.get("parameters", ())}
    for name in dict.fromkeys(_PLACEHOLDER.findall(skill["prompt"])):
        if name not in declared:
            text, fix = f"the placeholder {{{{{name}}}}} is no parameter and stays as it is", "declare it, or mend its name"
            yield where, "prompt.undeclared_placeholder", "warning", text, fix
    if skill.get("type") != "guideline" and not _STRUCTURE.search(skill["prompt"]):
        text, fix = "the prompt does not say how the answer is laid out", "number the parts of the answer, or name its headings"
        yield where, "prompt.no_output_structure", "note", text, fix


def _parameters(skill: Mapping[str, Any], place: tuple[str | int, ...]) -> Iterator[_Hint]:
    used = set(_PLACEHOLDER.findall(skill["prompt"]))
    for at, parameter in enumerate(skill.get("parameters", ())):
        where, name = (*place, "parameters", at), parameter["name"]
        if name not in used:
            text, fix = f"the parameter {quoted(name)} is not used in the prompt", f"write {{{{{name}}}}} where it belongs"
            yield where, "prompt.unused_parameter", "warning", text, fix
        if not parameter.get("description", "").strip():
            text, fix = f"the parameter {quoted(name)} is not described", 'add a "description" that says what to give'
            yield where, "parameter.no_description", "note", text, fix
        default = parameter.get("default")
        if parameter["type"] == "select" and default is not None and default not in parameter.get("options", ()):
            text, fix = f"default {quoted(default)} is not one of the options", "add it to the options, or choose one of them"
            yield (*where, "default"), "parameter.default_not_option", "warning", text, fix
