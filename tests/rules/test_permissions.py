"""Permission rules of settings: deny, then ask, then allow, from wherever they were written."""

from __future__ import annotations

from cowork.rules.permissions import Judgement, PermissionRules, SourcedRule, sourced
from cowork.rules.specs import parse


def rules(text: str, source: str = "project", root: str = "/nowhere/project") -> tuple[SourcedRule, ...]:
    return tuple(sourced(line.strip(), source, root) for line in text.split(" + ")) if text else ()


def judge(command: str, *, deny: str = "", ask: str = "", allow: str = "") -> Judgement:
    found = PermissionRules(rules(deny, "managed"), rules(ask, "user"), rules(allow))
    return found.judge("Bash", {"command": command}, cwd="/nowhere/project", home="/nowhere/user")


def test_deny_comes_before_ask_and_ask_before_allow_whatever_is_more_specific() -> None:
    assert judge("git push -f", deny="Bash(git:*)", ask="Bash(git push:*)", allow="Bash(git push -f)").outcome == "deny"
    assert judge("git push -f", ask="Bash(git:*)", allow="Bash(git push -f)").outcome == "ask"
    assert judge("git push -f", allow="Bash(git push -f)").outcome == "allow"
    assert judge("git push -f").outcome == "none"


def test_a_judgement_names_its_rule_and_where_that_stands() -> None:
    found = judge("ls; rm x", deny="Bash(rm:*)", allow="Bash(ls:*)")
    assert (found.rule, found.source) == ("Bash(rm:*)", "managed")
    found = judge("ls | cat", allow="Bash(ls:*) + Bash(cat:*)")
    assert (found.outcome, found.rule, found.source) == ("allow", "Bash(ls:*), Bash(cat:*)", "project")
    found = judge("rm x", allow="Bash(ls:*)")
    assert (found.outcome, found.rule) == ("none", None)
    assert "rm x" in found.reason


def test_ask_is_as_wide_as_deny() -> None:
    for command in ("sudo rm x", "echo $(rm x)", "A=1 /bin/rm x", "git -C x push"):
        assert judge(command, ask="Bash(rm:*) + Bash(git push:*)", allow="Bash").outcome == "ask"


def test_rules_of_several_settings_cover_a_command_together() -> None:
    mine = PermissionRules(allow=rules("Bash(ls:*)", "user"))
    both = mine.joined(PermissionRules(allow=rules("Bash(cat:*)", "project")))
    assert both.judge("Bash", {"command": "ls | cat"}, cwd="/nowhere", home="/nowhere").outcome == "allow"


def test_a_slash_begins_where_the_settings_of_each_rule_are() -> None:
    allow = (
        SourcedRule(parse("Read(/a/**)"), "user", "/nowhere/user"),
        SourcedRule(parse("Read(/b/**)"), "project", "/nowhere/project"),
    )
    found = PermissionRules(allow=allow)

    def outcome(path: str) -> str:
        return found.judge("Read", {"file_path": path}, cwd="/nowhere/project", home="/nowhere/user").outcome

    assert [outcome(path) for path in ("/nowhere/user/a/x", "/nowhere/project/b/x")] == ["allow", "allow"]
    assert [outcome(path) for path in ("/nowhere/project/a/x", "/nowhere/user/b/x")] == ["none", "none"]


def test_a_broken_denial_denies_and_a_broken_allowance_does_not_allow() -> None:
    assert judge("ls", deny="Bash(rm", allow="Bash").outcome == "deny"
    assert judge("ls", ask="Bash(rm", allow="Bash").outcome == "ask"
    assert judge("ls", deny="nonsense here", allow="Bash").outcome == "deny"
    assert judge("ls", allow="Bash(ls").outcome == "none"
