"""What has to come to its end does, however often whoever waits for it is cancelled."""

from __future__ import annotations

import asyncio

import pytest

from cowork.core.unbroken import unbroken


@pytest.mark.parametrize("times", [0, 1, 3])
@pytest.mark.parametrize("fails", [False, True])
def test_it_is_done_to_its_end_and_the_cancellation_goes_on_then(times: int, fails: bool) -> None:
    async def main() -> tuple[list[str], str]:
        done: list[str] = []
        may_end = asyncio.Event()

        async def work() -> str:
            await may_end.wait()
            done.append("done")
            if fails:
                raise ValueError("no")
            return "result"

        waiting = asyncio.create_task(unbroken(work()))
        for _ in range(times):
            await asyncio.sleep(0)
            waiting.cancel()
        await asyncio.sleep(0)
        assert done == []
        may_end.set()
        try:
            return done, await waiting
        except asyncio.CancelledError:
            return done, "cancelled"
        except ValueError:
            return done, "failed"

    assert asyncio.run(main()) == (["done"], "cancelled" if times else "failed" if fails else "result")
