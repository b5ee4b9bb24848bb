"""Calling a shell connector: values never become part of the command's text.

Each `{{name}}` turns into a quoted variable, `"${cowork_1}"`, that is set from a positional parameter, and each `{{env.NAME}}`
into a quoted `"${NAME}"`; the values travel beside the command. A shell expands a variable once and does not read the result as
code, so no quoting of ours has to be right. The command itself is the pack's, and was approved when the pack was installed.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cowork.connectors.process import Job, clean_environment
from cowork.connectors.secrets import Secrets
from cowork.connectors.shell_rules import check_value, check_word
from cowork.connectors.shell_words import CommandReader, Slot
from cowork.connectors.templates import Ref, Values, unsafe_value
from cowork.core.errors import InvalidInput
from cowork.core.text import one_line
from cowork.formats.section import escape_of

SHELL = "/bin/sh"
LONGEST_VALUE = 100_000
"""Characters one value may have: systems limit what a process can be given, most to 128 KiB."""


@dataclass(frozen=True)
class Rewritten:
    """A command without values: `script` for the shell, and the inputs it takes as positional parameters."""

    script: str
    parameters: tuple[Ref, ...]
    reader: CommandReader = field(repr=False)


def rewrite(command: str) -> Rewritten:
    """The command with references in place of templates. Raises `connector.unsafe_template`."""
    reader = CommandReader(command)
    for word in reader.words:
        check_word(word)
    numbers: dict[Ref, int] = {}
    out = []
    for item in reader.out:
        if isinstance(item, Slot):
            is_env = item.ref.kind == "env"
            name = item.ref.name if is_env else f"cowork_{numbers.setdefault(item.ref, len(numbers) + 1)}"
            out.append(_reference(name, item.quote))
        else:
            out.append(item)
    # Variables, because `set` and functions have positional parameters of their own; not exported.
    start = "".join(f"cowork_{number}=${{{number}}}; " for number in numbers.values())
    return Rewritten(start + "".join(out), tuple(numbers), reader)


def _reference(name: str, quote: str) -> str:
    """A variable in double quotes, so that it is one word and nothing in it is expanded, in whatever quotes it stands."""
    if quote == '"':
        return f"${{{name}}}"
    return f"'\"${{{name}}}\"'" if quote else f'"${{{name}}}"'


def prepare(
    command: str, cwd: str | None, pack: Path, values: Values, secrets: Secrets, environ: Mapping[str, str], timeout_s: float
) -> Job:
    """The process to run. Raises `connector.unsafe_template`, `connector.unsafe_value`, `connector.bad_cwd`."""
    rewritten = rewrite(command)
    texts = [_text(ref, values) for ref in rewritten.parameters]
    for word in rewritten.reader.words:
        check_value(word, values)
    inputs = "".join(f" {ref.name}={shlex.quote(text)}" for ref, text in zip(rewritten.parameters, texts, strict=True))
    return Job(
        argv=(SHELL, "-c", rewritten.script, "connector", *texts),
        cwd=working_directory(pack, cwd),
        env={**clean_environment(environ), **secrets.environment()},
        timeout_s=timeout_s,
        shown=command,
        detail="with" + one_line(inputs, 400) if inputs else "",
    )


def _text(ref: Ref, values: Values) -> str:
    text = values.text(ref)
    if "\x00" in text or len(text) > LONGEST_VALUE:
        raise unsafe_value(ref, f"it holds a NUL character or more than {LONGEST_VALUE:,} characters", "give a shorter text")
    return text


def working_directory(pack: Path, cwd: str | None) -> Path:
    """The directory inside the pack that a command runs in. Raises `connector.bad_cwd`, also for a link that leads out."""
    root = pack.resolve()
    reason = None if cwd in (None, "", ".") else escape_of(str(cwd).removeprefix("./"))
    if reason is None:
        found = (root / (cwd or ".")).resolve()
        if found.is_relative_to(root) and found.is_dir():
            return found
        reason = "is no directory inside the pack"
    raise InvalidInput(
        "connector.bad_cwd",
        f"the connector's working directory {one_line(str(cwd), 80)} {reason}",
        hint="tell the author of its pack",
    )
