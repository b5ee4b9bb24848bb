"""The profile for macOS, read back by a reader of its language: whatever paths are called, it stays what it is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.core.sandboxing import plan as planning
from cowork.core.sandboxing.layout import Drawing
from cowork.core.sandboxing.plan import Sandbox
from cowork.core.sandboxing.seatbelt import profile, quoted
from tests.core.sandboxing.world import World

TOKEN = re.compile(r'\s*(?:(\()|(\))|"((?:[^"\\]|\\.)*)"|([^\s()"]+))', re.DOTALL)
names = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1).filter(
    lambda text: text not in ".."
)


def read(text: str) -> list[Any]:
    """The expressions of a profile: lists, words, and strings with a quote before them."""
    stack: list[list[Any]] = [[]]
    place = 0
    while place < len(text.rstrip()):
        found = TOKEN.match(text, place)
        assert found, text[place : place + 40]
        place = found.end()
        if found[1]:
            stack.append([])
        elif found[2]:
            done = stack.pop()
            stack[-1].append(done)
        else:
            string = found[3]
            stack[-1].append(found[4] if string is None else "'" + re.sub(r"\\(.)", r"\1", string, flags=re.DOTALL))
    assert len(stack) == 1
    return stack[0]


@given(st.lists(names, min_size=1, max_size=3))
def test_no_name_of_a_path_is_more_than_a_name(parts: list[str]) -> None:
    path, plain = Path("/", *parts), Path("/plain")
    drawing, usual = Drawing(), Drawing()
    drawing.rules[path] = usual.rules[plain] = "write"

    found = read(profile(drawing.finished(), network=False))
    expected = read(profile(usual.finished(), network=False))

    assert [expression if expression[-1] != ["subpath", f"'{path}"] else "it" for expression in found] == [
        expression if expression[-1] != ["subpath", f"'{plain}"] else "it" for expression in expected
    ]
    assert ["allow", "file-read*", "file-write*", ["subpath", f"'{path}"]] in found


@given(st.text())
def test_a_quoted_text_is_read_as_itself(text: str) -> None:
    assert read(quoted(text)) == [f"'{text}"]


def judge(rules: list[Any], operation: str, path: str) -> bool:
    """Whether a profile allows something: of the rules that fit, the last."""
    allowed = False
    for verb, *rest in rules:
        operations = [word for word in rest if isinstance(word, str)]
        filters = [word for word in rest if not isinstance(word, str)]
        fits = not filters or any(
            (kind == "literal" and f"'{path}" == value)
            or (kind == "subpath" and (f"'{path}" == value or f"'{path}".startswith(value.rstrip("/") + "/")))
            for kind, value in filters
        )
        if verb in ("allow", "deny") and fits and any(re.fullmatch(word.replace("*", ".*"), operation) for word in operations):
            allowed = verb == "allow"
        if rest == ["default"]:
            allowed = verb == "allow"
    return allowed


@pytest.fixture
def mac(world: World, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """A plan as a Mac would make it; its tool is only looked for."""
    tool = world.root / "sandbox-exec"
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    monkeypatch.setattr(planning.seatbelt, "SANDBOX_EXEC", str(tool))
    (world.work / ".claude").mkdir()
    temporary = world.root / "scratch"
    temporary.mkdir()
    given = World(world.root, {"SSH_AUTH_SOCK": "/private/agent"})
    return given.plan("auto", platform="darwin", temporary=temporary)


def test_it_denies_what_it_does_not_name(mac: Sandbox, world: World) -> None:
    argv = mac.wrap(["agent", "-p"], world.work)
    rules = read(argv[2])

    assert argv[1] == "-p"
    assert rules[:2] == [["version", "1"], ["deny", "default"]]
    expected = {
        (world.work / "README", "file-write-data"): True,
        (world.work / "README", "file-read-data"): True,
        (world.work / ".git" / "index", "file-write-data"): True,
        (world.work / ".git" / "config", "file-write-data"): False,
        (world.work / ".git" / "config", "file-read-data"): True,
        (world.work / ".git" / "hooks" / "pre-commit", "file-write-create"): False,
        (world.work / ".claude" / "settings.json", "file-write-create"): False,
        (world.home / ".ssh" / "id_ed25519", "file-read-data"): False,
        (world.outside / "file", "file-read-data"): False,
        (world.outside / "file", "file-write-data"): False,
        (world.root / "scratch" / "x", "file-write-create"): True,
        (Path("/usr/bin/true"), "file-read-data"): True,
        (Path("/usr/bin/true"), "file-write-data"): False,
        (Path("/Users/somebody/file"), "file-read-data"): False,
    }
    assert {key: judge(rules, key[1], str(key[0])) for key in expected} == expected


def test_it_passes_the_command_on_without_what_leads_outside(mac: Sandbox, world: World) -> None:
    argv = mac.wrap(["agent", "-p"], world.work)

    assert argv[3:] == ["/usr/bin/env", "-u", "SSH_AUTH_SOCK", f"TMPDIR={world.root / 'scratch'}", "agent", "-p"]


def test_nothing_opens_programs_outside(mac: Sandbox, world: World) -> None:
    services = [rule for rule in read(mac.wrap(["x"], world.work)[2]) if rule[1] == "mach-lookup"]

    assert all(filter_[0] == "global-name" for rule in services for filter_ in rule[2:])
    assert not any("launchservices" in rule[2][1] or "appleevents" in rule[2][1] for rule in services)


@pytest.mark.parametrize("network", [True, False])
def test_the_network_is_there_or_not(network: bool) -> None:
    rules = read(profile(Drawing().finished(), network=network))

    assert (["deny", "network*"] in rules) != network
    assert (["allow", "network-outbound", ["remote", "ip"], ["literal", "'/private/var/run/mDNSResponder"]] in rules) == network
