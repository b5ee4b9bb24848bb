"""Denying and asking: whether a rule could be about a call in any reading of it. Doubt is a match."""

from __future__ import annotations

import os.path
from typing import Any

from cowork.rules import domains, files
from cowork.rules.call import Call
from cowork.rules.names import EDITORS, FAMILIES, READERS, denies_name
from cowork.rules.narrowly import covers_skill
from cowork.rules.rule import Rule
from cowork.rules.wild import WILD, glob_match


def matches(rule: Rule, call: Call) -> str | None:
    """Why a rule is about a call, None when it is not."""
    if rule.problem:
        if denies_name(rule.name, call.tool) or rule.name == "*":
            return f"the rule {rule.text} cannot be read ({rule.problem}), so it is about all of {_scope(rule)}"
        return None
    if call.tool == "Bash" and rule.name in EDITORS | READERS:
        return _matches_files_of_bash(rule, call)
    if not denies_name(rule.name, call.tool):
        return None
    if rule.specifier is None:
        return f"the rule {rule.text} is about every call of {call.tool}"
    return _matches_specifier(rule, call)


def whole_tool(rule: Rule, tool: str) -> bool:
    """Whether a deny rule leaves no call of a tool."""
    return rule.specifier is None and (denies_name(rule.name, tool) or rule.name == "*")


def _scope(rule: Rule) -> str:
    return "every tool" if rule.name == "*" else rule.name


def _matches_specifier(rule: Rule, call: Call) -> str | None:
    assert rule.specifier is not None
    said = f"the rule {rule.text} is about this call"
    if call.tool == "Bash":
        return _matches_command(rule, call) or (said if _has_parameter(rule.specifier, call, "command") else None)
    if rule.file is not None:
        return _matches_files(rule, call)
    subject = call.subject()
    if call.tool in ("Agent", "Skill", "WebFetch") and subject is None:
        return f"{said}: it does not say what it is about"
    if call.tool == "Agent" and subject is not None and any(_same_name(one, subject) for one in rule.specifier.split(",")):
        return said
    if call.tool == "Skill" and subject is not None and _is_skill(rule.specifier, subject):
        return said
    if call.tool == "WebFetch" and subject is not None and rule.specifier.startswith("domain:"):
        hosts = domains.possible_hosts(subject)
        wanted = rule.specifier.removeprefix("domain:")
        return said if hosts is None or any(domains.covers(wanted, host) for host in hosts) else None
    return said if _has_parameter(rule.specifier, call) else None


def _same_name(rule: str, name: str) -> bool:
    """The same agent or skill, with and without the plugin that one of the two names may leave out."""
    one, other = rule.strip().casefold(), name.strip().casefold()
    if glob_match(one, other):
        return True
    if ":" in one and ":" in other:
        return False
    return one.rpartition(":")[2] == other.rpartition(":")[2]


def _is_skill(specifier: str, subject: str) -> bool:
    name = specifier.removesuffix("*").rstrip(": \t")
    return covers_skill(specifier, subject) or _same_name(name, subject.split(maxsplit=1)[0].removeprefix("/"))


def _has_parameter(specifier: str, call: Call, primary: str = "") -> bool:
    """`Tool(param:value)`: an argument of that name whose value fits, wherever it is not what the tool is about."""
    name, colon, wanted = specifier.partition(":")
    if not colon or name == primary or name not in call.arguments:
        return False
    return glob_match(wanted.strip(), _plain(call.arguments[name]))


def _plain(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return str(value)


def _matches_files(rule: Rule, call: Call) -> str | None:
    assert rule.file is not None
    paths, globs = call.paths(), call.globs()
    if paths is None or globs is None:
        return f"the rule {rule.text} is about files, and the call does not say which file it is about"
    places = call.places.rooted(rule.root)
    named = [*paths, *(os.path.join(path, glob) for path in paths for glob in globs)]  # noqa: PTH118
    found = next((path for path in named if files.wide(rule.file, path, places)), None)
    return f"the rule {rule.text} is about '{found}'" if found is not None else None


def _matches_command(rule: Rule, call: Call) -> str | None:
    from cowork.rules.bash.patterns import Pattern
    from cowork.rules.bash.seen import about
    from cowork.rules.bash.wide import look

    if call.command is None:
        return f"the rule {rule.text} is about commands, and the call has none that can be judged"
    pattern = rule.command
    assert isinstance(pattern, Pattern)
    reading = look(call.command)
    if reading.doubtful:
        return f"the rule {rule.text} is about commands, and this one is too much to be judged"
    for text in reading.texts:
        if text == pattern.exact or (not pattern.assignments and pattern.covers(tuple(text.split()))):
            return f"the rule {rule.text} is about this command"
    found = next((words for words in reading.commands if about(pattern, words)), None)
    if found is None:
        return None
    shown = " ".join(found).replace(WILD, "$")
    return f"the rule {rule.text} is about '{shown if len(shown) < 60 else shown[:57] + '...'}'"


def _matches_files_of_bash(rule: Rule, call: Call) -> str | None:
    """Rules of files are about Bash where it opens files: by redirections, and for `Read(...)` and `Edit(...)` by its words."""
    from cowork.rules.bash.wide import look
    from cowork.rules.file_words import possible_files

    command = call.command
    if command is None:
        return None
    writes, family = rule.name in EDITORS, FAMILIES.get(rule.name)
    if family is None and rule.name not in ("Write", "Read"):
        return None
    reading = look(command)
    opened = [path for path, mode in reading.redirects if (mode == "write") == writes and path != "/dev/null"]
    if rule.file is None:
        return f"the rule {rule.text} is about the redirection of '{opened[0].replace(WILD, '$')}'" if opened else None
    if reading.doubtful:
        return f"the rule {rule.text} is about files, and this command is too much to be judged"
    wide = files.Wide(rule.file, call.places.rooted(rule.root))
    for path in opened:
        if WILD in path or wide.is_about(files.candidates_of(path, call.places)):
            return f"the rule {rule.text} is about '{path.replace(WILD, '$')}'"
    for path, candidates in possible_files(reading, call, writes=writes):
        if WILD in candidates or wide.is_about(candidates):
            return f"the rule {rule.text} is about '{path}'"
    return None
