"""A server that never ends: the call ends, with what came, before the memory is full."""

from __future__ import annotations

import pytest

from cowork.models import bounds
from cowork.models.errors import DownError, MalformedError
from tests.models.floods import FLOODS, FloodServer, request_for
from tests.models.styles import Style, both_styles, failure

ENOUGH = 24_000_000  # bytes: several times what is buffered on the way and what any limit lets through


@both_styles
@pytest.mark.parametrize("name", FLOODS)
def test_every_flood_ends_the_call_and_the_connection(style: Style, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    flood = FLOODS[name]
    if flood.ends.startswith("the stream"):
        monkeypatch.setattr(bounds, "LONGEST_STREAM", 1_000_000)
    kind = MalformedError if flood.status.startswith("200") else DownError

    with FloodServer(flood, style, ENOUGH).open() as server:
        error = failure(style.open(server.url), kind, request=request_for(name))

    assert flood.ends in error.message
    assert server.left, "the whole flood was read"


@both_styles
def test_what_came_before_the_limit_is_kept_and_no_more(style: Style) -> None:
    with FloodServer(FLOODS["text"], style, ENOUGH).open() as server:
        pieces: list[str] = []
        error = failure(style.open(server.url), MalformedError, pieces.append)

    assert error.partial == "".join(pieces)
    assert 0.99 * bounds.LONGEST_TEXT < len(error.partial) <= bounds.LONGEST_TEXT
