"""cowork admin policy: changing."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from cowork.cli.asking import confirm_destruction
from cowork.cli.commands import verb
from cowork.core.errors import InvalidInput, UsageError
from cowork.core.outcome import Outcome

_DRY_RUN = click.option("--dry-run", is_flag=True, help="Show every field that would change, old → new.")


@verb()
@click.argument("path", metavar="FILE|-", help="A policy file, or - for stdin.")
@_DRY_RUN
def set_(path: str, dry_run: bool) -> Outcome:
    """Replace all policies by those of a file. The file before is kept as policies.json.bak."""
    from cowork.policy import changes
    from cowork.registry.permission import known

    document = _document(path)
    return Outcome(*changes.set_policies(document, origin=origin_of(path), known=known(), dry_run=dry_run))


@verb()
@click.argument("change", metavar="[JSON|@FILE|-]", required=False, help="The sections and fields to change, as JSON.")
@click.option("--set", "words", multiple=True, metavar="SECTION.FIELD=VALUE", help="One field; of lists a,b,c. Repeatable.")
@_DRY_RUN
def update(change: str | None, words: tuple[str, ...], dry_run: bool) -> Outcome:
    """Change some policies: section by section, fields are replaced, lists as a whole; what is not named stays.

    For example: cowork admin policy update --set packs.blocked=devops,design
    """
    from cowork.formats.policies import merge
    from cowork.policy import assignments, changes
    from cowork.registry.permission import known

    if change is None and not words:
        raise UsageError("policy.no_change", "no change is given", hint="write --set packs.blocked=a,b, or the change as JSON")
    asked = merge(_change(change), assignments.read(words))
    return Outcome(*changes.update_policies(asked, known=known(), dry_run=dry_run))


@verb()
@click.argument("section", metavar="[SECTION]", required=False, help="Only this section.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_DRY_RUN
def reset(section: str | None, yes: bool, dry_run: bool) -> Outcome:
    """Go back to the defaults. The file before is kept; this is also the way out of one that cannot be read."""
    from cowork.core.clock import SystemClock
    from cowork.policy import changes
    from cowork.registry.permission import known

    question = "Reset all admin policies?" if section is None else f"Reset the policies of '{section}'?"
    confirm_destruction(question, yes=yes or dry_run)
    if section is None:
        return Outcome(changes.reset_all(SystemClock(), dry_run=dry_run))
    return Outcome(*changes.reset_section(section, known=known(), dry_run=dry_run))


def text_of(path: str) -> bytes:
    """What a policy file holds, or stdin for `-`. Raises `policy.*` for what cannot be read."""
    from cowork.core.files import MAX_JSON_BYTES

    if path != "-":
        from cowork.prompts.context import read_text

        return read_text(path, kind="policy").encode()
    if sys.stdin.isatty():
        raise UsageError(
            "policy.no_stdin", "- reads stdin, and stdin is the terminal", hint="pipe the policies, or name a file"
        )
    raw = sys.stdin.buffer.read(MAX_JSON_BYTES + 1)
    if len(raw) > MAX_JSON_BYTES:
        raise InvalidInput("policy.too_large", "stdin holds more than 4 MB", hint="cut it down")
    return raw


def origin_of(path: str) -> Path:
    """How a policy file is called in messages."""
    return Path("stdin" if path == "-" else path)


def _document(path: str) -> Any:
    from cowork.core.files import parse_json

    return parse_json(text_of(path), path=origin_of(path), what="policy file")


def _change(text: str | None) -> dict[str, Any]:
    from cowork.core.files import parse_json

    if text is None:
        return {}
    if text == "-" or text.startswith("@"):
        change = _document(text.removeprefix("@"))
    else:
        change = parse_json(text.encode("utf-8", "surrogateescape"), path=Path("JSON"), what="the change")
    if not isinstance(change, dict):
        raise InvalidInput("policy.invalid", "the change is no JSON object", hint='for example {"packs": {"blocked": ["a"]}}')
    return change
