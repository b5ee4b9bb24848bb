"""Telling people that something is over, wherever they are: addresses as apprise has them.

The addresses hold tokens and passwords: nothing of them is in what comes back, nor in any log. What is told may hold the words
of a model, and is plain text: no mention wakes up a channel, no link hides where it leads.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cowork.core.text import one_line, printable

if TYPE_CHECKING:
    from cowork.core.health import Check

PATIENCE_S = 20.0
_LONGEST_TITLE, _LONGEST_BODY = 200, 4000
_MENTION = re.compile(r"@(?=\w)")
_ANGLES = str.maketrans("<>", "‹›")


def notify(urls: Sequence[str], title: str, body: str, *, patience_s: float = PATIENCE_S) -> tuple[int, tuple[str, ...]]:
    """Tell everybody at once: how many were told, and what went wrong with the others, by the number of the address.

    It takes no longer than `patience_s`, whatever they do, and raises nothing.
    """
    targets = {number: _target(url) for number, url in enumerate(urls, 1)}
    words = one_line(plain(title), _LONGEST_TITLE), _cut(plain(body))
    told: set[int] = set()
    threads = {
        number: threading.Thread(target=_tell, args=(target, *words, number, told), daemon=True)
        for number, target in targets.items()
        if target is not None
    }
    end = time.monotonic() + patience_s
    for thread in threads.values():
        thread.start()
    for thread in threads.values():
        thread.join(max(0.0, end - time.monotonic()))
    reached = set(told)
    problems = [
        _problem(number, targets[number], threads.get(number), patience_s) for number in targets if number not in reached
    ]
    return len(reached), tuple(problems)


def _problem(number: int, target: Any, thread: threading.Thread | None, patience_s: float) -> str:
    if thread is None:
        return f"address {number} is none that apprise knows"
    what = f"said nothing within {patience_s:g} seconds" if thread.is_alive() else "could not be told"
    return f"address {number} ({one_line(str(target.service_name), 40)}) {what}"


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


def _target(url: str) -> Any:
    """What speaks to an address, None when it is none."""
    import logging
    import warnings

    try:
        with warnings.catch_warnings(action="ignore"):  # of modules that its services load
            import apprise

            for name in ("apprise", "urllib3.connectionpool"):  # they log addresses
                logging.getLogger(name).disabled = True
            return apprise.Apprise.instantiate(url, suppress_exceptions=True)
    except Exception:  # by the address; what it says may hold a part of it
        return None


def _tell(target: Any, title: str, body: str, number: int, told: set[int]) -> None:
    import apprise

    try:
        sender = apprise.Apprise()
        sender.add(target)
        if sender.notify(body=body, title=title, body_format="text", interpret_escapes=False):
            told.add(number)
    except Exception:  # noqa: S110 - of a service; what it says may hold the address
        pass


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_BODY else text[: _LONGEST_BODY - 1] + "…"
