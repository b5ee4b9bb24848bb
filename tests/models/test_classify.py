"""From what providers say, in their own words, to what can be done about it."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.models.classify import classify, judge
from cowork.models.errors import (
    AuthError,
    BadModelError,
    ContentError,
    DailyQuotaError,
    DownError,
    FundsError,
    MalformedError,
    ProviderError,
    RegionError,
    TooBigError,
    WaitError,
)

GEMINI_MINUTE = (
    '{"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details.",'
    '"status":"RESOURCE_EXHAUSTED","details":[{"quotaId":"GenerateRequestsPerMinutePerProjectPerModel-FreeTier"},'
    '{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"28s"}]}}'
)
GEMINI_DAY = GEMINI_MINUTE.replace("PerMinute", "PerDay")
GROQ_MINUTE = "Rate limit reached for model `x` on tokens per minute (TPM): Limit 6000, Used 5900, Requested 900."
GROQ_DAY = "Rate limit reached for model `x` on requests per day (RPD): Limit 1000, Used 1000, Requested 1."
GROQ_BIG = "Request too large for model `x` on tokens per minute (TPM): Limit 6000, Requested 9000."
SPEND = '{"error":{"type":"rate_limit_error","details":{"error_code":"enforced_spend_limit_reached"}}}'
LOW_CREDIT = "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade."
NO_ACCESS = '{"code":"model_not_found","message":"Project `p` does not have access to model `gpt-5.5`"}'
AWS_REGION = "Access to Anthropic models is not allowed from unsupported countries, regions, or territories."
GEMINI_BIG = "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."
CODEX = "You've hit your usage limit. Visit the settings to purchase more credits or try again at Jul 25, 2026, 11:09 AM."
MODERATION = "x/y requires moderation on Acme. Your input was flagged for violence."

SAID: list[tuple[int | None, str, type[ProviderError]]] = [
    # waiting helps
    (429, '{"type":"rate_limit_error"}', WaitError),
    (429, '{"code":"slow_down"}', WaitError),
    (429, GEMINI_MINUTE, WaitError),
    (429, GROQ_MINUTE, WaitError),
    (429, "ThrottlingException", WaitError),
    (429, "", WaitError),
    (498, '{"code":"capacity_exceeded"}', WaitError),
    (408, "", WaitError),
    (502, "<html>Bad Gateway</html>", WaitError),
    (503, '{"status":"UNAVAILABLE","message":"The model is overloaded."}', WaitError),
    (503, "server busy, maximum pending requests exceeded", WaitError),
    (504, "", WaitError),
    (529, '{"type":"overloaded_error"}', WaitError),
    (None, '{"type":"overloaded_error","message":"Overloaded"}', WaitError),
    (None, '{"type":"rate_limit_error"}', WaitError),
    (None, "The engine is currently overloaded, please try again later", WaitError),
    # what a subscription allows is used up
    (None, "You've hit your limit \u00b7 resets 9pm (America/Toronto)", WaitError),
    (None, "You\u2019ve hit your session limit \u00b7 resets 3:30am (Europe/Berlin)", WaitError),
    (None, "You\\u2019ve hit your Opus limit", WaitError),  # as JSON has it
    (None, "Claude usage limit reached. Your limit will reset at 7pm (Asia/Tokyo).", WaitError),
    (None, "Claude AI usage limit reached|1750003200", WaitError),
    (None, "5-hour limit reached \u2219 resets 3am", WaitError),
    (None, "You're out of extra usage \u00b7 resets 3pm", WaitError),
    (None, CODEX, WaitError),
    (429, CODEX, WaitError),
    (None, "You've hit your usage limit. Upgrade to Pro, or try again in 3 hours 12 minutes.", WaitError),
    (429, '{"type":"usage_limit_reached","message":"The usage limit has been reached","resets_in_seconds":9}', WaitError),
    (None, "You have exhausted your capacity on this model. Your quota will reset after 8h44m7s.", WaitError),
    (None, "No capacity available for model gemini-3.5-pro on the server", WaitError),
    (None, "Resource has been exhausted (e.g. check quota).", WaitError),
    (None, "You've hit your weekly limit \u00b7 resets Jul 31, 2am (UTC)", DailyQuotaError),
    (None, "Opus weekly limit reached \u2219 resets Oct 6 at 12pm", DailyQuotaError),
    (None, "You have exhausted your daily quota on this model.", DailyQuotaError),
    # no money
    (429, "You've hit your monthly spend limit", FundsError),
    (None, "Your workspace is out of credits. Add credits to continue.", FundsError),
    (None, "Quota exceeded. Check your plan and billing details.", FundsError),
    (402, "", FundsError),
    (402, '{"message":"Insufficient Balance"}', FundsError),
    (402, '{"metadata":{"limit_source":"key"}}', FundsError),
    (402, '{"type":"billing_error"}', FundsError),
    (429, '{"code":"insufficient_quota","message":"You exceeded your current quota"}', FundsError),
    (429, '{"code":"credit_balance_exhausted"}', FundsError),
    (429, SPEND, FundsError),
    (400, LOW_CREDIT, FundsError),
    (400, "You have reached your specified API usage limits. You will regain access on 2026-09-01.", FundsError),
    (403, "Your team has used all available credits or reached its monthly spending limit.", FundsError),
    (None, '{"type":"billing_error"}', FundsError),
    # not today
    (429, GEMINI_DAY, DailyQuotaError),
    (429, GROQ_DAY, DailyQuotaError),
    (429, "Tokens per day limit exceeded - too many tokens processed.", DailyQuotaError),
    (None, GEMINI_DAY, DailyQuotaError),
    # the key
    (401, "", AuthError),
    (401, '{"code":"invalid_api_key","message":"Incorrect API key provided: sk-...9."}', AuthError),
    (403, '{"type":"permission_error"}', AuthError),
    (403, "", AuthError),
    (400, '{"status":"INVALID_ARGUMENT","message":"API key not valid. Please pass a valid API key."}', AuthError),
    (None, '{"type":"authentication_error","message":"invalid x-api-key"}', AuthError),
    # the place
    (403, "Country, region, or territory not supported", RegionError),
    (403, '{"code":"unsupported_country_region_territory"}', RegionError),
    (403, "The model grok-4.5 is not available in your region.", RegionError),
    (400, "User location is not supported for the API use.", RegionError),
    (400, AWS_REGION, RegionError),
    # the model
    (404, '{"message":"No endpoints found for x/y."}', BadModelError),
    (404, '{"type":"not_found_error","message":"model: claude-9"}', BadModelError),
    (404, 'model "gpt-oss:20b" not found, try pulling it first', BadModelError),
    (403, NO_ACCESS, BadModelError),
    (400, "Model Not Exist", BadModelError),
    (400, "The model `x` has been decommissioned and is no longer supported.", BadModelError),
    (400, "x/y is not a valid model ID", BadModelError),
    (None, "No endpoints found for x/y.", BadModelError),
    # the size
    (413, "", TooBigError),
    (413, '{"type":"request_too_large"}', TooBigError),
    (400, '{"code":"context_length_exceeded"}', TooBigError),
    (400, "This model's maximum context length is 128000 tokens.", TooBigError),
    (400, "prompt is too long: 210000 tokens > 200000 maximum", TooBigError),
    (400, GEMINI_BIG, TooBigError),
    (400, "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000", TooBigError),
    (400, "the request exceeds the available context size, try increasing it", TooBigError),
    (429, GROQ_BIG, TooBigError),
    (429, "Limit 30000, Requested 45000.", TooBigError),
    # the content
    (400, '{"code":"content_filter","innererror":{"code":"ResponsibleAIPolicyViolation"}}', ContentError),
    (400, "Output blocked by content filtering policy", ContentError),
    (400, "Your request was rejected as a result of our safety system.", ContentError),
    (403, MODERATION, ContentError),
    # our request
    (400, "max_tokens: must be positive", MalformedError),
    (422, "temperature out of range", MalformedError),
    (None, '{"type":"invalid_request_error","message":"bad"}', MalformedError),
    # their failure
    (500, "Internal server error", DownError),
    (520, "", DownError),
    (None, "", DownError),
    (None, '{"type":"api_error","message":"Internal server error"}', DownError),
    # words that mean something else
    (None, "insufficient disk capacity", DownError),
    (507, "insufficient disk capacity", DownError),
    (None, "if response.status == 429: retry()", DownError),
    (None, "HTTP 429 is documented on page 503", DownError),
    (None, "error: rate limiting middleware is not configured", DownError),
    (None, "cannot import '@upstash/ratelimit'", DownError),
    (None, "the quota table has 429 rows; backoff is exponential", DownError),
    (None, "the speed limit is reached at 9pm", DownError),
    (None, "raise the usage limit of the pool", DownError),
    (400, "hit your limit is not a valid tag", MalformedError),
    (None, "the daily build broke", DownError),
    (500, 'relation "users" does not exist in region eu; see the billing model', DownError),
    (400, "the country field is required", MalformedError),
    (403, '<div role="region">Access denied</div>', AuthError),
    (400, "file not found", MalformedError),
]


@pytest.mark.parametrize(("status", "text", "kind"), SAID)
def test_what_was_said_decides_the_class(status: int | None, text: str, kind: type[ProviderError]) -> None:
    assert classify(status, text) is kind


NOW = datetime(2026, 1, 31, 20, 0, tzinfo=UTC)  # four hours of the day are left


@pytest.mark.parametrize(
    ("text", "kind", "wait"),
    [
        ("Rate limit reached. Please try again in 20s.", WaitError, 20),
        ("You've hit your session limit, resets 11pm", WaitError, 10_800),
        ("You've hit your session limit, resets 12am", WaitError, 14_400),
        ("You've hit your session limit, resets 12:30am", DailyQuotaError, 16_200),
        ("You've hit your limit, resets Feb 3, 8pm", DailyQuotaError, 3 * 86_400),
        ("You've hit your limit", WaitError, None),
        ("Limit of requests per day reached; usage limit reached. Try again in 5s.", DailyQuotaError, 5),
        ("insufficient_quota: try again in 2 days", FundsError, 172_800),
    ],
)
def test_a_wait_beyond_today_is_the_days_quota(text: str, kind: type[ProviderError], wait: float | None) -> None:
    assert judge(None, text, {}, NOW, local=UTC) == (kind, wait)


def test_shortly_before_midnight_a_short_wait_stays_one() -> None:
    late = NOW.replace(hour=23, minute=59, second=50)
    assert judge(429, "try again in 20s", {}, late, local=UTC) == (WaitError, 20)
    assert judge(429, "", {"retry-after": "3600"}, late, local=UTC) == (WaitError, 3600)
    assert judge(429, "", {"retry-after": "3601"}, late, local=UTC) == (DailyQuotaError, 3601)


def test_the_day_is_that_of_the_zone() -> None:
    said = "You've hit your session limit, try again in 5 hours"
    assert judge(None, said, {}, NOW, local=UTC)[0] is DailyQuotaError
    assert judge(None, said, {}, NOW, local=ZoneInfo("America/New_York"))[0] is WaitError


def test_only_what_waiting_can_mend_is_retried() -> None:
    assert {kind for kind in ProviderError.__subclasses__() if kind.retryable} == {WaitError, DownError}


def test_every_class_has_a_code_of_its_own() -> None:
    kinds = [kind.kind for kind in ProviderError.__subclasses__()]
    assert len(kinds) == len(set(kinds)) == 12


@settings(deadline=None)
@given(st.none() | st.integers(), st.text())
def test_any_text_has_a_class(status: int | None, text: str) -> None:
    assert issubclass(classify(status, text), ProviderError)


def test_only_the_start_of_a_long_text_is_judged() -> None:
    error = '{"type":"rate_limit_error"}'
    assert classify(None, error + " " * 1_000_000) is WaitError
    assert classify(None, " " * 1_000_000 + error) is DownError
