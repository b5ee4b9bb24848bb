"""How long a provider asks to wait: every way of saying it is heard, and nonsense is not."""

from __future__ import annotations

import time
from datetime import UTC, datetime, tzinfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.models.waiting import duration, wait_seconds

DATE = "Sat, 31 Jan 2026 08:05:00 GMT"
LATER = "Sat, 31 Jan 2026 08:05:42 GMT"
NOW = datetime(2026, 1, 31, 8, 5, tzinfo=UTC)  # 1769846700


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "17"}, 17.0),
        ({"Retry-After": "17"}, 17.0),
        ({"retry-after": "2.5"}, 2.5),
        ({"retry-after": " 3 "}, 3.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after-ms": "1500", "retry-after": "1"}, 1.5),
        ({"retry-after": LATER, "date": DATE}, 42.0),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "6m0s"}, 360.0),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "120ms"}, 0.12),
        ({"x-ratelimit-remaining-tokens-minute": "0", "x-ratelimit-reset-tokens-minute": "11.38"}, 11.38),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "30"}, 30.0),
        ({"x-ratelimit-reset": "30"}, 30.0),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1769846760"}, 60.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1769846760500"}, 60.5),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1769846760", "date": LATER}, 18.0),  # by the server's clock
        ({"anthropic-ratelimit-tokens-remaining": "0", "anthropic-ratelimit-tokens-reset": "2026-01-31T08:06:00Z"}, 60.0),
        ({"anthropic-ratelimit-unified-status": "rejected", "anthropic-ratelimit-unified-reset": "1769846760"}, 60.0),
        (
            {
                "anthropic-ratelimit-requests-remaining": "12",
                "anthropic-ratelimit-requests-reset": "2026-01-31T09:05:00Z",
                "anthropic-ratelimit-input-tokens-remaining": "0",
                "anthropic-ratelimit-input-tokens-reset": "2026-01-31T08:05:07Z",
            },
            7.0,
        ),
    ],
)
def test_a_header_says_it(headers: dict[str, str], seconds: float) -> None:
    assert wait_seconds(headers, "", NOW) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ('{"retryDelay": "28s"}', 28.0),
        ('{"retryDelay":"1.5s"}', 1.5),
        ('[{"retryDelay":"3s"},{"retryDelay":"28s"}]', 28.0),
        ("Rate limit reached. Please try again in 50.59s. Visit ...", 50.59),
        ("Please try again in 20ms.", 0.02),
        ("Please TRY AGAIN IN 1m26.4s", 86.4),
        ("Try again in 6m0s", 360.0),
        ("Please retry in 28.123s.", 28.123),
        ("Please retry after 26 seconds.", 26.0),
        ("Try again in 1 second", 1.0),
        ("Try again in 2 minutes", 120.0),
        ("Try again in 300 milliseconds", 0.3),
        ("You've hit your usage limit. Upgrade to Pro, or try again in 3 hours 12 minutes.", 11_520.0),
        ("try again in 2 days 3 hours", 183_600.0),
        ("Try again in 1 day, 2 hours, and 5 minutes.", 93_900.0),
        ("try again in about 1 week", 604_800.0),
        ("You have exhausted your capacity on this model. Your quota will reset after 8h44m7s.", 31_447.0),
        ("Your quota will reset after 0s..", 0.0),
        ("limit resets in 2h", 7200.0),
        ("Please wait 20 seconds before retrying", 20.0),
        ("Retry-After: 30s", 30.0),
        ("Claude AI usage limit reached|1769846760", 60.0),
        ("usage limit reached|1769846760000", 60.0),
        ('{"type":"usage_limit_reached","resets_in_seconds":12345}', 12_345.0),
        ('{"type":"usage_limit_reached","resets_at":1769846760}', 60.0),
        ('{"reset_at": "1769846760000"}', 60.0),
        ('{"resetsAt": "2026-01-31T10:05:00+01:00"}', 3600.0),
        ('{"resetTime": "2026-01-31T08:06:00.500Z"}', 60.5),
        ('{"quotaResetDelay": "2h3m12.5s"}', 7392.5),
        ('{"quotaResetTimeStamp": "2026-01-31T08:06:00Z"}', 60.0),
        ('{"retry_after": 2.5}', 2.5),
        ('{"retryAfterMs": 1500}', 1.5),
        ('{"retry_after_seconds": "7"}', 7.0),
        ('{"error": {"metadata": {"headers": {"X-RateLimit-Reset": "1769846760000"}}}}', 60.0),
        ('{"error": "{\\"retryDelay\\": \\"28s\\"}"}', 28.0),  # an error inside an error's text
    ],
)
def test_the_text_says_it(text: str, seconds: float) -> None:
    assert wait_seconds({}, text, NOW) == pytest.approx(seconds)


