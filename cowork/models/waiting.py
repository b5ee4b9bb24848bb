"""How long a provider asks to wait, wherever it says so and however it says it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from email.utils import parsedate_to_datetime

from cowork.core.clock import SystemClock
from cowork.models import resets
from cowork.models.durations import DURATION, seconds_in

LONGEST_S = 32 * 86_400.0
"""The longest sane wait: a monthly quota. What is longer is a mistake, such as a point in time read as a duration."""

_LOOKED_AT = 50_000  # characters
_NUMBER = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,15})?")
_VALUE = r"""\\?["']\s{0,9}:\s{0,9}\[?\s{0,9}\\?["']?(?P<value>[0-9A-Za-z:.+-]{1,40})"""
_RESET = r"x-ratelimit-reset|quota_?reset_?timestamp|(?:quota_?)?resets?_?(?:at|time)|resets?"
_IN_SECONDS = re.compile(rf"(?:resets?_?in_?seconds|retry[_-]?after(?:_?s(?:ec(?:onds)?)?)?){_VALUE}", re.IGNORECASE)
_IN_MS = re.compile(rf"retry[_-]?after[_-]?ms{_VALUE}", re.IGNORECASE)
_DELAY = re.compile(rf"(?:retry_?delay|quota_?reset_?delay){_VALUE}", re.IGNORECASE)
_POINT = re.compile(rf"\b(?:{_RESET}){_VALUE}", re.IGNORECASE)
_EPOCH = re.compile(r"\blimit reached\s?\|\s?([0-9]{9,14})(?![0-9])", re.IGNORECASE)
_AGAIN = r"(?:try|retry|available)(?: again)?"
_ABOUT = r"(?:about |around |approximately |~)?"
_SAID = re.compile(
    rf"\b(?:(?:{_AGAIN}|resets?)[ -](?:in|after):?|wait(?: for)?) {_ABOUT}({DURATION})",
    re.IGNORECASE,
)
_SAID_AT = re.compile(
    rf"\b(?:(?:{_AGAIN}|resets?)(?: at| on| after)?|(?:wait|unavailable) until):? {resets.MOMENT}",
    re.IGNORECASE,
)


def wait_seconds(
    headers: Mapping[str, str], text: str, now: datetime | None = None, *, local: tzinfo | None = None
) -> float | None:
    """The longest wait that is asked for, in seconds; None when none is, or none that makes sense.

    Read are `retry-after-ms`, `retry-after` (seconds, or a date against the `date` header), the reset of a used-up bucket in
    any of its spellings, fields of an error's JSON such as `retryDelay`, `resets_in_seconds` and `reset_at`, and what a message
    says: "try again in 3 hours 12 minutes", "resets 9pm (America/Toronto)", "usage limit reached|1750003200". Points in time
    are measured from `now`, by default the machine's; `local` is the zone of times without one, by default the machine's.
    """
    held = {name.lower(): value for name, value in headers.items()}
    text = text[:_LOOKED_AT]
    moment = now or SystemClock().now()
    asked = [*_in_headers(held, moment), *_in_fields(text, moment), *_in_words(text, moment, local)]
    usable = [seconds for seconds in asked if seconds is not None and 0 <= seconds < LONGEST_S]
    return max(usable) if usable else None


def duration(text: str) -> float:
    """Seconds in a text such as `28s`, `6m0s` or `1h2m`; 0 when there is none."""
    return seconds_in(text) or 0.0


def _in_headers(held: Mapping[str, str], now: datetime) -> Iterator[float | None]:
    after, date = held.get("retry-after", ""), _http_date(held.get("date", ""))
    yield _number(held.get("retry-after-ms", ""), 0.001)
    yield _number(after, 1.0)
    until = _http_date(after)
    if until and date:  # no date to measure it against: our own clock may be wrong
        yield (until - date).total_seconds()
    for name in _exhausted(held):
        yield _reset(held.get(name, ""), date or now)


def _exhausted(held: Mapping[str, str]) -> Iterator[str]:
    """The names of the headers that say when a used-up bucket is filled again."""
    for name, left in held.items():
        if "ratelimit" not in name:
            continue
        if "remaining" in name and left.strip() in ("0", "0.0"):
            yield name.replace("remaining", "reset")
        elif name.endswith("-status") and left.strip().lower() == "rejected":
            yield name.removesuffix("status") + "reset"
    for bare in ("x-ratelimit", "ratelimit"):
        if f"{bare}-remaining" not in held:
            yield f"{bare}-reset"


def _reset(value: str, now: datetime) -> float | None:
    """What a reset says: a duration, seconds, an epoch in seconds or milliseconds, or RFC 3339."""
    number = _number(value, 1.0)
    if number is not None and number < LONGEST_S:
        return number
    moment = resets.epoch(number) if number is not None else resets.rfc3339(value)
    return _until(moment, now) if moment else seconds_in(value)


def _in_fields(text: str, now: datetime) -> Iterator[float | None]:
    for match in _DELAY.finditer(text):
        yield seconds_in(match["value"])
    for match in _IN_SECONDS.finditer(text):
        yield _number(match["value"], 1.0)
    for match in _IN_MS.finditer(text):
        yield _number(match["value"], 0.001)
    for match in _POINT.finditer(text):
        yield _reset(match["value"], now)
    for match in _EPOCH.finditer(text):
        yield _until(resets.epoch(float(match[1])), now)


def _in_words(text: str, now: datetime, local: tzinfo | None) -> Iterator[float | None]:
    for match in _SAID.finditer(text):
        yield seconds_in(match[1])
    for match in _SAID_AT.finditer(text):
        yield _until(resets.moment(match, now, local), now)


def _until(moment: datetime | None, now: datetime) -> float | None:
    """Seconds until a moment; 0 when it has just passed, as messages name minutes."""
    if moment is None:
        return None
    left = (moment - now.astimezone(UTC)).total_seconds()
    return 0.0 if -resets.JUST_PASSED.total_seconds() < left < 0 else left


def _number(text: str, unit: float) -> float | None:
    return float(text) * unit if _NUMBER.fullmatch(text.strip()) else None


def _http_date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, TypeError, OverflowError):
        return None
