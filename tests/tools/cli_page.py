"""`docs/cli.md`, made from the manifest and the verbs' own help: `make docs` writes it, a test compares it."""

from __future__ import annotations

import click

from cowork.cli.commands import ManifestGroup, VerbCommand, _Common
from cowork.cli.main import root
from cowork.cli.manifest import GROUPS, VERBS

_HEAD = """# The command line

Made from the program by `make docs`; do not edit.

Every verb takes `--json`, before or after the verb, and then answers with one document on stdout: `schema`, `ok`, `data`,
`warnings`, `error`. `--fields a,b.c` selects inside `data`. `cowork schema VERB` prints the JSON Schema of a verb's data.
A verb that takes time has `--stream`: events as NDJSON, the last one of type `result` with the envelope as its data.

| exit code | meaning |
|---|---|
| 0 | ok |
| 1 | failed |
| 2 | the command line is wrong |
| 3 | not found |
| 4 | invalid input |
| 5 | conflict, or locked |
| 6 | denied by policy |
| 7 | a provider or the network is unavailable |
| 8 | a limit was reached, or it is not done yet |
| 9 | partial or degraded result |
| 70 | a bug in cowork |
| 130, 143 | interrupted, terminated |

`cowork hook run` follows the table of its host instead: 0 goes on, 2 blocks.
"""


def page() -> str:
    """The whole page."""
    parts = [_HEAD, _section("cowork", "Common options of every verb", _common(root()))]
    seen: set[str] = set()
    for verb in VERBS:
        group = verb.path.rpartition(" ")[0]
        if group and group not in seen:
            seen.add(group)
            parts.append(f"## cowork {group}\n\n{GROUPS[group]}\n")
        parts.append(_verb(verb.path))
    return "\n".join(parts)


def _verb(path: str) -> str:
    command: click.Command = root()
    for word in path.split():
        assert isinstance(command, ManifestGroup)
        found = command.get_command(click.Context(command), word)
        assert found is not None
        command = found
    assert isinstance(command, VerbCommand)
    context = click.Context(command, info_name=f"cowork {path}")
    usage = command.get_usage(context).removeprefix("Usage: ")
    records = [item.get_help_record(context) for item in click.Command.get_params(command, context)]
    own = [record for record in records if record and record[0] not in _common_names()]
    body = (command.help or "").replace("\b", "").strip()
    level = "##" if " " not in path else "###"
    return f"{level} cowork {path}\n\n```\n{usage}\n```\n\n{body}\n\n{_table(own)}"


def _common(group: _Common) -> list[tuple[str, str]]:
    context = click.Context(group)
    records = [item.get_help_record(context) for item in group.get_params(context)]
    return [record for record in records if record]


def _common_names() -> set[str]:
    return {name for name, _ in _common(root())}


def _section(name: str, title: str, records: list[tuple[str, str]]) -> str:
    return f"## {title}\n\n`{name} ...`\n\n{_table(records)}"


def _table(records: list[tuple[str, str]]) -> str:
    if not records:
        return ""
    rows = [f"| `{name.replace('|', chr(92) + '|')}` | {text.replace('|', chr(92) + '|')} |" for name, text in records]
    return "\n".join(["| argument or option | meaning |", "|---|---|", *rows, ""])


if __name__ == "__main__":
    print(page(), end="")
