"""Click, fitted to the manifest: groups that import a verb only when it is called, and verbs with the common options."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from cowork.cli.invocation import Invocation, common_options
from cowork.cli.manifest import BY_PATH, DEFAULTS, GROUPS, Verb, children
from cowork.core.errors import UsageError
from cowork.core.text import did_you_mean

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def load(reference: str) -> Any:
    """The object at `room.module:name` below `cowork`."""
    module, _, name = reference.partition(":")
    return getattr(importlib.import_module(f"cowork.{module}"), name)


class _Common(click.Command):
    """Help with the common options in a section of their own."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        return [*super().get_params(ctx), *_COMMON]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        options = [item for item in super().get_params(ctx) if isinstance(item, click.Option)]
        own = [record for item in options if (record := item.get_help_record(ctx))]
        shared = [record for item in _COMMON if (record := item.get_help_record(ctx))]
        for title, records in (("Options", own), ("Common options", shared)):
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.callback = _help
            option.help = "Show this page."
        return option


_COMMON = common_options()


class VerbCommand(_Common):
    """A verb: checks `--fields` against its result type, then runs."""

    spec: Verb

    def invoke(self, ctx: click.Context) -> Any:
        invocation = ctx.find_object(Invocation)
        if invocation and invocation.fields:
            from cowork.render.fields import check

            if not (invocation.json or invocation.stream):
                raise UsageError("usage.fields_need_json", "--fields needs --json", hint="add --json")
            check(load(self.spec.result), invocation.fields)
        if invocation is None or not self.spec.path.startswith("twin "):
            return super().invoke(ctx)
        from cowork.core import waiting

        with waiting.heard_by(invocation.say):
            return super().invoke(ctx)


class ManifestGroup(_Common, click.Group):
    """A group whose members are what the manifest says."""

    def __init__(self, prefix: str = "", **extra: Any) -> None:
        super().__init__(
            name=prefix.rpartition(" ")[2] or "cowork", invoke_without_command=True, subcommand_metavar="VERB ...", **extra
        )
        self.prefix = prefix

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(children(self.prefix))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        path = f"{self.prefix} {cmd_name}".strip()
        if path in GROUPS:
            return ManifestGroup(path, help=GROUPS[path])
        if path not in BY_PATH:
            return None
        verb = BY_PATH[path]
        command: VerbCommand = load(f"cli.{verb.target}")
        command.name, command.spec = cmd_name, verb
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        word = args[0]
        command = self.get_command(ctx, word)
        if command is None:
            where = f"cowork {self.prefix}".strip()
            if word.startswith("-"):
                ctx.fail(f"No such option: {word}")
            raise UsageError(
                "usage.unknown_verb",
                f"there is no verb '{word}' in '{where}'",
                hint=did_you_mean(word, children(self.prefix), f"see: {where} --help"),
                details={"verb": f"{where} {word}"},
            )
        invocation = ctx.find_object(Invocation)
        if invocation and isinstance(command, VerbCommand):
            invocation.verb = command.spec
        return word, command, args[1:]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self.format_commands(ctx, formatter)
        super().format_options(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl(list(children(self.prefix).items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        words = children(self.prefix).items()
        found = [CompletionItem(word, help=text) for word, text in words if word.startswith(incomplete)]
        return found + click.Command.shell_complete(self, ctx, incomplete) if incomplete.startswith("-") else found

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if self.prefix in DEFAULTS and self._begins_with_an_option_of_a_verb(ctx, args):
            args = [DEFAULTS[self.prefix], *args]
        rest = super().parse_args(ctx, args)
        if self.prefix in DEFAULTS and not (ctx._protected_args or ctx.args):
            ctx._protected_args = [DEFAULTS[self.prefix]]
        return rest

    def _begins_with_an_option_of_a_verb(self, ctx: click.Context, args: list[str]) -> bool:
        """Whether an option that the group does not have comes before any verb."""
        takes = {name: not getattr(option, "is_flag", True) for option in self.get_params(ctx) for name in option.opts}
        words = iter(args)
        for word in words:
            name, given, _ = word.partition("=")
            if not word.startswith("-"):
                return False
            if name not in takes:
                return True
            if takes[name] and not given:
                next(words, None)
        return False

    def invoke(self, ctx: click.Context) -> Any:
        if not (ctx._protected_args or ctx.args):
            return _nothing_to_do(ctx)
        return super().invoke(ctx)


def _nothing_to_do(ctx: click.Context) -> Any:
    """A group alone: its help for a person, a usage error for a program."""
    invocation = ctx.find_object(Invocation)
    if invocation and invocation.json:
        verbs = ", ".join(ctx.command.list_commands(ctx)) if isinstance(ctx.command, click.Group) else ""
        raise UsageError("usage.no_verb", "no verb is given", cause=f"one of: {verbs}", hint=f"see: {ctx.command_path} --help")
    click.echo(ctx.get_help())
    return None


def _help(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if not value or ctx.resilient_parsing:
        return
    invocation = ctx.find_object(Invocation)
    if invocation:
        invocation.guess()
    if invocation and invocation.json:
        from cowork.cli.results import HelpPage
        from cowork.core.outcome import Outcome
        from cowork.render.emit import answer

        answer(Outcome(HelpPage(ctx.command_path, ctx.get_help())), schema="cowork.help/1", json=True)
    else:
        click.echo(ctx.get_help())
    ctx.exit()


def verb() -> Callable[[Callable[..., Any]], VerbCommand]:
    """Declare a verb's function; its name and place come from the manifest."""
    return click.command(cls=VerbCommand)
