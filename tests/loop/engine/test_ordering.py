"""From the settings and the command line to an order: a flag goes over the configuration, and everything has its place."""

from __future__ import annotations

from functools import reduce
from pathlib import Path
from typing import Any

import pytest

from cowork.core import settings as configuration
from cowork.core.decode import from_plain
from cowork.core.errors import CoworkError
from cowork.core.plain import to_plain
from cowork.loop.engine.order import LoopOrder
from cowork.loop.engine.ordering import LoopWish, order_of
from cowork.loop.request import Wish

AGENTS = "{one: {command: 'true'}, two: {command: 'true'}, three: {command: 'true'}}"


def order(home: Path, config: str = "", **wish: Any) -> LoopOrder:
    home.mkdir(exist_ok=True)
    (home / "config.yaml").write_text(f"default_agent: one\nfallback_agents: []\nagents: {AGENTS}\n")
    if config:
        text = (home / "config.yaml").read_text()
        key = config.partition(":")[0]
        kept = [line for line in text.splitlines() if not line.startswith(f"{key}:")]
        (home / "config.yaml").write_text("\n".join([*kept, config]) + "\n")
    return order_of(LoopWish("Do it", **wish), configuration.load())[0]


def at(made: LoopOrder, path: str) -> Any:
    return reduce(getattr, path.split("."), made)


@pytest.mark.parametrize(
    ("config", "path", "value", "wish", "instead"),
    [
        ("max_iterations: 7", "limits.iterations", 7, {"limits": {"iterations": 3}}, 3),
        ("max_run_seconds: 70", "limits.seconds", 70, {"limits": {"seconds": 3.0}}, 3.0),
        ("max_failures: 7", "limits.failures", 7, {"limits": {"failures": 3}}, 3),
        ("max_failures: 0", "limits.failures", None, {"limits": {"failures": 3}}, 3),
        ("stagnation_limit: 7", "limits.stagnation", 7, {"limits": {"stagnation": 3}}, 3),
        ("agent_idle_s: 70", "limits.idle_s", 70, {"limits": {"idle_s": 3.0}}, 3.0),
        ("iteration_timeout_s: 70", "limits.iteration_s", 70, {"limits": {"iteration_s": 3.0}}, 3.0),
        ("error_strategy: skip", "errors.strategy", "skip", {"on_error": "abort"}, "abort"),
        ("max_retries: 7", "errors.max_retries", 7, {"max_retries": 0}, 0),
        ("retry_delay_ms: 7", "errors.retry_delay_ms", 7, {"retry_delay_ms": 0}, 0),
        ("continue_on_nonzero_exit: true", "errors.continue_on_nonzero_exit", True, {"continue_on_nonzero_exit": False}, False),
        ("iteration_delay_ms: 7", "iteration_delay_ms", 7, {"delay_ms": 0}, 0),
        ("completion_promise: OK", "completion.promise", "OK", {"promise": "ALL GREEN"}, "ALL GREEN"),
        ("recover_primary_between_iterations: false", "rates.recover_primary", False, {}, False),
        ("rate_limit_base_backoff_ms: 70", "rates.base_backoff_ms", 70, {}, 70),
    ],
)  # fmt: skip
def test_a_flag_goes_over_the_configuration(
    home: Path, config: str, path: str, value: object, wish: dict[str, Any], instead: object
) -> None:
    assert at(order(home, config), path) == value
    assert at(order(home, config, **wish), path) == instead


def test_agents_stand_in_for_each_other_in_their_order(home: Path) -> None:
    def names(config: str = "", **wish: Any) -> list[str]:
        return [spec.name for spec in order(home, config, **wish).agents]

    assert names() == ["one"]
    assert names("fallback_agents: [two, three]") == ["one", "two", "three"]
    assert names("fallback_agents: [two]", fallbacks=("three",)) == ["one", "three"]
    assert names("fallback_agents: [two]", agent="three") == ["three"], "who names an agent means that one"
    assert names(agent="three", fallbacks=("one", "three")) == ["three", "one"]
    assert names("default_agent: two") == ["two"]


def test_attempts_are_bounded_only_where_there_are_other_tasks(home: Path, tmp_path: Path) -> None:
    (tmp_path / "work" / "prd.json").write_text('{"tasks": [{"id": "a", "title": "A"}]}')
    assert order(home, "max_attempts: 7").limits.attempts is None
    made = order_of(LoopWish(tasks="prd.json"), configuration.load())[0]
    assert made.limits.attempts == 7


def test_every_run_has_a_nonce_of_its_own(home: Path) -> None:
    first, second = (order(home, nonce=True).completion for _ in range(2))
    assert len(first.nonce) == 8
    assert first.nonce != second.nonce
    assert first.tag == f"<promise>COMPLETE:{first.nonce}</promise>"
    assert order(home).completion.tag == "<promise>COMPLETE</promise>"


def test_paths_are_kept_as_they_were_meant_where_it_was_begun(home: Path, tmp_path: Path) -> None:
    made = order(home, contexts=("notes.md",), record="r.jsonl")
    work = tmp_path / "work"
    assert (made.contexts, made.record) == ((str(work / "notes.md"),), str(work / "r.jsonl"))


def test_an_order_comes_back_from_the_journal_as_it_was(home: Path) -> None:
    made = order(home, checks=("make test",), every_iteration=True, seats=Wish("debate", provider="rehearsal"), agent="one")
    assert to_plain(from_plain(LoopOrder, to_plain(made))) == to_plain(made)


@pytest.mark.parametrize("config", ["max_iterations: -1", "max_iterations: many", "error_strategy: panic", "max_retries: 1.5"])
def test_a_configuration_that_breaks_its_rules_is_refused(home: Path, config: str) -> None:
    with pytest.raises(CoworkError) as caught:
        order(home, config)
    assert (caught.value.code, caught.value.exit_code) == ("config.invalid", 4)
