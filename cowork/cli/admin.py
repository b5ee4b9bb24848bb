"""cowork admin: asking. What changes the policies is in `admin_change`."""

from __future__ import annotations

import click

from cowork.cli.commands import verb
from cowork.core.outcome import Outcome


@verb()
@click.argument("field", metavar="[SECTION[.FIELD]]", required=False, help="A part of the policies, such as packs.blocked.")
def get(field: str | None) -> Outcome:
    """Show the policies in force, or one section or field; the defaults when there is no policy file."""
    from cowork.policy.view import view

    return Outcome(view(field))


@verb()
@click.argument("pack", help="A pack's name, or its directory's.")
def check(pack: str) -> Outcome:
    """Ask whether PACK is allowed and whether it is required. Exit 6 when it is denied."""
    from cowork.cli.admin_explain import pack_called
    from cowork.policy.checking import answer_pack
    from cowork.registry.permission import known

    name, directory, notices = pack_called(pack, known())
    return Outcome(answer_pack(name, directory), notices)


@verb()
@click.argument("words", nargs=-1, required=True, metavar="VERB [ARGS]...", help="A command line, without `cowork`.")
def explain(words: tuple[str, ...]) -> Outcome:
    """Say whether the policies allow a command line, and what every rule says about it. Nothing is run.

    For example: cowork admin policy explain pack install github:owner/repo. Being denied is an answer: the exit code is 0.
    """
    from cowork.cli import admin_explain
    from cowork.policy import explaining

    if words[0].startswith("-"):
        raise click.NoSuchOption(words[0], ctx=click.get_current_context())
    question = admin_explain.read(words)
    return Outcome(explaining.explain(question.action, question.text), question.notices)


explain.ignore_unknown_options = True  # they belong to the command line that is explained


@verb()
@click.argument("path", metavar="[FILE]", required=False, help="A policy file; by default the one in force.")
def validate(path: str | None) -> Outcome:
    """Report everything that is wrong with the policies, and names that fit nothing here. Exit 4 when they cannot be used."""
    from cowork.cli import admin_change
    from cowork.policy import validating
    from cowork.registry.permission import known

    if path is None:
        return Outcome(validating.validate_current(known()))
    return Outcome(validating.validate(admin_change.text_of(path), admin_change.origin_of(path), known()))


@verb()
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many, the newest.")
@click.option("--verdict", type=click.Choice(["allowed", "denied"]), help="Only these.")
@click.option("--pack", help="Only about this pack.")
@click.option("--since", metavar="TIME", help="From a moment on, as RFC 3339 or a span: 90s, 30m, 12h, 7d, 2w.")
def audit(limit: int, verdict: str | None, pack: str | None, since: str | None) -> Outcome:
    """List what was allowed and denied, sorted by time, the newest last."""
    from cowork.core.clock import SystemClock
    from cowork.policy.audit_log import read_log

    return Outcome(*read_log(SystemClock(), limit=limit, verdict=verdict, pack=pack, since=since))
