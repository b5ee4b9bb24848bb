"""`cowork hook run EVENT`: the host's table of exit codes, and a guard that fails never lets a call pass."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cowork.hooks.fast import MAX_STDIN
from tests.support import PROGRAM, Ran, run_program

EVENT = {"session_id": "s", "hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": {"command": "ls"}}
DENY = {
    "hookSpecificOutput": {
        "hookEventName": "PreToolUse",
        "permissionDecision": "deny",
        "permissionDecisionReason": "no ü\x1b[31m",
    }
}


def install(home: Path, *commands: str, matcher: str = "", event: str = "PreToolUse", **more: Any) -> None:
    handlers = [{"type": "command", "command": command, **more} for command in commands]
    home.mkdir(exist_ok=True)
    (home / "hooks.json").write_text(json.dumps({"hooks": {event: [{"matcher": matcher, "hooks": handlers}]}}))


def answer(event: str = "PreToolUse", stdin: Any = EVENT, **more: Any) -> Ran:
    return run_program("hook", "run", event, stdin=stdin if isinstance(stdin, (str, bytes)) else json.dumps(stdin), **more)


def blocked_because(ran: Ran) -> str:
    assert (ran.code, ran.out) == (2, "")
    assert "Traceback" not in ran.err
    return ran.err


def test_without_hooks_everything_passes_in_silence_and_nothing_is_made(home: Path) -> None:
    assert answer() == Ran(0, "", "")
    assert not home.exists()


def test_hooks_for_other_tools_and_events_change_nothing(home: Path) -> None:
    install(home, "exit 2", matcher="Edit|Write")
    assert answer() == Ran(0, "", "")

    install(home, "exit 2", event="Stop")
    assert answer() == Ran(0, "", "")


def test_a_blocking_hook_blocks_with_its_reason(home: Path) -> None:
    install(home, "echo 'not on my watch' >&2; exit 2", matcher="Bash")

    assert blocked_because(answer()) == "not on my watch\n"


def test_a_failing_hook_is_reported_and_lets_the_call_pass(home: Path) -> None:
    install(home, "echo broken >&2; exit 1")

    assert answer() == Ran(0, "", "hook failed with 1: echo broken >&2; exit 1: broken\n")


def test_a_decision_is_one_json_document_on_stdout(home: Path, tmp_path: Path) -> None:
    (tmp_path / "deny.json").write_text(json.dumps(DENY))
    install(home, f"cat {tmp_path / 'deny.json'}")

    ran = answer()

    assert (ran.code, ran.err) == (0, "")
    assert ran.document == DENY
    assert ran.out.isascii()
    assert "\x1b" not in ran.out


def test_every_matching_hook_is_asked(home: Path, tmp_path: Path) -> None:
    install(home, f"cat > {tmp_path / 'one'}", f"cat > {tmp_path / 'two'}; exit 2", f"cat > {tmp_path / 'three'}")

    assert answer().code == 2
    for name in ("one", "two", "three"):
        assert json.loads((tmp_path / name).read_text()) == EVENT


@pytest.mark.parametrize(
    "locale", [{"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"PYTHONIOENCODING": "latin-1"}]
)
def test_a_handler_gets_the_very_bytes_of_the_event_whatever_the_locale(
    home: Path, tmp_path: Path, locale: dict[str, str]
) -> None:
    install(home, f"cat > {tmp_path / 'seen'}")
    raw = json.dumps(EVENT | {"prompt": "über 👨\u200d💻"}, ensure_ascii=False).encode()

    assert answer(stdin=raw, env=locale).code == 0

    assert (tmp_path / "seen").read_bytes() == raw


def test_the_name_of_the_event_may_be_left_to_the_command_line(home: Path) -> None:
    install(home, "exit 2")

    assert answer(stdin={"tool_name": "Bash"}).code == 2


def test_an_unknown_event_blocks_and_the_known_ones_are_named() -> None:
    assert "unknown event 'PreTool'; known: SessionStart, UserPromptSubmit, PreToolUse" in blocked_because(answer("PreTool"))


BAD_INPUT: dict[str, tuple[str | bytes, str]] = {
    "nothing": ("", "stdin is not the JSON of a hook event"),
    "no JSON": ("hello", "stdin is not the JSON of a hook event"),
    "cut off": ('{"tool_name": "Ba', "stdin is not the JSON of a hook event"),
    "a list": ("[]", "stdin does not hold a PreToolUse event"),
    "another event": ('{"hook_event_name": "PostToolUse"}', "stdin does not hold a PreToolUse event"),
    "an event that is null": ('{"hook_event_name": null}', "stdin does not hold a PreToolUse event"),
    "invalid UTF-8": (b'{"tool_name": "\xff"}', "invalid start byte"),
    "nested without end": ("[" * 100_000, "stdin is not the JSON of a hook event"),
    "too much": (b" " * (MAX_STDIN + 1), "larger than 16 MB"),
}


@pytest.mark.parametrize(("stdin", "cause"), BAD_INPUT.values(), ids=BAD_INPUT)
def test_an_input_that_is_no_event_blocks(stdin: str | bytes, cause: str) -> None:
    assert cause in blocked_because(answer(stdin=stdin))


def test_a_closed_stdin_blocks() -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", 'exec "$0" hook run PreToolUse <&-', str(PROGRAM)], capture_output=True, text=True, timeout=60
    )

    assert (done.returncode, done.stdout, done.stderr) == (2, "", "cowork hook run: stdin is closed\n")


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'{"PreToolUse": []}', b"\xff"])
def test_a_corrupt_hooks_file_blocks_and_is_named(home: Path, raw: bytes) -> None:
    home.mkdir()
    (home / "hooks.json").write_bytes(raw)

    assert str(home / "hooks.json") in blocked_because(answer())


def test_a_hooks_file_that_points_nowhere_blocks(home: Path) -> None:
    home.mkdir()
    (home / "hooks.json").symlink_to("/no/such/file")

    assert "a link to a file that does not exist" in blocked_because(answer())


def test_a_hook_that_answers_with_nonsense_blocks(home: Path) -> None:
    install(home, """echo '{"hookSpecificOutput": {"hookEventName": "PreToolUse", "permissionDecision": []}}'""")

    assert "cannot be used" in blocked_because(answer())


def test_a_time_out_no_clock_can_hold_does_not_disarm_a_guard(home: Path) -> None:
    install(home, "exit 2", timeout=1e300)

    assert answer().code == 2


def test_a_handler_that_cannot_even_be_started_blocks(home: Path) -> None:
    install(home, "#" * 1_000_000)  # longer than the system takes for one argument

    assert blocked_because(answer()).startswith("hook could not be run: ####")


def test_a_removed_working_directory_does_not_disarm_a_guard(home: Path, tmp_path: Path) -> None:
    install(home, "exit 2")
    (tmp_path / "gone").mkdir()
    os.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()

    assert answer().code == 2


def test_a_home_that_nobody_can_find_blocks() -> None:
    assert "COWORK_HOME" in blocked_because(answer(env={"COWORK_HOME": "~no-such-user/x"}))


def test_hooks_that_a_project_brings_are_not_run(tmp_path: Path) -> None:
    hooks = json.dumps({"hooks": {"PreToolUse": [{"hooks": [{"type": "command", "command": f"touch {tmp_path / 'ran'}"}]}]}})
    for directory in (tmp_path / "work" / ".cowork", tmp_path / "work" / ".claude", tmp_path / "work" / ".claude" / "hooks"):
        directory.mkdir()
        (directory / "hooks.json").write_text(hooks)
        (directory / "settings.json").write_text(hooks)

    ran = answer(cwd=tmp_path / "work")

    ours = tmp_path / "work" / ".cowork" / "hooks.json"
    said = f"{ours} is ignored: {tmp_path / 'work'} is not trusted: nobody said so yet\n"
    assert ran == Ran(0, "", said)  # the host runs Claude Code's files itself
    assert not (tmp_path / "ran").exists()


def project_hooks(tmp_path: Path, *commands: str, event: str = "PreToolUse") -> Path:
    """The project's own hooks file."""
    path = tmp_path / "work" / ".cowork" / "hooks.json"
    path.parent.mkdir(exist_ok=True)
    handlers = [{"type": "command", "command": command} for command in commands]
    path.write_text(json.dumps({"hooks": {event: [{"hooks": handlers}]}}))
    return path


