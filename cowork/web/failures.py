"""What `requests` raises, in the words of cowork: its messages hold whole addresses, query and all, and stay out."""

from __future__ import annotations

from requests import exceptions as theirs
from urllib3 import exceptions as below

from cowork.core.errors import CoworkError, InvalidInput, Unavailable
from cowork.core.text import one_line
from cowork.web.bodies import bad_response
from cowork.web.deadline import Deadline
from cowork.web.urls import bad_url


def translated(error: Exception, shown: str, deadline: Deadline) -> CoworkError:
    """The typed error for a failed exchange with the address that messages show as `shown`."""
    if isinstance(error, CoworkError):
        return error
    if deadline.is_over:
        return deadline.expired()
    if isinstance(error, theirs.InvalidURL):
        return bad_url(shown, "it cannot be sent over HTTP")
    if isinstance(error, (theirs.InvalidHeader, UnicodeError)):
        return InvalidInput("web.bad_header", f"a header for {shown} cannot be sent", hint="use one line of plain text")
    if isinstance(error, (theirs.SSLError, below.SSLError)):
        return _tls(error, shown)
    if isinstance(error, (theirs.Timeout, below.TimeoutError)):
        return Unavailable("web.timeout", f"{shown} did not answer in time", hint="try again later")
    if isinstance(error, (theirs.ProxyError, theirs.InvalidProxyURL, theirs.InvalidSchema)):
        return _unreachable(shown, "the proxy that the environment names does not work")
    if isinstance(error, (theirs.ContentDecodingError, below.IncompleteRead, below.InvalidChunkLength)):
        return bad_response(shown, "it ends in the middle")
    if isinstance(error, OSError) and "CA certificate bundle" in str(error):
        return _tls(error, shown)
    return _unreachable(shown, _cause(error))


def _tls(error: Exception, shown: str) -> CoworkError:
    reason = _root(error)
    return Unavailable(
        "web.tls",
        f"the encrypted connection to {shown} failed",
        cause=one_line(str(getattr(reason, "verify_message", "") or getattr(reason, "reason", "") or type(reason).__name__)),
        hint="the certificate must fit the host; REQUESTS_CA_BUNDLE names an authority of your own",
    )


def _unreachable(shown: str, cause: str) -> CoworkError:
    return Unavailable("web.unreachable", f"{shown} cannot be reached", cause=cause, hint="check the address and the network")


def _cause(error: Exception) -> str:
    reason = _root(error)
    text = reason.strerror if isinstance(reason, OSError) else None
    return one_line(text or type(reason).__name__)


def _root(error: BaseException) -> BaseException:
    """The innermost reason: libraries wrap it several times, in `reason`, `args` or `__context__`."""
    for _ in range(10):
        inside = getattr(error, "reason", None)
        if not isinstance(inside, BaseException):
            inside = next(
                (item for item in error.args if isinstance(item, BaseException)), error.__cause__ or error.__context__
            )
        if inside is None:
            break
        error = inside
    return error
