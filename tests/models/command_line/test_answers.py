"""An answer is the final message, in every dialect; tokens are counted once; what failed has its class."""

from __future__ import annotations

import pytest

from cowork.models.chat import ChatRequest, ToolDefinition, Usage
from cowork.models.errors import (
    AuthError,
    BadModelError,
    DownError,
    FundsError,
    LateError,
    MalformedError,
    NoToolsError,
    ProviderError,
    TooBigError,
    UntrustedError,
    WaitError,
)
from tests.models.command_line.agents import Agents
from tests.models.command_line.speech import (
    CLAUDE,
    CLAUDE_INIT,
    CODEX,
    GEMINI,
    GEMINI_INIT,
    OPENCODE,
    Speech,
    all_four,
    claude_call,
    claude_end,
    claude_result,
    claude_said,
    claude_text,
    codex_end,
    codex_item,
    gemini_event,
    gemini_said,
    lines,
    opencode_said,
    opencode_step,
    opencode_tool,
)

ANSWER = "Grüße 👋\nall done"


class TestAnAnswer:
    @all_four
    def test_is_the_final_message_however_the_output_is_cut(self, agents: Agents, speech: Speech) -> None:
        agents.script(agents.answer(speech, ANSWER))
        reply = agents.ask(speech.name)
        assert reply.text == ANSWER
        assert "COMPLETE" not in reply.text

    @all_four
    def test_is_streamed_with_what_was_said_before_and_without_what_tools_said(self, agents: Agents, speech: Speech) -> None:
        agents.script(agents.answer(speech, ANSWER))
        agents.ask(speech.name)
        assert "".join(agents.streamed) == f"First I look.\n\n{ANSWER}"
        assert len(agents.streamed) >= 2

    @all_four
    def test_says_its_tokens_once(self, agents: Agents, speech: Speech) -> None:
        agents.script(agents.answer(speech, ANSWER))
        read, written, cached = speech.used
        assert agents.ask(speech.name).usage == Usage(read, written, "reported", cached)

    @all_four
    def test_may_stand_between_lines_that_are_no_records(self, agents: Agents, speech: Speech) -> None:
        said = lines(*speech.answered(ANSWER)).replace("\n", "\r\n\r\n(node) Warning: old\n[1,2]\n{broken\n")
        agents.script(("say", said))
        assert agents.ask(speech.name).text == ANSWER

    @all_four
    def test_needs_no_end_of_its_last_line(self, agents: Agents, speech: Speech) -> None:
        agents.script(("say", lines(*speech.answered(ANSWER)).rstrip("\n")))
        assert agents.ask(speech.name).text == ANSWER

    @all_four
    def test_counts_once_it_is_complete_whatever_the_exit_status(self, agents: Agents, speech: Speech) -> None:
        agents.script(agents.answer(speech, ANSWER), ("exit", 1))
        assert agents.ask(speech.name).text == ANSWER

    def test_names_the_model_that_gave_it_where_that_is_said(self, agents: Agents) -> None:
        models = {}
        for speech in (CLAUDE, CODEX, GEMINI, OPENCODE):
            agents.script(agents.answer(speech, ANSWER))
            models[speech.name] = agents.ask(speech.name).model
        assert models == {"claude": "claude-sonnet-5", "codex": "default", "gemini": "gemini-3-pro", "opencode": "default"}

    def test_names_the_model_that_gemini_chose(self, agents: Agents) -> None:
        init, *said, end = GEMINI.answered("Hello.")
        end = {**end, "stats": {**end["stats"], "models": {"gemini-3-flash": {}}}}
        agents.script(("say", lines({**init, "model": "auto"}, *said, end)))
        assert agents.ask("gemini").model == "gemini-3-flash"

    def test_that_only_the_result_says_is_streamed_too(self, agents: Agents) -> None:
        agents.script(("say", lines(CLAUDE_INIT, claude_end(ANSWER))))
        assert agents.ask().text == "".join(agents.streamed) == ANSWER

    def test_holds_halves_of_surrogate_pairs_replaced(self, agents: Agents) -> None:
        agents.script(("say", '{"type":"result","subtype":"success","result":"a\\ud83d!"}\n'))
        assert agents.ask().text == "a\ufffd!"

    def test_of_several_blocks_is_all_of_the_last_message(self, agents: Agents) -> None:
        said = [claude_said("msg_1", claude_text("One.")), claude_said("msg_2", claude_text("Two. "))]
        agents.script(("say", lines(*said, claude_said("msg_2", claude_text("Three.")), claude_end(""))))
        assert agents.ask().text == "Two. Three."

    def test_is_not_what_a_subagent_says(self, agents: Agents) -> None:
        said = [
            claude_said("msg_1", claude_text("Done.")),
            claude_said("msg_2", claude_call("toolu_1", "Task", prompt="look")),
            claude_said("msg_3", claude_text("I am another."), parent="toolu_1"),
            claude_result("toolu_1"),
            {"type": "result", "subtype": "success", "result": "Not yet.", "parent_tool_use_id": "toolu_1"},
        ]
        agents.script(("say", lines(*said, claude_end(""))))
        assert agents.ask().text == "Done."
        assert agents.streamed == ["Done."]


