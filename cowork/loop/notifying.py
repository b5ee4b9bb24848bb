"""Telling people that something is over, wherever they are: addresses as apprise has them.

The addresses hold tokens and passwords: nothing of them is in what comes back, nor in any log. What is told may hold the words
of a model, and is plain text: no mention wakes up a channel, no link hides where it leads.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from cowork.core.text import one_line, printable

if TYPE_CHECKING:
    from cowork.core.health import Check

PATIENCE_S = 20.0
_LONGEST_TITLE, _LONGEST_BODY = 200, 4000
_MENTION = re.compile(r"@(?=\w)")
_ANGLES = str.maketrans("<>", "‹›")
_FILTERS = threading.Lock()
_FILE_OPTIONS = frozenset(
    "template keyfile subfile pgp pgppub pgpprv pgp_key pgp_mode pgp_privkey attach attachment attach-as".split()
)
"""Of all services of apprise: what is sent is read from there, or a key that signs it."""
_TITLE_MARKS = 32
"""Room for what makes a title a heading of the body."""


def notify(urls: Sequence[str], title: str, body: str, *, patience_s: float = PATIENCE_S) -> tuple[int, tuple[str, ...]]:
    """Tell everybody at once: how many were told, and what went wrong with the others, by the number of the address.

    It takes no longer than `patience_s`, whatever they do, and raises nothing.
    """
    problems = _told(urls, _words(title, body), patience_s)
    return len(urls) - len(problems), tuple(f"address {number} {problem}" for number, problem in problems.items())


def tell(url: str, title: str, body: str, *, ending: str = "", patience_s: float = PATIENCE_S) -> str | None:
    """Tell one address: what went wrong, None when nothing did. `ending` stands below the body, however short that is cut.

    It takes no longer than `patience_s`, and raises nothing.
    """
    problems = _told([url], _words(title, body, ending), patience_s)
    return f"the address {problems[1]}" if problems else None


class _Words(NamedTuple):
    title: str
    body: str
    ending: str


def _words(title: str, body: str, ending: str = "") -> _Words:
    return _Words(plain(one_line(title, _LONGEST_TITLE)), plain(body[: 2 * _LONGEST_BODY]), plain(ending))


def _told(urls: Sequence[str], words: _Words, patience_s: float) -> dict[int, str]:
    """What went wrong, by the number of the address."""
    targets = {number: _target(url) for number, url in enumerate(urls, 1)}
    told: set[int] = set()
    threads = {
        number: threading.Thread(target=_tell, args=(target, words, number, told), daemon=True)
        for number, target in targets.items()
        if target is not None
    }
    end = time.monotonic() + patience_s
    for thread in threads.values():
        thread.start()
    for thread in threads.values():
        thread.join(max(0.0, end - time.monotonic()))
    reached = set(told)
    return {
        number: _problem(target, threads.get(number), patience_s) for number, target in targets.items() if number not in reached
    }


def _problem(target: Any, thread: threading.Thread | None, patience_s: float) -> str:
    if thread is None:
        return "is none that apprise knows"
    what = f"said nothing within {round(patience_s, 1):g} seconds" if thread.is_alive() else "could not be told"
    return f"({one_line(str(target.service_name), 40)}) {what}"


def plain(text: str) -> str:
    """A text that no service takes for more than text: without tags, mentions and links that hide where they lead."""
    quiet = _MENTION.sub("@\u2060", printable(text).translate(_ANGLES))
    return quiet.replace("](", "] (")


def check() -> Check:
    """For `doctor`: whether the addresses of the settings can be understood. Nobody is told anything."""
    from cowork.core import settings
    from cowork.core.errors import CoworkError
    from cowork.core.health import Check

    try:
        urls = settings.one("notify_urls")
    except CoworkError as error:
        return Check("notifications", "fail", error.message)
    if not urls:
        return Check("notifications", "ok", "nobody is told of the end of a loop; see: cowork config show notify_urls")
    bad = [str(number) for number, url in enumerate(urls, 1) if _target(url) is None]
    if bad:
        return Check("notifications", "warn", f"notify_urls: no address that apprise knows is number {', '.join(bad)}")
    return Check("notifications", "ok", f"{len(urls)} {'address' if len(urls) == 1 else 'addresses'}")


def understands(url: str) -> bool:
    """Whether an address is one that apprise knows. Nobody is told anything."""
    return _target(url) is not None


def names_file(url: str) -> bool:
    """Whether an address has an option by which its service reads a file of this machine, which may go into what is sent."""
    with _apprise():
        from apprise.plugins import url_to_dict

        try:
            parts = url_to_dict(url) or {}  # type: ignore[no-untyped-call]
        except Exception:  # by the address
            return False
    options = {*parts.get("qsd", {}), *(name for name, value in parts.items() if value)}
    return not _FILE_OPTIONS.isdisjoint(options)


def _target(url: str) -> Any:
    """What speaks to an address, None when it is none."""
    try:
        with _apprise() as apprise:
            return apprise.Apprise.instantiate(url, suppress_exceptions=True)
    except Exception:  # by the address; what it says may hold a part of it
        return None


@contextmanager
def _apprise() -> Iterator[Any]:
    """The library, which says nothing of the addresses it is given."""
    import logging
    import warnings

    # Of modules that its services load. The filters are those of the whole process: one thread at a time.
    with _FILTERS, warnings.catch_warnings(action="ignore"):
        import apprise

        for name in ("apprise", "urllib3.connectionpool"):  # they log addresses
            logging.getLogger(name).disabled = True
        yield apprise


def _tell(target: Any, words: _Words, number: int, told: set[int]) -> None:
    import apprise

    try:
        if target.overflow_mode == apprise.OverflowMode.UPSTREAM:  # what is too long is refused then
            target.overflow_mode = apprise.OverflowMode.TRUNCATE
        sender = apprise.Apprise()
        sender.add(target)
        if sender.notify(body=_fitted(words, target), title=words.title, body_format="text", interpret_escapes=False):
            told.add(number)
    except Exception:  # noqa: S110 - of a service; what it says may hold the address
        pass


def _fitted(words: _Words, target: Any) -> str:
    """The body as a service takes it: most refuse what is too long. Where a service has no titles they go into the body."""
    most = min(_LONGEST_BODY, int(target.body_maxlen)) - (len(words.title) + _TITLE_MARKS if target.title_maxlen <= 0 else 0)
    ending = f"\n\n{words.ending}" if words.ending and 2 * len(words.ending) < most else ""
    return _cut(words.body, max(1, most - len(ending))) + ending


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
