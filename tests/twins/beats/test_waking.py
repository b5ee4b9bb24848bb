"""Several twins at once: whatever becomes of one, the others beat, and whoever asked hears of all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from cowork.core.clock import millis
from cowork.core.errors import Conflict, CoworkError, Degraded, Denied, InternalError
from cowork.twins.beats import running, waking
from cowork.twins.beats.waking import Wish
from cowork.twins.store import claims, results, roles
from tests.support import FakeClock, run_here
from tests.twins.beating import setup, stored


@pytest.fixture(autouse=True)
def two(tmp_path: Path, clock: FakeClock) -> None:
    for name in ("twin-a", "twin-b"):
        stored(tmp_path, clock, name, display_name=f"The {name}")


def busy(clock: FakeClock, *names: str) -> None:
    for twin in roles.twins(names):
        claims.take(twin.id, millis(clock.now()), lambda *_: None, tasks=(), requests=())


def wake(clock: FakeClock, *names: str, tasks: tuple[str, ...] = ()):
    return waking.wake(Wish(names, early=True, tasks=tasks), setup(clock), jobs=2)


def failing(monkeypatch: pytest.MonkeyPatch, errors: dict[str, Exception]) -> None:
    beat = running.beat

    async def spoilt(twin, *rest, **more):
        if twin.name in errors:
            raise errors[twin.name]
        return await beat(twin, *rest, **more)

    monkeypatch.setattr(running, "beat", spoilt)


def test_a_bug_that_one_twin_meets_takes_nothing_from_the_others(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, {"twin-a": KeyError("bug")})
    delivered = []
    monkeypatch.setattr(waking, "deliver_and_tell", lambda *_: delivered.append(True) or ())

    with pytest.raises(Degraded) as caught:
        wake(clock)

    assert {item.twin: (item.status, item.reason) for item in caught.value.data.items} == {
        "twin-a": ("failed", "KeyError: 'bug'"),
        "twin-b": ("done", "no model was to be asked"),
    }
    assert results.listed().total == 2
    assert delivered == [True]


def test_a_bug_that_the_only_twin_meets_is_told_as_a_bug(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, {"twin-a": KeyError("bug")})

    with pytest.raises(InternalError) as caught:
        wake(clock, "twin-a")

    assert caught.value.data.items[0].status == "failed"
    assert isinstance(caught.value.__cause__, KeyError)


@pytest.mark.parametrize(
    ("kinds", "raised", "code"),
    [
        ({"twin-a": Conflict, "twin-b": Conflict}, Conflict, "twin.not_woken"),
        ({"twin-a": Denied, "twin-b": Denied}, Denied, "twin.not_woken"),
        ({"twin-a": Denied, "twin-b": Conflict}, Conflict, "twin.not_woken"),
        ({"twin-a": Conflict}, Degraded, "twin.degraded"),
        ({"twin-a": Denied}, Degraded, "twin.degraded"),
    ],
)
def test_twins_that_were_named_and_could_not_beat_are_an_error_with_the_report(
    kinds: dict[str, type[CoworkError]],
    raised: type[CoworkError],
    code: str,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failing(monkeypatch, {name: kind("its.code", "not now") for name, kind in kinds.items()})

    with pytest.raises(raised) as caught:
        wake(clock, "twin-a", "twin-b")

    assert (caught.value.code, caught.value.exit_code) == (code, raised.exit_code)
    assert caught.value.data.count == 2 - len(kinds)
    assert [notice.message for notice in caught.value.notices] == [f"{name}: not now" for name in kinds]


def test_one_that_was_named_and_is_busy_is_that_error_with_the_report(clock: FakeClock) -> None:
    busy(clock, "twin-a")

    with pytest.raises(Conflict) as caught:
        wake(clock, "twin-a")

    assert (caught.value.code, caught.value.data.count, caught.value.notices) == ("twin.busy", 0, ())


def test_twins_that_nobody_named_and_are_busy_are_notices(clock: FakeClock) -> None:
    busy(clock, "twin-a", "twin-b")

    report, notices = wake(clock)

    assert (report.count, report.nothing_due) == (0, False)
    assert [notice.code for notice in notices] == ["twin.busy", "twin.busy"]


def test_an_error_carries_the_notices_into_the_document_and_onto_the_terminal(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, {"twin-a": CoworkError("its.code", "broken"), "twin-b": Conflict("twin.busy", "not now")})

    ran = run_here("twin", "beat", "--all", "--json")
    shown = run_here("twin", "beat", "--all")

    assert (ran.code, ran.document["error"]["code"]) == (1, "twin.failed")
    assert ran.document["warnings"] == [{"code": "twin.busy", "message": "twin-b: not now"}]
    assert "warning: twin-b: not now" in shown.err


def test_warnings_about_settings_go_with_every_answer(home: Path) -> None:
    (home / "config.yaml").write_text("nonsense: 1\n")

    for words in ("beat --all --no-model", "serve --once --no-model", "ask twin-a well? --no-model"):
        ran = run_here("twin", *words.split(), "--json")
        assert [item["code"] for item in ran.document["warnings"]] == ["config.unknown_key"], words
    ran = run_here("twin", "beat", "--exit-code", "--json")
    assert (ran.code, ran.document["error"]["code"]) == (8, "twin.nothing_due")
    assert [item["code"] for item in ran.document["warnings"]] == ["config.unknown_key"]


def test_a_twin_that_is_named_twice_beats_once(clock: FakeClock) -> None:
    report, notices = wake(clock, "twin-a", "@twin-a", "The twin-a", tasks=("first",))

    assert [(item.twin, len(item.results)) for item in report.items] == [("twin-a", 1)]
    assert (len(report.plan), notices) == (1, ())
