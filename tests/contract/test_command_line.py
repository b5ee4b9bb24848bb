"""What holds for the command line as a whole."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
from pathlib import Path

import pytest

from cowork import __version__
from tests.support import PROGRAM, run_here, run_program


def test_version_is_answered_before_anything_is_loaded() -> None:
    assert run_program("--version").out == f"cowork {__version__}\n"
    assert run_program("--version", "--json").data == {"version": __version__}


def test_no_verb_is_help_for_a_person_and_a_usage_error_for_a_program() -> None:
    assert run_here().code == 0
    assert "Verbs:" in run_here().out
    assert run_here("pack").out.startswith("Usage: cowork pack")
    ran = run_here("--json")
    assert (ran.code, ran.document["error"]["code"]) == (2, "usage.no_verb")


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["pakc"], "did you mean 'pack'?"),
        (["pack", "lst"], "did you mean 'list'?"),
        (["admin", "policy", "gett"], "did you mean 'get'?"),
        (["pack", "list", "--catgory", "x"], "did you mean '--category'?"),
        (["pack", "show", "dvops"], "did you mean 'devops'?"),
        (["skill", "show", "standup"], "did you mean 'standup-update'?"),
        (["twin", "activate", "softwareengineer"], "did you mean 'software-engineer'?"),
        (["loop", "start", "x", "--pattern", "debat"], "did you mean 'debate'?"),
        (["loop", "start", "x", "--provider", "antropic"], "did you mean 'anthropic'?"),
        (["pack", "list", "--json", "--fields", "nmae"], "did you mean 'name'?"),
    ],
)
def test_a_slip_of_the_keys_gets_a_suggestion(words: list[str], hint: str) -> None:
    ran = run_here(*words)
    assert ran.code in (2, 3)
    assert hint in ran.err + ran.out


@pytest.mark.parametrize("cap", ["nan", "inf", "-1", "much"])
def test_a_cap_on_money_that_is_no_number_is_a_usage_error(cap: str) -> None:
    ran = run_here("loop", "start", "x", "--provider", "rehearsal", "--max-cost", cap, "--json")
    assert (ran.code, ran.document["error"]["code"]) == (2, "usage.invalid")


def test_an_unknown_verb_under_json_is_one_document() -> None:
    ran = run_program("nope", "--json")
    assert (ran.code, ran.document["error"]["code"], ran.err) == (2, "usage.unknown_verb", "")


def test_fields_reach_into_items_with_or_without_their_name() -> None:
    short = run_here("pack", "list", "--json", "--fields", "name,skills").data
    long = run_here("pack", "list", "--json", "--fields", "items.name", "--fields", "items.skills").data
    assert short == long
    assert {"name": "devops", "skills": 8} in short["items"]


def test_fields_reach_through_nested_lists() -> None:
    data = run_here("skill", "show", "standup-update", "--json", "--fields", "id,parameters.name,parameters.type").data
    assert data["parameters"][0] == {"name": "activity", "type": "string"}


def test_an_unknown_field_names_the_valid_ones_and_runs_nothing(home: Path) -> None:
    ran = run_here("twin", "activate", "software-engineer", "--json", "--fields", "twin.nmae")
    assert ran.code == 2
    assert "display_name" in ran.document["error"]["details"]["valid"]
    assert not home.exists()


def test_fields_without_json_is_a_usage_error() -> None:
    assert run_here("pack", "list", "--fields", "name").code == 2


@pytest.mark.parametrize(
    ("argv", "env", "coloured"),
    [
        ([], {}, False),
        (["--color", "always"], {"NO_COLOR": "1"}, True),
        ([], {"FORCE_COLOR": "1"}, True),
        ([], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ([], {"FORCE_COLOR": "1", "TERM": "dumb"}, True),
        (["--color", "never"], {"FORCE_COLOR": "1"}, False),
        ([], {"COWORK_COLOR": "always"}, True),
    ],
)
def test_colour_is_flag_then_no_color_then_force_color_then_terminal(
    argv: list[str], env: dict[str, str], coloured: bool
) -> None:
    ran = run_program("pack", "show", "devops", *argv, env=env)
    assert ("\x1b[" in ran.out) is coloured


def test_colour_is_judged_per_stream() -> None:
    master, slave = pty.openpty()
    done = subprocess.run(
        [str(PROGRAM), "pack", "show", "nope"], stdout=subprocess.PIPE, stderr=slave, env={**os.environ, "TERM": "xterm"}
    )
    os.close(slave)
    shown = os.read(master, 4096).decode()
    os.close(master)
    assert done.returncode == 3
    assert "\x1b[1;31merror:" in shown


def test_json_is_never_coloured() -> None:
    assert "\x1b" not in run_here("pack", "list", "--json", "--color", "always").out


def test_quiet_keeps_the_answer_and_drops_the_warnings() -> None:
    argv = ["skill", "run", "standup-update", "--param", "activity=x"]
    assert "warning:" in run_here(*argv).err
    quiet = run_here(*argv, "-q")
    assert (quiet.code, quiet.err) == (0, "")
    assert quiet.out


def test_verbose_adds_the_code_and_twice_the_traceback() -> None:
    assert "code: pack.not_found (exit 3)" in run_here("pack", "show", "nope", "-v").err
    assert "Traceback" in run_here("pack", "show", "nope", "-vv").err


def test_warnings_are_in_the_document_and_not_on_stderr_under_json() -> None:
    ran = run_here("skill", "run", "standup-update", "--param", "activity=x", "--json")
    assert [warning["code"] for warning in ran.document["warnings"]] == ["provider.rehearsal"]
    assert ran.err == ""


def test_text_from_a_document_never_drives_the_terminal(tmp_path: Path) -> None:
    paper = tmp_path / "evil.md"
    paper.write_text("The answer of the \x1b[2Jtask is [bold red]never[/] \u202ereversed and the task is \x07 rung.\n")
    argv = ["loop", "start", "What is the answer of the task?", "--context", str(paper), "--provider", "rehearsal"]
    for ran in (run_here(*argv), run_here(*argv, "--json"), run_here(*argv, "--stream"), run_here("loop", "show")):
        assert ran.code == 0
        assert not {"\x1b", "\u202e", "\x07"} & set(ran.out + ran.err)
    assert "[bold red]never[/]" in run_here("loop", "show").out


def test_a_reader_that_goes_away_is_no_error() -> None:
    line = f"{PROGRAM} skill show code-review-prep | head -n 1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", line], capture_output=True, text=True)
    assert done.stderr == ""


def test_an_unwritable_home_fails_with_its_path_and_leaves_nothing(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("I am a file")
    for argv in (["twin", "activate", "software-engineer"], ["loop", "start", "Is it so?", "--provider", "rehearsal"]):
        ran = run_program(*argv, "--json", env={"COWORK_HOME": str(blocked / "home")})
        assert (ran.code, ran.document["error"]["code"]) == (6, "audit.not_writable")  # what cannot be logged may not be done
        assert str(blocked) in ran.document["error"]["message"]
    assert blocked.read_text() == "I am a file"


def test_ctrl_c_while_waiting_for_stdin_is_130() -> None:
    process = subprocess.Popen(
        [str(PROGRAM), "skill", "render", "standup-update", "--param-file", "activity=-", "--json"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    process.stdin.write(b"some")
    process.stdin.flush()
    _wait_until_reading(process.pid)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=20)
    assert process.returncode == 130
    assert json.loads(out)["error"]["exit"] == 130


def test_completion_knows_verbs_without_importing_them() -> None:
    env = {"_COWORK_COMPLETE": "bash_complete", "COMP_WORDS": "cowork pack s", "COMP_CWORD": "2"}
    assert run_program(env=env).out.split() == ["plain,show", "plain,search", "plain,scaffold", "plain,scan"]


def test_the_completion_script_is_valid_bash() -> None:
    script = run_here("completion", "bash").out
    assert subprocess.run(["bash", "-n"], input=script, text=True).returncode == 0


def _wait_until_reading(pid: int) -> None:
    """Until the process sleeps in a read: it has started and waits for us."""
    for _ in range(2_000_000):
        try:
            if Path(f"/proc/{pid}/wchan").read_text() == "pipe_read" or "pipe" in Path(f"/proc/{pid}/wchan").read_text():
                return
            words = Path(f"/proc/{pid}/syscall").read_text().split()
        except (OSError, IndexError):
            words = []
        if words[:2] == ["0", "0x0"]:
            return
        os.sched_yield()
    raise AssertionError("the process never waited for its stdin")
