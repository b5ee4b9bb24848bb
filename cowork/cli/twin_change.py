"""cowork twin edit, pause, resume, deactivate, upgrade"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cowork.cli import completing
from cowork.cli.commands import verb
from cowork.cli.twin_activate import ADDRESS
from cowork.core.errors import UsageError
from cowork.core.outcome import Outcome

if TYPE_CHECKING:
    from cowork.twins.editing import Edit

CLEARABLE = ("provider", "model", "quiet-hours", "timezone", "allow", "deny", "deliver")
_NAMES = click.argument(
    "names",
    nargs=-1,
    required=True,
    shell_complete=completing.twins,
    metavar="NAME...",
    help="Twins by name, display name or id.",
)
_DRY_RUN = click.option("--dry-run", is_flag=True, help="Show what would change; write nothing.")


@verb()
@_NAMES
@click.option("--name", help="Another display name.")
@click.option("--interval", type=int, metavar="MIN", help="Minutes between heartbeats, 5 to 240.")
@click.option(
    "--task",
    "enable",
    multiple=True,
    shell_complete=completing.tasks,
    metavar="ID",
    help="Turn a task on: done at the next heartbeat. Repeatable.",
)
@click.option(
    "--no-task", "disable", multiple=True, shell_complete=completing.tasks, metavar="ID", help="Turn a task off. Repeatable."
)
@click.option("--every", multiple=True, metavar="TASK=MIN", help="How often a task is done. Repeatable.")
@click.option("--priority", multiple=True, metavar="TASK=N", help="Lower goes first. Repeatable.")
@click.option("--provider", metavar="P", help="Who is asked.")
@click.option("--model", metavar="M", help="Which model is asked.")
@click.option("--workspace", metavar="DIR", help="The directory it looks at.")
@click.option("--deliver", multiple=True, metavar="URL", help=f"Deliver results there, too: {ADDRESS}. Repeatable.")
@click.option("--no-deliver", multiple=True, metavar="URL", help="No longer there; as it is or as it is shown. Repeatable.")
@click.option("--deliver-task", multiple=True, metavar="TASK=URL", help="Deliver the results of a task there, too. Repeatable.")
@click.option("--no-deliver-task", multiple=True, metavar="TASK=URL", help="No longer there. Repeatable.")
@click.option("--quiet-hours", metavar="FROM-TO", help="When nothing is delivered, for example 22:00-07:00.")
@click.option("--timezone", metavar="ZONE", help="For quiet hours, for example Europe/Berlin.")
@click.option("--autonomy", type=click.Choice(["intern", "specialist", "lead"]), help="How freely it works.")
@click.option("--system-prompt", metavar="FILE", help="A file that says who it is.")
@click.option("--capability", multiple=True, metavar="WORD", help="What it can do, instead of what it could. Repeatable.")
@click.option("--allow", multiple=True, metavar="RULE", help="What it may use, instead of former rules. Repeatable.")
@click.option("--deny", multiple=True, metavar="RULE", help="What it may not use, instead of former rules. Repeatable.")
@click.option("--clear", multiple=True, type=click.Choice(CLEARABLE), help="Back to the usual, or none. Repeatable.")
@_DRY_RUN
def edit(names: tuple[str, ...], dry_run: bool, **options: Any) -> Outcome:
    """Change twins. What they did, and when their tasks are due, stays."""
    from cowork.core.clock import SystemClock
    from cowork.twins import doubts, editing

    if options["name"] is not None and len(names) > 1:
        raise UsageError("usage.invalid", "--name is for one twin", hint="name one twin")
    wanted = _edit(**options)
    changed = editing.edit(names, wanted, SystemClock(), dry_run=dry_run)
    return Outcome(changed, doubts.of_edit([item.name for item in changed.items], wanted))


@verb()
@_NAMES
@_DRY_RUN
def pause(names: tuple[str, ...], dry_run: bool) -> Outcome:
    """Let twins rest: they wake no more until they are resumed."""
    from cowork.core.clock import SystemClock
    from cowork.twins import states

    return Outcome(states.pause(names, SystemClock(), dry_run=dry_run))


@verb()
@_NAMES
@_DRY_RUN
def resume(names: tuple[str, ...], dry_run: bool) -> Outcome:
    """Let twins work again from their next heartbeat on; what was missed is done once."""
    from cowork.core.clock import SystemClock
    from cowork.twins import states

    return Outcome(states.resume(names, SystemClock(), dry_run=dry_run))


@verb()
@_NAMES
@click.option("--purge", is_flag=True, help="Remove them with their results, requests, memory and addresses.")
@click.option("--yes", is_flag=True, help="Purge without asking.")
@click.option("--force", is_flag=True, help="Purge also while a twin is at work: what it does is lost.")
@_DRY_RUN
def deactivate(names: tuple[str, ...], purge: bool, yes: bool, force: bool, dry_run: bool) -> Outcome:
    """Let twins go. What they did and know stays, unless they are purged."""
    from cowork.cli.asking import confirm_destruction
    from cowork.core.clock import SystemClock
    from cowork.twins import directory, states

    if force and not purge:
        raise UsageError("usage.invalid", "--force goes with --purge", hint="cowork twin deactivate NAME --purge --force")
    if purge and not dry_run:
        named = ", ".join(twin.name for twin in directory.find_twins(names))
        confirm_destruction(f"remove {named} with everything they did and know?", yes=yes)
    return Outcome(states.deactivate(names, SystemClock(), purge=purge, force=force, dry_run=dry_run))


@verb()
@click.argument(
    "names", nargs=-1, shell_complete=completing.twins, metavar="[NAME...]", help="Twins by name, display name or id."
)
@click.option("--all", "everyone", is_flag=True, help="All twins.")
@_DRY_RUN
def upgrade(names: tuple[str, ...], everyone: bool, dry_run: bool) -> Outcome:
    """Bring twins up to their persona templates as they are now; what somebody edited stays."""
    from cowork.core.clock import SystemClock
    from cowork.twins import upgrading

    return Outcome(*upgrading.upgrade(named_or_all(names, everyone=everyone), SystemClock(), dry_run=dry_run))


def named_or_all(names: tuple[str, ...], *, everyone: bool) -> tuple[str, ...] | None:
    """The names, or None for all twins. Raises `usage.invalid` for both and for neither."""
    if bool(names) == everyone:
        text = "--all stands alone" if names else "no twin is named"
        raise UsageError("usage.invalid", text, hint="name twins, or all of them with --all")
    return names or None


def _edit(**options: Any) -> Edit:
    from pathlib import Path

    from cowork.cli import pairs
    from cowork.core.errors import InvalidInput, NotFound
    from cowork.core.files import read_regular
    from cowork.twins.editing import ALL_ADDRESSES, Edit

    cleared = set(options["clear"])
    prompt = options["system_prompt"]
    if prompt is not None:
        try:
            prompt = read_regular(Path(prompt), 1_000_000).decode("utf-8-sig")
        except (FileNotFoundError, NotADirectoryError):
            hint = "--system-prompt names a file that says who the twin is"
            raise NotFound("prompt.not_found", f"there is no file {prompt}", hint=hint) from None
        except (OSError, UnicodeDecodeError) as error:
            cause = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror
            what, hint = f"cannot read {prompt} as a text", "name a text file"
            raise InvalidInput("twin.bad_prompt", what, cause=cause, hint=hint) from None

    def of(name: str) -> Any:
        return options[name] if options[name] not in (None, ()) else None

    def text(name: str) -> str | None:
        return "" if name.replace("_", "-") in cleared else of(name)

    def rules(name: str) -> tuple[str, ...] | None:
        return of(name) or (() if name in cleared else None)

    told = [("", url.strip()) for url in options["deliver"]] + list(pairs.texts("--deliver-task", options["deliver_task"]))
    gone = [("", url.strip()) for url in options["no_deliver"]]
    gone += [("", ALL_ADDRESSES)] if "deliver" in cleared else []
    gone += pairs.texts("--no-deliver-task", options["no_deliver_task"])
    texts: dict[str, Any] = {name: text(name) for name in ("provider", "model", "quiet_hours", "timezone")}
    return Edit(
        **{name: of(name) for name in ("name", "interval", "workspace", "autonomy")},
        **texts,
        enable=options["enable"],
        disable=options["disable"],
        every=pairs.numbers("--every", options["every"], example=60),
        priorities=pairs.numbers("--priority", options["priority"], example=1),
        deliver=tuple(told),
        no_deliver=tuple(gone),
        system_prompt=prompt,
        capabilities=of("capability"),
        allow=rules("allow"),
        deny=rules("deny"),
    )
