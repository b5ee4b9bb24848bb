"""What an agent's failure is, from its words: their own phrases first, then those of the providers behind them."""

from __future__ import annotations

import re

from cowork.models.classify import classify
from cowork.models.errors import AuthError, DownError, ProviderError, UntrustedError, WaitError

_LIMIT = re.compile(
    r"\b(?:hit|reached|exceeded) your (?:\S{1,20} ){0,2}limit\b|\blimit will reset\b"
    r"|\b(?:usage|session|weekly|5-hour|opus) limit (?:reached|exceeded)",
    re.IGNORECASE,
)
_LOG_IN = re.compile(
    r"\bnot logged in\b|please run /login|\blog in again\b|\bcodex login\b|\bauth login\b|set an auth method|\blogin required\b"
    r"|invalid auth method|authentication[ _](?:failed|required)"
    r"|oauth token (?:has )?expired|\b(?:401 unauthorized|unauthenticated)\b",
    re.IGNORECASE,
)
_TRUST = re.compile(r"\bnot (?:running )?in a trusted (?:directory|folder)|not inside a trusted directory", re.IGNORECASE)
_STATUS = re.compile(r"\b(?:API Error|HTTP|status(?: code)?|error code)[:=\s]{1,3}([45][0-9]{2})\b", re.IGNORECASE)
_LOOKED_AT = 20_000


def failure_class(status: int | None, text: str) -> type[ProviderError]:
    """The class of a failure with this HTTP status, if the agent said one, and these words."""
    text = text[:_LOOKED_AT]
    if _LIMIT.search(text):
        return WaitError  # of a subscription: it also offers credits to buy, which is not what is missing
    if _TRUST.search(text):
        return UntrustedError  # by the agent's own record of trust
    said = _STATUS.search(text)
    kind = classify(status or (int(said.group(1)) if said else None), text)
    return AuthError if kind is DownError and _LOG_IN.search(text) else kind
