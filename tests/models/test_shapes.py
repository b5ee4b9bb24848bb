"""Answers that a server holds to a schema, and servers that will not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from cowork.models.chat import ChatModel, ChatReply, ChatRequest, Shape
from cowork.models.errors import AuthError, ContentError, DownError, MalformedError, NoShapeError, ProviderError, WaitError
from tests.models.protocol_rules import check_request
from tests.models.styles import ANTHROPIC, OPENAI, Style, ask, both_styles, event, failure, openai_stop
from tests.models.test_schemas import SCHEMA, STRICT
from tests.models.tool_streams import BASH

SHAPED = ChatRequest("Answer.", shape=Shape("a ballot", SCHEMA, whole=True))
NOTE = "m-1 cannot be held to a JSON schema, and is asked without one from now on"
REFUSALS: list[tuple[int, Any]] = [
    (400, {"message": "This response_format type is unavailable now", "type": "invalid_request_error"}),
    (400, {"message": "output_config.format: this model does not support structured outputs", "type": "invalid_request_error"}),
    (400, {"message": "Invalid schema for response_format 'a_ballot': schema must have a 'type' key."}),
    (400, {"message": "`response_format.type` is not valid: `json_schema`, supported values are: `json_object` and `text`"}),
    (422, {"message": "Extra inputs are not permitted"}),
    (400, {"message": "Unsupported parameter."}),
    (404, {"message": "No endpoints found that support structured outputs", "code": 404}),
    (400, {"message": "Provider returned error", "code": 400, "metadata": {"raw": "response_format is not supported"}}),
    (500, {"message": "failed to parse grammar"}),
    (200, {"message": "json_schema is not implemented by this server"}),
    (200, {"message": "Provider returned error", "code": 400, "metadata": {"raw": "response_format: unknown"}}),
]
OTHERS: list[tuple[int, Any, type[ProviderError]]] = [
    (400, {"message": "temperature: must be below 2", "type": "invalid_request_error"}, MalformedError),
    (401, {"message": "invalid key; see the guide on structured outputs"}, AuthError),
    (429, {"message": "too many requests with response_format"}, WaitError),
    (503, {"message": "json_schema workers are overloaded"}, WaitError),
]


def schema_in(request: Request) -> Any:
    """The schema that was sent, after the rules of the provider; None when there is none."""
    body = request.get_json()
    style = "anthropic" if request.path == ANTHROPIC.path else "openai"
    check_request(style, body)
    if style == "anthropic":
        return body["output_config"]["format"]["schema"] if "output_config" in body else None
    return body["response_format"]["json_schema"]["schema"] if "response_format" in body else None


def serve(httpserver: HTTPServer, style: Style, *answers: Callable[[bool], Response]) -> list[Any]:
    """Answer each request with the next of `answers`, the last one for good; the schemas that came are noted."""
    schemas: list[Any] = []

    def handle(request: Request) -> Response:
        schemas.append(schema_in(request))
        return answers[min(len(schemas), len(answers)) - 1](schemas[-1] is not None)

    httpserver.expect_request(style.path, method="POST").respond_with_handler(handle)
    return schemas


def says(style: Style, text: str = "{}") -> Callable[[bool], Response]:
    return lambda _shaped: Response(style.stream(text), content_type="text/event-stream")


def fails(style: Style, status: int, error: Any) -> Callable[[bool], Response]:
    return lambda _shaped: Response(json.dumps(style.error_body(error)), status, content_type="application/json")


def refuses(style: Style, status: int, error: Any) -> Callable[[bool], Response]:
    """Fails whenever there is a schema."""
    return lambda shaped: fails(style, status, error)(shaped) if shaped else says(style)(shaped)


def replies(model: ChatModel, *requests: ChatRequest) -> list[ChatReply | ProviderError]:
    """What the same model object makes of one request after the other."""

    async def asked() -> list[ChatReply | ProviderError]:
        found: list[ChatReply | ProviderError] = []
        for request in requests:
            try:
                found.append(await model.reply(request, lambda _text: None))
            except ProviderError as error:
                found.append(error)
        await model.close()
        return found

    return asyncio.run(asked())


def notes(found: list[ChatReply | ProviderError]) -> list[Any]:
    return [each.notes if isinstance(each, ChatReply) else type(each) for each in found]


@both_styles
class TestTheSchema:
    def test_is_sent_as_strict_servers_want_it(self, style: Style, httpserver: HTTPServer) -> None:
        schemas = serve(httpserver, style, says(style, '{"answer": "yes"}'))

        reply = ask(style.open(httpserver.url_for("")), request=SHAPED)

        assert schemas == [STRICT]
        assert (reply.text, reply.notes) == ('{"answer": "yes"}', ())

    @pytest.mark.parametrize(
        "request_",
        [
            ChatRequest("Answer."),
            ChatRequest("Answer.", shape=Shape("ballot", SCHEMA)),
            ChatRequest("Answer.", shape=Shape("ballot", SCHEMA, whole=True), tools=(BASH,)),
        ],
        ids=["no shape", "only the end has a shape", "tools"],
    )
    def test_is_not_sent_when(self, style: Style, httpserver: HTTPServer, request_: ChatRequest) -> None:
        schemas = serve(httpserver, style, says(style))

        reply = ask(style.open(httpserver.url_for("")), request=request_)

        assert schemas == [None]
        assert reply.notes == ()

    def test_that_cannot_be_made_strict_is_left_to_the_prompt_and_the_reply_says_so(
        self, style: Style, httpserver: HTTPServer
    ) -> None:
        schemas = serve(httpserver, style, says(style))
        anything = ChatRequest("Answer.", shape=Shape("anything", {"type": "object"}, whole=True))

        reply = ask(style.open(httpserver.url_for("")), request=anything)

        assert schemas == [None]
        assert reply.notes == ("the schema of anything cannot be sent to m-1: it goes without one",)


@both_styles
class TestAServerThatRefusesIt:
    @pytest.mark.parametrize(("status", "error"), REFUSALS)
    def test_is_asked_once_more_without_and_never_with_it_again(
        self, style: Style, httpserver: HTTPServer, status: int, error: Any
    ) -> None:
        schemas = serve(httpserver, style, refuses(style, status, error))

        found = replies(style.open(httpserver.url_for("")), SHAPED, SHAPED)

        assert schemas == [STRICT, None, None]
        assert notes(found) == [(NOTE,), ()]

    @pytest.mark.parametrize(("status", "error"), REFUSALS)
    def test_is_not_asked_a_third_time(self, style: Style, httpserver: HTTPServer, status: int, error: Any) -> None:
        schemas = serve(httpserver, style, fails(style, status, error))

        found = failure_of(style, httpserver)

        assert len(schemas) == 2
        assert not isinstance(found, NoShapeError)

    @pytest.mark.parametrize(("status", "error", "kind"), OTHERS)
    def test_is_another_than_one_that_fails_for_another_reason(
        self, style: Style, httpserver: HTTPServer, status: int, error: Any, kind: type[ProviderError]
    ) -> None:
        schemas = serve(httpserver, style, fails(style, status, error), says(style))

        found = replies(style.open(httpserver.url_for("")), SHAPED, SHAPED)

        assert notes(found) == [kind, ()]
        assert schemas == [STRICT, STRICT]

    def test_is_not_asked_again_once_it_has_said_something(self, style: Style, httpserver: HTTPServer) -> None:
        broken = style.begun("Half") + style.error_event({"message": "json_schema is not supported"})
        schemas = serve(httpserver, style, lambda _shaped: Response(broken, content_type="text/event-stream"))

        found = failure(style.open(httpserver.url_for("")), NoShapeError, request=SHAPED)

        assert (found.partial, found.code, len(schemas)) == ("Half", "provider.malformed", 1)

    def test_has_the_time_of_one_call_for_both_requests(self, style: Style, httpserver: HTTPServer) -> None:
        schemas = serve(httpserver, style, refuses(style, *REFUSALS[0]))

        async def asked() -> None:
            loop = asyncio.get_running_loop()
            time = loop.time
            loop.time = lambda: time() + 20 * len(schemas)  # type: ignore[method-assign]
            await style.open(httpserver.url_for(""), timeout_s=30).reply(SHAPED, lambda _text: None)

        with pytest.raises(DownError, match="no answer in time"):
            asyncio.run(asked())


SILENT = {"message": "Internal server error"}


@both_styles
class TestAServerThatJustFails:
    def test_is_not_asked_again_at_once_but_without_schema_when_the_next_request_comes(
        self, style: Style, httpserver: HTTPServer
    ) -> None:
        schemas = serve(httpserver, style, refuses(style, 500, SILENT))

        found = replies(style.open(httpserver.url_for("")), SHAPED, SHAPED, SHAPED)

        assert notes(found) == [DownError, (NOTE,), ()]
        assert schemas == [STRICT, None, None]

    def test_without_a_schema_too_is_in_trouble_and_gets_the_schema_again(self, style: Style, httpserver: HTTPServer) -> None:
        down = fails(style, 500, SILENT)
        schemas = serve(httpserver, style, down, down, says(style))

        found = replies(style.open(httpserver.url_for("")), SHAPED, SHAPED, SHAPED)

        assert notes(found) == [DownError, DownError, ()]
        assert schemas == [STRICT, None, STRICT]

    def test_for_another_reason_meanwhile_is_still_to_be_found_out_about(self, style: Style, httpserver: HTTPServer) -> None:
        schemas = serve(httpserver, style, fails(style, 500, SILENT), fails(style, 429, {"message": "slow"}), says(style))

        found = replies(style.open(httpserver.url_for("")), SHAPED, SHAPED, SHAPED)

        assert notes(found) == [DownError, WaitError, (NOTE,)]
        assert schemas == [STRICT, None, None]


def failure_of(style: Style, httpserver: HTTPServer) -> ProviderError:
    (found,) = replies(style.open(httpserver.url_for("")), SHAPED)
    assert isinstance(found, ProviderError)
    return found


def test_a_refusal_in_its_own_place_is_a_refusal(httpserver: HTTPServer) -> None:
    body = event({"choices": [{"index": 0, "delta": {"refusal": "I cannot help with that."}}]}) + openai_stop()
    httpserver.expect_request(OPENAI.path).respond_with_data(body, content_type="text/event-stream")

    assert "the model refused" in failure(OPENAI.open(httpserver.url_for("")), ContentError, request=SHAPED).message
