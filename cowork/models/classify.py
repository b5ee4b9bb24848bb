"""From what a provider said to an error class. Statuses first, then error codes, then known phrases."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cowork.models import errors

_FUNDS = ("insufficient_quota", "credit_balance", "billing", "enforced_spend_limit", "insufficient balance", "spend limit")
_DAILY = ("perday", "per day", "daily")
_BIG = ("context_length_exceeded", "maximum context length", "prompt is too long", "request too large")
_REGION = ("region", "country", "territory", "location is not supported")
_MODEL = ("model_not_found", "no endpoints found", "unknown model", "model not found", "does not exist")
_CONTENT = ("content_filter", "content_policy", "safety")
_PARTS = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)")
_UNIT = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def classify(status: int | None, text: str) -> type[errors.ProviderError]:
    """The class of a failure with this HTTP status (None inside a 200 or a stream) and this body or message."""
    low = text.casefold()
    if status == 402 or _has(low, _FUNDS):
        return errors.FundsError
    if status == 413 or _has(low, _BIG):
        return errors.TooBigError
    if status == 429 or "rate_limit" in low or "resource_exhausted" in low:
        return errors.DailyQuotaError if _has(low, _DAILY) else errors.WaitError
    if status in (408, 498, 502, 503, 504, 529) or "overloaded" in low:
        return errors.WaitError
    if status == 403 and _has(low, _REGION):
        return errors.RegionError
    if status in (401, 403) or "authentication_error" in low or "invalid_api_key" in low:
        return errors.AuthError
    if status == 404 or _has(low, _MODEL):
        return errors.BadModelError
    if _has(low, _CONTENT):
        return errors.ContentError
    if status is not None and 400 <= status < 500:
        return errors.MalformedError
    return errors.DownError


def wait_seconds(headers: Mapping[str, str], text: str) -> float | None:
    """How long the server asks to wait: retry-after-ms, retry-after, RetryInfo, "try again in 50.59s"; None if unsaid."""
    candidates: list[float] = []
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            candidates.append(float(headers[name]) * unit)
        except (KeyError, ValueError):
            continue  # absent, or an HTTP date
    delay = re.search(r'"retryDelay"\s*:\s*"([^"]+)"', text)
    if delay:
        candidates.append(duration(delay.group(1)))
    said = re.search(r"(?:try again|retry) in ((?:\d+(?:\.\d+)?(?:ms|h|m|s)\s*)+)", text, re.IGNORECASE)
    if said:
        candidates.append(duration(said.group(1)))
    usable = [seconds for seconds in candidates if 0 <= seconds < 86_400 * 32]
    return max(usable) if usable else None


def duration(text: str) -> float:
    """Seconds in a text such as `28s`, `6m0s` or `1h2m`; 0 when there is none."""
    return sum(float(number) * _UNIT[unit] for number, unit in _PARTS.findall(text))


def message_of(body: Any, fallback: str) -> str:
    """The human message in an error body of any of the usual shapes."""
    for key in ("error", "message", "detail"):
        if isinstance(body, Mapping) and key in body:
            return message_of(body[key], fallback)
    if isinstance(body, list) and body:
        return message_of(body[0], fallback)
    return body if isinstance(body, str) and body else fallback


def _has(text: str, phrases: tuple[str, ...]) -> bool:
    return any(phrase in text for phrase in phrases)
