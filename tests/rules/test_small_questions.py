"""One rule for a hook, and the files that redirections open."""

from __future__ import annotations

import pytest

from cowork.rules.single import matches
from cowork.rules.touched import bash_touches
from tests.rules.places import NOWHERE

TOUCHES = [
    ("ls", ()),
    ("ls > a", (("a", "write"),)),
    ("sort < in >> 'my out' 2> err", (("in", "read"), ("my out", "write"), ("err", "write"))),
    ("a &> x | b >| y", (("x", "write"), ("y", "write"))),
    ("ls > /dev/null 2>&1", ()),
    ("> a", (("a", "write"),)),
    ("cd / && ls > a", (("a", "write"),)),
    ("ls > $X", None),
    ('ls > "$X"', None),
    ("ls > *.txt", None),
    ("ls > ~/a", None),
    ("echo $(ls > a)", None),
    ("(ls) > a", None),
    ("cat << E\nE", None),
    ("ls >", None),
    ("", None),
]


@pytest.mark.parametrize(("command", "touched"), TOUCHES)
def test_what_redirections_open_or_that_it_cannot_be_told(command: str, touched: object) -> None:
    assert bash_touches(command) == touched


@pytest.mark.parametrize(
    ("rule", "command", "expected"),
    [
        ("Bash(git push *)", "git push", True),
        ("Bash(git push *)", "cd x && git -C y push", True),
        ("Bash(git push *)", "git status", False),
        ("Bash", "ls", True),
        ("Edit", "ls", False),
        ("Bash(", "ls", True),
        ("Edit(", "ls", False),
        ("???!", "ls", True),
        ("Read(.env)", "cat .env", True),
    ],
)
def test_a_hook_hears_of_every_call_that_may_be_what_it_is_about(rule: str, command: str, expected: bool) -> None:
    assert matches(rule, "Bash", {"command": command}, NOWHERE) is expected
