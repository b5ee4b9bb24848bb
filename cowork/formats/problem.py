"""What is wrong with a file, as a value: which file, where in it, which rule, how bad, and what to do about it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from cowork.core.text import one_line, printable

Severity = Literal["error", "warning", "note"]

MOST_PROBLEMS = 100
"""How many problems of one file are listed; a file of nothing but mistakes must not drown the report."""


@dataclass(frozen=True)
class Problem:
    """`where` is a JSON path such as `$.skills[2].prompt`, or `line 3`. `rule` is stable and described in RULES.

    `line` and `column` count from 1 and are None where the place is not known.
    """

    file: str
    where: str
    rule: str
    severity: Severity
    message: str
    fix: str
    line: int | None = None
    column: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """The problem as JSON."""
        return asdict(self)


def json_path(parts: Iterable[str | int]) -> str:
    """The JSON path of a place: `$`, then `.key` or `["odd key"]` for members and `[2]` for items."""
    path = "$"
    for part in parts:
        if isinstance(part, int):
            path += f"[{part}]"
        elif re.fullmatch(r"[A-Za-z_$][\w$-]*", part, re.ASCII):
            path += f".{part}"
        else:
            short = part if len(part) <= 80 else f"{part[:79]}…"
            path += f"[{printable(json.dumps(short, ensure_ascii=False))}]"
    return path


def quoted(value: object) -> str:
    """A value from a file as it may stand in a message: short and on one safe line."""
    return one_line(repr(value), 60)


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Sorted by file, line, rule and place."""
    return tuple(sorted(problems, key=lambda item: (item.file, item.line or 0, item.rule, item.where, item.message)))


def bounded(problems: list[Problem]) -> list[Problem]:
    """At most MOST_PROBLEMS of one file, errors first, and then how many more there are."""
    if len(problems) <= MOST_PROBLEMS:
        return problems
    rank = {"error": 0, "warning": 1, "note": 2}
    kept = sorted(problems, key=lambda item: rank[item.severity])[:MOST_PROBLEMS]
    more = len(problems) - MOST_PROBLEMS
    text, fix = f"{more} more problem(s) of this file are not listed", "mend the listed ones first"
    return [*kept, Problem(kept[0].file, "$", "file.more_problems", "note", text, fix)]


