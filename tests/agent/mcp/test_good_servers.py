"""A server as it should be: what it is given, what its tools answer, and that nothing of it outlives the run."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from cowork.agent.mcp.client import McpServers
from cowork.agent.mcp.results import LIMIT
from cowork.agent.mcp.server import Server
from cowork.agent.mcp.tools import McpTool
from cowork.agent.tools.base import ToolResult
from tests.agent.mcp.surroundings import CLEAN, python, soon, workspace
from tests.support import ROOT, alive

Tools = dict[str, McpTool]


class Run:
    """One run with the echo server."""

    def __init__(self, tmp_path: Path, *servers: Server) -> None:
        self.workspace, self.events = workspace(tmp_path)
        self.servers = McpServers(servers or (python("server_echo.py"),), self.workspace)

    def go(self, what: Callable[[Tools], Awaitable[Any]]) -> Any:
        async def all_of_it() -> Any:
            async with self.servers:
                return await what({tool.own_name: tool for tool in await self.servers.tools()})

        return asyncio.run(all_of_it())

    def call(self, name: str, **arguments: Any) -> ToolResult:
        async def call(tools: Tools) -> ToolResult:
            return await tools[name].run(arguments, self.workspace)

        return self.go(call)


def test_a_tool_answers(tmp_path: Path) -> None:
    run = Run(tmp_path)

    assert run.call("echo", text="hello") == ToolResult("hello", response={"content": "hello", "isError": False})
    assert run.events == [("mcp.connected", {"server": "echo", "scope": "user", "tools": 9})]


def test_a_tool_says_what_it_is(tmp_path: Path) -> None:
    async def about(tools: Tools) -> tuple[Any, ...]:
        tool = tools["echo"]
        required = tool.parameters["required"]
        return tool.name, tool.description, required, tool.read_only, tools["many"].read_only, tool.touches({}, run.workspace)

    run = Run(tmp_path)
    assert run.go(about) == ("mcp__echo__echo", "Say it again.", ["text"], True, False, ())


def test_a_server_gets_the_clean_environment_and_its_own_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY_TOKEN", "canary-0123456789")

    given = json.loads(Run(tmp_path, python("server_echo.py", env={"MODE": "test"})).call("surroundings").text)

    assert {name: given[name] for name in CLEAN} == CLEAN
    assert given["MODE"] == "test"
    assert "CANARY_TOKEN" not in given
    assert given["WORKING_DIRECTORY"] == str(tmp_path / "root")
    assert given["GROUP"] == given["PID"], "it leads a process group of its own"


def test_the_values_that_went_into_a_server_show_nowhere(tmp_path: Path) -> None:
    secret = {"API_TOKEN": "canary-0123456789"}
    server = python("server_echo.py", env=secret, secrets={**secret, "HOME": CLEAN["HOME"]})
    run = Run(tmp_path, server)

    text = run.call("surroundings").text

    assert "canary-0123456789" not in text
    assert '"API_TOKEN": "{{env.API_TOKEN}}"' in text
    assert f'"HOME": "{CLEAN["HOME"]}"' in text, "what every program is given is no secret"


def test_what_is_not_text_is_described(tmp_path: Path) -> None:
    assert Run(tmp_path).call("mixed").text.splitlines() == [
        "first",
        "[image: image/png, 5 bytes; not shown]",
        "[audio: audio/wav, 6 bytes; not shown]",
        "[resource: file:///r.txt (text/plain, 12 bytes)]",
        "[resource: mem://a (text/plain)]",
        "inside",
        "[resource: mem://b (application/zip), 5 bytes; not shown]",
        "last",
    ]


def test_structure_is_shown_where_there_is_no_text(tmp_path: Path) -> None:
    assert Run(tmp_path).call("structure").text == '{"answer": 42}'


def test_the_tools_own_failure_is_an_error_with_its_text(tmp_path: Path) -> None:
    result = Run(tmp_path).call("fails")

    assert result.error
    assert result.text == "Error executing tool fails"


def test_a_long_answer_is_cut_and_kept_whole_in_the_session(tmp_path: Path) -> None:
    result = Run(tmp_path).call("many", characters=300_000)

    shown, _, note = result.text.rpartition("\n")
    assert shown == "x" * LIMIT
    (kept,) = (tmp_path / "output" / "mcp").glob("mcp__echo__many-*.txt")
    assert note == f"[cut: {LIMIT} of 300000 bytes are shown; the whole is in {kept}]"
    assert kept.read_text() == "x" * 300_000


def test_an_answer_at_the_limit_is_whole(tmp_path: Path) -> None:
    assert Run(tmp_path).call("many", characters=LIMIT).text == "x" * LIMIT


def test_a_tool_that_appears_is_offered_the_next_time(tmp_path: Path) -> None:
    run = Run(tmp_path)

    async def grow(tools: Tools) -> bool:
        await tools["grows"].run({}, run.workspace)
        async with asyncio.timeout(10):
            while "mcp__echo__newcomer" not in {tool.name for tool in await run.servers.tools()}:
                await asyncio.sleep(0.01)
        return True

    assert run.go(grow)


def test_calls_run_side_by_side(tmp_path: Path) -> None:
    run = Run(tmp_path)

    async def both(tools: Tools) -> list[str]:
        slow = asyncio.create_task(tools["sleeps"].run({}, run.workspace))
        quick = [tools["echo"].run({"text": str(number)}, run.workspace) for number in range(20)]
        texts = [result.text for result in await asyncio.gather(*quick)]
        slow.cancel()
        await asyncio.wait({slow})
        return texts

    assert run.go(both) == [str(number) for number in range(20)]


def test_a_server_ends_with_the_run_and_so_do_its_children(tmp_path: Path) -> None:
    run = Run(tmp_path)
    note = tmp_path / "child"

    async def leave(tools: Tools) -> int:
        await tools["leaves_a_child"].run({"where": str(note)}, run.workspace)
        return int(json.loads((await tools["surroundings"].run({}, run.workspace)).text)["PID"])

    server = run.go(leave)

    assert soon(lambda: not alive(server) and not alive(int(note.read_text())))


def test_nothing_is_started_before_a_tool_is_wanted(tmp_path: Path) -> None:
    space, events = workspace(tmp_path)

    async def main() -> None:
        async with McpServers([python("server_echo.py")], space):
            pass

    asyncio.run(main())

    assert events == []
    assert not (tmp_path / "output").exists()


def test_the_sdk_is_not_loaded_where_no_server_is(tmp_path: Path) -> None:
    script = (
        "import asyncio, sys\n"
        "from cowork.agent.mcp.servers import discover\n"
        "from cowork.agent.mcp.client import McpServers\n"
        "from tests.agent.mcp.surroundings import workspace\n"
        "from pathlib import Path\n"
        "async def main():\n"
        "    found, _ = discover(Path('.').absolute(), {}, trusted=True)\n"
        "    async with McpServers(found, workspace(Path('.'))[0]) as servers:\n"
        "        assert await servers.tools() == ()\n"
        "asyncio.run(main())\n"
        "print([name for name in ('mcp', 'mcp_types', 'httpx2', 'anyio', 'pydantic') if name in sys.modules])\n"
    )
    environment = {**CLEAN, "PYTHONPATH": str(ROOT), "COWORK_HOME": str(tmp_path / "home"), "HOME": str(tmp_path)}

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path, env=environment)

    assert done.stdout == "[]\n", done.stderr


def test_closing_twice_is_harmless_and_a_closed_run_starts_nothing(tmp_path: Path) -> None:
    space, events = workspace(tmp_path)

    async def main() -> int:
        servers = McpServers([python("server_echo.py")], space)
        await servers.close()
        await servers.close()
        return len(await servers.tools())

    assert asyncio.run(main()) == 0
    assert events == []


def test_the_workspace_can_end_its_servers_too(tmp_path: Path) -> None:
    space, _ = workspace(tmp_path)

    async def main() -> int:
        servers = McpServers([python("server_echo.py")], space)
        tools = {tool.own_name: tool for tool in await servers.tools()}
        pid = int(json.loads((await tools["surroundings"].run({}, space)).text)["PID"])
        for close in space.closers:
            await close()
        return pid

    assert not alive(asyncio.run(main()))
