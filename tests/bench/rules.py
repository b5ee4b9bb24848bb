"""Judging tool calls in this process: medians in milliseconds against budgets, after one call that loads the parser."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

from cowork.rules.permissions import PermissionRules, sourced
from cowork.rules.places import Places
from cowork.rules.readonly import is_readonly
from cowork.rules.restrictions import ToolRestrictions

ROUNDS = 200
HERE = Places("/nowhere/project", "/nowhere/user", "/nowhere/project")
ALLOW = [
    "Bash(git:*)",
    "Bash(npm run test:*)",
    "Bash(cd:*)",
    "Bash(tail:*)",
    "Bash(ls:*)",
    "Bash(echo:*)",
    "Edit(./**)",
    "Read",
]
DENY = ["Bash(rm:*)", "Bash(git push:*)", "Bash(curl *)", "Read(.env)", "Read(~/.ssh/**)", "Edit(/.github/**)"]
LONG_WORDS = "echo " + " ".join(f"word{number}" for number in range(1200))
LONG_LIST = " && ".join(["git log --oneline --max-count=30 --format=oneline main"] * 170)
LONG_QUOTE = "git commit -m '" + "a b; c $(d) " * 830 + "'"
LONG_NEST = "echo " + "$(echo " * 700 + "x" + ")" * 700
LONG_MANY = ";".join(["ls a"] * 1990)
LONG_UNKNOWN = "echo " + ' "$X"' * 1900

# Name -> (command, budget in milliseconds)
CASES: dict[str, tuple[str, float]] = {
    "git status": ("git status", 1.0),
    "three in a list": ("cd src && npm run test -- --watch=false | tail -20", 1.0),
    "with a redirection": ("git log --oneline > log.txt 2>&1", 1.0),
    "refused: substitution": ("git log $(cat x)", 1.0),
    "denied: wrapped": ("sudo -u root rm -rf /", 1.0),
    "10,000 characters of words": (LONG_WORDS, 50.0),
    "10,000 characters of commands": (LONG_LIST, 50.0),
    "10,000 characters of a quote": (LONG_QUOTE, 50.0),
    "10,000 characters of nesting": (LONG_NEST, 50.0),
    "10,000 characters, 1,990 commands": (LONG_MANY, 50.0),
    "10,000 characters of variables": (LONG_UNKNOWN, 50.0),
}


def main() -> int:
    """Print the table; returns 1 when a budget is broken."""
    layers = ToolRestrictions.of(ALLOW, DENY, "agent").intersect(ToolRestrictions.of(["Bash", "Edit", "Read"], [], "skill"))
    settings = PermissionRules(
        tuple(sourced(text, "user", HERE.root) for text in DENY), (), tuple(sourced(text, "user", HERE.root) for text in ALLOW)
    )
    broken = False
    print(f"{'command':36}{'restrictions':>14}{'permissions':>14}{'budget':>9}")
    for name, (command, budget) in CASES.items():
        asked: dict[str, Callable[[str], object]] = {
            "restrictions": lambda text: layers.is_allowed("Bash", {"command": text}, HERE),
            "permissions": lambda text: settings.judge("Bash", {"command": text}, cwd=HERE.cwd, home=HERE.home),
        }
        medians = [_median(question, command) for question in asked.values()]
        broken |= max(medians) > budget
        mark = f"{budget:7.0f}ms" + (" BROKEN" if max(medians) > budget else "")
        print(f"{name:36}" + "".join(f"{median:12.2f}ms" for median in medians) + mark)
    print(f"{'is_readonly: git status | head':36}{_median(lambda text: is_readonly(text, HERE), 'git status | head'):12.2f}ms")
    return int(broken)


def _median(question: Callable[[str], object], command: str) -> float:
    """The median of many calls in milliseconds. No cache of commands answers."""
    from cowork.rules.bash.wide import look

    question(command)
    times: list[float] = []
    for turn in range(ROUNDS if len(command) < 1000 else 11):
        text = command + " " * (turn % 7)
        look.cache_clear()
        started = time.perf_counter()
        question(text)
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


if __name__ == "__main__":
    sys.exit(main())
