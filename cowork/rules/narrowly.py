"""Allowing: whether rules prove that a call is what they name. Doubt is a refusal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from cowork.rules import domains, files
from cowork.rules.call import Call
from cowork.rules.names import FAMILIES, allows_name
from cowork.rules.rule import Rule


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether rules allow a call, which of them do, and why (not)."""

    allowed: bool
    rules: tuple[Rule, ...]
    reason: str


def judge(rules: Sequence[Rule], call: Call) -> Answer:
    """The answer of a list of allow rules, of which one suffices; for a Bash command, one for each of its parts."""
    if call.tool == "Bash":
        return _judge_bash(rules, call)
    broken = next((rule for rule in rules if rule.problem and _names(rule, call.tool)), None)
    for rule in rules:
        if _covers(rule, call):
            return Answer(True, (rule,), f"the rule {rule.text} allows it")
    if broken:
        return Answer(False, (), f"the rule {broken.text} cannot be read ({broken.problem}), so it allows nothing")
    if not rules:
        return Answer(False, (), "the list of what is allowed is empty")
    return Answer(False, (), _why_not(rules, call))


def _why_not(rules: Sequence[Rule], call: Call) -> str:
    about = next((rule for rule in rules if _names(rule, call.tool)), None)
    if about is None:
        return f"no rule allows the tool {call.tool}"
    if about.name in ("Write", "MultiEdit", "NotebookEdit", "Glob", "Grep") and about.specifier:
        better = "Edit" if about.name in FAMILIES["Edit"] else "Read"
        return f"{about.text} allows nothing: rules of files are written {better}(...)"
    return f"no rule for {call.tool} covers this call"


def offers(rules: Sequence[Rule], tool: str) -> bool:
    """Whether some call of a tool could be allowed."""
    return any(_names(rule, tool) and not rule.problem and not _is_void(rule) for rule in rules)


def _names(rule: Rule, tool: str) -> bool:
    return allows_name(rule.name, tool) or (rule.file is not None and tool in FAMILIES.get(rule.name, ()))


def _is_void(rule: Rule) -> bool:
    """Rules that allow nothing: `Write(path)`, `Glob(path)`, `Tool(param:value)`."""
    return rule.specifier is not None and rule.name not in ("Bash", "Read", "Edit", "WebFetch", "Agent", "Skill")


def _covers(rule: Rule, call: Call) -> bool:
    if rule.problem or not _names(rule, call.tool) or _is_void(rule):
        return False
    if rule.specifier is None:
        return not (call.is_about_files and _has_nul(call))
    if rule.file is not None:
        return _covers_files(rule, call)
    subject = call.subject()
    if subject is None or any(ord(character) < 32 and character not in "\n\t" for character in subject):
        return False
    if call.tool == "Agent":
        return subject in [name.strip() for name in rule.specifier.split(",")]
    if call.tool == "Skill":
        return covers_skill(rule.specifier, subject)
    if call.tool == "WebFetch" and rule.specifier.startswith("domain:"):
        host = domains.host_of(subject)
        return host is not None and domains.covers(rule.specifier.removeprefix("domain:"), host)
    return False


def covers_skill(specifier: str, subject: str) -> bool:
    """`name` alone, or with ` *` or `:*` behind it any arguments."""
    found = re.fullmatch(r"(.+?)(?::\*|\s+\*)", specifier)
    name = found.group(1) if found else specifier
    return subject == name or (found is not None and subject.startswith(name + " "))


def _has_nul(call: Call) -> bool:
    return any("\0" in path for path in call.paths() or ())


def _covers_files(rule: Rule, call: Call) -> bool:
    assert rule.file is not None
    paths, globs = call.paths(), call.globs()
    if paths is None or globs is None or any(_escapes(glob) for glob in globs):
        return False
    places = call.places.rooted(rule.root)
    return all(files.narrow(rule.file, path, places, whole_tree=call.searches) for path in paths)


def _escapes(glob: str) -> bool:
    return glob.startswith(("/", "~", "!")) or ".." in re.split(r"[/\\{},]", glob)


def _judge_bash(rules: Sequence[Rule], call: Call) -> Answer:
    command = call.command
    usable = [rule for rule in rules if rule.name == "Bash" and not rule.problem]
    broken = next((rule for rule in rules if rule.name == "Bash" and rule.problem), None)
    if command is None:
        return Answer(False, (), "there is no command to judge")
    from cowork.rules.bash.lexer import check_controls

    if problem := check_controls(command):
        return Answer(False, (), problem)
    if whole := next((rule for rule in usable if rule.specifier is None), None):
        return Answer(True, (whole,), f"the rule {whole.text} allows any command")
    if not usable:
        if broken:
            return Answer(False, (), f"the rule {broken.text} cannot be read ({broken.problem}), so it allows nothing")
        return Answer(False, (), "no rule allows the tool Bash" if rules else "the list of what is allowed is empty")
    from cowork.rules.bash import narrow

    by_text = {rule.text: rule for rule in rules}
    patterns = [(rule.command, rule.text) for rule in usable if rule.command is not None]
    judged = narrow.judge(command, patterns, lambda mode, path: _opens(rules, call, mode, path))
    return Answer(judged.allowed, tuple(by_text[text] for text in judged.rules), judged.reason)


def _opens(rules: Sequence[Rule], call: Call, mode: str, path: str) -> str | None:
    """The rule by which a redirection may open a file: `Edit(...)` to write, `Read` or `Read(...)` to read."""
    name = "Edit" if mode == "write" else "Read"
    target = Call(name, {"file_path": path}, call.places)
    for rule in rules:
        if rule.name == name and (rule.specifier is not None or mode == "read") and _covers(rule, target):
            return rule.text
    return None
