"""Delivering: real messages over real HTTP, once to each address, whatever addresses, processes and texts do."""

from __future__ import annotations

import json
import logging
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from cowork.core.errors import CoworkError
from cowork.twins.delivering import Deliveries, deliver, deliver_and_tell, send
from cowork.twins.messages import Message
from cowork.twins.results import Result
from cowork.twins.store import opening
from cowork.twins.store.outbox import AGAIN_MS, REST_MS, SENDING_MS
from tests.support import ROOT, FakeClock, run_here
from tests.twins.parcels import deliveries, evidence, how_many, publish, result, states, telling

SECRET = "hunter2-very-secret"
PROCESS = """
import sys
from cowork.loop import notifying
from cowork.twins.delivering import deliver
from tests.support import FakeClock
notifying.understands("json://localhost")
print("ready", flush=True)
sys.stdin.read()
deliver(FakeClock())
"""


@pytest.fixture
def url(httpserver: HTTPServer) -> str:
    """Where everything is taken at `/told...`, and refused elsewhere."""
    httpserver.expect_request("/told", method="POST").respond_with_data("")
    httpserver.expect_request("/other", method="POST").respond_with_data("")
    return f"json://user:{SECRET}@127.0.0.1:{httpserver.port}"


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that takes a connection and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"json://user:{SECRET}@127.0.0.1:{server.getsockname()[1]}/?rto=60&cto=60"


def received(server: HTTPServer) -> list[tuple[str, str]]:
    """Where what was said."""
    return [(request.path, json.loads(request.data)["message"]) for request, _ in server.log]


def delivering() -> subprocess.Popen[str]:
    """A process that delivers when its input ends."""
    command = [sys.executable, "-c", PROCESS]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def told(made: Deliveries) -> list[tuple[str, str]]:
    return [(item.status, item.problem) for item in made.items]


def test_each_address_is_told_each_result_once(httpserver: HTTPServer, url: str, clock: FakeClock) -> None:
    twin = telling(f"{url}/told", tasks={"two": f"{url}/other"})
    found = publish(twin, result("First."), result("Second.", task="two"), clock=clock)

    made = deliver(clock)

    assert (made.count, made.sent, made.failed, made.waiting_until) == (3, 3, 0, None)
    whole = {item.text: f"{item.text}\n\nWhole: cowork twin results show {item.id}" for item in found}
    assert sorted(received(httpserver)) == [
        ("/other", whole["Second."]),
        ("/told", whole["First."]),
        ("/told", whole["Second."]),
    ]
    assert states(*found) == ["sent"] * 3
    assert deliver(clock).count == 0
    assert len(httpserver.log) == 3


