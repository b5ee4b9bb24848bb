"""Approving what a pack can do: on the command line, by a person, or before; never by nobody."""

from __future__ import annotations

import pytest

from cowork.core.errors import Denied, UsageError
from cowork.install.approval import NOT_NEEDED, Approval, Request
from cowork.install.capabilities import Capability

HOOKS = Capability("hooks", ("hooks/hooks.json",))
SHELL = Capability("shell", ("connector count",))
HOST = Capability("network:api.example.com", ("connector api",))
ANY_HOST = Capability("network:*", ("connector fetch",))
KINDS = (
    "hooks mcp lsp shell script prompt-shell tools executables network network:api.example.com network:* network:::1".split()
)


def wants(*capabilities: Capability) -> Request:
    return Request("notes", "1.0.0", "github:owner/repo", capabilities, 2)


class Person:
    """Somebody who answers, and remembers what was asked."""

    def __init__(self, answer: bool) -> None:
        self.answer = answer
        self.asked: list[Request] = []

    def __call__(self, request: Request) -> bool:
        self.asked.append(request)
        return self.answer


def test_nothing_to_approve_asks_nobody() -> None:
    person = Person(False)
    assert Approval(ask=person).decide(wants()) == NOT_NEEDED
    assert Approval().decide(wants(), before=["hooks"]) == NOT_NEEDED
    assert not person.asked


def test_what_was_approved_before_is_not_asked_again() -> None:
    person = Person(False)
    assert Approval(ask=person).decide(wants(HOOKS, HOST), before=["network", "hooks"]) == "approved before"
    assert not person.asked


def test_what_is_named_on_the_command_line_is_approved() -> None:
    person = Person(False)
    assert Approval(("hooks", "shell"), person).decide(wants(HOOKS, SHELL)) == "--approve hooks,shell"
    assert not person.asked


def test_the_command_line_may_approve_more_than_there_is() -> None:
    assert Approval(("hooks", "mcp")).decide(wants(HOOKS)) == "--approve hooks,mcp"
    assert Approval(("hooks",)).decide(wants()) == NOT_NEEDED


def test_the_network_stands_for_every_host() -> None:
    assert Approval(("network",)).decide(wants(HOST, ANY_HOST)) == "--approve network"


def test_one_host_stands_for_itself() -> None:
    assert Approval(("network:api.example.com",)).decide(wants(HOST)) == "--approve network:api.example.com"
    with pytest.raises(UsageError):
        Approval(("network:example.com",)).decide(wants(HOST))
    with pytest.raises(UsageError):
        Approval(("network:*",)).decide(wants(HOST))
    with pytest.raises(UsageError):
        Approval(("network:api.example.com",)).decide(wants(HOST, ANY_HOST))


def test_before_and_the_command_line_add_up() -> None:
    assert Approval(("shell",)).decide(wants(HOOKS, SHELL), before=["hooks"]) == "--approve shell"


def test_without_anybody_to_ask_the_rest_is_named() -> None:
    with pytest.raises(UsageError) as caught:
        Approval(("hooks",)).decide(wants(HOOKS, SHELL, HOST))
    error = caught.value
    assert (error.code, error.exit_code) == ("install.approval_needed", 2)
    assert "shell, network:api.example.com" in error.message
    assert "hooks" not in error.message
    assert (error.hint or "").endswith("--approve hooks,shell,network:api.example.com")
    assert error.details["capabilities"] == [
        {"id": "shell", "details": ["connector count"]},
        {"id": "network:api.example.com", "details": ["connector api"]},
    ]


def test_what_was_approved_before_is_not_named_again() -> None:
    with pytest.raises(UsageError) as caught:
        Approval().decide(wants(HOOKS, SHELL), before=["hooks"])
    assert (caught.value.hint or "").endswith("--approve shell")


def test_a_person_is_asked_for_the_rest_only_and_says_yes() -> None:
    person = Person(True)
    assert Approval(("hooks",), person).decide(wants(HOOKS, SHELL, HOST), before=["network"]) == "a person at a terminal"
    assert person.asked == [Request("notes", "1.0.0", "github:owner/repo", (SHELL,), 2)]


def test_a_person_who_says_no_is_a_refusal() -> None:
    with pytest.raises(Denied) as caught:
        Approval(ask=Person(False)).decide(wants(HOOKS))
    assert caught.value.code == "install.not_approved"
    assert "hooks" in (caught.value.cause or "")


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_capability_can_be_approved(name: str) -> None:
    assert Approval((name,)).given == (name,)
    assert Approval((name,)).decide(wants(Capability(name, ()))) == f"--approve {name}"


@pytest.mark.parametrize(
    "name",
    ["hook", "Hooks", "", "all", "*", "network:", "network: a", "hooks:all", "hooks,shell", "hooks\n", "networks:a", "--yes"],
)
def test_a_capability_that_there_is_not_is_a_mistake_and_not_ignored(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        Approval(("hooks", name))
    assert caught.value.code == "usage.bad_capability"
    assert "prompt-shell" in (caught.value.cause or "")
