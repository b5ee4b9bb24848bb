"""The hooks of a session: all at the same time, each in a group of its own, and none that can hold up or break the session."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from cowork.hooks.command import DEPTH, without_secrets
from cowork.hooks.dispatch import MAX_DEPTH, Hooks
from cowork.hooks.process import KEPT
from cowork.hooks.records import Source
from tests.hooks.making import BASH, answer, command, document, hooks
from tests.hooks.pipes import watch

PROMPTLY = 30  # seconds; far less than the handlers would take, far more than a busy machine needs


def test_where_no_hook_listens_nothing_is_said(tmp_path: Path) -> None:
    merged = hooks(tmp_path, "Stop", command("exit 2")).fire("PreToolUse", BASH)

    assert (merged.blocked, merged.decision, merged.errors, merged.ran) == (False, None, [], [])


def test_a_handler_gets_the_event_with_its_name_on_stdin(tmp_path: Path) -> None:
    hooks(tmp_path, "PreToolUse", command(f"cat > {tmp_path / 'seen'}")).fire("PreToolUse", {**BASH, "cwd": "/"})

    assert json.loads((tmp_path / "seen").read_text()) == {**BASH, "cwd": "/", "hook_event_name": "PreToolUse"}


def test_handlers_run_at_the_same_time(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a")
    os.mkfifo(tmp_path / "b")
    one = command(f"echo 1 > {tmp_path / 'a'}; cat {tmp_path / 'b'}", timeout=PROMPTLY)  # each waits for the other
    two = command(f"cat {tmp_path / 'a'}; echo 2 > {tmp_path / 'b'}", timeout=PROMPTLY)

    merged = hooks(tmp_path, "Notification", one, two).fire("Notification", {})

    assert [(ran.exit_code, ran.stdout) for ran in merged.ran] == [(0, "2\n"), (0, "1\n")]


def test_each_handlers_end_origin_and_time_are_there_for_the_journal(tmp_path: Path) -> None:
    quick, slow = command("exit 1"), command("sleep 0.3")

    ran = hooks(tmp_path, "Stop", quick, slow, origin="plugin").fire("Stop", {}).ran

    assert [(item.command, item.exit_code, item.origin) for item in ran] == [
        ("exit 1", 1, "plugin"),
        ("sleep 0.3", 0, "plugin"),
    ]
    assert 0 < ran[0].seconds < ran[1].seconds
    assert ran[1].seconds >= 0.3


def test_a_handler_that_hangs_is_killed_with_its_group_and_does_not_block(tmp_path: Path) -> None:
    with watch(tmp_path / "alive") as alive:
        hang = command(f"(echo child; sleep 600) > {alive.path} & sleep 600", timeout=1)

        merged = hooks(tmp_path, "PreToolUse", hang, command(answer(permissionDecision="ask"))).fire("PreToolUse", BASH)

        assert (merged.blocked, merged.decision) == (False, "ask")
        assert [ran.timed_out for ran in merged.ran] == [True, False]
        assert "hook timed out" in merged.errors[0]
        assert alive.read() == b"child\n"
        assert alive.read() == b"", "a child outlived its handler"


def test_a_handler_that_forks_without_end_is_killed_with_all_it_made(tmp_path: Path) -> None:
    with watch(tmp_path / "alive") as alive:
        forks = command(f"exec 3> {alive.path}; echo up >&3; while :; do sleep 600 & sleep 0.01; done", timeout=0.7)

        merged = hooks(tmp_path, "PreToolUse", forks).fire("PreToolUse", BASH)

        assert merged.ran[0].timed_out
        assert alive.read() == b"up\n"
        assert alive.read() == b""


def test_who_stops_need_not_wait_for_handlers(tmp_path: Path) -> None:
    stopping = threading.Event()
    with watch(tmp_path / "alive") as alive:
        session = hooks(tmp_path, "PreToolUse", command(f"echo up > {alive.path}; exec 3> {alive.path}; sleep 600"))
        found: list[Any] = []
        thread = threading.Thread(target=lambda: found.append(session.fire("PreToolUse", BASH, stopping)))
        thread.start()
        assert alive.read() == b"up\n"

        stopping.set()

        thread.join(PROMPTLY)
        assert [(ran.stopped, ran.timed_out) for ran in found[0].ran] == [(True, False)]
        assert "hook was stopped" in found[0].errors[0]


def test_of_a_flood_a_megabyte_is_kept_and_the_rest_dropped(tmp_path: Path) -> None:
    flood = command("head -c 100000000 /dev/zero | tr '\\0' x; head -c 3000000 /dev/zero | tr '\\0' y >&2; exit 1")

    ran = hooks(tmp_path, "Stop", flood).fire("Stop", {}).ran[0]

    assert (ran.exit_code, ran.timed_out, ran.cut) == (1, False, True)
    assert (len(ran.stdout), len(ran.stderr)) == (KEPT, KEPT)


@pytest.mark.parametrize("tail", ["", " | tr '\\0' ' '"], ids=["cut in the middle", "cut after the end"])
def test_json_that_is_cut_off_is_no_decision_and_blocks(tmp_path: Path, tail: str) -> None:
    flood = command(f"printf '%s' '{{\"systemMessage\": \"fine\"}}'; head -c 100000000 /dev/zero{tail}")

    merged = hooks(tmp_path, "PreToolUse", flood).fire("PreToolUse", BASH)

    assert merged.blocked
    assert "cannot be used (it is longer than 1 MB)" in merged.reason


def test_a_flood_of_context_is_cut_to_what_a_model_can_bear(tmp_path: Path) -> None:
    merged = hooks(tmp_path, "SessionStart", command("head -c 500000 /dev/zero | tr '\\0' x")).fire("SessionStart", {})

    assert [len(text) for text in merged.contexts] == [10_000]


@pytest.mark.parametrize("said", ["{not json", '{"decision": "perhaps"}'])
def test_invalid_json_blocks_and_says_so(tmp_path: Path, said: str) -> None:
    merged = hooks(tmp_path, "PreToolUse", command(f"echo '{said}'")).fire("PreToolUse", BASH)

    assert merged.blocked
    assert "cannot be used" in merged.reason


@pytest.mark.parametrize(
    ("text", "failure"),
    [
        ("kill -SEGV $$", f"hook failed with {-signal.SIGSEGV}"),
        ("exit 1", "hook failed with 1"),
        ("/no/such/guard", "hook failed with 127"),
        ("sleep 600", "hook timed out"),
    ],
)
def test_a_failure_passes_unless_the_handler_fails_closed(tmp_path: Path, text: str, failure: str) -> None:
    opened = hooks(tmp_path, "PreToolUse", command(text, timeout=0.5)).fire("PreToolUse", BASH)
    closed = hooks(tmp_path, "PreToolUse", command(text, timeout=0.5, onError="closed")).fire("PreToolUse", BASH)

    assert (opened.blocked, opened.errors[0].startswith(failure)) == (False, True)
    assert (closed.blocked, closed.exit_code) == (True, 2)
    assert closed.reason.startswith(failure)


def test_where_nothing_can_be_blocked_a_closed_failure_is_only_reported(tmp_path: Path) -> None:
    merged = hooks(tmp_path, "SessionStart", command("exit 1", onError="closed")).fire("SessionStart", {})

    assert (merged.blocked, merged.exit_code) == (False, 0)
    assert len(merged.errors) == 1


def test_a_program_with_arguments_needs_no_shell(tmp_path: Path) -> None:
    source = Source("x", "plugin", env={"CLAUDE_PLUGIN_ROOT": "/a b"}, document=document(
        "Stop", command("printf", args=["%s|%s|%s", "$HOME; exit 2", "${CLAUDE_PLUGIN_ROOT}/x", "${HOME}"])
    ))  # fmt: skip

    ran = Hooks([source], project=tmp_path).fire("Stop", {}).ran[0]

    assert (ran.exit_code, ran.stdout) == (0, "$HOME; exit 2|/a b/x|${HOME}")


def test_a_program_that_is_missing_fails_as_a_shell_would_say_it(tmp_path: Path) -> None:
    assert hooks(tmp_path, "Stop", command("/no/such", args=[])).fire("Stop", {}).ran[0].exit_code == 127


def test_handlers_run_where_the_event_is_else_in_the_project(tmp_path: Path) -> None:
    (tmp_path / "a b").mkdir()
    session = hooks(tmp_path, "Stop", command("pwd; echo $CLAUDE_PROJECT_DIR"))

    assert session.fire("Stop", {"cwd": str(tmp_path / "a b")}).ran[0].stdout == f"{tmp_path / 'a b'}\n{tmp_path}\n"
    assert session.fire("Stop", {"cwd": "/nowhere"}).ran[0].stdout == f"{tmp_path}\n{tmp_path}\n"


SECRETS = {
    "ACME_API_KEY": "1", "GITHUB_TOKEN": "2", "db_password": "3", "AWS_SECRET_ACCESS_KEY": "4", "FTP_PASS": "5",
    "DATABASE_URL": "postgres://me:hidden@db/x",
}  # fmt: skip
PLAIN = {"PLAIN": "kept", "COMPASS": "north", "GIT_AUTHOR_NAME": "me", "HOMEPAGE": "https://example.com:80/@me"}


@pytest.mark.parametrize("origin", ["enterprise", "user", "project", "plugin", "agent", "skill"])
def test_only_the_users_own_hooks_see_secrets(tmp_path: Path, origin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (SECRETS | PLAIN).items():
        monkeypatch.setenv(name, value)

    seen = hooks(tmp_path, "Stop", command("env"), origin=origin).fire("Stop", {}).ran[0].stdout.splitlines()

    found = {line.partition("=")[0] for line in seen}
    assert {*PLAIN, "PATH", "HOME"} <= found
    assert found & set(SECRETS) == (set(SECRETS) if origin in ("enterprise", "user") else set())


@pytest.mark.parametrize(("key", "given"), [("core.abbrev", 5), ("http.extraheader", 0), ("a.password", 0)])
def test_settings_of_git_are_handed_on_all_together_or_not_at_all(key: str, given: int) -> None:
    settings = {"GIT_CONFIG_COUNT": "2", "GIT_CONFIG_KEY_0": "a.b", "GIT_CONFIG_VALUE_0": "c", "GIT_CONFIG_KEY_1": key}
    assert len(without_secrets({**settings, "GIT_CONFIG_VALUE_1": "d"})) == given


def test_a_plugin_is_told_its_places_and_has_a_place_for_data(tmp_path: Path) -> None:
    env = {"CLAUDE_PLUGIN_ROOT": "/plugin", "CLAUDE_PLUGIN_DATA": str(tmp_path / "data" / "p")}
    source = Source(
        "x", "plugin", env=env, document=document("Stop", command('echo $CLAUDE_PLUGIN_ROOT; cd "$CLAUDE_PLUGIN_DATA"'))
    )

    ran = Hooks([source], project=tmp_path).fire("Stop", {}).ran[0]

    assert (ran.exit_code, ran.stdout) == (0, "/plugin\n")


def test_a_background_handler_is_not_waited_for_and_decides_nothing(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "go")
    with watch(tmp_path / "alive") as alive:
        later = command(f"cat {tmp_path / 'go'}; cat > {alive.path}; exit 2", **{"async": True})
        session = hooks(tmp_path, "Stop", later)

        merged = session.fire("Stop", {"x": "y" * 200_000})

        assert (merged.blocked, merged.errors) == (False, [])
        (tmp_path / "go").write_text("")
        assert alive.read().startswith(b'{"x": "yyy')
        session.close()


def test_a_background_handler_is_ended_when_its_time_is_up_or_the_session_is_over(tmp_path: Path) -> None:
    for timeout, close in ((1, False), (600, True)):
        with watch(tmp_path / f"alive{timeout}") as alive:
            session = hooks(
                tmp_path, "Stop", command(f"exec > {alive.path}; echo up; sleep 600", timeout=timeout, **{"async": True})
            )
            session.fire("Stop", {})
            assert alive.read() == b"up\n"

            if close:
                session.close()

            assert alive.read() == b""
            session.close()


def test_what_a_session_start_hook_exports_comes_back(tmp_path: Path) -> None:
    first = command('echo "export MODE=\'a b\'" >> "$CLAUDE_ENV_FILE"')
    second = command(
        'until grep -q MODE "$CLAUDE_ENV_FILE"; do sleep 0.02; done; echo \'export P="$MODE:$(id)"\' >> "$CLAUDE_ENV_FILE"'
    )

    merged = hooks(tmp_path, "SessionStart", first, second).fire("SessionStart", {"source": "startup"})

    assert merged.env == {"MODE": "a b"}
    assert [error for error in merged.errors if "left out" in error] == [
        "line 2 of what SessionStart hooks export is left out: it holds a substitution"
    ]


def test_hooks_that_run_each_other_come_to_an_end_that_blocks(tmp_path: Path) -> None:
    echo = command(f"echo ${DEPTH}")
    assert hooks(tmp_path, "Stop", echo, environ={}).fire("Stop", {}).ran[0].stdout == "1\n"
    assert hooks(tmp_path, "Stop", echo, environ={DEPTH: "2"}).fire("Stop", {}).ran[0].stdout == "3\n"

    for depth in (str(MAX_DEPTH), "many", "-1"):
        merged = hooks(tmp_path, "PreToolUse", echo, environ={DEPTH: depth}).fire("PreToolUse", BASH)
        assert merged.blocked
        assert "run each other" in merged.reason


def test_an_event_that_cowork_does_not_fire_is_a_mistake_of_the_caller(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="unknown event 'Elicitation'"):
        hooks(tmp_path, "Stop", command("true")).fire("Elicitation", {})


def test_a_hook_for_one_time_runs_one_time(tmp_path: Path) -> None:
    session = hooks(tmp_path, "Stop", command("echo", once=True), origin="skill")

    assert [len(session.fire("Stop", {}).ran) for _ in range(3)] == [1, 0, 0]
    assert [len(hooks(tmp_path, "Stop", command("echo", once=True)).fire("Stop", {}).ran)] == [1]  # means nothing elsewhere


def test_an_agents_stop_hook_hears_it_stop_as_a_subagent_too(tmp_path: Path) -> None:
    session = hooks(tmp_path, "Stop", command("exit 2"), origin="agent")

    assert session.fire("SubagentStop", {"agent_type": "x"}).blocked
    assert session.fire("Stop", {}).blocked
    assert not hooks(tmp_path, "Stop", command("exit 2")).fire("SubagentStop", {"agent_type": "x"}).blocked


def test_many_threads_may_fire_at_once(tmp_path: Path) -> None:
    session = hooks(tmp_path, "PreToolUse", command("cat; exit 1"))
    found: dict[int, str] = {}

    def fire(number: int) -> None:
        found[number] = session.fire("PreToolUse", {"n": number}).ran[0].stdout

    threads = [threading.Thread(target=fire, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PROMPTLY)
    assert {number: json.loads(text)["n"] for number, text in found.items()} == {number: number for number in range(12)}


def test_no_descriptor_and_no_zombie_is_left_behind(tmp_path: Path) -> None:
    session = hooks(
        tmp_path, "PreToolUse", command("cat; echo x >&2"), command("sleep 600", timeout=0.1), command("/no", args=[])
    )
    before = len(os.listdir("/proc/self/fd"))

    for _ in range(3):
        session.fire("PreToolUse", BASH)

    assert len(os.listdir("/proc/self/fd")) == before
    zombie = (0, 0)
    with contextlib.suppress(ChildProcessError):  # there is no child at all; others may have one that lives
        zombie = os.waitpid(-1, os.WNOHANG)
    assert zombie == (0, 0)


def test_a_handler_gets_no_descriptor_of_ours(tmp_path: Path) -> None:
    ours = os.open(os.devnull, os.O_RDONLY)
    os.set_inheritable(ours, True)
    try:
        listing = hooks(
            tmp_path, "Stop", command(f"{sys.executable} -c 'import os; print(os.path.exists(\"/proc/self/fd/{ours}\"))'")
        )
        assert listing.fire("Stop", {}).ran[0].stdout == "False\n"
    finally:
        os.close(ours)


def test_the_session_is_read_once_and_later_changes_of_its_files_change_nothing(tmp_path: Path) -> None:
    path = tmp_path / "hooks.json"
    path.write_text(json.dumps(document("PreToolUse", command("exit 2"))))
    session = Hooks([Source(str(path), "user")], project=tmp_path)

    path.write_text("{}")

    assert session.fire("PreToolUse", BASH).blocked


def test_time_is_kept_for_each_handler_on_its_own(tmp_path: Path) -> None:
    started = time.monotonic()

    merged = hooks(tmp_path, "Stop", command("sleep 600", timeout=0.2), command("sleep 1; echo done")).fire("Stop", {})

    assert [ran.timed_out for ran in merged.ran] == [True, False]
    assert merged.ran[1].stdout == "done\n"
    assert time.monotonic() - started < PROMPTLY
