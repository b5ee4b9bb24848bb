"""The one way in and the one error gate: every command line ends here with an answer or a typed failure."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from cowork.cli.commands import ManifestGroup
from cowork.cli.invocation import Invocation
from cowork.core.errors import CoworkError, InternalError, Interrupted, UsageError
from cowork.core.text import did_you_mean

if TYPE_CHECKING:
    from cowork.core.outcome import Outcome

_SUMMARY = """AI teammates you can script.

Packs of skills, twins that prepare work, loops in which models debate until there is an answer. Every verb speaks JSON
with --json; without a key everything runs as an offline rehearsal."""
_BROKEN_PIPE = 141


def run(argv: Sequence[str]) -> int:
    """Run one command line; returns the exit code."""
    invocation = Invocation(argv)
    try:
        code = _answer(invocation)
        if invocation.afterwards:
            sys.stdout.flush()
    except BrokenPipeError:
        # The reader has gone. Python would complain once more when it flushes stdout at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = _BROKEN_PIPE
    return _afterwards(invocation, code)


def root() -> ManifestGroup:
    """The `cowork` command."""
    version = click.Option(["-V", "--version"], is_flag=True, is_eager=True, expose_value=False, help="Show the version.")
    version.callback = _version
    return ManifestGroup(help=_SUMMARY, params=[version])


def _answer(invocation: Invocation) -> int:
    try:
        outcome = root().main(list(invocation.argv), prog_name="cowork", standalone_mode=False, obj=invocation)
        if outcome is None or isinstance(outcome, int):
            return outcome or 0
        _emit(invocation, outcome)
        return 0
    except BrokenPipeError:
        raise
    except CoworkError as error:
        return _fail(invocation, error)
    except click.exceptions.NoArgsIsHelpError as error:
        return _fail(invocation, UsageError("usage.no_verb", "no verb is given", hint=f"see: {error.ctx.command_path} --help"))
    except click.UsageError as error:
        return _fail(invocation, _usage(error))
    except (click.Abort, KeyboardInterrupt):
        return _fail(invocation, Interrupted("interrupted", "interrupted"))
    except click.ClickException as error:
        return _fail(invocation, UsageError("usage.invalid", error.format_message()))
    except Exception as error:
        if invocation.verbosity >= 2:
            raise
        return _fail(invocation, _bug(error))


def _afterwards(invocation: Invocation, code: int) -> int:
    """Do what was left for after the answer; the exit code."""
    try:
        for call in invocation.afterwards:
            call()
    except KeyboardInterrupt:
        return Interrupted.exit_code
    return code


def _emit(invocation: Invocation, outcome: Outcome) -> None:
    from cowork.render import emit, envelope

    if invocation.stream:
        data = envelope.success(invocation.schema, outcome.data, outcome.warnings, invocation.fields)
        _last_event(invocation, data)
        return
    emit.answer(
        outcome,
        schema=invocation.schema,
        json=invocation.json,
        fields=invocation.fields,
        color="never" if invocation.json else _color(invocation),
        quiet=invocation.verbosity < 0,
    )


def _fail(invocation: Invocation, error: CoworkError) -> int:
    from cowork.render import emit, envelope

    invocation.guess()
    if invocation.stream:
        _last_event(invocation, envelope.failure(invocation.schema, error, error.notices))
    else:
        emit.failure(
            error,
            schema=invocation.schema,
            json=invocation.json,
            fields=() if error.data is None else invocation.fields,
            color="never" if invocation.json else _color(invocation),
            verbosity=invocation.verbosity,
        )
    if invocation.verbosity >= 2:
        import traceback

        traceback.print_exception(error)
    return error.exit_code


def _last_event(invocation: Invocation, document: dict[str, Any]) -> None:
    from cowork.core.clock import SystemClock, rfc3339
    from cowork.render import emit

    emit.event("result", invocation.events + 1, rfc3339(SystemClock().now()), document)


def _color(invocation: Invocation) -> str:
    if invocation.color != "auto":
        return invocation.color
    from cowork.core import settings

    try:
        return str(settings.load()["color"])
    except CoworkError:
        return "auto"  # a broken configuration is reported by the verb that needs it


def _usage(error: click.UsageError) -> CoworkError:
    message = error.format_message().rstrip(".")
    where = error.ctx.command_path if error.ctx else "cowork"
    hint = f"see: {where} --help"
    if isinstance(error, click.NoSuchOption):
        known = [name for item in error.ctx.command.get_params(error.ctx) for name in item.opts] if error.ctx else []
        hint = did_you_mean(error.option_name, known, hint)
        message = f"no such option: {error.option_name}"
    return UsageError("usage.invalid", message[:1].lower() + message[1:], hint=hint)


def _bug(error: Exception) -> CoworkError:
    return InternalError(
        "internal",
        f"this is a bug in cowork: {type(error).__name__}: {error}",
        hint="run it again with -vv and report the traceback",
    )


def _version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if not value or ctx.resilient_parsing:
        return
    from cowork import __version__
    from cowork.cli.results import Version
    from cowork.core.outcome import Outcome
    from cowork.render import emit

    invocation = ctx.find_object(Invocation)
    if invocation:
        invocation.guess()
    if invocation and invocation.json:
        emit.answer(Outcome(Version(__version__)), schema="cowork.version/1", json=True)
    else:
        click.echo(f"cowork {__version__}")
    ctx.exit()