def test_hooks_of_a_project_run_once_it_is_trusted_and_no_more_once_they_change(home: Path, tmp_path: Path) -> None:
    path = project_hooks(tmp_path, "echo from the project >&2; exit 2")
    assert answer().code == 0

    assert run_program("config", "trust", "--yes").code == 0
    assert blocked_because(answer()) == "from the project\n"

    project_hooks(tmp_path, "echo changed >&2; exit 2")
    ran = answer()
    assert (ran.code, ran.err.startswith(f"{path} is ignored:")) == (0, True)
    assert "changed since: ~ .cowork/hooks.json" in ran.err


def test_a_project_that_is_not_trusted_cannot_turn_off_the_users_hooks(home: Path, tmp_path: Path) -> None:
    install(home, "exit 2")
    path = project_hooks(tmp_path, "true")
    path.write_text('{"disableAllHooks": true, "hooks": {}}')

    assert answer().code == 2


def test_the_user_can_turn_all_hooks_off(home: Path, tmp_path: Path) -> None:
    project_hooks(tmp_path, "exit 2")
    assert run_program("config", "trust", "--yes").code == 0
    (home / "hooks.json").write_text('{"disableAllHooks": true, "hooks": {}}')

    assert answer() == Ran(0, "", "")


def test_the_project_is_where_the_host_says_it_is(home: Path, tmp_path: Path) -> None:
    project_hooks(tmp_path, "exit 2")
    assert run_program("config", "trust", "--yes").code == 0
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    assert answer(cwd=elsewhere) == Ran(0, "", "")
    assert answer(cwd=elsewhere, env={"CLAUDE_PROJECT_DIR": str(tmp_path / "work")}).code == 2


