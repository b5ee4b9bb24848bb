"""Writing an answer or a failure: the only place that prints results."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from cowork.core.errors import CoworkError
from cowork.core.outcome import Notice, Outcome
from cowork.core.text import printable
from cowork.render import colour, envelope


def answer(
    outcome: Outcome, *, schema: str, json: bool, fields: Sequence[str] = (), color: str = "auto", quiet: bool = False
) -> None:
    """A verb's answer on stdout, its warnings on stderr (inside the document with `json`)."""
    if json:
        write(envelope.line(envelope.success(schema, outcome.data, outcome.warnings, fields)))
        return
    if not quiet:
        warn(outcome.warnings, color)
    show(schema, outcome.data, color)


def failure(
    error: CoworkError, *, schema: str, json: bool, fields: Sequence[str] = (), color: str = "auto", verbosity: int = 0
) -> None:
    """A failure: one document on stdout with `json`, else what, why and a hint on stderr.

    A partial result is shown, and the warnings that go with it.
    """
    if json:
        write(envelope.line(envelope.failure(schema, error, error.notices, fields)))
        return
    if verbosity >= 0:
        warn(error.notices, color)
    if error.data is not None:
        show(schema, error.data, color)
    red, plain = ("\x1b[1;31m", "\x1b[0m") if colour.wanted(sys.stderr, color) else ("", "")
    lines = [f"{red}error:{plain} {printable(error.message)}"]
    if error.cause:
        lines.append(f"  why: {printable(error.cause)}")
    if error.hint:
        lines.append(f"  hint: {printable(error.hint)}")
    if verbosity > 0:
        lines.append(f"  code: {error.code} (exit {error.exit_code})")
    print("\n".join(lines), file=sys.stderr)


def event(kind: str, seq: int, at: str, data: Any) -> None:
    """One line of a stream."""
    write(envelope.line({"schema": "cowork.event/1", "seq": seq, "at": at, "type": kind, "data": data}))


def warn(notices: Sequence[Notice], color: str) -> None:
    """Warnings on stderr."""
    yellow, plain = ("\x1b[33m", "\x1b[0m") if colour.wanted(sys.stderr, color) else ("", "")
    for notice in notices:
        print(f"{yellow}warning:{plain} {printable(notice.message)}", file=sys.stderr)


def show(schema: str, data: Any, color: str) -> None:
    """The person's view on stdout."""
    from cowork.render import views
    from cowork.render.screen import to_stdout

    views.show(schema, data, to_stdout(color))
    sys.stdout.flush()


def write(text: str) -> None:
    """Text on stdout as UTF-8, whatever the locale says. Raises BrokenPipeError when whoever read has gone."""
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode("utf-8"))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise BrokenPipeError from None  # without a number: Click would take that one for itself, and end the process with 1


def passage(text: str) -> None:
    """A piece of what somebody else prints, safe to show, on stdout at once."""
    write(printable(text))
