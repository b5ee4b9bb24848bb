"""What agents printed: found by iteration, task and agent, bounded, safe to show, followed, and cleaned away."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from cowork.core.errors import CoworkError
from cowork.loop.control import logs
from cowork.loop.control.log_following import _Growing
from cowork.loop.control.logs import Selection, clean, read
from cowork.sessions import places
from cowork.sessions.places import Workplace
from tests.loop.control.loops import SESSION, ended, head, over, running, session, started, worked
from tests.support import PROGRAM, run_here


@pytest.fixture
def place() -> Workplace:
    made = session(head(), started(1), over(1), started(2, "t-2", agent="codex"), over(2, "t-2"), started(3), over(3))
    for number in (1, 2, 3):
        made.output(number).write_text(f"begins {number}\nworks {number}\nends {number}\n")
        (made.outputs / f"{number:04d}.prompt.md").write_text(f"# prompt {number}\n")
    (made.outputs / "0002.log.err").write_text("warning 2\n")
    (made.outputs / "notes.txt").write_text("not a log")
    return made


def shown(*argv: str) -> list[tuple[int, str]]:
    return [(item["iteration"], item["text"]) for item in run_here("loop", "logs", *argv, "--json").data["items"]]


def test_by_default_it_is_what_the_last_iteration_printed(place: Workplace) -> None:
    assert shown() == [(3, "begins 3\nworks 3\nends 3\n")]
    assert run_here("loop", "logs").out == "begins 3\nworks 3\nends 3\n"


def test_an_iteration_a_task_and_an_agent_choose(place: Workplace) -> None:
    assert [number for number, _ in shown("--iteration", "2")] == [2]
    assert [number for number, _ in shown("--task", "t-1")] == [1, 3]
    assert [number for number, _ in shown("--agent", "codex")] == [2]
    assert shown("--prompt") == [(3, "# prompt 3\n")]
    assert shown("--stderr") == [(2, "warning 2\n")]
    assert shown("--task", "t-1", "--tail", "1") == [(1, "ends 1\n"), (3, "ends 3\n")]


@pytest.mark.parametrize("argv", [["--iteration", "4"], ["--task", "t-9"], ["--agent", "x"], ["--stderr", "--iteration", "1"]])
def test_a_log_that_is_not_there_is_said_to_be_missing(place: Workplace, argv: list[str]) -> None:
    ran = run_here("loop", "logs", *argv, "--json")
    assert (ran.code, ran.document["error"]["code"]) == (3, "loop.no_log")


def test_what_is_printed_for_programs_is_shown_in_words_unless_it_is_to_be_raw(place: Workplace) -> None:
    records = [
        {"type": "system", "subtype": "init", "model": "opus"},
        {"type": "assistant", "message": {"id": "m", "content": [{"type": "text", "text": "I look."}]}},
        {
            "type": "assistant",
            "message": {"id": "m", "content": [{"type": "tool_use", "id": "t", "name": "Bash", "input": {}}]},
        },
        {"type": "user", "message": {"content": [{"type": "tool_result", "tool_use_id": "t", "is_error": True}]}},
        {"type": "assistant", "message": {"id": "n", "content": [{"type": "text", "text": "Done."}]}},
        {"type": "result", "subtype": "success", "result": "Done."},
    ]
    raw = "no record\n" + "".join(json.dumps(record) + "\n" for record in records)
    place.output(3).write_text(raw)
    assert shown() == [(3, "no record\nI look.\n[Bash]\n[Bash failed]\nDone.\n")]
    assert shown("--tail", "1") == [(3, "Done.\n")]
    assert shown("--raw") == [(3, raw)]


def test_what_is_missing_is_named_and_nothing_is_said_to_be_nothing(place: Workplace) -> None:
    assert "iterations 1-3" in run_here("loop", "logs", "--iteration", "9").err
    assert "t-1, t-2" in run_here("loop", "logs", "--task", "t-9").err
    assert "iteration 2" in run_here("loop", "logs", "--stderr", "--iteration", "1").err
    place.output(3).write_text("")
    assert "nothing" in run_here("loop", "logs").out


def test_a_log_of_any_size_is_shown_from_its_end_in_bounded_memory(place: Workplace) -> None:
    with place.output(3).open("wb") as stream:
        stream.truncate(3 * 1024**3)  # a hole: three gigabytes that take no space
        stream.seek(0, os.SEEK_END)
        stream.write(b"\nlast words\n" * 10)
    (item,) = read(place, Selection(tail=2, raw=True)).items
    assert item.text == "\nlast words\n"
    assert item.left_out == place.output(3).stat().st_size - len(item.text)
    assert sum(len(item.text) for item in read(place, Selection(task="t-1")).items) <= logs.MOST_BYTES


def test_nothing_that_was_printed_drives_the_terminal(place: Workplace) -> None:
    place.output(3).write_bytes(b"\x1b[2J\x07[bold]red[/] \xff\xfe\r\nnext\n")
    ran = run_here("loop", "logs")
    assert "\x1b" not in ran.out
    assert "\\u001b[2J\\u0007[bold]red[/] \ufffd\ufffd\nnext\n" in ran.out
    assert "\x1b" not in run_here("loop", "logs", "--json").out


def test_links_and_directories_are_no_logs(place: Workplace, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    (place.outputs / "0009.log").symlink_to(secret)
    (place.outputs / "0010.log").mkdir()
    assert shown() == [(3, "begins 3\nworks 3\nends 3\n")]
    clean(place, 0, dry_run=False)
    assert secret.read_text() == "secret"


def test_cleaning_keeps_the_last_ones_and_everything_that_is_no_log(place: Workplace) -> None:
    planned = run_here("loop", "logs", "--clean", "--keep", "1", "--dry-run", "--json").data
    assert len(planned["plan"]) == 5
    assert place.output(1).exists()
    done = run_here("loop", "logs", "--clean", "--keep", "1", "--yes", "--json").data
    assert done["removed"] == planned["removed"]
    assert sorted(path.name for path in place.outputs.iterdir()) == ["0003.log", "0003.prompt.md", "notes.txt"]
    assert run_here("loop", "logs", "--clean", "--keep", "5", "--yes", "--json").data["removed"] == []
    assert run_here("loop", "status").code == 0


def test_cleaning_asks_and_does_not_touch_a_session_that_runs(place: Workplace, home: Path) -> None:
    ran = run_here("loop", "logs", "--clean", "--keep", "0", "--json")
    assert (ran.code, ran.document["error"]["code"]) == (2, "usage.confirmation_needed")
    with places.held(place):
        ran = run_here("loop", "logs", "--clean", "--keep", "0", "--yes", "--json")
    assert (ran.code, ran.document["error"]["code"]) == (5, "session.running")
    assert place.output(1).exists()
    home.joinpath("policies.json").write_text("{ corrupt")
    assert run_here("loop", "logs", "--clean", "--keep", "0", "--yes").code == 6
    assert place.output(1).exists()


@pytest.mark.parametrize(
    "argv",
    [["--dry-run"], ["--prompt", "--stderr"], ["--follow", "--json"], ["--follow", "--tail", "1"], ["--follow", "--task", "t"]],
)
def test_options_that_do_not_go_together_are_refused(place: Workplace, argv: list[str]) -> None:
    assert run_here("loop", "logs", *argv).code == 2


def test_what_is_printed_is_followed_as_it_comes_from_iteration_to_iteration() -> None:
    place = session(head(), started(1))
    words = [str(PROGRAM), "loop", "logs", "--follow"]
    with running(place) as writer, subprocess.Popen(words, stdout=subprocess.PIPE) as follow:
        try:
            assert follow.stdout is not None
            writer.write("output", ["0001.log", b"first \x1b[2J\n".hex()])
            assert follow.stdout.readline() == b"first \\u001b[2J\n"
            whole = "ä\n".encode()
            writer.write("output", ["0001.log", whole[:1].hex()])
            writer.write("output", ["0001.log", whole[1:].hex()])
            assert follow.stdout.readline() == whole
            writer.write("output", ["0002.log", b"second\n".hex()])
            assert follow.stdout.readline() == b"second\n"
            writer.write("output", ["0002.log", b"last".hex()])
            writer.write(*ended("run.completed"))
            writer.end()
            assert (follow.stdout.read(), follow.wait(30)) == (b"last", 0)
        finally:
            follow.kill()


def test_a_character_that_comes_in_two_pieces_is_one_character() -> None:
    place = session(head())
    heard: list[str] = []
    log = _Growing(place, 1, "output")
    log.pass_on(lambda _, text: heard.append(text))
    for byte in "aä€".encode():
        with place.output(1).open("ab") as stream:
            stream.write(bytes([byte]))
        log.pass_on(lambda _, text: heard.append(text))
    assert heard == ["a", "ä", "€"]


# Export


def test_a_session_is_exported_as_markdown_that_tells_it() -> None:
    session(
        head(), started(1), worked(1, message="I wrote it.\n<promise>COMPLETE</promise>"),
        ("check.completed", {"iteration": 1, "task": "t-1", "command": "make test", "status": 1, "output": "", "seconds": 1.0}),
        ("completion.rejected", {"iteration": 1, "task": "t-1", "reasons": ["make test"]}), over(1, outcome="rejected"),
        ended("run.limit", "one iteration"),
    )  # fmt: skip
    text = run_here("loop", "export").out
    assert text.startswith("# loop: Write the parser\n")
    for part in (
        "- status: limit (done)",
        "## Iteration 1, task t-1",
        "I wrote it.\n",
        "- check make test fails with 1",
        "Ended: one iteration",
    ):
        assert part in text


def test_a_session_is_exported_as_its_journal_and_as_one_document() -> None:
    place = session(head(), started(1), worked(1), over(1), ended("run.completed"))
    lines = run_here("loop", "export", "--format", "jsonl").out.splitlines()
    assert [json.loads(line) for line in lines] == [json.loads(line) for line in place.journal.read_text().splitlines()]
    data = run_here("loop", "export", SESSION, "--format", "json", "--json").data
    document = json.loads(data["content"])
    assert (data["format"], document["session"]["status"], len(document["events"])) == ("json", "completed", 5)


def test_one_run_of_a_pattern_is_exported_too() -> None:
    run_here("loop", "start", "Is A or B it?", "--pattern", "debate", "--provider", "rehearsal")
    assert "## first, round 0" in run_here("loop", "export").out
    assert run_here("loop", "export", "--format", "json").code == 0


def test_a_disk_that_refuses_to_remove_is_an_error(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "unlink", refused)
    with pytest.raises(CoworkError) as error:
        clean(place, 0, dry_run=False)
    assert error.value.code == "file.not_writable"
