"""What a server may do wrong, and what comes of it: an event and no tools, or a result with an error. Never a hang."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from cowork.agent.mcp import stdio
from cowork.agent.mcp.client import McpServers
from cowork.agent.mcp.connection import MAX_TOOLS
from cowork.agent.mcp.log import KEPT
from cowork.agent.mcp.server import Server
from cowork.agent.mcp.tools import McpTool
from cowork.agent.tools.base import ToolResult, Workspace
from tests.agent.mcp.surroundings import python, soon, workspace
from tests.support import alive


@pytest.fixture(autouse=True)
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that do not end when they are told are many here."""
    monkeypatch.setattr(stdio, "_GRACE_S", 0.1)


Events = list[tuple[str, dict[str, Any]]]


def bad(mode: str, **more: Any) -> Server:
    return python("server_bad.py", mode, name="bad", **more)


class Run:
    """One run with one server: its tools by name, its events."""

    def __init__(self, tmp_path: Path, *servers: Server, start_s: float = 20.0, call_s: float = 20.0) -> None:
        self.workspace, self.events = workspace(tmp_path)
        self.servers = McpServers(servers, self.workspace, start_s=start_s, call_s=call_s)

    def go(self, what: Callable[[dict[str, McpTool]], Awaitable[Any]]) -> Any:
        async def all_of_it() -> Any:
            async with self.servers:
                return await what({tool.name: tool for tool in await self.servers.tools()})

        return asyncio.run(all_of_it())

    def names(self) -> list[str]:
        async def names(tools: dict[str, McpTool]) -> list[str]:
            return list(tools)

        return self.go(names)

    def call(self, name: str = "mcp__bad__work") -> ToolResult:
        async def call(tools: dict[str, McpTool]) -> ToolResult:
            return await tools[name].run({}, self.workspace)

        return self.go(call)

    @property
    def failure(self) -> dict[str, Any]:
        ((kind, data),) = self.events
        assert kind == "mcp.failed"
        return data


def test_one_that_ends_at_once_has_no_tools_and_its_last_words_are_told(tmp_path: Path) -> None:
    run = Run(tmp_path, bad("exits"))

    assert run.names() == []
    assert run.failure["code"] == "mcp.not_started"
    assert run.failure["reason"].endswith("it said: cannot find my configuration")


def test_one_that_is_not_there(tmp_path: Path) -> None:
    missing = Server("bad", (), "user", "mcp.json", "stdio", bad("x").action, command="/no/such/program")

    run = Run(tmp_path, missing)

    assert run.names() == []
    assert run.failure["reason"] == "No such file or directory: /no/such/program"


def test_one_that_says_nothing_is_given_up_in_time_and_killed(tmp_path: Path) -> None:
    run = Run(tmp_path, bad("silent"), start_s=0.3)
    began = time.monotonic()

    assert run.names() == []
    assert run.failure["reason"] == "it does not answer within 0.3 s"
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        ("garbage", "it writes what is not JSON-RPC"),
        ("endless_line", "it writes more than any answer needs"),
        ("bad_schema", "its answer breaks the rules of the protocol"),
        ("bad_list", "its answer breaks the rules of the protocol"),
    ],
)
def test_one_that_does_not_speak_the_protocol_is_cut_off(tmp_path: Path, mode: str, reason: str) -> None:
    run = Run(tmp_path, bad(mode))

    assert run.names() == []
    assert run.failure["reason"] == reason


def test_a_banner_is_forgiven(tmp_path: Path) -> None:
    assert Run(tmp_path, bad("banner")).call() == ToolResult("done", response={"content": "done", "isError": False})


def test_one_bad_server_does_not_cost_the_others_their_tools(tmp_path: Path) -> None:
    run = Run(tmp_path, bad("silent"), python("server_bad.py", "good", name="good"), start_s=3.0)

    assert run.names() == ["mcp__good__work"]
    assert sorted(kind for kind, _ in run.events) == ["mcp.connected", "mcp.failed"]


