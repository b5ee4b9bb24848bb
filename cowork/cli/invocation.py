"""One command line under way: the options every verb has, and the verb they meet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click

from cowork.cli.manifest import Verb


class Invocation:
    """What the common options say. Before parsing has reached them, `guess` reads them off the raw words."""

    def __init__(self, argv: Sequence[str]) -> None:
        self.argv = list(argv)
        self.json = False
        self.stream = False
        self.fields: tuple[str, ...] = ()
        self.color = "auto"
        self.verbosity = 0
        self.no_input = False
        self.verb: Verb | None = None
        self.events = 0
        self.afterwards: list[Callable[[], None]] = []

    @property
    def schema(self) -> str:
        """The schema name for what this command line answers."""
        return self.verb.schema if self.verb else "cowork.error/1"

    def guess(self) -> None:
        """Take the options from the raw words: the line could not be parsed, and yet the answer must have its form."""
        words = self.argv[: self.argv.index("--")] if "--" in self.argv else self.argv
        self.json = self.json or "--json" in words
        self.stream = self.stream or ("--stream" in words and self.verb is not None and self.verb.streams)

    def later(self, call: Callable[[], None]) -> None:
        """Do what changes nothing about the answer once that is out; in a stream, whose last line it is, do it now."""
        if self.stream:
            call()
        else:
            self.afterwards.append(call)

    def set(self, name: str) -> Callable[[click.Context, click.Parameter, Any], Any]:
        """A callback that stores an option here; the word may stand before or after the verb."""

        def store(_context: click.Context, _parameter: click.Parameter, value: Any) -> Any:
            if value not in (None, False, (), 0):
                setattr(self, name, value)
            return value

        return store


def current() -> Invocation:
    """The command line under way."""
    return click.get_current_context().find_object(Invocation) or Invocation([])


def _store(name: str) -> Callable[[click.Context, click.Parameter, Any], Any]:
    def callback(context: click.Context, parameter: click.Parameter, value: Any) -> Any:
        invocation = context.find_object(Invocation)
        return invocation.set(name)(context, parameter, value) if invocation else value

    return callback


def _store_fields(context: click.Context, parameter: click.Parameter, value: Any) -> Any:
    names = tuple(name.strip() for part in value or () for name in part.split(",") if name.strip())
    return _store("fields")(context, parameter, names)


def _store_quiet(context: click.Context, parameter: click.Parameter, value: bool) -> bool:
    _store("verbosity")(context, parameter, -1 if value else 0)
    return value


def common_options() -> list[click.Option]:
    """The options of every group and verb."""

    def option(*names: str, callback: Any, **extra: Any) -> click.Option:
        return click.Option(list(names), callback=callback, expose_value=False, is_eager=True, **extra)

    return [
        option("--json", callback=_store("json"), is_flag=True, help="Answer with one JSON document."),
        option("--fields", callback=_store_fields, multiple=True, metavar="A,B.C", help="With --json: only these fields."),
        option(
            "--color",
            callback=_store("color"),
            type=click.Choice(["auto", "always", "never"]),
            help="When to colour text.",
        ),
        option("--no-input", callback=_store("no_input"), is_flag=True, help="Never ask; fail instead."),
        option("-q", "--quiet", callback=_store_quiet, is_flag=True, help="Only results and errors."),
        option("-v", "--verbose", callback=_store("verbosity"), count=True, help="Say more; -vv adds tracebacks."),
    ]
