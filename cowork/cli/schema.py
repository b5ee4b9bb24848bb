"""cowork schema"""

from __future__ import annotations

import click

from cowork.cli.commands import load, verb
from cowork.cli.manifest import BY_PATH, DEFAULTS, VERBS, children
from cowork.cli.results import SchemaAnswer, SchemaItem
from cowork.core.errors import NotFound
from cowork.core.outcome import Outcome
from cowork.core.text import did_you_mean


@verb()
@click.argument("words", nargs=-1, metavar="[VERB]...", help="A verb's words.")
def schema(words: tuple[str, ...]) -> Outcome:
    """Print the JSON Schema of a verb's `data`, for example: cowork schema pack list. Without a verb, list them."""
    if not words:
        items = tuple(SchemaItem(item.path, item.schema) for item in VERBS)
        return Outcome(SchemaAnswer(None, None, items, len(items)))
    path = " ".join(words)
    path = f"{path} {DEFAULTS[path]}" if path in DEFAULTS else path
    if path not in BY_PATH:
        known = [item.path for item in VERBS if item.path.startswith(f"{path} ")]
        hint = f"one of: {', '.join(known)}" if path in children("") else did_you_mean(path, BY_PATH, "see: cowork schema")
        raise NotFound("schema.not_found", f"there is no verb '{path}'", hint=hint, details={"verb": path})
    from pydantic import TypeAdapter

    found = BY_PATH[path]
    document = TypeAdapter(load(found.result)).json_schema(mode="serialization")
    document = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": found.schema, **document}
    return Outcome(SchemaAnswer(path, document, (), 0))