def test_a_record_of_trust_that_is_corrupt_trusts_nothing_and_is_named(home: Path, tmp_path: Path) -> None:
    project_hooks(tmp_path, "exit 2")
    home.mkdir()
    (home / "trust.json").write_text("{")

    ran = answer()

    assert ran.code == 0
    assert f"{home / 'trust.json'} is corrupt, so nothing is trusted" in ran.err


def test_a_handler_that_both_files_name_runs_once(home: Path, tmp_path: Path) -> None:
    project_hooks(tmp_path, f"echo x >> {tmp_path / 'runs'}")
    assert run_program("config", "trust", "--yes").code == 0
    install(home, f"echo x >> {tmp_path / 'runs'}")

    answer()

    assert (tmp_path / "runs").read_text() == "x\n"


def test_the_hosts_own_files_are_left_to_the_host(home: Path, tmp_path: Path) -> None:
    for place in (tmp_path / "user" / ".claude", tmp_path / "work" / ".claude"):
        place.mkdir()
        (place / "settings.json").write_text(
            '{"hooks": {"PreToolUse": [{"hooks": [{"type": "command", "command": "exit 2"}]}]}}'
        )
    assert run_program("config", "trust", "--yes").code == 0

    assert answer() == Ran(0, "", "")


def test_inside_a_hook_of_our_own_agent_it_answers_at_once(home: Path) -> None:
    install(home, "exit 2")
    read, write = os.pipe()  # an input that never ends
    try:
        done = subprocess.run(
            [str(PROGRAM), "hook", "run", "PreToolUse"],
            stdin=read,
            capture_output=True,
            timeout=60,
            env={**os.environ, "COWORK_HOOK_DEPTH": "1"},
        )
    finally:
        os.close(read)
        os.close(write)

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_handlers_of_one_event_run_at_the_same_time(home: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        os.mkfifo(tmp_path / name)
    one, two = (tmp_path / name for name in ("a", "b"))
    install(home, f"echo 1 > {one}; cat {two} >&2; exit 1", f"cat {one} >&2; echo 2 > {two}; exit 1", timeout=30)

    assert sorted(line[-1] for line in answer().err.splitlines()) == ["1", "2"]


def test_a_command_hook_loads_nothing_that_is_dear(home: Path) -> None:
    install(home, "true")
    probe = "import sys; from cowork.hooks.fast import run_event; run_event('PreToolUse'); print(*sys.modules)"

    done = subprocess.run([sys.executable, "-c", probe], input=json.dumps(EVENT), capture_output=True, text=True, check=True)

    loaded = set(done.stdout.split())
    assert "cowork.hooks.process" in loaded
    dear = {
        "asyncio",
        "contextlib",
        "dataclasses",
        "hashlib",
        "pathlib",
        "shlex",
        "signal",
        "subprocess",
        "tempfile",
        "threading",
    }
    assert loaded & dear == set()
    assert {name.split(".")[1] for name in loaded if name.startswith("cowork.")} == {"hooks"}


def test_a_handler_of_a_type_that_nobody_knows_blocks(home: Path) -> None:
    home.mkdir()
    (home / "hooks.json").write_text('{"hooks": {"PreToolUse": [{"matcher": "Bash", "hooks": [{"type": "novelty"}]}]}}')

    assert "there is nothing here that runs handlers of type 'novelty'" in blocked_because(answer())
    assert answer(stdin=EVENT | {"tool_name": "Edit"}).code == 0
