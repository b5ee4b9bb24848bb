"""Hooks that are no commands: posted over HTTP, answered by a tool of a real MCP server, judged by a model over HTTP."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from cowork.agent.hook_prompt import MAX_EVENT, read
from cowork.agent.hook_runners import Runner, runners
from cowork.agent.mcp.client import McpServers
from cowork.core import settings as configuration
from cowork.hooks.records import Ran
from cowork.models.select import Target
from tests.agent.mcp.surroundings import python, workspace
from tests.models.styles import OPENAI
from tests.support import FakeClock

GROQ = Target("groq", "m-1")
CHAT = "/v1/chat/completions"
EVENT = {
    "session_id": "s-1",
    "hook_event_name": "PreToolUse",
    "tool_name": "Edit",
    "tool_input": {"file_path": "src/a.py", "count": 3, "edits": [{"old": "x"}]},
}


@dataclass(frozen=True)
class Source:
    origin: str = "user"


@dataclass(frozen=True)
class Told:
    """A handler as runners see one."""

    fields: Mapping[str, Any]
    event: str = "PreToolUse"
    timeout: float = 10.0
    label: str = "the hook"
    source: Source = field(default_factory=Source)


Events = list[tuple[str, dict[str, Any]]]


def made(events: Events | None = None, **more: Any) -> Mapping[str, Runner]:
    heard = [] if events is None else events
    return runners(configuration.load(), FakeClock(), lambda kind, data: heard.append((kind, data)), **more)


def outcome(ran: Ran) -> tuple[int, str, str]:
    return ran.exit_code, ran.stdout, ran.stderr


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


class TestHttp:
    @pytest.fixture(autouse=True)
    def _ours(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("COWORK_PRIVATE_HOSTS", "localhost,127.0.0.1")

    def post(self, server: HTTPServer, *, environ: Mapping[str, str] | None = None, origin: str = "user", **fields: Any) -> Ran:
        handler = Told({"url": server.url_for("/hook"), **fields}, source=Source(origin))
        return made(environ=environ or {})["http"](handler, json.dumps(EVENT), threading.Event())

    def test_the_event_is_posted_and_the_body_is_the_answer(self, httpserver: HTTPServer) -> None:
        httpserver.expect_request("/hook", method="POST", json=EVENT).respond_with_data('{"decision": "block"}')

        assert outcome(self.post(httpserver)) == (0, '{"decision": "block"}', "")
        (request, _), *_ = httpserver.log
        assert request.headers["Content-Type"] == "application/json"

    def test_an_empty_body_is_a_success_that_says_nothing(self, httpserver: HTTPServer) -> None:
        httpserver.expect_request("/hook").respond_with_data("", status=204)

        assert outcome(self.post(httpserver)) == (0, "", "")

    @pytest.mark.parametrize("status", [400, 401, 404, 500, 503])
    def test_another_status_is_a_failure_whatever_the_body_says(self, httpserver: HTTPServer, status: int) -> None:
        httpserver.expect_request("/hook").respond_with_data('{"decision": "block"}', status=status)

        assert outcome(self.post(httpserver)) == (1, "", f"it answers with status {status}")

    def test_a_redirect_is_not_followed(self, httpserver: HTTPServer) -> None:
        httpserver.expect_request("/hook").respond_with_data("", status=307, headers={"Location": httpserver.url_for("/other")})

        assert self.post(httpserver).exit_code == 1
        assert [request.path for request, _ in httpserver.log] == ["/hook"]

    def test_headers_hold_the_variables_that_are_listed_and_no_others(self, httpserver: HTTPServer) -> None:
        httpserver.expect_request("/hook").respond_with_data("")
        headers = {"X-A": "Bearer $TOKEN", "X-B": "${TOKEN}!", "X-C": "-$OTHER-${MISSING}-", "Content-Type": "application/x"}

        self.post(
            httpserver,
            headers=headers,
            allowedEnvVars=["TOKEN", "MISSING"],
            environ={"TOKEN": "canary-0123", "OTHER": "canary-4567"},
        )

        (request, _), *_ = httpserver.log
        sent = [request.headers[name] for name in headers]
        assert sent == ["Bearer canary-0123", "canary-0123!", "---", "application/x"]

    @pytest.mark.parametrize(
        ("origin", "sent"), [("user", "sk-canary"), ("enterprise", "sk-canary"), ("project", ""), ("plugin", "")]
    )
    def test_a_key_of_a_model_provider_goes_to_hooks_of_the_users_own_only(
        self, httpserver: HTTPServer, origin: str, sent: str
    ) -> None:
        httpserver.expect_request("/hook").respond_with_data("")
        key = "ANTHROPIC_API_KEY"

        self.post(httpserver, headers={"X-A": f"${key}"}, allowedEnvVars=[key], environ={key: "sk-canary"}, origin=origin)

        (request, _), *_ = httpserver.log
        assert request.headers.get("X-A", "") == sent

    def test_an_echo_of_a_secret_shows_nowhere(self, httpserver: HTTPServer) -> None:
        httpserver.expect_request("/hook").respond_with_data("you sent canary-0123")

        ran = self.post(httpserver, headers={"X-A": "$T"}, allowedEnvVars=["T"], environ={"T": "canary-0123"})

        assert outcome(ran) == (0, "you sent {{env.T}}", "")

    def test_an_answer_that_is_too_long_is_a_failure(self, httpserver: HTTPServer) -> None:
        httpserver.expect_request("/hook").respond_with_data("x" * (1024 * 1024 + 1))

        assert self.post(httpserver).exit_code == 1

    def test_a_server_that_says_nothing_has_its_time(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as deaf:
            handler = Told({"url": f"http://127.0.0.1:{deaf.getsockname()[1]}/"}, timeout=0.3)

            ran = made()["http"](handler, "{}", threading.Event())

        assert ran.timed_out

    def test_nobody_there_is_a_failure(self) -> None:
        ran = made()["http"](Told({"url": "http://127.0.0.1:9/"}), "{}", threading.Event())

        assert (ran.exit_code, ran.stdout) == (1, "")
        assert ran.stderr.startswith("cannot connect to 127.0.0.1:9")

    @pytest.mark.parametrize("headers", [["a"], {"X": 7}, {"X": "a\r\nY: b"}])
    def test_headers_that_are_none_send_nothing(self, httpserver: HTTPServer, headers: Any) -> None:
        assert self.post(httpserver, headers=headers).exit_code == 1
        assert httpserver.log == []


def test_a_private_address_is_not_reached_unless_the_user_lists_it(httpserver: HTTPServer) -> None:
    ran = made()["http"](Told({"url": httpserver.url_for("/hook")}), "{}", threading.Event())

    assert ran.exit_code == 1
    assert ran.stderr.endswith("is not encrypted")
    assert httpserver.log == []


class TestMcpTool:
    @pytest.fixture
    def place(self, tmp_path: Path) -> Path:
        return tmp_path

    def call(self, place: Path, *, timeout: float = 20.0, stop: threading.Event | None = None, **fields: Any) -> Ran:
        def open_servers() -> McpServers:
            return McpServers(
                [python("server_echo.py"), python("server_bad.py", "hangs_in_call", name="bad")], workspace(place)[0]
            )

        handler = Told({"server": "echo", "tool": "echo", **fields}, timeout=timeout)
        return made(open_servers=open_servers)["mcp_tool"](handler, json.dumps(EVENT), stop or threading.Event())

    def test_the_tools_text_is_what_a_command_would_have_written(self, place: Path) -> None:
        assert outcome(self.call(place, input={"text": '{"decision": "block"}'})) == (0, '{"decision": "block"}', "")

    def test_places_of_the_input_are_filled_in_from_the_event_once(self, place: Path) -> None:
        text = (
            "${tool_input.file_path} ${tool_input.count} ${tool_input.edits.0.old} [${nowhere}] $tool_name ${tool_input.edits}"
        )

        ran = self.call(place, input={"text": text})

        assert outcome(ran) == (0, 'src/a.py 3 x [] $tool_name [{"old": "x"}]', "")

    def test_a_place_alone_keeps_its_type(self, place: Path) -> None:
        assert outcome(self.call(place, tool="many", input={"characters": "${tool_input.count}"})) == (0, "xxx", "")

    def test_structure_is_json_where_there_is_no_text(self, place: Path) -> None:
        assert outcome(self.call(place, tool="structure")) == (0, '{"answer": 42}', "")

    def test_a_tool_that_fails_is_a_failure(self, place: Path) -> None:
        assert outcome(self.call(place, tool="fails")) == (1, "", "Error executing tool fails")

    def test_a_server_that_is_not_there_is_a_failure(self, place: Path) -> None:
        assert outcome(self.call(place, server="nope")) == (1, "", "there is no MCP server 'nope'")

    def test_it_has_its_time(self, place: Path) -> None:
        assert self.call(place, server="bad", tool="work", timeout=1.0).timed_out

    def test_it_ends_when_nobody_waits_any_longer(self, place: Path) -> None:
        stop = threading.Event()
        threading.Timer(0.5, stop.set).start()
        began = time.monotonic()

        assert self.call(place, server="bad", tool="work", timeout=600, stop=stop).timed_out
        assert time.monotonic() - began < 30

    def test_the_servers_of_the_run_are_used_where_they_live(self, place: Path) -> None:
        space, events = workspace(place)

        async def main() -> list[tuple[int, str, str]]:
            async with McpServers([python("server_echo.py")], space) as servers:
                runner = made(servers=servers)["mcp_tool"]
                handler = Told({"server": "echo", "tool": "echo", "input": {"text": "hi"}})
                return [
                    outcome(await asyncio.to_thread(runner, handler, json.dumps(EVENT), threading.Event())) for _ in range(2)
                ]

        assert asyncio.run(main()) == [(0, "hi", ""), (0, "hi", "")]
        assert [kind for kind, _ in events] == ["mcp.connected"], "one server for both"

    def test_without_servers_there_is_no_such_runner(self) -> None:
        assert sorted(made()) == ["http", "prompt"]


class TestPrompt:
    @pytest.fixture(autouse=True)
    def _groq(self, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GROQ_API_KEY", "sk-canary-0123456789")
        monkeypatch.setenv("GROQ_BASE_URL", httpserver.url_for("/v1"))

    def ask(
        self,
        server: HTTPServer | None,
        answer: str = "",
        *,
        event: str = "PreToolUse",
        stdin: str | None = None,
        events: Events | None = None,
        target: Target = GROQ,
        **fields: Any,
    ) -> Ran:
        if server is not None:
            server.expect_ordered_request(CHAT).respond_with_data(OPENAI.stream(answer), content_type="text/event-stream")
        handler = Told({"prompt": "Is this allowed? $ARGUMENTS", **fields}, event=event)
        told = json.dumps(EVENT) if stdin is None else stdin
        return made(events, target=target)["prompt"](handler, told, threading.Event())

    def test_yes_says_nothing(self, httpserver: HTTPServer) -> None:
        assert outcome(self.ask(httpserver, '{"ok": true}')) == (0, "", "")

    @pytest.mark.parametrize(
        ("event", "more", "says"),
        [
            (
                "PreToolUse",
                {},
                {
                    "hookSpecificOutput": {
                        "hookEventName": "PreToolUse",
                        "permissionDecision": "deny",
                        "permissionDecisionReason": "not here",
                    }
                },
            ),
            ("Stop", {}, {"decision": "block", "reason": "not here"}),
            ("SubagentStop", {}, {"decision": "block", "reason": "not here"}),
            ("PostToolUse", {}, {"continue": False, "stopReason": "not here"}),
            ("PostToolUse", {"continueOnBlock": True}, {"decision": "block", "reason": "not here"}),
            ("UserPromptSubmit", {}, {"continue": False, "stopReason": "not here"}),
            ("UserPromptSubmit", {"continueOnBlock": True}, {"continue": False, "stopReason": "not here"}),
        ],
    )
    def test_no_does_what_the_event_is_for(
        self, httpserver: HTTPServer, event: str, more: dict[str, Any], says: dict[str, Any]
    ) -> None:
        ran = self.ask(httpserver, '{"ok": false, "reason": "not here"}', event=event, **more)

        assert ran.exit_code == 0
        assert json.loads(ran.stdout) == says

    def test_no_without_a_reason_is_a_no(self, httpserver: HTTPServer) -> None:
        ran = self.ask(httpserver, '{"ok": false}', event="Stop")

        assert json.loads(ran.stdout) == {"decision": "block", "reason": "a prompt hook refused it and gave no reason"}

    def test_the_event_stands_where_the_prompt_wants_it(self, httpserver: HTTPServer) -> None:
        self.ask(httpserver, '{"ok": true}')
        self.ask(httpserver, '{"ok": true}', prompt="Judge.")

        bodies = [json.loads(request.data) for request, _ in httpserver.log]
        asked = [body["messages"][-1]["content"] for body in bodies]
        assert asked == [f"Is this allowed? {json.dumps(EVENT)}", f"Judge.\n\n{json.dumps(EVENT)}"]

    def test_the_handlers_model_is_asked_where_it_names_one(self, httpserver: HTTPServer) -> None:
        for model in ("m-2", "groq/m-3", "haiku", "inherit", None):
            self.ask(httpserver, '{"ok": true}', **({"model": model} if model else {}))

        assert [json.loads(request.data)["model"] for request, _ in httpserver.log] == ["m-2", "m-3", "m-1", "m-1", "m-1"]

    def test_what_it_cost_is_told(self, httpserver: HTTPServer) -> None:
        events: Events = []

        self.ask(httpserver, '{"ok": true}', events=events)

        ((kind, data),) = events
        assert (kind, data["ok"], data["input_tokens"], data["tokens_source"]) == ("hook.judged", True, 11, "reported")

    @pytest.mark.parametrize(
        "answer",
        [
            "yes",
            "{}",
            "[true]",
            '{"ok": "true"}',
            '{"ok": 1}',
            '{"ok": null}',
            '{"ok": true',
            'The event says {"ok": true}, so I refuse.',
            '{"ok": true} {"ok": false}',
        ],
    )
    def test_an_answer_that_is_no_verdict_is_a_failure(self, httpserver: HTTPServer, answer: str) -> None:
        ran = self.ask(httpserver, answer)

        assert (ran.exit_code, ran.stdout) == (1, "")
        assert ran.stderr.startswith("the model's answer is no verdict: ")

    @pytest.mark.parametrize(
        "answer", ['```json\n{"ok": true}\n```', '```\n{"ok": true}```\n', '\n {"ok": true, "reason": 7} ']
    )
    def test_a_fence_and_blanks_are_forgiven(self, answer: str) -> None:
        assert read(answer) == (True, "")

    def test_a_model_that_is_not_there_is_a_failure(self, httpserver: HTTPServer) -> None:
        httpserver.expect_ordered_request(CHAT).respond_with_json({"error": {"message": "bad key"}}, status=401)

        assert self.ask(None).exit_code == 1

    def test_an_event_that_is_too_long_is_not_judged_by_its_beginning(self, httpserver: HTTPServer) -> None:
        ran = self.ask(None, stdin="x" * (MAX_EVENT + 1))

        assert outcome(ran) == (1, "", f"the event is longer than {MAX_EVENT} characters and was not judged")
        assert httpserver.log == []

    def test_a_rehearsal_says_that_it_cannot_judge(self) -> None:
        ran = self.ask(None, target=Target("rehearsal", "extract-1"))

        assert ran.exit_code == 0
        message = "the prompt hook 'the hook' was not asked: a rehearsal cannot judge"
        assert json.loads(ran.stdout) == {"systemMessage": message}

    def test_a_model_that_says_nothing_has_the_handlers_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with socket.create_server(("127.0.0.1", 0)) as deaf:
            monkeypatch.setenv("GROQ_BASE_URL", f"http://127.0.0.1:{deaf.getsockname()[1]}/v1")
            handler = Told({"prompt": "?"}, timeout=0.5)

            ran = made(target=GROQ)["prompt"](handler, "{}", threading.Event())

        assert ran.timed_out