class TestTokens:
    def test_of_one_message_in_several_records_count_once_when_no_total_comes(self, agents: Agents) -> None:
        said = [
            claude_said("msg_1", claude_text("a"), output_tokens=1),
            claude_said("msg_1", claude_call("t"), output_tokens=7),
        ]
        end = {"type": "result", "subtype": "success", "result": "a"}
        agents.script(("say", lines(*said, claude_said("msg_2", claude_text("b")), end)))
        assert agents.ask().usage == Usage(200, 14, "reported", 180)

    def test_of_a_thread_so_far_are_not_added_to_each_other(self, agents: Agents) -> None:
        said = codex_item("agent_message", "item_1", text="Hello.")
        agents.script(("say", lines(codex_end(100, 5, 0), said, codex_end(220, 12, 100))))
        assert agents.ask("codex").usage == Usage(220, 12, "reported", 100)

    def test_of_steps_are_added_and_a_step_that_comes_twice_counts_once(self, agents: Agents) -> None:
        step = opencode_step("tool-calls", "prt_1", "msg_1")
        agents.script(("say", lines(step, step, opencode_said("Hello."), opencode_step("stop", "prt_2", "msg_2"))))
        assert agents.ask("opencode").usage == Usage(200, 14, "reported", 180)

    def test_of_subagents_are_in_the_total_by_model(self, agents: Agents) -> None:
        one = {
            "inputTokens": 15,
            "cacheReadInputTokens": 180,
            "cacheCreationInputTokens": 5,
            "outputTokens": 14,
            "costUSD": 0.1,
        }
        end = claude_end("Hello.", modelUsage={"large": one, "small": {**one, "outputTokens": 1}, "odd": None})
        agents.script(("say", lines(end)))
        assert agents.ask().usage == Usage(400, 15, "reported", 360)

    def test_that_are_no_numbers_are_unknown(self, agents: Agents) -> None:
        end = claude_end("Hello.", usage={"input_tokens": "many", "output_tokens": None})
        agents.script(("say", lines(end)))
        assert agents.ask().usage == Usage()