RULES: Mapping[str, str] = {
    # files and directories
    "file.corrupt": "The file is not valid JSON, or not UTF-8",
    "file.irregular": "Only regular files and directories belong into a pack",
    "file.more_problems": "Only the first problems of a file are listed",
    "file.too_deep": "JSON may nest at most 64 levels",
    "file.too_large": "The file is larger than its format allows",
    "file.too_many": "A pack may hold only so many files",
    "file.too_many_keys": "JSON may hold at most 100,000 keys",
    "file.unreadable": "The file can be read",
    "path.not_found": "The path exists",
    "path.unknown_kind": "The path is a pack, a plugin, a marketplace or a skill",
    # cowork.plugin.json
    "manifest.duplicate": "Skill ids, slash commands, agent roles and connectors are declared once",
    "manifest.main_ignored": "`main` is kept but never run: packs are data",
    "manifest.no_content": "A pack brings skills, skill directories, agent roles, connectors, slash commands or `main`",
    "manifest.not_loaded": "Only manifests of type `pack` are loaded",
    "manifest.required": "Required fields are there",
    "manifest.skill_unknown": "A slash command names a skill of the pack, or one that another pack may bring",
    "manifest.type": "Fields have the type of the format",
    "manifest.unknown_key": "Unknown keys are kept and have no effect",
    "manifest.value": "Values keep the rules of the format",
    "manifest.version": "The version is a semantic version",
    "plugin.path_escapes": "Paths are relative and stay inside the pack",
    "plugin.path_missing": "Files and directories that a manifest names exist",
    # policies.json
    "policy.conflict": "Required packs are not blocked, and are allowed where there is an allow list",
    "policy.type": "Fields have the type of the format",
    "policy.unknown_connector": "Names of connectors fit a connector that is here",
    "policy.unknown_key": "Unknown keys are kept and have no effect",
    "policy.unknown_pack": "Names of packs fit a pack that is here, or one of the catalogue",
    "policy.value": "Values keep the rules of the format",
    # frontmatter and Markdown components
    "frontmatter.missing": "The file starts with frontmatter",
    "frontmatter.too_large": "Frontmatter is at most 256 KiB",
    "frontmatter.yaml": "Frontmatter is a YAML mapping",
    "agent.description": "An agent says when to use it",
    "agent.ignored_in_plugin": "Agents of plugins may not bring hooks, MCP servers or a permission mode",
    "agent.name": "An agent's name has no `:` and no leading `-`",
    "agent.type": "Fields of an agent have the type of the format",
    "agent.unknown_key": "Unknown keys of an agent are kept and have no effect",
    "agent.value": "Fields of an agent have a value of the format",
    "command.name_ignored": "A command is named by its file",
    "command.plain_form": "The fields of a command stand in its frontmatter",
    "command.type": "Fields of a command have the type of the format",
    "command.unknown_key": "Unknown keys of a command are kept and have no effect",
    "command.value": "Fields of a command have a value of the format",
    "skill.compatibility": "agentskills.io: compatibility is at most 500 characters",
    "skill.description": "agentskills.io: a description of 1 to 1024 characters",
    "skill.metadata": "agentskills.io: metadata maps texts to texts",
    "skill.name": "agentskills.io: 1 to 64 characters of a-z, 0-9 and single dashes, equal to the directory's name",
    "skill.not_portable": "agentskills.io knows fewer keys than Claude Code",
    "skill.type": "Fields of a skill have the type of the format",
    "skill.unknown_key": "Unknown keys of a skill are kept and have no effect",
    "skill.value": "Fields of a skill have a value of the format",
    # Claude Code plugins and marketplaces, Agent Plugins, MCP servers, hooks
    "plugin.name": "A plugin's name is kebab-case",
    "plugin.path": "Component paths start with `./`, have no `..` and are no patterns",
    "plugin.required": "Required fields are there",
    "plugin.type": "Fields have the type of the format",
    "plugin.unknown_key": "Unknown keys are kept and have no effect",
    "plugin.value": "Values keep the rules of the format",
    "marketplace.duplicate": "Entries have different names",
    "marketplace.strict": "With `strict` off the entry is the whole definition, and plugin.json declares no components",
    "marketplace.required": "Required fields are there",
    "marketplace.type": "Fields have the type of the format",
    "marketplace.unknown_key": "Unknown keys are kept and have no effect",
    "marketplace.value": "Values keep the rules of the format",
    "agent_plugin.extensions": "`extensions` is an object",
    "agent_plugin.required": "Required fields are there",
    "agent_plugin.schema": "`$schema` is that of Agent Plugins 1.0.0",
    "agent_plugin.type": "Fields have the type of the format",
    "agent_plugin.unknown_key": "Unknown keys are ignored",
    "agent_plugin.value": "Values keep the rules of the format",
    "mcp.command": "A stdio server names its command",
    "mcp.type": "MCP servers are an object of objects",
    "mcp.unknown_key": "Unknown keys of an MCP server are kept and have no effect",
    "mcp.url": "A remote server names its http or https address",
    "mcp.value": "Fields of an MCP server have a value of the format",
    "hooks.event": "Hooks name events of the host",
    "hooks.type": "Hooks are lists of matchers with lists of handlers",
    "hooks.value": "Handlers have a known type and what that type needs",
    "settings.rule": "Permission rules are texts",
    "settings.type": "Permissions are an object of lists",
    "settings.unknown_key": "Unknown keys of permissions are kept and have no effect",
    "settings.value": "The mode is one that is known",
    # prompt templates of loops
    "template.no_promise": "A template says how an agent reports that the task is done",
    "template.not_a_list": "Loops go over lists and objects",
    "template.syntax": "Tags are written as the template's language wants them",
    "template.too_large": "Templates keep the limits on loops and blocks",
    "template.unknown_variable": "Variables that a template names exist",
    "template.unsupported": "Templates hold what is supported of their language",
    # files of tasks
    "tasks.cycle": "Tasks do not wait for each other in a ring",
    "tasks.duplicate_id": "Tasks have different ids",
    "tasks.duplicate_key": "A key stands once in an object",
    "tasks.empty": "There is at least one task",
    "tasks.misspelled": "Keys are not nearly those of the format",
    "tasks.missing_dependency": "Dependencies are tasks of the file",
    "tasks.required": "A task has an id and a title",
    "tasks.self_dependency": "A task does not depend on itself",
    "tasks.shape": "The tasks are where the format has them, in fields that it has",
    "tasks.syntax": "The file is valid JSON in UTF-8",
    "tasks.type": "Fields have the type of the format",
    "tasks.unknown_key": "Unknown keys are kept and have no effect",
    "tasks.value": "Values keep the rules of the format",
    # hints of `pack lint`
    "command.missing_for_skill": "Every skill has a slash command",
    "pack.no_try_asking": "A pack shows what to ask it",
    "parameter.default_not_option": "The default of a select is one of its options",
    "parameter.no_description": "Every parameter says what it is",
    "prompt.missing_description": "Every skill says what it does",
    "prompt.no_output_structure": "A prompt says how the answer is laid out",
    "prompt.undeclared_placeholder": "Every placeholder is a declared parameter",
    "prompt.unused_parameter": "Every parameter is used in the prompt",
}
"""Every rule and what it asks for."""
