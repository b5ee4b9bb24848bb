"""Which words of a Bash command may be files, for denials of `Read(...)` and `Edit(...)`."""

from __future__ import annotations

import glob
import itertools
import os.path
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from cowork.rules.call import Call
from cowork.rules.files import candidates_of
from cowork.rules.places import Places
from cowork.rules.wild import WILD

if TYPE_CHECKING:
    from cowork.rules.bash.wide import Reading

_ONLY_READ: Final = frozenset(
    """cat ls head tail grep egrep fgrep rg wc diff cmp stat du df file md5sum sha1sum sha256sum less more strings od nl rev
    tac cut tr jq tree cd pwd echo printf test [ basename dirname realpath readlink xxd hexdump base64 find""".split()
)
_RUN_THEM: Final = frozenset(
    "pytest python python3 node bash sh npm npx yarn pnpm make cargo go mypy tsc jest vitest ruby perl php deno bun".split()
)
"""Programs that run or check the files they are given."""
_GIT_READS: Final = frozenset("status log diff show blame ls-files grep rev-parse add commit push fetch".split())
_MOST_WORDS, _MOST_FILES, _MOST_WILD = 2_000, 500, 2


def possible_files(reading: Reading, call: Call, *, writes: bool) -> Iterator[tuple[str, set[str]]]:
    """Words that may be paths, with every path they may mean: of every command, or with `writes` of those that write too.

    A word whose value nobody can tell is no path here: otherwise one denied file would deny every command with a variable.
    What is told of it counts: `$HOME/.ssh` is read with this user's home.
    """
    seen: set[str] = set()
    for words in reading.commands[:_MOST_WORDS]:
        if writes and _only_reads(words):
            continue
        for word in words[1:_MOST_WORDS]:
            for piece in _pieces(word):
                if piece not in seen:
                    seen.add(piece)
                    for path in _paths(piece, call.places):
                        if path == WILD:
                            yield piece.replace(WILD, "*"), {path}
                            continue
                        if path not in call.seen:
                            call.seen[path] = candidates_of(path, call.places)
                        yield path, call.seen[path]


def _only_reads(words: tuple[str, ...]) -> bool:
    name = words[0].rpartition("/")[2]
    if name == "git":
        return len(words) > 1 and words[1] in _GIT_READS and not any(word.startswith("--o") for word in words)
    return name in _ONLY_READ or name in _RUN_THEM


def _pieces(word: str) -> Iterator[str]:
    yield word
    if "=" in word:
        yield word.partition("=")[2].removeprefix("@")
    if word.startswith("@"):
        yield word[1:]
    if re.match(r"-[A-Za-z].", word):
        yield word[2:]
    if ":" in word:
        yield word.rpartition(":")[2]


def _paths(piece: str, places: Places) -> Iterator[str]:
    if not piece:
        return
    if WILD not in piece:
        yield piece
        return
    if piece.startswith(WILD + "/"):
        yield places.home + piece[1:].replace(WILD, "*")
        yield places.cwd + piece[1:].replace(WILD, "*")
    if not piece.strip(WILD):
        return
    if piece.count(WILD) > _MOST_WILD:
        yield WILD  # too many files to look at: doubt is a match
        return
    pattern = os.path.join(places.cwd, piece.replace(WILD, "*"))  # noqa: PTH118
    yield from itertools.islice(glob.iglob(pattern, include_hidden=True), _MOST_FILES)  # noqa: PTH207
