"""What becomes of a seat whose model failed: its state, and what is said of it."""

from __future__ import annotations

from cowork.models import catalogue, errors
from cowork.models.advice import advice
from cowork.patterns.protocol import SeatState

_STATES: dict[type[errors.ProviderError], SeatState] = {
    errors.WaitError: "rate_limited",
    errors.DailyQuotaError: "rate_limited",
    errors.FundsError: "out_of_funds",
    errors.ContentError: "refused",
    errors.MalformedError: "invalid",
    errors.CutError: "invalid",
    errors.LateError: "timed_out",
}


def reason_of(error: errors.ProviderError) -> str:
    """Why a seat is lost and what can be done about it: which key to renew, how long to wait, which models there are."""
    if error.provider == catalogue.REHEARSAL or _says_all(error):
        return error.message
    own = isinstance(error, (errors.BadModelError, errors.CutError))
    hint = error.hint if own else advice(error, catalogue.find(error.provider))
    return f"{error.message} ({hint})" if hint else error.message


def _says_all(error: errors.ProviderError) -> bool:
    """Whether there is no more to say: a refused key was not even asked, and tells when it will be; an answer was no good."""
    if isinstance(error, (errors.WaitError, errors.DailyQuotaError, errors.FundsError)):
        return error.status is None
    return isinstance(error, (errors.MalformedError, errors.ContentError)) and not isinstance(error, errors.CutError)


def state_of(error: errors.ProviderError) -> SeatState:
    """How a seat ends that is lost to an error."""
    return _STATES.get(type(error), "unavailable")
