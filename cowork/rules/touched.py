"""Which files a Bash command's redirections open, for those who guard files by hooks or policies."""

from __future__ import annotations

from typing import Literal

from cowork.rules.bash.lexer import read
from cowork.rules.bash.model import Refused
from cowork.rules.bash.tree import agree

Mode = Literal["read", "write"]


def bash_touches(command: str) -> tuple[tuple[str, Mode], ...] | None:
    """The literal targets and sources of redirections, in order and as written; None where they cannot be told.

    `/dev/null` and copied descriptors are left out. What the programs themselves open is not told here.
    """
    try:
        commands = read(command)
        agree(command, commands)
    except Refused:
        return None
    return tuple(
        (item.target.text, "write" if item.writes else "read")
        for simple in commands
        for item in simple.redirects
        if item.target is not None and (item.writes or item.reads) and item.target.text != "/dev/null"
    )
