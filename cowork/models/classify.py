"""From what a provider said to an error class. Statuses first, then error codes, then known phrases.

Phrases are the providers' own (mid-2026). They are never looked for in the text of a server failure, where they are
about the server and not about the request; only that it cannot call tools is the same in both. Nor are they looked for in
an answer, which may well be about limits: only error bodies, error events and the last words of a failed program come here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from cowork.core.clock import SystemClock
from cowork.models import errors
from cowork.models.resets import rest_of_day
from cowork.models.waiting import wait_seconds


def _any(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(phrases), re.IGNORECASE | re.ASCII)


_PLACE = "(?:countr(?:y|ies)|regions?|territor(?:y|ies)|locations?)"
_REFUSED = "(?:unsupported|not (?:currently |yet )?(?:be )?(?:supported|available|allowed|served))"

_FUNDS = _any(
    "insufficient[ _](?:quota|balance|credits?|funds)",
    "credit[ _]balance",
    "billing_(?:error|not_active|hard_limit)",
    "spend(?:ing)?[ _]limit",
    "api usage limits",
    "key limit exceeded",
    "(?:any|available|more|included) credits",
    "out of credits",
    r"quota exceeded\. check your plan",
)
_SPAN = r"(?:(?:session|hourly|5-hour|daily|weekly|usage|message|model|opus|sonnet|haiku|fable|codex|pro|plus|max) )"
_PLAN = _any(  # a subscription's allowance is used up; that more could be bought is said beside it
    rf"\bhit your {_SPAN}{{0,3}}limit\b",
    rf"\breached your {_SPAN}{{1,3}}limit\b",
    rf"\b{_SPAN}{{1,3}}limit (?:has been )?reached\b",
    r"\busage_limit_reached\b",
    r"\bout of extra usage\b",
)
_BIG = _any(
    "context_length_exceeded",
    "(?:maximum|max) (?:context|prompt) length",
    "exceeds? (?:the )?(?:available )?context (?:limit|size|window|length)",
    "(?:prompt|input) is too long",
    "request[ _]too[ _]large",
    "input token count.{0,40}exceeds",
)
_DAILY = _any("per[ _-]?day", r"\bdaily (?:quota|limit|request|token|usage)", r"\b[rt]pd\b", r"\bweekly (?:quota|limit|usage)")
_WAIT = _any(
    "rate_limit_e",  # _error, _exceeded
    "rate limit (?:reached|exceeded)",
    "too many requests",
    "resource_exhausted",
    "throttlingexception",
    r"\bslow_down\b",
    "overloaded_error",
    r"\b(?:is|are|currently|engine|model|server)[ _](?:\w{1,20} )?overloaded",
    r"\b(?:timeout_error|capacity_exceeded|service_unavailable|model_capacity_exhausted|quota_exhausted)\b",
    r"\bexhausted your (?:\w{1,20} )?(?:capacity|quota)\b",
    r"\bresource has been exhausted\b",
    r"\bno capacity available for model\b",
)
_REGION = _any(rf"{_PLACE}\b[^.\n]{{0,60}}\b{_REFUSED}", rf"{_REFUSED}\b[^.\n]{{0,60}}\b{_PLACE}\b", f"unsupported_{_PLACE}")
_CONTENT = _any(
    "content[ _](?:filter|policy)",
    "responsibleaipolicy",
    "prohibited_content",
    r"\bmoderation",
    r"\bflagged\b",
    "safety (?:system|filter|settings|policy)",
)
_MODEL = _any(
    "model_not_found|invalid_model|model_decommissioned|not_found_error",
    "no endpoints found",
    "(?:unknown|invalid) model",
    r"\bmodel\b[^\n]{0,100}?(?:not found|(?:does )?not exist|not a valid|is invalid|decommissioned|no longer)",
    "not a valid model",
)
_AUTH = _any(
    "authentication_error|permission_error|invalid_api_key|api_key_invalid",
    "(?:invalid|incorrect) (?:x-)?api[ -]key",
    "api key not valid",
)
_TOOLS = "[`'\"\\\\]*(?:tools?|functions?)(?:[ _-](?:calling|calls?|use))?[`'\"\\\\]*"
_NO_TOOLS = _any(
    rf"(?:not|n't) (?:currently |yet )?(?:support|use|call)\w{{0,3}} (?:\w{{1,20}} )?{_TOOLS}(?!\w)",
    rf"\b{_TOOLS} (?:is|are) (?:not |un)(?:currently |yet )?(?:supported|available|allowed|enabled)",
    r"(?:unsupported|unknown|unrecognized|unexpected) (?:request )?(?:parameter|argument|field|property|keyword)s?"
    r"\b[^\n]{0,30}?\btools\b(?![\w.\[])",
    "no endpoints found that support tool",
    "--enable-auto-tool-choice|tools param requires",
)
_SHAPE = _any(
    "response[_ ]?format",
    "json[_ -]?schema",
    "structured[_ -]?output",
    "output[_ ](?:config|format|schema)",
    r"\bguided[_ ](?:json|decoding)",
    r"\bgrammar\b",
)
_UNSUPPORTED = _any(
    "(?:not|n't) (?:currently |yet )?(?:support|permitted|allowed)",
    "unsupported",
    "(?:unknown|unrecognized|unexpected|extra) (?:request )?(?:parameter|argument|field|property|keyword|input)",
)
_INVALID = _any("invalid_request_error")
_TOO_MUCH = re.compile(r"limit:? ([0-9]{1,12})\b[^\n]{0,60}?requested:? ([0-9]{1,12})\b", re.IGNORECASE)
_LOOKED_AT = 20_000  # characters: an error says what it is at its start
_WAITING_HELPS = frozenset((408, 429, 498, 502, 503, 504, 529))
_PART_OF_A_DAY_S = 3600.0  # a wait that is no longer is one, also shortly before midnight


def judge(
    status: int | None,
    text: str,
    headers: Mapping[str, str] | None = None,
    now: datetime | None = None,
    *,
    local: tzinfo | None = None,
) -> tuple[type[errors.ProviderError], float | None]:
    """The class of a failure, and the seconds it asks to wait, if it does. A wait beyond today means the day's quota.

    `headers` are the response's; `now` and `local` are for `wait_seconds`.
    """
    moment = now or SystemClock().now()
    kind, wait = classify(status, text), wait_seconds(headers or {}, text, moment, local=local)
    if kind is errors.WaitError and wait is not None and wait > max(_PART_OF_A_DAY_S, rest_of_day(moment, local)):
        return errors.DailyQuotaError, wait
    return kind, wait


def classify(status: int | None, text: str) -> type[errors.ProviderError]:
    """The class of a failure with this HTTP status (None inside a 200 or a stream) and this body or message."""
    text = text[:_LOOKED_AT]
    if status is not None and status >= 500:
        return errors.WaitError if status in _WAITING_HELPS else errors.DownError
    if status in (None, 429) and _PLAN.search(text):
        return errors.DailyQuotaError if _DAILY.search(text) else errors.WaitError
    if status == 402 or _FUNDS.search(text):
        return errors.FundsError
    if status == 413 or _BIG.search(text) or _can_never_fit(text):
        return errors.TooBigError
    if status in _WAITING_HELPS or (status is None and _WAIT.search(text)):
        return errors.DailyQuotaError if _DAILY.search(text) else errors.WaitError
    if status == 401:
        return errors.AuthError
    if status == 404:
        return errors.BadModelError
    return _by_phrase(status, text)


def refuses_tools(kind: type[errors.ProviderError], text: str) -> bool:
    """Whether a failure of this class, of a request that offers tools, says that the model or its server has none."""
    return kind in (errors.BadModelError, errors.MalformedError, errors.DownError) and bool(_NO_TOOLS.search(text[:_LOOKED_AT]))


def refuses_shape(kind: type[errors.ProviderError], text: str) -> bool:
    """Whether a failure of this class, of a request that sends a schema, is about that: it names it, or something it
    does not support and does not say what.
    """
    text = text[:_LOOKED_AT]
    if kind is errors.MalformedError and _UNSUPPORTED.search(text):
        return True
    return kind in (errors.BadModelError, errors.MalformedError, errors.DownError) and bool(_SHAPE.search(text))


def _by_phrase(status: int | None, text: str) -> type[errors.ProviderError]:
    if _REGION.search(text):
        return errors.RegionError
    if _MODEL.search(text):
        return errors.BadModelError
    if _CONTENT.search(text):
        return errors.ContentError
    if status == 403 or _AUTH.search(text):
        return errors.AuthError
    if (status is not None and 400 <= status < 500) or _INVALID.search(text):
        return errors.MalformedError
    return errors.DownError


def _can_never_fit(text: str) -> bool:
    """Whether more is requested than the limit of a whole window: "Limit 6000, Requested 9000"."""
    found = _TOO_MUCH.search(text)
    return found is not None and int(found.group(2)) > int(found.group(1))


def status_in(body: Any) -> int | None:
    """The HTTP status that an error body states itself: OpenRouter and Gemini put it in `error.code`."""
    for key in ("error", "code", "status", "status_code"):
        value = body.get(key) if isinstance(body, Mapping) else None
        if isinstance(value, Mapping):
            return status_in(value)
        if isinstance(value, (int, str)) and re.fullmatch(r"[45][0-9]{2}", str(value)):
            return int(value)
    return status_in(body[0]) if isinstance(body, list) and body else None


def message_of(body: Any, fallback: str) -> str:
    """The human message in an error body of any of the usual shapes."""
    if isinstance(body, Mapping):
        inner = next((body[key] for key in ("error", "message", "detail", "msg") if body.get(key)), None)
        return message_of(inner, fallback)
    if isinstance(body, list) and body:
        return message_of(body[0], fallback)
    return body if isinstance(body, str) and body else fallback
