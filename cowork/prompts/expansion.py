"""The body of a command or skill, made ready for a model: arguments, variables and shell blocks in one pass.

What is inserted is never looked at again: a value with `$1` or `` !`cmd` `` in it, and what a block prints, is text.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from cowork.prompts import arguments as placeholders
from cowork.prompts import mentions, shell_blocks, shell_text, variables
from cowork.prompts.arguments import Arguments
from cowork.prompts.variables import Variables

Check = Callable[[str], Awaitable[None]]
Run = Callable[[str], Awaitable[str]]
_NOTHING = Variables({})


@dataclass(frozen=True)
class Command:
    """A shell block as it would be run: `text` is what is judged and what is executed."""

    text: str
    source: str
    is_fence: bool


@dataclass(frozen=True)
class Prepared:
    """A body with everything inserted but the output of its shell blocks. Nothing has run."""

    pieces: tuple[str | Command, ...]
    mentions: tuple[str, ...]

    @property
    def commands(self) -> tuple[str, ...]:
        """What its shell blocks would run, in order."""
        return tuple(piece.text for piece in self.pieces if isinstance(piece, Command))

    def shown(self) -> str:
        """The text with its shell blocks as they would be run."""
        return "".join(piece if isinstance(piece, str) else _shown(piece) for piece in self.pieces)


@dataclass(frozen=True)
class Expanded:
    """The text for the model, the files it mentions, and the commands that ran for it."""

    text: str
    mentions: tuple[str, ...]
    commands: tuple[str, ...]


def prepare(body: str, arguments: Arguments, known: Variables = _NOTHING) -> Prepared:
    """A body with arguments and variables in it. Raises `prompt.unsafe_placeholder`, `prompt.unsafe_value`.

    Where no placeholder was filled, the arguments are appended. Mentions count in what the author and the user wrote.
    """
    pieces: list[str | Command] = []
    mentioned = []
    used = False
    at = 0
    blocks = shell_blocks.find(body)
    for block in [*blocks, None]:
        text, filled = _fill(body[at : block.start if block else len(body)], arguments, known)
        used = used or filled
        if text:
            pieces.append(text)
            mentioned.append(mentions.find(text, at_start=at == 0))
        if block is not None:
            found = placeholders.find(block.command, arguments)
            used = used or any(not item.is_escape for item in found)
            pieces.append(Command(shell_text.place(block.command, arguments, known), block.command, block.is_fence))
            at = block.end
    if arguments.text.strip() and not used:
        pieces.append(f"\n\nARGUMENTS: {arguments.text}")
        mentioned.append(mentions.find(arguments.text))
    return Prepared(tuple(pieces), mentions.merged(mentioned))


async def expand(body: str, arguments: Arguments, known: Variables, *, check: Check, run: Run) -> Expanded:
    """The body with the output of its shell blocks.

    Every command is handed to `check` before the first one runs; what `check` or `run` raises ends the whole invocation.
    Raises what `prepare` raises.
    """
    prepared = prepare(body, arguments, known)
    for command in prepared.commands:
        await check(command)
    out = [piece if isinstance(piece, str) else await run(piece.text) for piece in prepared.pieces]
    return Expanded("".join(out), prepared.mentions, prepared.commands)


def _fill(text: str, arguments: Arguments, known: Variables) -> tuple[str, bool]:
    """A piece of text with its values, and whether there was a placeholder that had one."""
    found = [(item.start, item.end, item.value, not item.is_escape) for item in placeholders.find(text, arguments)]
    is_filled = any(filled for *_, filled in found)
    found += [(start, end, known.values[name], False) for start, end, name in variables.find(text, known)]
    out = []
    at = 0
    for start, end, value, _ in sorted(found, key=lambda item: item[0]):
        out += [text[at:start], value]
        at = end
    return "".join([*out, text[at:]]), is_filled


def _shown(command: Command) -> str:
    return f"```!\n{command.text}\n```" if command.is_fence else f"!`{command.text}`"
