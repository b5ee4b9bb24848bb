"""The same plot as real processes: the installed program, the fake agent, git, and SIGKILL at a moment that is drawn."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

from cowork.loop.engine.events import problems
from cowork.loop.engine.state import fold
from cowork.sessions import journal
from tests.fake_agent.running import install
from tests.loop.engine.dying import CHECK, ONCE, PLOT, PRD, spans
from tests.loop.repository.repositories import git, made
from tests.support import alive

_PRELUDE = """
import os, signal, sys
left = [int(sys.argv.pop(1))]
def watch(frame, event, called):
    if event == sys.argv[1] and getattr(called, "__qualname__", "") == sys.argv[2]:
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
from cowork.cli.main import run
if left[0]:
    sys.setprofile(watch)
sys.exit(run(sys.argv[3:]))
"""
CALLS = {"write": 24, "fsync": 8, "replace": 5, "fork_exec": 12, "unlink": 5}
"""What a run is killed at, and of so many one: about a third of what it does in all, so that most rounds end with a kill."""
STARTS = ["--agent", "fake-agent", "--check", CHECK, "--auto-commit", "--commit-message", "{{taskType}}: {{taskId}}"]


def script() -> dict[str, Any]:
    """The plot as the fake agent reads it: what it does depends on the iteration alone."""
    calls: list[dict[str, Any]] = []
    for number, act in PLOT.items():
        about = {"match": f"iteration {number} of", "usage": {"input": 100, "output": 10}, "usd": 0.01}
        if act.limited:
            calls.append({**about, "do": [{"rate_limit": {"in_s": 0.2}}]})
        steps: list[dict[str, Any]] = [{"write": {"path": name, "text": text}} for name, text in act.writes.items()]
        steps.append({"spawn": {"pid_file": ".cowork/spawned", "apart": True}})
        calls.append({**about, "repeat": "always", "do": [*steps, {"say": act.text}, {"exit": act.exit_code}]})
    return {"calls": calls}


class Story:
    """A run that is killed again and again. `drawn` decides when."""

    def __init__(self, root: Path, drawn: random.Random) -> None:
        self._root = root
        self._drawn = drawn
        self.project = made(root / "project", {"prd.json": json.dumps(PRD, indent=1) + "\n", ".gitignore": "/.cowork/\n"})
        (self.project / ".cowork").mkdir()
        (root / "script.json").write_text(json.dumps(script()))
        install(root / "bin")
        self._environment = {
            **os.environ,
            "PATH": f"{root / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "COWORK_HOME": str(root / "home"),
            "COWORK_FAKE_AGENT": str(root / "script.json"),
            "COWORK_FAKE_AGENT_LOG": str(root / "calls.log"),
            "COWORK_RETRY_DELAY_MS": "1",
        }
        self._settled: Counter[str] = Counter()
        self.kills: list[str] = []

    def round(self) -> bool:
        """Go on, and be killed at some moment of it; whether the story has come to its end before."""
        by_time = self._drawn.random() < 0.5
        called = self._drawn.choice(list(CALLS))
        count, after = self._drawn.randint(1, CALLS[called]), self._drawn.uniform(0.1, 1.5)
        process = self._started(
            *(("0", "", "") if by_time else (str(count), self._drawn.choice(("c_call", "c_return")), called))
        )
        try:
            out, err = process.communicate(timeout=after if by_time else 60)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
        if process.returncode == -signal.SIGKILL:
            self.kills.append(f"after {after:.2f} s" if by_time else f"{called} {count}")
            self._look()
            return False
        return self._over(process.returncode, out, err)

    def to_the_end(self) -> None:
        """Go on undisturbed."""
        for _ in range(4):
            process = self._started("0", "", "")
            out, err = process.communicate(timeout=60)
            if self._over(process.returncode, out, err):
                return
        raise AssertionError("it does not come to an end")

    def _over(self, code: int, out: bytes, err: bytes) -> bool:
        document = json.loads(out)
        if code == 8 and document["error"]["code"] == "loop.blocked":
            self._run("loop", "answer", self.session.name, "c", "Ask the customer.", "--json")
            return False
        error = document["error"] or {}
        assert code == 0 or error.get("code") == "session.finished", f"{self.kills}: {document} {err.decode()}"
        return True

    def _started(self, *how: str) -> subprocess.Popen[bytes]:
        has = self.session_or_none is not None
        words = ["resume", self.session.name] if has else ["run", "--tasks", "prd.json", *STARTS]
        argv = [sys.executable, "-c", _PRELUDE, *how, "loop", *words, "--json"]
        pipe = subprocess.PIPE
        return subprocess.Popen(
            argv,
            cwd=self.project,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=pipe,
            stderr=pipe,
            start_new_session=True,
        )

    def _run(self, *words: str) -> None:
        argv = [sys.executable, "-m", "cowork", *words]
        subprocess.run(argv, cwd=self.project, env=self._environment, check=True, capture_output=True, timeout=60)

    @property
    def session_or_none(self) -> Path | None:
        """The session, once its journal has a line."""
        found = sorted((self._root / "home" / "sessions").glob("*/journal.jsonl"))
        return next((path.parent for path in found if b"\n" in path.read_bytes()), None)

    @property
    def session(self) -> Path:
        found = self.session_or_none
        assert found is not None
        return found

    @property
    def _asked(self) -> Counter[str]:
        """How often the agent was called for every iteration."""
        try:
            lines = (self._root / "calls.log").read_text().splitlines()
        except FileNotFoundError:
            return Counter()
        prompts = (json.loads(line)["prompt"] for line in lines)
        # A prompt that was cut off when the one who wrote it was killed is of no iteration.
        return Counter(next((str(number) for number in PLOT if f"iteration {number} of" in prompt), "") for prompt in prompts)

    def _look(self) -> None:
        """Note how often the agent was called for what is on record: it must not be called for that again."""
        if self.session_or_none is not None:
            events = journal.read(self.session / "journal.jsonl")
            for event in events:
                if event["type"] == "agent.completed":
                    key = event["data"]["key"]
                    self._settled.setdefault(key, self._asked[key])

    def check(self) -> None:
        """Nothing was lost or repeated, and everything that was counted is as if nobody had been killed."""
        events = journal.read(self.session / "journal.jsonl")
        assert [problem for event in events for problem in problems(event["type"], event["data"])] == []
        seen = [(event["type"], event["data"]["iteration"]) for event in events if event["type"] in ONCE]
        assert sorted(seen) == sorted(set(seen)), f"something happened twice: {self.kills}"
        assert all(len(ends) <= 1 for ends in spans(events)) and spans(events)[-1] == ["run.completed"]
        state = fold(events)
        assert (state.end, state.iterations, state.iteration, state.failures) == ("completed", 7, 7, 0)
        assert (state.input_tokens, state.output_tokens, state.commits, state.done_tasks) == (700, 70, 3, 3), self.kills
        assert round(state.usd, 6) == 0.07  # what an agent spent that was killed at its work is not known
        assert {name: task.attempts for name, task in state.tasks.items()} == {"a": 2, "b": 1, "c": 0}
        assert [event["data"]["task"] for event in events if event["type"] == "task.completed"] == ["a", "b", "c"]
        assert json.loads((self.session / "session.json").read_text())["events"] == len(events)
        assert {key: self._asked[key] for key in self._settled} == dict(self._settled), (
            "an answer on record was asked for again"
        )
        held = json.loads((self.project / "prd.json").read_text())
        assert [task.pop("status") for task in held["tasks"]] == ["done"] * 3
        assert held == PRD
        assert git(self.project, "log", "--format=%s").splitlines() == ["chore: c", "chore: b", "chore: a", "begin"]
        assert git(self.project, "status", "--porcelain") == ""
        with suppress(FileNotFoundError):
            spawned = (self.project / ".cowork" / "spawned").read_text().split()
            assert [pid for pid in spawned if alive(int(pid))] == [], "what an agent started lives on"


def play(root: Path, rounds: int, seed: int, told: Any = lambda text: None) -> int:
    """Stories with so many kills in all; how many stories that were."""
    drawn, stories, killed = random.Random(seed), 0, 0
    while killed < rounds:
        began = time.monotonic()
        story = Story(root / str(stories), drawn)
        while killed + len(story.kills) < rounds and len(story.kills) < 12 and not story.round():
            pass
        story.to_the_end()
        story.check()
        stories += 1
        killed += len(story.kills)
        when = ", ".join(story.kills)
        told(f"story {stories}, seed {seed}: {len(story.kills)} kills ({when}), {time.monotonic() - began:.1f} s")
    return stories