FAILURES: list[tuple[str, type[ProviderError]]] = [
    ("You've hit your limit · resets 9pm (America/Toronto)", WaitError),
    ("Claude AI usage limit reached|1790166723", WaitError),
    ("Claude usage limit reached. Your limit will reset at 7pm (Asia/Tokyo).", WaitError),
    ("You've hit your usage limit. Visit the settings to purchase more credits or try again in 3 hours 12 minutes.", WaitError),
    ("5-hour limit reached ∙ resets 3pm", WaitError),
    ('API Error: 529 {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}', WaitError),
    ("unexpected status 429 Too Many Requests", WaitError),
    ("Credit balance is too low", FundsError),
    ("Quota exceeded: insufficient_quota", FundsError),
    ("Invalid API key · Please run /login", AuthError),
    ("unexpected status 401 Unauthorized: Missing bearer", AuthError),
    ("Not logged in", AuthError),
    ("Invalid auth method selected.", AuthError),
    ("Gemini CLI is not running in a trusted directory.", UntrustedError),
    ("Not inside a trusted directory and --skip-git-repo-check was not specified.", UntrustedError),
    ("The model 'gpt-9' does not exist or you do not have access to it.", BadModelError),
    ("Prompt is too long", TooBigError),
    ("stream disconnected before completion", DownError),
]


class TestAFailure:
    @all_four
    @pytest.mark.parametrize(("message", "kind"), FAILURES, ids=[message[:30] for message, _ in FAILURES])
    def test_in_the_stream_has_the_class_of_what_it_says(
        self, agents: Agents, speech: Speech, message: str, kind: type[ProviderError]
    ) -> None:
        agents.script(("say_at_once", lines(*speech.failed(message))), ("exit", 1))
        error = agents.refused(speech.name)
        assert type(error) is kind
        assert message[:60] in error.message

    @all_four
    def test_in_the_stream_is_one_also_with_exit_status_0(self, agents: Agents, speech: Speech) -> None:
        agents.script(("say", lines(*speech.answered("Hello."), *speech.failed("Credit balance is too low"))))
        error = agents.refused(speech.name)
        assert isinstance(error, FundsError)
        assert not error.retryable

    def test_that_was_final_is_not_hidden_by_what_comes_after_it(self, agents: Agents) -> None:
        after = {"type": "error", "message": "stream disconnected"}
        agents.script(("say", lines(*CODEX.failed("Credit balance is too low"), after)))
        assert isinstance(agents.refused("codex"), FundsError)

    def test_has_the_status_that_is_said_beside_it(self, agents: Agents) -> None:
        agents.script(("say", lines(claude_end("Oops.", is_error=True, api_error_status=429))))
        error = agents.refused()
        assert isinstance(error, WaitError)
        assert error.details["status"] == 429

    def test_may_have_no_words_but_a_name(self, agents: Agents) -> None:
        end = {"type": "result", "subtype": "error_max_turns", "is_error": True, "errors": []}
        agents.script(("say", lines(end)))
        assert "error max turns" in agents.refused().message

    def test_says_how_long_to_wait(self, agents: Agents) -> None:
        agents.script(("say", lines(*CODEX.failed("Rate limit reached. Please try again in 12s."))))
        assert agents.refused("codex").retry_after == 12

    def test_that_was_got_over_is_none(self, agents: Agents) -> None:
        broken = {"type": "error", "message": "Reconnecting... 1/5"}
        agents.script(("say", lines(broken, *CODEX.answered("Hello."))))
        assert agents.ask("codex").text == "Hello."
        warning = gemini_event("error", severity="error", message="Loop detected")
        agents.script(("say", lines(warning, *GEMINI.answered("Hello."))))
        assert agents.ask("gemini").text == "Hello."

    def test_that_was_not_got_over_is_one(self, agents: Agents) -> None:
        agents.script(("say", lines(GEMINI_INIT, gemini_said("Hel"), gemini_event("error", severity="error", message="Oops."))))
        assert "Oops." in agents.refused("gemini").message

    def test_in_place_of_a_message_is_no_answer(self, agents: Agents) -> None:
        said = {**claude_said("msg_1", claude_text("API Error: 401 bad key")), "error": "authentication_failed"}
        agents.script(("say", lines(said)), ("exit", 1))
        assert isinstance(agents.refused(), AuthError)
        assert agents.streamed == []

    def test_that_it_still_tries_to_get_over_counts_when_time_is_up(self, agents: Agents) -> None:
        retry = {"type": "system", "subtype": "api_retry", "attempt": 7, "error_status": 401, "error": "authentication_failed"}
        agents.script(("say", lines(CLAUDE_INIT, retry)), ("hang", None))
        assert isinstance(agents.refused(command_timeout_s=1), AuthError)
        agents.script(("say", lines(retry, *CLAUDE.answered("Hello."))))
        assert agents.ask().text == "Hello."
        agents.script(("say", lines(retry, claude_said("msg_1", claude_text("Hel")))), ("hang", None))
        assert type(agents.refused(command_timeout_s=1)) is LateError

    def test_keeps_what_had_been_said(self, agents: Agents) -> None:
        agents.script(("say", lines(claude_said("msg_1", claude_text("Half an ans")))), ("exit", 1))
        error = agents.refused()
        assert (error.partial, type(error)) == ("Half an ans", DownError)


