"""Every verb that changes or uses something passes the one gate: it stops where policies cannot be read, and it is logged."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from cowork.cli.manifest import VERBS, Verb
from tests.contract.test_every_verb import CASES, something_to_show
from tests.support import Ran, run_here

__all__ = ["something_to_show"]  # what some verbs need to find, made for each test

MUTATING = [verb for verb in VERBS if verb.mutates]
MENDS = {"admin policy reset": "it is the way out of policies that cannot be read"}
USES = {"pack try": ["--seed", "1", "--run", "1", "--provider", "rehearsal"]}
"""Verbs that only read, and with these words use a pack."""

every_mutation = pytest.mark.parametrize("verb", MUTATING, ids=lambda verb: verb.path)


def call(verb: Verb, *more: str) -> Ran:
    case = CASES[verb.path]
    return run_here(*verb.path.split(), *case.good, *more, "--json", stdin=case.stdin)


def tree(*roots: Path) -> dict[str, str]:
    """Every file below, by what it holds; without the log, which is there to grow, and caches."""
    found = {}
    for root in roots:
        for directory, _, names in os.walk(root):
            for name in names:
                path = Path(directory) / name
                if not path.is_relative_to(root / "cache") and name != "audit.jsonl":
                    found[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "no file"
    return found


def policies(home: Path, text: str) -> None:
    home.mkdir(exist_ok=True)
    (home / "policies.json").write_text(text)


def decisions(home: Path) -> list[tuple[str, str]]:
    path = home / "audit.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    return [(line["verb"], line["verdict"]) for line in lines]


@every_mutation
def test_where_the_policies_cannot_be_read_nothing_is_changed_and_the_refusal_is_logged(
    verb: Verb, home: Path, tmp_path: Path
) -> None:
    policies(home, "{ corrupt")
    before, logged = tree(home, tmp_path / "work", tmp_path / "user"), len(decisions(home))

    ran = call(verb)

    if verb.path in MENDS:
        assert ran.code == 0, MENDS[verb.path]
        return
    assert (ran.code, ran.document["error"]["code"]) == (6, "policy.unreadable"), ran
    assert tree(home, tmp_path / "work", tmp_path / "user") == before
    assert decisions(home)[logged:] == [(verb.path, "denied")]


@every_mutation
def test_where_the_policies_cannot_be_read_a_dry_run_is_refused_too_and_logs_nothing(verb: Verb, home: Path) -> None:
    policies(home, "{ corrupt")
    logged = decisions(home)

    ran = call(verb, "--dry-run")

    if verb.path not in MENDS:
        assert (ran.code, ran.document["error"]["code"]) == (6, "policy.unreadable"), ran
    assert decisions(home) == logged


@every_mutation
def test_what_is_done_is_logged_under_its_verb(verb: Verb, home: Path) -> None:
    policies(home, '{"version": 2}')
    logged = len(decisions(home))

    ran = call(verb)

    assert ran.code == 0, ran
    assert (verb.path, "allowed") in decisions(home)[logged:]
    assert {verdict for _, verdict in decisions(home)[logged:]} == {"allowed"}


@every_mutation
def test_what_cannot_be_logged_is_not_done(verb: Verb, home: Path, tmp_path: Path) -> None:
    policies(home, '{"version": 2}')
    (home / "audit.jsonl").unlink(missing_ok=True)
    (home / "audit.jsonl").mkdir()
    before = tree(home, tmp_path / "work", tmp_path / "user")

    ran = call(verb)

    assert (ran.code, ran.document["error"]["code"]) == (6, "audit.not_writable"), ran
    assert tree(home, tmp_path / "work", tmp_path / "user") == before


@pytest.mark.parametrize("verb", [verb for verb in VERBS if not verb.mutates], ids=lambda verb: verb.path)
def test_what_only_reads_logs_nothing(verb: Verb, home: Path) -> None:
    if verb.path in ("hook run", "registry serve"):
        return  # a host's protocol; a server that ends with the test
    policies(home, '{"version": 2}')
    logged = decisions(home)
    call(verb)
    assert decisions(home) == logged


@pytest.mark.parametrize("path", USES)
def test_a_use_passes_the_gate_as_a_change_does(path: str, home: Path) -> None:
    assert run_here(*path.split(), *USES[path]).code == 0
    assert decisions(home) == [(path, "allowed")]
    assert run_here(*path.split(), *USES[path], "--dry-run").code == 0
    assert len(decisions(home)) == 1
    policies(home, "{ corrupt")
    ran = run_here(*path.split(), *USES[path], "--json")
    assert (ran.code, ran.document["error"]["code"]) == (6, "policy.unreadable")


@pytest.mark.parametrize(
    "argv",
    [
        ["pack", "enable", "devops"],
        ["skill", "enable", "devops", "incident-response"],
        ["skill", "run", "incident-response", "--provider", "rehearsal"],
        ["skill", "run", "devops:incident-response", "--provider", "rehearsal"],
        ["run", "/incident-response", "--provider", "rehearsal"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("packs", [{"blocked": ["devops-pack"]}, {"allowed": ["engineering"]}], ids=["blocked", "not allowed"])
def test_a_pack_that_is_denied_can_be_used_by_no_verb_and_every_try_is_logged(
    home: Path, argv: list[str], packs: dict[str, list[str]]
) -> None:
    policies(home, json.dumps({"packs": packs}))

    ran = run_here(*argv, "--json")

    assert (ran.code, ran.document["error"]["code"]) == (6, "policy.pack_denied"), ran
    verb = argv[0] if argv[0] == "run" else " ".join(argv[:2])
    assert decisions(home) == [(verb, "denied")]


def test_a_blocked_pack_stays_in_sight_and_gives_nothing_to_others(home: Path) -> None:
    policies(home, '{"packs": {"blocked": ["devops"]}}')
    items = {item["name"]: item for item in run_here("pack", "list", "--json").data["items"]}
    assert items["devops"]["state"] == "blocked"
    assert run_here("skill", "show", "incident-response").code == 6
    assert "devops" not in run_here("pack", "context", "--json").data["packs"]
    prompts = run_here("pack", "try", "--count", "100", "--json").data["items"]
    assert "devops" not in {item["pack"] for item in prompts}
    assert "engineering" in {item["pack"] for item in prompts}
