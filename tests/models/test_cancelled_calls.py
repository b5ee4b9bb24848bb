"""A call that is cancelled leaves nothing behind: no task, no open connection, no half a tool call."""

from __future__ import annotations

import asyncio
import gc

import pytest

from cowork.models.chat import ChatModel, ChatRequest
from cowork.models.errors import DownError
from cowork.models.limiter import Limiter
from tests.agent.scripted_model import Hold, call, scripted_model, turn
from tests.models.calls import Room, failing
from tests.models.servers import STREAM_HEAD, ScriptedServer, chunk
from tests.models.styles import Style, ask, both_styles
from tests.models.test_tool_calls import LS, half
from tests.models.tool_streams import WITH_TOOLS
from tests.support import FakeClock


async def cancelled(task: asyncio.Task[object]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def others_finish() -> None:
    for _ in range(1000):
        if asyncio.all_tasks() == {asyncio.current_task()}:
            return
        await asyncio.sleep(0)
    raise AssertionError(f"tasks were left behind: {asyncio.all_tasks()}")


@both_styles
@pytest.mark.parametrize("text", ["Look.", ""])
def test_in_the_middle_of_a_tool_call_it_hangs_up(style: Style, text: str) -> None:
    async def cut(model: ChatModel) -> None:
        words: asyncio.Queue[str] = asyncio.Queue()
        task = asyncio.create_task(model.reply(WITH_TOOLS, words.put_nowait))
        if text:
            await words.get()
        else:
            assert await asyncio.to_thread(server.told.wait, 10)
        await cancelled(task)
        assert await asyncio.to_thread(server.left.wait, 10), "the connection stayed open"
        await others_finish()
        await model.close()

    with ScriptedServer(STREAM_HEAD, chunk(half(style, text, LS)), ending="watch") as server:
        asyncio.run(cut(style.open(server.url)))
    gc.collect()  # what was left open warns here, and a warning is an error


@both_styles
def test_the_model_can_be_asked_again_and_knows_nothing_of_it(style: Style) -> None:
    hold = Hold()
    script = [
        turn("Half", call("Bash", command="rm -r x"), hold=hold, hold_after=6),
        turn("", call("Bash", command="ls")),
    ]

    async def twice(model: ChatModel) -> object:
        task = asyncio.create_task(model.reply(WITH_TOOLS, len))
        await asyncio.to_thread(hold.wait)
        await cancelled(task)
        again = await model.reply(WITH_TOOLS, len)
        await model.close()
        await others_finish()
        return [(called.id, called.arguments) for called in again.calls], again.text

    with scripted_model(script) as model:
        assert asyncio.run(twice(style.open(model.url))) == ([("call_2", {"command": "ls"})], "")


@both_styles
def test_one_of_several_at_once_leaves_the_others_alone(style: Style) -> None:
    holds = [Hold() for _ in range(4)]
    script = {
        str(number): turn(f"{number} is done", call("Bash", command=str(number)), hold=hold, hold_after=5, piece=3)
        for number, hold in enumerate(holds)
    }

    async def together(model: ChatModel) -> list[object]:
        requests = [ChatRequest(str(number), tools=WITH_TOOLS.tools) for number in range(4)]
        tasks = [asyncio.create_task(model.reply(request, len)) for request in requests]
        for hold in holds:
            await asyncio.to_thread(hold.wait)
        await cancelled(tasks[1])
        for hold in holds:
            hold.release()
        replies = await asyncio.gather(tasks[0], tasks[2], tasks[3])
        await model.close()
        await others_finish()
        return [(reply.text, reply.calls[0].arguments) for reply in replies]

    with scripted_model(lambda request: script[request.prompt]) as model:
        found = asyncio.run(together(style.open(model.url)))
    assert found == [(f"{number} is done", {"command": str(number)}) for number in (0, 2, 3)]


def test_while_it_waits_for_a_second_try_it_asks_no_more() -> None:
    class Never(FakeClock):
        async def sleep(self, seconds: float) -> None:
            asleep.set()
            await asyncio.Event().wait()

    async def cut() -> int:
        task = asyncio.create_task(limiter.reply(model, WITH_TOOLS, len))
        await asleep.wait()
        await cancelled(task)
        await others_finish()
        return len(model.asked_at)

    asleep = asyncio.Event()
    limiter = Limiter(Never(), lambda _type, _data: None)
    model = Room().model(failing(DownError))
    assert asyncio.run(cut()) == 1


@both_styles
def test_a_listener_that_fails_within_a_call_hangs_up_too(style: Style) -> None:
    def closed_pipe(_text: str) -> None:
        raise BrokenPipeError

    with ScriptedServer(STREAM_HEAD, chunk(half(style, "Look.", LS)), ending="watch") as server:
        with pytest.raises(BrokenPipeError):
            ask(style.open(server.url), closed_pipe, WITH_TOOLS)
        assert server.left.wait(10)