class TestFailing:
    def test_an_address_that_refuses_is_tried_again_until_it_takes_it(
        self, httpserver: HTTPServer, url: str, clock: FakeClock
    ) -> None:
        httpserver.expect_ordered_request("/later").respond_with_data("", status=503)
        httpserver.expect_ordered_request("/later").respond_with_data("")
        (found,) = publish(telling(f"{url}/later"), result(), clock=clock)

        assert told(deliver(clock)) == [("waiting", "the address (JSON) could not be told")]
        assert deliver(clock).count == 0
        clock.advance(AGAIN_MS[0] / 1000)
        assert told(deliver(clock)) == [("sent", "")]
        assert (deliveries(found.id)[0].attempts, deliveries(found.id)[0].problem) == (2, "")

    def test_it_fails_for_good_and_the_result_is_still_there(self, url: str, clock: FakeClock) -> None:
        (found,) = publish(telling(f"{url}/refused"), result("Kept."), clock=clock)

        seen = []
        while made := deliver(clock).items:
            seen.append(made[0].status)
            clock.advance(AGAIN_MS[-1] / 1000)

        assert seen == ["waiting"] * len(AGAIN_MS) + ["failed"]
        assert states(found) == ["failed"]
        assert run_here("twin", "results", "show", found.id, "--json").data["text"] == "Kept."

    def test_an_address_that_a_variable_holds_is_read_when_something_is_sent(
        self, httpserver: HTTPServer, url: str, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        publish(telling("env:MY_SLACK"), result(), clock=clock)

        (first,) = deliver(clock).items
        assert (first.problem, first.address) == ("the variable MY_SLACK is not set", "env:MY_SLACK")
        monkeypatch.setenv("MY_SLACK", f" {url}/told\n")
        clock.advance(AGAIN_MS[0] / 1000)

        assert told(deliver(clock)) == [("sent", "")]
        assert len(httpserver.log) == 1

    def test_what_apprise_does_not_know_is_said_without_saying_what_it_is(self, clock: FakeClock) -> None:
        publish(telling(f"bogus://{SECRET}"), result(), clock=clock)

        assert told(deliver(clock)) == [("waiting", "the address is none that apprise knows")]

    def test_a_message_that_is_refused_holds_up_no_other(self, httpserver: HTTPServer, url: str, clock: FakeClock) -> None:
        def judge(request: Request) -> Response:
            return Response(status=400 if b"poison" in request.data else 200)

        httpserver.expect_request("/judge").respond_with_handler(judge)
        twin, found = telling(f"{url}/judge"), list[Result]()
        for text in ("poison", "good", "better"):
            found += publish(twin, result(text), clock=clock)
            clock.advance(0.001)

        assert told(deliver(clock)) == [("waiting", "the address (JSON) could not be told"), ("waiting", ""), ("waiting", "")]
        clock.advance(REST_MS / 1000)
        deliver(clock)
        assert states(*found) == ["waiting", "sent", "sent"]

    def test_an_address_that_is_bad_does_not_stop_another_at_its_host(
        self, httpserver: HTTPServer, url: str, clock: FakeClock
    ) -> None:
        publish(telling(f"{url}/refused", f"{url}/told"), result(), clock=clock)

        assert sorted(state for state, _ in told(deliver(clock))) == ["sent", "waiting"]

    def test_quiet_hours_hold_for_what_is_tried_again(self, url: str, clock: FakeClock) -> None:
        twin = telling(f"{url}/refused", quiet_hours="08:06-07:00", timezone="UTC")  # it is 08:05
        (found,) = publish(twin, result(), clock=clock)

        assert deliver(clock).failed == 1
        clock.advance(60)
        assert deliver(clock).count == 0
        assert deliveries(found.id)[0].next_at == "2026-02-01T07:00:00.000Z"
        assert deliveries(found.id)[0].problem == "the address (JSON) could not be told"


class TestPatience:
    def test_fifty_deliveries_to_a_host_that_is_dead_take_no_longer_than_one_and_others_are_told(
        self, httpserver: HTTPServer, url: str, silent: str, clock: FakeClock
    ) -> None:
        twin = telling(*(f"{silent}&n={number}" for number in range(10)))
        publish(twin, *(result(f"{number}") for number in range(5)), clock=clock)
        publish(telling(f"{url}/told", name="twin-z"), result(), clock=clock)
        begun = time.monotonic()

        made = deliver(clock, patience_s=0.4)

        assert time.monotonic() - begun < 5
        assert (made.count, made.sent, made.failed) == (51, 1, 1)
        assert how_many("waiting") == 50
        assert [problem for _, problem in told(made) if problem] == ["the address (JSON) said nothing within 0.4 seconds"]

    def test_hosts_are_told_beside_each_other(self, httpserver: HTTPServer, url: str, clock: FakeClock) -> None:
        with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
            dead = [f"json://127.0.0.1:{server.getsockname()[1]}/?rto=60" for server in (one, two)]
            publish(telling(*dead, f"{url}/told"), result(), clock=clock)
            begun = time.monotonic()

            made = deliver(clock, patience_s=0.4)

        assert time.monotonic() - begun < 5
        assert (made.sent, made.failed) == (1, 2)


class TestProcesses:
    def test_one_that_is_killed_after_sending_and_before_recording_has_it_sent_twice_rather_than_never(
        self, httpserver: HTTPServer, clock: FakeClock
    ) -> None:
        (found,) = publish(telling(f"json://127.0.0.1:{httpserver.port}/told"), result(), clock=clock)
        child = delivering()

        def kill_the_sender(_: Request) -> Response:
            child.kill()
            return Response("")

        httpserver.expect_request("/told").respond_with_handler(kill_the_sender)
        child.communicate("go", timeout=30)

        assert child.returncode == -signal.SIGKILL
        assert states(found) == ["sending"]
        clock.advance(SENDING_MS / 1000 + 1)
        assert told(deliver(clock)) == [("sent", "")]
        assert len(httpserver.log) == 2

    def test_several_at_once_never_send_a_delivery_twice(self, httpserver: HTTPServer, url: str, clock: FakeClock) -> None:
        found = [f"Finding {number}." for number in range(30)]
        publish(telling(f"{url}/told"), *map(result, found), clock=clock)
        children = [delivering() for _ in range(2)]
        for child in children:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"

        for child in children:
            assert child.stdin is not None
            child.stdin.write("go")
            child.stdin.close()

        for child in children:
            assert child.wait(30) == 0
            assert child.stdout is not None
            child.stdout.close()
        assert sorted(text.partition("\n")[0] for _, text in received(httpserver)) == sorted(found)
        assert how_many("sent") == 30


class TestMessages:
    def said(self, server: HTTPServer) -> dict[str, str]:
        return json.loads(server.log[-1][0].data)

    def test_it_says_whose_what_and_the_bottom_line_first(self, httpserver: HTTPServer, url: str, clock: FakeClock) -> None:
        text = "# Review queue\n\n_A digest of the evidence alone: no model._\n\n**todo**: 3 open\n\n- one\n- two"
        (found,) = publish(telling(f"{url}/told"), result(text, status="degraded", made_by="rehearsal"), clock=clock)

        deliver(clock)

        assert self.said(httpserver)["title"] == "twin-a: Review queue (not whole) (rehearsal)"
        assert self.said(httpserver)["message"] == (
            "**todo**: 3 open\n\n_A digest of the evidence alone: no model._\n\n- one\n- two"
            f"\n\nWhole: cowork twin results show {found.id}"
        )

    def test_a_hostile_text_wakes_nobody_hides_nothing_and_has_an_end(
        self, httpserver: HTTPServer, url: str, clock: FakeClock
    ) -> None:
        text = "@everyone <!channel> [safe](http://evil) <script>x</script> \x1b[31m\u202e\n" + "x" * 100_000
        (found,) = publish(telling(f"{url}/told"), result(text, title="a\r\nBcc: @all <b>\n" + "t" * 9999), clock=clock)

        deliver(clock)

        said = self.said(httpserver)
        assert said["message"].startswith(
            "@\u2060everyone ‹!channel› [safe] (http://evil) ‹script›x‹/script› \\u001b[31m\\u202e"
        )
        assert said["message"].endswith(f"x…\n\nWhole: cowork twin results show {found.id}")
        assert len(said["message"]) == 4000
        assert said["title"].startswith("twin-a: a Bcc: @\u2060all ‹b› ttt")
        assert len(said["title"]) <= 200

    def test_a_service_that_takes_less_is_given_less_with_the_same_ending(
        self, httpserver: HTTPServer, clock: FakeClock
    ) -> None:
        httpserver.expect_request("/hooks/aaa/bbb").respond_with_data("")
        address = f"rocket://aaa/bbb@127.0.0.1:{httpserver.port}/#general?avatar=no"
        (found,) = publish(telling(address), result("x" * 5000), clock=clock)

        assert deliver(clock).sent == 1

        said = self.said(httpserver)["text"]
        assert said.startswith("# twin")
        assert said.endswith(f"x…\n\nWhole: cowork twin results show {found.id}")
        assert 900 < len(said) <= 1000


class TestSecrets:
    def test_nothing_of_an_address_is_seen_anywhere_but_where_it_is_kept(
        self,
        url: str,
        clock: FakeClock,
        caplog: pytest.LogCaptureFixture,
        capfd: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv("MY_SLACK", f"{url}/refused?token={SECRET}")
        addresses = (f"{url}/told?token={SECRET}", f"{url}/refused", f"bogus://{SECRET}", f"//[{SECRET}", "env:MY_SLACK")
        (found,) = publish(telling(*addresses), result(), clock=clock)
        events: list[tuple[str, dict[str, object]]] = []

        with caplog.at_level(logging.DEBUG):
            deliver_and_tell(clock, lambda *event: events.append(event))
            ran = [
                run_here("twin", "deliver", "--retry", "--json"),
                run_here("twin", "deliver", "--retry", "-vv"),
                run_here("twin", "deliver", "--retry", "--dry-run"),
                run_here("twin", "deliver", "--test", "twin-a", "--json"),
                run_here("twin", "results", "show", found.id, "--json"),
                run_here("twin", "results", "show", found.id),
                run_here("twin", "show", "twin-a", "--json"),
                run_here("doctor", "--json"),
            ]

        assert len(events) == 5
        assert "slack" in str(events).casefold()
        assert [item.code for item in ran[:4]] == [9, 9, 0, 9]
        seen = [caplog.text, *capfd.readouterr(), json.dumps(events), *(item.out + item.err for item in ran)]
        assert [text for text in seen if SECRET in text] == []
        assert [cell for cell in kept() if SECRET in cell] == []


def kept() -> list[str]:
    """Every cell of the database but the addresses themselves."""
    cells = []
    with sqlite3.connect(opening.database_path()) as connection:
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            shown = [column for column in columns if (table, column) != ("addresses", "url")]
            if shown:
                cells += [str(cell) for row in connection.execute(f"SELECT {', '.join(shown)} FROM {table}") for cell in row]
    return cells


def test_deliveries_after_other_work_do_not_fail_it(clock: FakeClock, home: Path) -> None:
    home.mkdir()
    (home / "cowork.db").write_text("this is no database" * 100)
    events: list[tuple[str, dict[str, object]]] = []

    notices = deliver_and_tell(clock, lambda *event: events.append(event))

    assert [(kind, data["code"]) for kind, data in events] == [("delivery.problem", "database.corrupt")]
    assert [notice.code for notice in notices] == ["twin.not_delivered"]
    with pytest.raises(CoworkError):
        deliver(clock)


def test_findings_that_stay_the_same_are_delivered_once_a_day(httpserver: HTTPServer, url: str, clock: FakeClock) -> None:
    twin = telling(f"{url}/told")
    for hour in range(30):
        publish(twin, result(f"After {hour} hours.", evidence(f"pull request 7 waits since {hour} hours")), clock=clock)
        deliver(clock)
        clock.advance(3600)

    assert [text.partition("\n")[0] for _, text in received(httpserver)] == ["After 0 hours.", "After 24 hours."]


def test_an_address_that_names_a_file_is_told_nothing_unless_a_variable_holds_it(
    httpserver: HTTPServer, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"{url}/told?template=/etc/passwd"
    monkeypatch.setenv("MINE", address)

    assert "names a file" in (send(address, Message("t", "b"), 5.0) or "")
    assert received(httpserver) == []
    assert send("env:MINE", Message("t", "b"), 5.0) is None
