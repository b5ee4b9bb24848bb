"""Subagents: who sent for whom, how deep and how it went, as much as the level wants to know."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from cowork.models.command_line.dialects import dialect
from cowork.models.command_line.events import SubagentStarted, ToolEnded
from cowork.models.command_line.model import CommandRun
from cowork.models.command_line.tracing import MOST, SubagentReport, Tracer
from tests.models.command_line.agents import Agents
from tests.models.command_line.speech import (
    Record,
    claude_call,
    claude_end,
    claude_result,
    claude_said,
    claude_text,
    codex_item,
    gemini_event,
    lines,
    opencode_tool,
)
from tests.support import FakeClock

NESTED = [
    claude_said("msg_1", claude_call("toolu_a", "Task", subagent_type="scout", description="Look\naround", prompt="P" * 3000)),
    claude_said("msg_2", claude_call("toolu_b", "Agent", subagent_type="reader"), parent="toolu_a"),
    claude_said("msg_3", claude_text("I read."), claude_call("toolu_c", "Read"), parent="toolu_b"),
    claude_result("toolu_c", parent="toolu_b"),
    claude_result("toolu_b", parent="toolu_a", failed=True),
    claude_said("msg_4", claude_call("toolu_d", "Bash"), parent="toolu_a"),
    claude_result("toolu_d", parent="toolu_a"),
    claude_result("toolu_a"),
    claude_said("msg_5", claude_call("toolu_e", "Bash")),
]


def traced(level: str, records: Iterable[Record], name: str = "claude") -> list[SubagentReport]:
    """What is reported; each record takes a second."""
    reports: list[SubagentReport] = []
    clock = FakeClock()
    tracer = Tracer(level, reports.append, clock)
    for record in records:
        for event in dialect(name)(record):
            tracer.take(event)
        clock.advance(1)
    tracer.end()
    return reports


def tree(reports: list[SubagentReport]) -> list[tuple[Any, ...]]:
    return [(report.event, report.id, report.parent, report.depth, report.failed) for report in reports]


class TestTheLevel:
    def test_off_reports_nothing(self) -> None:
        assert traced("off", NESTED) == []

    def test_minimal_reports_who_and_how_it_went(self) -> None:
        assert traced("minimal", NESTED) == [
            SubagentReport("started", "toolu_a", "", 1),
            SubagentReport("started", "toolu_b", "toolu_a", 2),
            SubagentReport("ended", "toolu_b", "toolu_a", 2, failed=True),
            SubagentReport("ended", "toolu_a", "", 1, failed=False),
        ]

    def test_moderate_reports_also_what_for_how_long_and_how_many_tools(self) -> None:
        assert traced("moderate", NESTED) == [
            SubagentReport("started", "toolu_a", "", 1, kind="scout", description="Look around"),
            SubagentReport("started", "toolu_b", "toolu_a", 2, kind="reader"),
            SubagentReport("ended", "toolu_b", "toolu_a", 2, True, "reader", seconds=3.0, tools=1),
            SubagentReport("ended", "toolu_a", "", 1, False, "scout", "Look around", seconds=7.0, tools=2),
        ]

    def test_full_reports_also_the_prompt_each_tool_and_each_word(self) -> None:
        reports = traced("full", NESTED)
        assert [(report.event, report.id, report.tool or report.text) for report in reports] == [
            ("started", "toolu_a", ""),
            ("started", "toolu_b", ""),
            ("text", "toolu_b", "I read."),
            ("tool", "toolu_b", "Read"),
            ("ended", "toolu_b", ""),
            ("tool", "toolu_a", "Bash"),
            ("ended", "toolu_a", ""),
        ]
        assert reports[0].prompt == "P" * 2000

    def test_of_the_settings_is_the_one_that_counts(self, agents: Agents) -> None:
        reports: dict[str, list[SubagentReport]] = {level: [] for level in ("off", "minimal", "moderate", "full")}
        agents.script(("say_at_once", lines(*NESTED, claude_end("ok"))))
        for level, told in reports.items():
            agents.ask(run=CommandRun(on_subagent=told.append), subagent_tracing_level=level)
        assert {level: len(told) for level, told in reports.items()} == {"off": 0, "minimal": 4, "moderate": 4, "full": 7}


class TestSubagents:
    def test_that_run_at_the_same_time_are_told_apart(self) -> None:
        records = [
            claude_said("msg_1", claude_call("toolu_a", "Task"), claude_call("toolu_b", "Task")),
            claude_said("msg_2", claude_call("toolu_c", "Task"), parent="toolu_a"),
            claude_said("msg_3", claude_call("toolu_d", "Task"), parent="toolu_b"),
            claude_result("toolu_a"),
            claude_result("toolu_d", parent="toolu_b"),
        ]
        assert tree(traced("minimal", records)) == [
            ("started", "toolu_a", "", 1, None),
            ("started", "toolu_b", "", 1, None),
            ("started", "toolu_c", "toolu_a", 2, None),
            ("started", "toolu_d", "toolu_b", 2, None),
            ("ended", "toolu_a", "", 1, False),
            ("ended", "toolu_d", "toolu_b", 2, False),
            ("ended", "toolu_c", "toolu_a", 2, None),
            ("ended", "toolu_b", "", 1, None),
        ]

    def test_in_the_background_end_when_they_say_so(self) -> None:
        told = {"type": "system", "subtype": "task_notification", "tool_use_id": "toolu_a", "status": "failed"}
        start = claude_said("msg_1", claude_call("toolu_a", "Agent", run_in_background=True))
        reports = traced("moderate", [start, claude_result("toolu_a"), claude_said("msg_2", claude_text("x")), told])
        assert [(report.event, report.failed, report.seconds) for report in reports] == [
            ("started", None, None),
            ("ended", True, 3.0),
        ]

    def test_of_codex_are_threads(self) -> None:
        def call(tool: str, sender: str, *threads: str, **states: str) -> Record:
            found = {thread: {"status": status} for thread, status in states.items()}
            about = {"sender_thread_id": sender, "receiver_thread_ids": list(threads), "prompt": "Look."}
            return codex_item("collab_tool_call", "item_1", tool=tool, agents_states=found, status="completed", **about)

        records = [
            call("spawn_agent", "main", "one", one="running"),
            call("spawn_agent", "one", "two", two="pending_init"),
            call("wait", "one", "two", two="errored"),
            call("wait", "main", "one", one="completed", two="errored"),
        ]
        assert tree(traced("minimal", records, "codex")) == [
            ("started", "one", "", 1, None),
            ("started", "two", "one", 2, None),
            ("ended", "two", "one", 2, True),
            ("ended", "one", "", 1, False),
        ]

    def test_of_gemini_and_opencode_are_tools(self) -> None:
        use = {"tool_name": "codebase_investigator", "tool_id": "t-1", "parameters": {"objective": "Find it."}}
        gemini = [gemini_event("tool_use", **use), gemini_event("tool_result", tool_id="t-1", status="error")]
        (start, end) = traced("full", gemini, "gemini")
        assert (start.kind, start.prompt, end.failed) == ("codebase_investigator", "Find it.", True)
        opencode = [opencode_tool("c-1", "task", subagent_type="explore", description="Look", prompt="Find it.")]
        (start, end) = traced("full", opencode, "opencode")
        assert (start.kind, start.description, start.prompt, end.failed) == ("explore", "Look", "Find it.", False)

    def test_are_followed_up_to_a_number(self) -> None:
        reports: list[SubagentReport] = []
        tracer = Tracer("minimal", reports.append, FakeClock())
        for number in range(2 * MOST):
            tracer.take(SubagentStarted(str(number), parent=str(number - 1)))
        assert len(reports) == MOST
        assert reports[-1].depth == MOST
        tracer.take(ToolEnded("0"))
        tracer.take(SubagentStarted("late"))
        assert [report.id for report in reports[MOST:]] == ["0", "late"]


@pytest.mark.parametrize("level", ["off", "minimal", "moderate", "full"])
def test_whoever_hears_of_subagents_may_fail_the_run(agents: Agents, level: str) -> None:
    def fail(_: SubagentReport) -> None:
        raise LookupError("no room")

    agents.script(("say_at_once", lines(*NESTED, claude_end("ok"))))
    if level == "off":
        assert agents.ask(run=CommandRun(on_subagent=fail), subagent_tracing_level=level).text == "ok"
    else:
        with pytest.raises(LookupError, match="no room"):
            agents.ask(run=CommandRun(on_subagent=fail), subagent_tracing_level=level)