def test_servers_start_side_by_side(tmp_path: Path) -> None:
    run = Run(tmp_path, *(python("server_bad.py", "silent", name=f"s{number}") for number in range(4)), start_s=1.0)
    began = time.monotonic()

    assert run.names() == []
    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        ("crashes", "Connection closed; it said: Segmentation fault \\u001b[31m(core dumped)"),
        ("hangs_in_call", "the tool does not answer within 0.4 s"),
        ("bad_result", "its answer breaks the rules of the protocol"),
        ("error", "no \\u001b[31mway"),
        ("floods_in_call", "it floods: it writes message upon message that nobody asked for"),
        ("asks_in_call", "it floods: it writes message upon message that nobody asked for"),
        ("endless_answer", "it writes more than any answer needs"),
    ],
)
def test_a_call_that_goes_wrong_is_a_result_with_an_error(tmp_path: Path, mode: str, reason: str) -> None:
    run = Run(tmp_path, bad(mode), call_s=0.4 if mode == "hangs_in_call" else 60.0)

    assert run.call() == ToolResult(f"The MCP server 'bad' failed: {reason}", error=True)


def test_a_server_that_crashed_answers_later_calls_with_errors_too(tmp_path: Path) -> None:
    run = Run(tmp_path, bad("crashes"))

    async def twice(tools: dict[str, McpTool]) -> list[bool]:
        return [(await tools["mcp__bad__work"].run({}, run.workspace)).error for _ in range(2)]

    assert run.go(twice) == [True, True]


def test_an_answer_to_another_question_is_not_taken(tmp_path: Path) -> None:
    assert Run(tmp_path, bad("wrong_id")).call().text == "right"


def test_of_ten_thousand_tools_the_first_are_taken_and_the_rest_is_counted(tmp_path: Path) -> None:
    run = Run(tmp_path, bad("ten_thousand"))

    names = run.names()

    assert names == [f"mcp__bad__t{number}" for number in range(MAX_TOOLS)]
    assert ("mcp.left_out", {"server": "bad", "scope": "user", "count": 10_000 - MAX_TOOLS, "tools": []}) in run.events


def test_a_list_without_end_ends(tmp_path: Path) -> None:
    assert len(Run(tmp_path, bad("endless_pages")).names()) == 100


def test_odd_names_become_names_that_a_model_can_call(tmp_path: Path) -> None:
    run = Run(tmp_path, bad("odd_names"))

    names = run.names()

    assert names[0] == "mcp__bad__read"
    assert names[2] == "mcp__bad__a_b", "a name that needs no change keeps it"
    assert len(names) == len(set(names)) == 10, "of the same name twice the first is kept"
    assert all(len(name) <= 64 and name.replace("_", "").replace("-", "").isascii() for name in names)
    assert (
        "mcp.left_out",
        {"server": "bad", "scope": "user", "count": 1, "tools": ["read: there are two of that name"]},
    ) in run.events


def test_every_oddly_named_tool_can_be_called(tmp_path: Path) -> None:
    run = Run(tmp_path, bad("odd_names"))

    async def all_of_them(tools: dict[str, McpTool]) -> set[str]:
        return {(await tool.run({}, run.workspace)).text for tool in tools.values()}

    assert run.go(all_of_them) == {"done"}


def test_tools_whose_arguments_are_not_described_well_are_left_out(tmp_path: Path) -> None:
    run = Run(tmp_path, bad("odd_schemas"))

    assert [name.removeprefix("mcp__bad__") for name in run.names()] == ["good", "near", "talks", "claims", "lies"]
    (left_out,) = [data for kind, data in run.events if kind == "mcp.left_out"]
    assert left_out["count"] == 2
    assert "far: the description of its arguments refers to another document" in left_out["tools"]


