"""The ten patterns over HTTP with seats that take 200 ms: calls and depth against the formulas, time against depth x 200 ms.

Then sixteen seats at once, and what the engine adds to a call that is answered at once: against a bare loop of the same
calls through the same SDK. Every run is a session on disk, with its journal forced to the disk.

A run's time is that of `single.start`, from the request to the result on disk. What is loaded once in a process, the SDK
first of all, is loaded by a run before the others, whose time is printed by itself; so is that of a whole command line in a
process of its own. Of several measures the best counts: other programs can only add to it.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from cowork.core import settings
from cowork.core.clock import SystemClock
from cowork.loop import single
from cowork.loop.request import LoopRequest, Wish, prepare
from cowork.loop.results import LoopRun
from cowork.loop.seating import SeatSpec
from cowork.models.chat import ChatRequest
from cowork.models.select import open_model, parse
from cowork.prompts import templates
from tests.bench.answering import answering
from tests.loop.full_depth import AGREE, IN_A_ROW

SLEEP_MS = 200
TURNS = 3  # of each pattern
ROUNDS = 9  # of what is answered at once
MOST_OVER = 1.15  # of depth x 200 ms
MOST_ADDED_MS = 3.0

# Pattern -> (task, roles that are empty unless named, seats in the role for several, options): each to its full depth
RUNS: dict[str, tuple[str, tuple[str, ...], int | None, Mapping[str, int | bool]]] = {
    "solo": (IN_A_ROW, (), None, {"samples": 5}),
    "debate": (IN_A_ROW, (), None, {"rounds": 3}),
    "team": (IN_A_ROW, (), 5, {}),
    "chain": (IN_A_ROW, (), 4, {}),
    "devil": (IN_A_ROW, (), 3, {"rounds": 2}),
    "panel": (IN_A_ROW, ("role-writer",), 5, {"rounds": 2}),
    "refine": (IN_A_ROW, (), None, {"rounds": 3}),
    "redblue": (IN_A_ROW, (), 3, {"rounds": 2}),
    "consensus": (AGREE.format(3), ("writer",), 5, {"rounds": 2}),
    "hierarchy": (IN_A_ROW, ("verifier",), 3, {"tasks": 3}),
}


def main() -> int:
    """Print the tables; returns 1 when a budget is broken."""
    with tempfile.TemporaryDirectory() as home, answering() as url:
        os.environ |= {"COWORK_HOME": home, "GROQ_API_KEY": "k", "NO_PROXY": "*"}
        _at(url, 0)
        print(f"{'the first run, with all that it loads':40}{_run(_request('solo'))[1] * 1000:8.0f} ms")
        print(f"{'the same by the command line':40}{_command_line() * 1000:8.0f} ms")
        _at(url, SLEEP_MS)
        broken = _patterns()
        _at(url, 0)
        broken |= _overhead()
    print(f"{'resident memory':40}{_resident_mb():8.0f} MB")
    return int(broken)


def _at(url: str, milliseconds: int) -> None:
    os.environ["GROQ_BASE_URL"] = f"{url}/{milliseconds}/v1"


def _request(pattern: str) -> LoopRequest:
    """A full run of a pattern, whose seats share a model."""
    task, roles, count, options = RUNS[pattern]
    seats = {role: SeatSpec("groq/m") for role in roles}
    return _prepared(task, Wish(pattern, count=count, seats=seats, options=options, provider="groq", model="m"))


def _sixteen() -> LoopRequest:
    """A team of sixteen, each with a model of its own: sixteen calls under way at once, twice."""
    seats = {f"member-{number}": SeatSpec(f"groq/m-{number}") for number in range(1, 17)}
    return _prepared(IN_A_ROW, Wish("team", seats=seats, provider="groq", model="m"))


def _prepared(task: str, wish: Wish) -> LoopRequest:
    request, _ = prepare(task, (), settings.load(), wish)
    return request


def _run(request: LoopRequest) -> tuple[LoopRun, float]:
    """A run and its seconds."""
    started = time.perf_counter()
    run = single.start(request, settings.load(), SystemClock())
    return run, time.perf_counter() - started


def _command_line() -> float:
    argv = [str(Path(sys.executable).parent / "cowork"), "loop", "start", IN_A_ROW, "--pattern", "solo", "--samples", "5"]
    started = time.perf_counter()
    subprocess.run([*argv, "--provider", "groq", "--model", "m", "--json"], check=True, capture_output=True)
    return time.perf_counter() - started


def _patterns() -> bool:
    print(f"\n{'':16}{'calls':>7}{'formula':>9}{'depth':>7}{'formula':>9}{'seconds':>9}{'ratio':>7}{'budget':>8}")
    rows = {**{name: _request(name) for name in RUNS}, "team of 16": _sixteen()}
    broken = [_row(name, request) for name, request in rows.items()]
    return any(broken)


def _row(name: str, request: LoopRequest) -> bool:
    run, seconds = min((_run(request) for _ in range(TURNS)), key=lambda found: found[1])
    ratio = seconds / (run.depth.made * SLEEP_MS / 1000)
    exact = (run.calls.made, run.depth.made, run.calls.retries) == (run.calls.most, run.depth.most, 0)
    broken = not exact or ratio > MOST_OVER
    numbers = f"{run.calls.made:7}{run.calls.most:9}{run.depth.made:7}{run.depth.most:9}"
    print(f"{name:16}{numbers}{seconds:9.3f}{ratio:7.3f}{MOST_OVER:8.2f}{' BROKEN' if broken else ''}")
    return broken


def _overhead() -> bool:
    """What the engine takes beside what the SDK takes, by the clock and of the processor.

    The adapter is the stricter measure: it is spared the objects that the SDK makes of every event.
    """
    row = _prepared(IN_A_ROW, Wish("chain", count=8, options={"separate": True}, provider="groq", model="m"))
    wide = _prepared(IN_A_ROW, Wish("consensus", count=16, options={"rounds": 3}, provider="groq", model="m"))
    measured: dict[str, tuple[Callable[[], object], int]] = {
        "the SDK alone": (lambda: asyncio.run(_sdk(40)), 40),
        "our adapter around it": (lambda: asyncio.run(_adapter(40)), 40),
        "a run, call after call": (lambda: _run(row), row.price.most_calls),
        "a run, sixteen at once": (lambda: _run(wide), wide.price.most_calls),
    }
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in measured}
    for _ in range(ROUNDS):  # interleaved, so that drift hits all alike
        for name, (ask, calls) in measured.items():
            found[name].append(_timed(ask, calls))
    best = {name: tuple(map(min, zip(*times, strict=True))) for name, times in found.items()}
    print(f"\n{'a call that is answered at once':32}{'by the clock':>16}{'processor':>14}{'budget':>12}")
    for name, (wall, cpu) in best.items():
        print(f"{name:32}{wall:13.2f} ms{cpu:11.2f} ms")
    bare, full = best["our adapter around it"], best["a run, call after call"]
    added = [whole - part for whole, part in zip(full, bare, strict=True)]
    broken = max(added) > MOST_ADDED_MS
    print(f"{'the engine adds':32}{added[0]:13.2f} ms{added[1]:11.2f} ms{MOST_ADDED_MS:9.1f} ms{' BROKEN' if broken else ''}")
    return broken


def _timed(ask: Callable[[], object], calls: int) -> tuple[float, float]:
    """Milliseconds a call, by the clock and of this process."""
    wall, cpu = time.perf_counter(), time.process_time()
    ask()
    return (time.perf_counter() - wall) * 1000 / calls, (time.process_time() - cpu) * 1000 / calls


def _prompts() -> tuple[str, str]:
    prompt = templates.render("patterns/solo.j2", nonce="0", task=IN_A_ROW, documents=())
    return prompt, templates.render("patterns/system.j2", nonce="0")


async def _sdk(calls: int) -> None:
    """As many calls of the SDK as its own documentation has them, with nothing around them."""
    import openai

    prompt, system = _prompts()
    messages: list[dict[str, str]] = [{"role": "system", "content": system}, {"role": "user", "content": prompt}]
    async with openai.AsyncOpenAI(api_key="k", base_url=os.environ["GROQ_BASE_URL"], max_retries=0) as client:
        for _ in range(calls):
            stream = await client.chat.completions.create(model="m", messages=messages, stream=True)  # type: ignore[call-overload]
            async for _chunk in stream:
                pass


async def _adapter(calls: int) -> None:
    """The same through the adapter that the engine uses."""
    prompt, system = _prompts()
    model = open_model(parse("groq/m"), settings.load())
    for _ in range(calls):
        await model.reply(ChatRequest(prompt, system), lambda _: None)
    await model.close()


def _resident_mb() -> float:
    with Path("/proc/self/status").open() as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:")) / 1000


if __name__ == "__main__":
    sys.exit(main())
