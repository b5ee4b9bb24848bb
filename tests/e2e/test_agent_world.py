"""The installed program with what surrounds an agent: MCP servers, signals, a reader that leaves, somebody at a terminal."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.agent.scripted_model import Hold, call, scripted_model, turn
from tests.e2e.terminals import at_a_terminal
from tests.registry.places import pack
from tests.support import PROGRAM, ROOT, run_program

ECHO = {"command": sys.executable, "args": ["-m", "tests.agent.mcp.server_echo"], "env": {"PYTHONPATH": str(ROOT)}}
TOOL = "mcp__echo__echo"


def server(path: Path) -> None:
    path.write_text(json.dumps({"mcpServers": {"echo": ECHO}}))


def used(ran: Any) -> list[tuple[str, str]]:
    return [(item["tool"], item["verdict"]) for item in ran.data["tool_calls"]]


def test_tools_of_a_projects_mcp_server_are_there_once_the_project_is_trusted(home: Path) -> None:
    server(Path(".mcp.json"))
    script = [turn("", call(TOOL, text="hello there")), turn("Done.")]
    for trusted in (False, True):
        if trusted:
            assert run_program("config", "trust", "--yes").code == 0
        with scripted_model(script) as model:
            argv = ("agent", "run", "general-purpose", "Go", "--allow", TOOL, "--json")
            ran = run_program(*argv, env=model.environment("anthropic"))
        assert ran.code == 0, ran
        assert (TOOL in model.requests[0].offered) is trusted
        assert used(ran) == [(TOOL, "allowed" if trusted else "invalid")]
    assert "hello there" in model.requests[1].results[0][1]


def test_a_server_that_an_administrator_blocks_is_not_started(home: Path) -> None:
    home.mkdir()
    server(home / "mcp.json")
    (home / "policies.json").write_text('{"version": 2, "connectors": {"blocked": ["echo"]}}')
    with scripted_model([turn("Nothing there.")]) as model:
        ran = run_program("agent", "run", "general-purpose", "Go", "--json", env=model.environment("openai"))
    assert ran.code == 0, ran
    assert TOOL not in model.requests[0].offered


def test_a_connector_of_a_project_runs_once_the_project_is_trusted() -> None:
    greet = {
        "name": "greet",
        "description": "Greets",
        "type": "shell",
        "inputSchema": {"type": "object", "properties": {}},
        "shell": {"command": "touch made; echo hello"},
    }
    pack(Path(".claude/plugins"), "greeter", connectors=[greet])
    ran = run_program("connector", "call", "greet", "--json")
    assert (ran.code, ran.document["error"]["code"]) == (6, "trust.untrusted")
    assert not Path("made").exists()
    assert run_program("config", "trust", "--yes").code == 0
    assert run_program("connector", "call", "greet", "--json").code == 0


def _interrupted(number: int, home: Path) -> tuple[int, list[str], str]:
    """A run that gets a signal while a command of its runs: exit code, terminal events, and what it printed."""
    hold = Hold()
    script = [turn("", call("Bash", command="echo $$ > pid; sleep 1000")), turn("Never.", hold=hold)]
    with scripted_model(script) as model:
        environment = {**os.environ, **model.environment("anthropic")}
        argv = [str(PROGRAM), "agent", "run", "general-purpose", "Go", "--permission-mode", "bypass", "--json"]
        running = subprocess.Popen(argv, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        while not (Path("pid").exists() and Path("pid").read_text().strip()):
            assert running.poll() is None
            time.sleep(0.01)
        running.send_signal(number)
        out, _ = running.communicate(timeout=30)
    (journal,) = (home / "sessions").glob("*/journal.jsonl")
    kinds = [json.loads(line)["type"] for line in journal.read_text().splitlines()]
    pid = int(Path("pid").read_text())
    assert not Path(f"/proc/{pid}").exists() or "sleep" not in Path(f"/proc/{pid}/cmdline").read_text()
    return running.returncode, [kind for kind in kinds if kind.startswith("run.") and kind != "run.started"], out.decode()


def test_ctrl_c_ends_the_run_and_what_it_runs_with_one_terminal_event(home: Path) -> None:
    code, ends, out = _interrupted(signal.SIGINT, home)
    assert (code, ends) == (130, ["run.interrupted"])
    document = json.loads(out)
    assert document["error"]["code"] == "agent.interrupted"
    assert document["data"]["status"] == "interrupted"


def test_a_request_to_end_does_so_too(home: Path) -> None:
    code, ends, out = _interrupted(signal.SIGTERM, home)
    assert (code, ends) == (143, ["run.interrupted"])
    assert json.loads(out)["error"]["code"] == "agent.terminated"


@pytest.mark.parametrize(("answer", "code", "made"), [("y\n", 0, True), ("n\n", 0, False), ("\x03", 130, False)])
def test_a_person_at_a_terminal_is_asked_and_decides(answer: str, code: int, made: bool, home: Path) -> None:
    with scripted_model([turn("", call("Bash", command="touch made")), turn("Finished.")]) as model:
        argv = ("agent", "run", "general-purpose", "Go")
        found, shown = at_a_terminal(*argv, answer=answer, env=model.environment("anthropic"))
    assert found == code, shown
    assert "Bash: touch made" in shown
    assert Path("made").exists() is made
    assert ("Finished." in shown) is (code == 0)


def test_a_reader_that_leaves_ends_the_program_quietly() -> None:
    line = f"{PROGRAM} prompt build --agent Explore | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] in ("141", "0")
    assert "Traceback" not in done.stderr


def test_a_session_is_listed_shown_and_exported() -> None:
    Path("a.txt").write_text("hello\n")
    with scripted_model(
        [turn("Look.", call("Read", file_path="a.txt"), call("Bash", command="rm a.txt")), turn("Done.")]
    ) as model:
        ran = run_program("agent", "run", "general-purpose", "Read", "it", "--json", env=model.environment("anthropic"))
    listed = run_program("session", "list", "--json").data["items"]
    assert [(item["kind"], item["what"], item["status"], item["task"]) for item in listed] == [
        ("agent", "general-purpose", "completed", "Read it")
    ]
    shown = run_program("session", "show", ran.data["session_id"][:12], "--json").data
    assert [(item["tool"], item["verdict"], item["error"]) for item in shown["calls"]] == [
        ("Read", "allowed", False),
        ("Bash", "denied", None),
    ]
    assert (shown["turns"], shown["answer"]) == (2, "Done.")
    text = run_program("session", "export").out
    assert "calls Bash" in text
    assert "denied" in text
    lines = run_program("session", "export", "--format", "jsonl").out.splitlines()
    assert [json.loads(line)["type"] for line in lines][-1] == "run.completed"
    assert run_program("loop", "list", "--json").data["count"] == 0