def test_a_description_is_printable_and_bounded(tmp_path: Path) -> None:
    run = Run(tmp_path, bad("odd_schemas"))

    async def description(tools: dict[str, McpTool]) -> str:
        return tools["mcp__bad__talks"].description

    text = run.go(description)
    assert text.startswith("\\u001b]0;owned\\u0007yyy")
    assert len(text) == 2048


def test_a_pattern_for_its_own_answers_costs_nothing(tmp_path: Path) -> None:
    began = time.monotonic()

    assert Run(tmp_path, bad("odd_schemas")).call("mcp__bad__lies").text == '{"a": "' + "x" * 40 + '"}'
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(("scope", "read_only"), [("user", True), ("enterprise", True), ("project", False), ("plugin", False)])
def test_only_a_server_of_the_users_own_is_believed_to_only_read(tmp_path: Path, scope: Any, read_only: bool) -> None:
    run = Run(tmp_path, bad("odd_schemas", scope=scope))

    async def claims(tools: dict[str, McpTool]) -> bool:
        return tools["mcp__bad__claims"].read_only

    assert run.go(claims) is read_only


def test_a_list_that_changes_is_read_anew(tmp_path: Path) -> None:
    run = Run(tmp_path, bad("changes"))

    async def change(tools: dict[str, McpTool]) -> list[str]:
        await tools["mcp__bad__work"].run({}, run.workspace)
        return [tool.name for tool in await run.servers.tools()]

    assert run.go(change) == ["mcp__bad__work"]
    assert [kind for kind, _ in run.events] == ["mcp.connected", "mcp.changed"]


def test_a_server_that_will_not_end_is_killed_with_its_children(tmp_path: Path) -> None:
    run = Run(tmp_path, bad("stubborn"))
    log = tmp_path / "output" / "mcp" / "bad.log"

    assert run.call().text == "done"

    pids = [int(word) for word in log.read_text().split()]
    assert len(pids) == 2
    assert soon(lambda: not any(alive(pid) for pid in pids))


def test_what_it_writes_to_stderr_is_kept_up_to_a_limit(tmp_path: Path) -> None:
    assert Run(tmp_path, bad("noisy")).call().text == "done"

    log = (tmp_path / "output" / "mcp" / "bad.log").read_bytes()
    assert KEPT <= len(log) <= KEPT + 100
    assert log.endswith(b"\n[the rest is left out]\n")


def test_a_run_that_is_told_to_end_does_not_wait_for_a_call(tmp_path: Path) -> None:
    run = Run(tmp_path, bad("hangs_in_call"), call_s=600.0)

    async def stop(tools: dict[str, McpTool]) -> ToolResult:
        asyncio.get_running_loop().call_later(0.2, run.workspace.stopping.set)
        return await tools["mcp__bad__work"].run({}, run.workspace)

    assert run.go(stop).text == "The MCP server 'bad' failed: the run was told to end"


def test_a_call_that_is_cancelled_is_cancelled(tmp_path: Path) -> None:
    run = Run(tmp_path, bad("hangs_in_call"), call_s=600.0)

    async def cancel(tools: dict[str, McpTool]) -> bool:
        calling = asyncio.create_task(tools["mcp__bad__work"].run({}, run.workspace))
        await asyncio.sleep(0.2)
        calling.cancel()
        await asyncio.wait({calling}, timeout=10)
        return calling.cancelled()

    assert run.go(cancel) is True


def test_a_run_that_is_cancelled_while_servers_start_leaves_no_process(tmp_path: Path) -> None:
    space, _ = workspace(tmp_path)
    log = tmp_path / "output" / "mcp" / "bad.log"

    async def main() -> None:
        async with McpServers([bad("stubborn")], space) as servers:
            starting = asyncio.create_task(servers.tools())
            while not (log.exists() and log.read_text().split()):
                await asyncio.sleep(0.01)
            starting.cancel()

    asyncio.run(main())

    assert soon(lambda: not any(alive(int(word)) for word in log.read_text().split()))
    assert isinstance(space, Workspace)
