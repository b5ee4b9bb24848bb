"""The ten patterns over HTTP with seats that take 200 ms: calls and depth against the formulas, time against depth x 200 ms.

Then sixteen seats at once, and what the engine adds to a call that is answered at once: against a bare loop of the same
calls through the same SDK. Every run is a session on disk, with its journal forced to the disk. What is loaded once in a
process, the SDK first of all, is loaded before a run begins: its time is printed by itself.
"""

from __future__ import annotations

import asyncio
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from typing import Any

from cowork.core import settings
from cowork.core.clock import SystemClock
from cowork.loop import engine
from cowork.loop.request import LoopRequest, Wish, prepare
from cowork.loop.results import LoopRun
from cowork.loop.seating import SeatSpec
from cowork.models.chat import ChatRequest
from cowork.models.select import open_model, parse
from tests.bench.answering import answering
from tests.loop.full_depth import AGREE, IN_A_ROW

SLEEP_MS = 200
MOST_OVER = 1.15
MOST_MS = 3.0
ROUNDS = 9

# Pattern -> (task, seats, seats in the role for several, options): each to its full depth
RUNS: dict[str, tuple[str, Mapping[str, str], int | None, Mapping[str, int | bool]]] = {
    "solo": (IN_A_ROW, {}, None, {"samples": 5}),
    "debate": (IN_A_ROW, {}, None, {"rounds": 3}),
    "team": (IN_A_ROW, {}, 5, {}),
    "chain": (IN_A_ROW, {}, 4, {}),
    "devil": (IN_A_ROW, {}, 3, {"rounds": 2}),
    "panel": (IN_A_ROW, {"role-writer": "role-writer"}, 5, {"rounds": 2}),
    "refine": (IN_A_ROW, {}, None, {"rounds": 3}),
    "redblue": (IN_A_ROW, {}, 3, {"rounds": 2}),
    "consensus": (AGREE.format(3), {"writer": "writer"}, 5, {"rounds": 2}),
    "hierarchy": (IN_A_ROW, {"verifier": "verifier"}, 3, {"tasks": 3}),
}


def main() -> int:
    """Print the tables; returns 1 when a budget is broken."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as home, answering() as url:
        os.environ |= {"COWORK_HOME": home, "GROQ_API_KEY": "k", "NO_PROXY": "*", "COWORK_RATE_LIMIT_ENABLED": "true"}
        _at(url, 0)
        _run(_request("solo"))
        print(f"{'the first run, with all that it loads':40}{(time.perf_counter() - started) * 1000:8.0f} ms")
        _at(url, SLEEP_MS)
        broken = [_pattern(name) for name in RUNS]
        broken.append(_sixteen())
        _at(url, 0)
        broken.append(_overhead())
    print(f"{'resident memory':40}{_resident_mb():8.0f} MB")
    return int(any(broken))


def _at(url: str, milliseconds: int) -> None:
    os.environ["GROQ_BASE_URL"] = f"{url}/{milliseconds}/v1"


def _request(pattern: str) -> LoopRequest:
    """A full run of a pattern, every seat with a model of its own."""
    task, seats, count, options = RUNS[pattern]
    return _prepared(task, Wish(pattern, count=count, seats=_specs(seats), options=options, provider="groq", model="m"))


def _specs(seats: Mapping[str, str]) -> dict[str, SeatSpec]:
    return {name: SeatSpec(f"groq/{model}") for name, model in seats.items()}


def _prepared(task: str, wish: Wish) -> LoopRequest:
    request, _ = prepare(task, (), settings.load(), wish)
    return request


def _run(request: LoopRequest) -> tuple[LoopRun, float]:
    """A run and its seconds, from the command to the result on disk."""
    started = time.perf_counter()
    run = engine.start(request, settings.load(), SystemClock())
    return run, time.perf_counter() - started


def _pattern(name: str) -> bool:
    if name == next(iter(RUNS)):
        print(f"\n{'pattern':16}{'calls':>7}{'formula':>9}{'depth':>7}{'formula':>9}{'seconds':>9}{'ratio':>7}{MOST_OVER:>7.2f}")
    return _row(name, _request(name))


def _sixteen() -> bool:
    """A team of sixteen, each with a model of its own: sixteen calls under way at once, twice."""
    seats = {f"member-{number}": f"m-{number}" for number in range(1, 17)}
    return _row("team of 16", _prepared(IN_A_ROW, Wish("team", seats=_specs(seats), provider="groq", model="m")))


def _row(name: str, request: LoopRequest) -> bool:
    run, seconds = _run(request)
    ratio = seconds / (run.depth.made * SLEEP_MS / 1000)
    exact = (run.calls.made, run.depth.made, run.calls.retries) == (run.calls.most, run.depth.most, 0)
    good = exact and ratio <= MOST_OVER
    numbers = f"{run.calls.made:7}{run.calls.most:9}{run.depth.made:7}{run.depth.most:9}"
    print(f"{name:16}{numbers}{seconds:9.3f}{ratio:7.3f}{'' if good else ' BROKEN'}")
    return not good


def _overhead() -> bool:
    """What the engine takes beside what the SDK and the server take, wall and processor time."""
    found: dict[str, list[tuple[float, float]]] = {"engine": [], "bare SDK": [], "engine, in parallel": []}
    request = _prepared(IN_A_ROW, Wish("solo", options={"samples": 40, "sequential": True}, provider="groq", model="m"))
    wide = _prepared(IN_A_ROW, Wish("consensus", count=16, options={"rounds": 3}, provider="groq", model="m"))
    for _ in range(ROUNDS):
        found["engine"].append(_timed(lambda: _run(request), 40))
        found["bare SDK"].append(_timed(lambda: asyncio.run(_bare(40)), 40))
        found["engine, in parallel"].append(_timed(lambda: _run(wide), 64))
    print(f"\n{'a call answered at once':24}{'wall':>11}{'processor':>13}")
    medians = {name: [statistics.median(column) for column in zip(*times, strict=True)] for name, times in found.items()}
    for name, (wall, cpu) in medians.items():
        print(f"{name:24}{wall:8.2f} ms{cpu:10.2f} ms")
    over = [engine - bare for engine, bare in zip(medians["engine"], medians["bare SDK"], strict=True)]
    broken = max(over) > MOST_MS
    print(f"{'the engine adds':24}{over[0]:8.2f} ms{over[1]:10.2f} ms{MOST_MS:8.1f} ms{' BROKEN' if broken else ''}")
    return broken


def _timed(measured: Any, calls: int) -> tuple[float, float]:
    """Milliseconds a call, of the clock and of this process."""
    wall, cpu = time.perf_counter(), time.process_time()
    measured()
    return (time.perf_counter() - wall) * 1000 / calls, (time.process_time() - cpu) * 1000 / calls


async def _bare(calls: int) -> None:
    """As many calls of the SDK, one after the other, with nothing around them."""
    from cowork.prompts import templates

    target = parse("groq/m")
    model = open_model(target, settings.load())
    prompt = templates.render("patterns/solo.j2", nonce="0", task=IN_A_ROW, documents=())
    system = templates.render("patterns/system.j2", nonce="0")
    for _ in range(calls):
        await model.reply(ChatRequest(prompt, system), lambda _: None)
    await model.close()


def _resident_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


if __name__ == "__main__":
    sys.exit(main())