class TestNoAnswer:
    def test_is_what_was_said_before_a_tool_after_which_it_ended(self, agents: Agents) -> None:
        rejected = opencode_tool("call_1", "bash", "error", command="make")
        agents.script(("say", lines(opencode_said("First I look.", "msg_1"), rejected)))
        error = agents.refused("opencode")
        assert (type(error), error.partial) == (MalformedError, "First I look.")

    @all_four
    def test_with_exit_status_0_is_malformed(self, agents: Agents, speech: Speech) -> None:
        agents.script(("say", "Welcome to the agent\n"))
        error = agents.refused(speech.name)
        assert type(error) is MalformedError
        assert error.message.endswith("it ended without an answer: Welcome to the agent")

    def test_at_all_is_malformed(self, agents: Agents) -> None:
        agents.script()
        assert agents.refused().message == "claude-code/default: it ended without an answer"

    def test_with_another_status_has_the_class_of_the_last_lines_of_stderr(self, agents: Agents) -> None:
        agents.script(("complain", "loading\n" * 200 + "\x1b[31mError: model_not_found: gpt-9\x1b[0m\n\x07"), ("exit", 1))
        error = agents.refused("codex")
        assert type(error) is BadModelError
        assert "it ended with 1: " in error.message
        assert error.message.endswith("loading\nError: model_not_found: gpt-9")
        assert not any(character in error.message for character in "\x1b\x07")

    def test_of_a_program_that_was_killed_says_so(self, agents: Agents) -> None:
        agents.script(("exit", -9))
        error = agents.refused()
        assert (type(error), error.retryable) == (DownError, True)
        assert "killed by signal 9" in error.message

    def test_when_the_answer_would_have_been_a_line_that_is_too_long(self, agents: Agents) -> None:
        huge = codex_item("agent_message", "item_3", text="x" * 5_000_000)
        said = [codex_item("agent_message", "item_1", text="First I look."), huge, codex_end()]
        agents.script(("say_at_once", lines(*said)))
        error = agents.refused("codex")
        assert type(error) is MalformedError
        assert "too long to read" in error.message

    def test_is_not_the_case_when_only_what_a_tool_said_is_too_long(self, agents: Agents) -> None:
        huge = codex_item("command_execution", "item_2", aggregated_output="x" * 5_000_000, status="completed")
        said = [huge, codex_item("agent_message", "item_3", text="Hello."), codex_end()]
        agents.script(("say_at_once", lines(*said)))
        assert agents.ask("codex").text == "Hello."

    def test_of_a_message_in_many_pieces_that_is_too_long(self, agents: Agents) -> None:
        piece = lines(gemini_said("x" * 100_000))
        agents.script(("repeat", (piece, 45)), ("say", lines(gemini_event("result", status="success"))))
        assert "a message is too long" in agents.refused("gemini").message


def test_tools_are_refused_at_once(agents: Agents) -> None:
    agents.script(agents.recording)
    tool = ToolDefinition("Read", "Read a file.", {"type": "object"})
    error = agents.refused(request=ChatRequest("Hello.", tools=(tool,)))
    assert type(error) is NoToolsError
    assert "has tools of its own" in (error.hint or "")
    assert not (agents.place / "started.json").exists()
