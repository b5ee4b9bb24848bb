"""The user's own commands that judge a draft."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from cowork.loop.checks import Checks
from tests.support import run_here

CANARY = "sk-canary-5b1e77c2d9"


def failure(*commands: str, draft: str = "hello world", timeout_s: float = 20.0) -> tuple[str | None, list[dict[str, Any]]]:
    events: list[dict[str, Any]] = []
    checks = Checks(commands, timeout_s, lambda _kind, data: events.append(data))
    return asyncio.run(checks.failure(draft)), events


def test_without_a_command_every_draft_passes(home: Path) -> None:
    assert failure() == (None, [])


def test_a_draft_passes_when_every_command_ends_with_0(home: Path) -> None:
    said, events = failure("grep -q hello", "grep -q world")
    assert (said, [event["status"] for event in events]) == (None, [0, 0])


def test_the_draft_comes_on_standard_input_as_it_is(home: Path) -> None:
    said, _ = failure("cat >&2; exit 3", draft="$(touch /tmp/no) `x` \"q\" 'é' \\n")
    assert said == "`cat >&2; exit 3` ended with 3:\n$(touch /tmp/no) `x` \"q\" 'é' \\n"


def test_the_first_that_fails_ends_it(home: Path) -> None:
    said, events = failure("echo bad; exit 1", "touch second")
    assert (said, len(events), Path("second").exists()) == ("`echo bad; exit 1` ended with 1:\nbad", 1, False)


def test_a_command_that_reads_nothing_of_a_long_draft_is_no_failure(home: Path) -> None:
    assert failure("true", draft="x" * 3_000_000)[0] is None


def test_a_command_that_does_not_end_is_ended_with_what_it_started(home: Path) -> None:
    started = time.monotonic()
    said, events = failure("sh -c 'sleep 600 & sleep 600' ; true", timeout_s=0.3)
    assert said == "`sh -c 'sleep 600 & sleep 600' ; true` did not end in time"
    assert (events[0]["status"], time.monotonic() - started < 60) == (None, True)


def test_a_command_sees_no_key_and_shows_none(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_API_KEY", CANARY)
    Path("leak.txt").write_text(CANARY)
    said, events = failure('echo "[$GROQ_API_KEY]"; cat leak.txt; exit 1')
    assert "[]" in (said or "")
    assert CANARY not in f"{said}{events}"


def test_only_the_end_of_a_long_output_is_kept_without_what_drives_a_terminal(home: Path) -> None:
    said, _ = failure("yes begin | head -c 300000; printf '\\033[31mend\\033[0m'; exit 1")
    assert (said or "").endswith("end")
    assert len(said or "") < 5_000


def test_a_refinement_hears_of_its_check_and_a_pattern_without_drafts_refuses_one(home: Path) -> None:
    argv = ["loop", "start", "Say hello.", "--provider", "rehearsal", "--json"]
    ran = run_here(*argv, "--pattern", "refine", "--check", "grep -q zebra")
    assert ran.data["findings"][0]["claim"] == "the draft fails its check"
    assert "grep -q zebra" in ran.data["findings"][0]["evidence"]
    refused = run_here(*argv, "--pattern", "debate", "--check", "true")
    assert (refused.code, refused.document["error"]["code"]) == (2, "loop.bad_option")
