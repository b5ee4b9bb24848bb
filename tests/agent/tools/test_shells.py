"""Shells in the background: read piece by piece, ended on demand, and never longer than the run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from cowork.agent.tools.base import ToolResult
from tests.agent.tools.workshop import Workshop, run, until
from tests.support import gone

Body = Callable[[], Coroutine[Any, Any, Any]]


def during(shop: Workshop, body: Body) -> Any:
    """Do something in a run, and end the run."""

    async def whole() -> Any:
        shop.workspace.stopping = asyncio.Event()
        try:
            return await body()
        finally:
            await shop.end()

    return run(whole())


async def start(shop: Workshop, command: str) -> str:
    result = await shop.use("Bash", command=command, run_in_background=True)
    assert not result.error
    return str(result.response["backgroundTaskId"])


def test_one_reads_what_is_new(shop: Workshop) -> None:
    async def body() -> list[str]:
        id = await start(shop, "echo one; while ! [ -e go ]; do sleep 0.01; done; echo two; exit 4")
        await until(lambda: shop.workspace.shells[id].capture.total)
        texts = [(await shop.use("BashOutput", bash_id=id)).text, (await shop.use("BashOutput", bash_id=id)).text]
        (shop.root / "go").touch()
        await until(lambda: shop.workspace.shells[id].code is not None)
        return [*texts, (await shop.use("BashOutput", bash_id=id)).text]

    assert during(shop, body) == [
        "bash_1: running\none",
        "bash_1: running\n(nothing new)",
        "bash_1: failed (Exit code 4)\ntwo",
    ]


def test_start_and_end_are_events(shop: Workshop) -> None:
    async def body() -> None:
        id = await start(shop, "true")
        await until(lambda: shop.workspace.shells[id].code is not None)

    during(shop, body)

    assert shop.events == [
        ("shell.started", {"id": "bash_1", "command": "true"}),
        ("shell.ended", {"id": "bash_1", "state": "completed", "exit_code": 0}),
    ]


def test_a_filter_shows_lines_that_match(shop: Workshop) -> None:
    async def body() -> tuple[ToolResult, ToolResult]:
        id = await start(shop, "seq 1 100000")
        await until(lambda: shop.workspace.shells[id].code is not None)
        bad = await shop.use("BashOutput", bash_id=id, filter="(")
        return bad, await shop.use("BashOutput", bash_id=id, filter="^[0-9]*77777?$")

    bad, good = during(shop, body)

    assert "cannot be used" in bad.text
    assert good.text.split("\n", 1)[1] == "7777\n17777\n27777\n37777\n47777\n57777\n67777\n77777\n87777\n97777"


def test_long_output_is_cut_and_kept(shop: Workshop) -> None:
    async def body() -> list[ToolResult]:
        id = await start(shop, "seq 1 100000; while ! [ -e go ]; do sleep 0.01; done; seq 1 50000")
        await until(lambda: shop.workspace.shells[id].capture.total == 588_895)
        first = await shop.use("BashOutput", bash_id=id)
        (shop.root / "go").touch()
        await until(lambda: shop.workspace.shells[id].code is not None)
        return [first, await shop.use("BashOutput", bash_id=id)]

    first, second = during(shop, body)

    assert ("\n1\n2\n" in first.text, first.text.endswith("\n100000"), len(first.text) < 30_400) == (True, True, True)
    assert ("\n1\n2\n" in second.text, second.text.endswith("\n50000"), len(second.text) < 30_400) == (True, True, True)


def test_killing_takes_all_along(shop: Workshop) -> None:
    async def body() -> list[str]:
        id = await start(shop, "sleep 60 & echo $! > child; setsid sleep 60 & echo $! > stray; echo > there; wait")
        await until(lambda: (shop.root / "there").exists())
        texts = [(await shop.use("KillShell", shell_id=id)).text for _ in range(2)]
        return [*texts, (await shop.use("BashOutput", bash_id=id)).text.split("\n")[0]]

    killed, again, state = during(shop, body)

    assert "was ended with all" in killed
    assert "had ended already" in again
    assert state == "bash_1: killed (Killed by signal 15 (SIGTERM))"
    assert gone(int((shop.root / "child").read_text()))
    assert gone(int((shop.root / "stray").read_text()))
    assert [name for name, _ in shop.events] == ["shell.started", "shell.ended"]


def test_the_end_of_the_run_ends_every_shell_and_its_grandchildren(shop: Workshop) -> None:
    async def body() -> None:
        for number in range(3):
            await start(shop, f"(sleep 60 & echo $! > child{number}; wait) & setsid sleep 60 & echo $! > stray{number}; wait")
        names = [f"{kind}{number}" for kind in ("child", "stray") for number in range(3)]
        await until(lambda: all((shop.root / name).exists() and (shop.root / name).read_text() for name in names))

    during(shop, body)

    for path in shop.root.iterdir():
        assert gone(int(path.read_text())), path.name
    assert [data["state"] for name, data in shop.events if name == "shell.ended"] == ["killed"] * 3


def test_what_a_background_command_leaves_behind_ends_with_it(shop: Workshop) -> None:
    async def body() -> None:
        id = await start(shop, "setsid sleep 60 & echo $! > stray")
        await until(lambda: shop.workspace.shells[id].code is not None)
        assert gone(int((shop.root / "stray").read_text()))

    during(shop, body)


def test_output_without_end_is_stopped(shop: Workshop) -> None:
    async def body() -> ToolResult:
        id = await start(shop, "yes")
        await until(lambda: shop.workspace.shells[id].code is not None, 60)
        return await shop.use("BashOutput", bash_id=id)

    assert "printed more than 64 MB" in during(shop, body).text


def test_an_unknown_id_names_those_there_are(shop: Workshop) -> None:
    async def body() -> list[str]:
        texts = [(await shop.use("KillShell", shell_id="x")).text]
        await start(shop, "true")
        return [*texts, (await shop.use("BashOutput", bash_id="x")).text]

    none, one = during(shop, body)

    assert "none was started" in none
    assert "bash_1" in one


def test_there_is_an_end_to_how_many_run(shop: Workshop) -> None:
    async def body() -> str:
        for _ in range(16):
            await start(shop, "sleep 60")
        return (await shop.use("Bash", command="true", run_in_background=True)).text

    assert "16 shells run in the background already" in during(shop, body)