def test_the_longest_wait_counts() -> None:
    headers = {
        "retry-after-ms": "900",
        "retry-after": "3",
        "x-ratelimit-remaining-tokens": "0",
        "x-ratelimit-reset-tokens": "5s",
    }
    assert wait_seconds(headers, "") == 5.0
    assert wait_seconds(headers, '{"retryDelay": "7s"}') == 7.0
    assert wait_seconds(headers, '{"retryDelay": "7s", "message": "try again in 9.5s"}') == 9.5
    assert wait_seconds(headers, '{"retryDelay": "1s"}') == 5.0


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ({}, ""),
        ({}, "Try again later. It took 28s. The limit is 6m0s."),
        ({"retry-after": ""}, ""),
        ({"retry-after": "-5"}, ""),
        ({"retry-after": "soon"}, ""),
        ({"retry-after": "nan"}, ""),
        ({"retry-after": "inf"}, ""),
        ({"retry-after": "1e3"}, ""),
        ({"retry-after": "1_000"}, ""),
        ({"retry-after": "٣"}, ""),
        ({"retry-after": "1769846700"}, ""),  # a point in time, not a duration
        ({"retry-after": "9" * 400}, ""),
        ({"retry-after-ms": "-1"}, ""),
        ({"retry-after": LATER}, ""),  # no date to measure it against
        ({"retry-after": DATE, "date": LATER}, ""),  # it has passed
        ({"retry-after": LATER, "date": "yesterday"}, ""),
        ({"retry-after": "Sat, 31 Jan 2026 08:05:42", "date": DATE}, ""),  # without a zone
        ({"retry-after": "Sat, 99 Jan 99999 99:99:99 GMT", "date": DATE}, ""),
        ({"x-ratelimit-remaining-tokens": "12", "x-ratelimit-reset-tokens": "6m0s"}, ""),  # that bucket is not empty
        ({"x-ratelimit-remaining-tokens": "0"}, ""),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "2026-01-31T08:03:00Z"}, ""),  # it has passed
        ({"x-ratelimit-remaining": "12", "x-ratelimit-reset": "1769846760"}, ""),
        ({"x-ratelimit-reset": "1769840000"}, ""),
        ({"x-ratelimit-reset": "1799846760"}, ""),  # in a year
        ({"x-ratelimit-reset": "99999999999999999"}, ""),
        ({"anthropic-ratelimit-tokens-remaining": "3", "anthropic-ratelimit-tokens-reset": "2026-01-31T08:06:00Z"}, ""),
        ({"anthropic-ratelimit-tokens-remaining": "0", "anthropic-ratelimit-tokens-reset": "2026-01-31T08:06:00"}, ""),
        ({"anthropic-ratelimit-unified-status": "allowed", "anthropic-ratelimit-unified-reset": "1769846760"}, ""),
        ({}, "usage limit reached|17698"),
        ({}, '{"resets_in_seconds": -5}'),
        ({}, '{"resets_at": null}'),
        ({}, '{"preset": 5, "resettle_at": 5}'),
        ({}, '{"retryDelay": "-5s"}'),
        ({}, '{"retryDelay": "soon"}'),
        ({}, '{"retryDelay": 28}'),
        ({}, f'{{"retryDelay": "{"9" * 30}s"}}'),
        ({}, "try again in 99999999999h"),
        ({}, "try again in 5 models"),
    ],
)
def test_what_makes_no_sense_is_not_a_wait(headers: dict[str, str], text: str) -> None:
    assert wait_seconds(headers, text, NOW) is None


def test_nonsense_beside_sense_does_not_hide_it() -> None:
    assert wait_seconds({"retry-after": "soon", "retry-after-ms": "250"}, '{"retryDelay": "-5s"}') == 0.25


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("28s", 28),
        ("6m0s", 360),
        ("1h2m", 3720),
        ("1h2m3.5s", 3723.5),
        ("250ms", 0.25),
        ("1m 30s", 90),
        ("", 0),
        ("s", 0),
        ("5x", 0),
    ],
)
def test_a_duration_is_the_sum_of_its_parts_and_0_when_it_has_none(text: str, seconds: float) -> None:
    assert duration(text) == pytest.approx(seconds)


times = st.one_of(
    st.text(),
    st.text(alphabet="0123456789.hms -e_"),
    st.integers().map(str),
    st.floats().map(str),
    st.from_regex(r"[A-Z][a-z]{2}, [0-9]{1,3} [A-Z][a-z]{2} [0-9]{1,5} [0-9:]{0,9} [A-Z+0-9]{0,5}"),
)
names = st.sampled_from(
    ["retry-after", "Retry-After-Ms", "date", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens", "x-ratelimit-reset"]
)
SAYINGS = [
    "{}", "try again in {}", '{{"retryDelay": "{}"}}', "resets {}", "resets 9pm ({})", "resets Jun {} at 4pm",
    "limit reached|{}", '{{"resets_at": "{}"}}', "resets {}:30am (Europe/Berlin)", "try again at Jan 3, {} 5pm",
]  # fmt: skip


@settings(deadline=None)
@given(st.dictionaries(names, times), times, st.datetimes(timezones=st.just(UTC)), st.timezones())
def test_no_text_makes_it_raise_or_ask_for_the_impossible(
    headers: dict[str, str], text: str, now: datetime, local: tzinfo
) -> None:
    for saying in SAYINGS:
        wait = wait_seconds(headers, saying.format(text), now, local=local)
        assert wait is None or 0 <= wait < 32 * 86_400
    assert duration(text) >= 0


@pytest.mark.parametrize(
    "part",
    [
        "9", "9s ", "try again in 9", "try again in 1s", '"retryDelay": "', "try again in ", "resets ", "resets Jun ",
        "resets 9", "resets 9pm (", "resets at 9pm A", '"resets_at":', "limit reached|", "Jun 3, 2026, ",
        "resets Jun 3, 2026, 9pm A/", "1 h, and ",
    ],
)  # fmt: skip
def test_a_long_text_is_read_at_once(part: str) -> None:
    for prefix in ("", "try again in ", "resets "):
        started = time.process_time()
        wait_seconds({}, prefix + part * 100_000)
        assert time.process_time() - started < 1.0
    duration(part * 100_000)
