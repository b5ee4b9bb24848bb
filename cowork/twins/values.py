"""What people may set on a twin: each value checked and made uniform, or refused with what would do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from cowork.core.errors import InvalidInput
from cowork.core.text import did_you_mean, one_line

SHORTEST_INTERVAL, LONGEST_INTERVAL = 5, 240  # minutes; the specification's "5 min to 4 hours"
LONGEST_FREQUENCY = 366 * 24 * 60  # minutes; a year
MOST_TWINS = 10_000
AUTONOMY = ("intern", "specialist", "lead")
_LONGEST_NAME, _LONGEST_MODEL, _LONGEST_PROMPT = 80, 200, 100_000
_MOST_RULES, _MOST_CAPABILITIES = 200, 50
_HOURS = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\s*-\s*([01]?\d|2[0-3]):([0-5]\d)")
_NO_ZONES = frozenset({"localtime", "Factory", "posixrules"})
_CAPABILITY = re.compile(r"[a-z][a-z0-9-]{0,63}")


def interval(minutes: int, suggested: int = 30) -> int:
    """Minutes between heartbeats. Raises `twin.bad_interval`."""
    if not SHORTEST_INTERVAL <= minutes <= LONGEST_INTERVAL:
        raise InvalidInput(
            "twin.bad_interval",
            f"a twin wakes every {SHORTEST_INTERVAL} to {LONGEST_INTERVAL} minutes, not every {minutes}",
            hint=f"for example --interval {min(max(suggested, SHORTEST_INTERVAL), LONGEST_INTERVAL)}",
            details={"interval": minutes},
        )
    return minutes


def frequency(minutes: int) -> int:
    """Minutes between two runs of a task. Raises `twin.bad_frequency`."""
    if not 1 <= minutes <= LONGEST_FREQUENCY:
        text = f"a task is done every 1 to {LONGEST_FREQUENCY} minutes, not every {minutes}"
        raise InvalidInput("twin.bad_frequency", text, hint="for example --every pr-triage=120")
    return minutes


def priority(number: int) -> int:
    """The priority of a task, lower goes first. Raises `twin.bad_priority`."""
    if not 0 <= number <= 999:
        raise InvalidInput("twin.bad_priority", f"a priority is 0 to 999, not {number}", hint="lower goes first; 1 is usual")
    return number


def count(number: int) -> int:
    """How many twins to make at once. Raises `twin.bad_count`."""
    if not 1 <= number <= MOST_TWINS:
        raise InvalidInput(
            "twin.bad_count", f"1 to {MOST_TWINS} twins are made at once, not {number}", hint="for example --count 5"
        )
    return number


def display_name(wanted: str) -> str:
    """What a twin is called. Raises `twin.bad_name`."""
    name = " ".join(wanted.split())
    if not name or len(name) > _LONGEST_NAME or name != one_line(name, _LONGEST_NAME):
        raise InvalidInput(
            "twin.bad_name",
            f"a twin's name is 1 to {_LONGEST_NAME} visible characters",
            hint='for example --name "Backend Team Twin"',
        )
    return name


def quiet_hours(text: str) -> str:
    """When nothing is delivered: 22:00-07:00, or empty for never. Raises `twin.bad_quiet_hours`."""
    if not text.strip():
        return ""
    found = _HOURS.fullmatch(text.strip())
    if found and found[1].zfill(2) + found[2] != found[3].zfill(2) + found[4]:
        return f"{found[1].zfill(2)}:{found[2]}-{found[3].zfill(2)}:{found[4]}"
    why = "it begins when it ends" if found else "that is no time of day to another"
    raise InvalidInput(
        "twin.bad_quiet_hours", f"quiet hours '{one_line(text, 40)}': {why}", hint="for example --quiet-hours 22:00-07:00"
    )


def timezone(name: str) -> str:
    """A time zone's IANA name, or empty for that of the machine. Raises `twin.bad_timezone` with a suggestion.

    Other files that lie beside the zones are none, as `localtime`: it means another zone on another machine.
    """
    if name and name not in _zones():
        hint = did_you_mean(one_line(name, 60), _zones(), "for example --timezone Europe/Berlin")
        raise InvalidInput("twin.bad_timezone", f"there is no time zone '{one_line(name, 60)}'", hint=hint)
    return name


@cache
def _zones() -> frozenset[str]:
    import zoneinfo

    return frozenset(zoneinfo.available_timezones()) - _NO_ZONES


def workspace(text: str, base: Path) -> str:
    """The directory a twin looks at, absolute; a relative one begins at `base`. Raises `twin.no_workspace`."""
    try:
        path = (base / Path(text).expanduser()).resolve(strict=True)
        if path.is_dir():
            return str(path)
        what, hint = f"{one_line(text)} is a file, no directory", "name the directory that it is in"
    except (OSError, RuntimeError, ValueError):
        what, hint = f"there is no directory {one_line(text)}", "make it, or name another with --workspace"
    raise InvalidInput("twin.no_workspace", what, hint=hint)


def said(text: str, what: str) -> str:
    """A text that somebody gave. Raises `twin.empty` where nothing is in it: who wants the usual leaves it out."""
    if not text.strip():
        raise InvalidInput("twin.empty", f"{what} was given without a name", hint="leave it out for the usual one")
    return text


def provider(name: str) -> str:
    """A provider's name, or empty for the usual one. Raises `provider.not_found` with a suggestion."""
    from cowork.models import catalogue

    return name if name in ("", catalogue.REHEARSAL) else catalogue.find(name).id


def model(name: str) -> str:
    """A model's name, or empty for the usual one. Raises `twin.bad_model`."""
    if len(name) > _LONGEST_MODEL or any(letter.isspace() or not letter.isprintable() for letter in name):
        text = f"a model's name is at most {_LONGEST_MODEL} visible characters without blanks"
        raise InvalidInput("twin.bad_model", text, hint="see: cowork provider models PROVIDER")
    return name


def autonomy(level: str) -> str:
    """How freely a twin works. Raises `twin.bad_autonomy`."""
    if level not in AUTONOMY:
        hint = did_you_mean(level, AUTONOMY, f"there are: {', '.join(AUTONOMY)}")
        raise InvalidInput("twin.bad_autonomy", f"there is no autonomy '{one_line(level, 40)}'", hint=hint)
    return level


def capabilities(given: Iterable[str]) -> tuple[str, ...]:
    """What a twin can do, in words. Raises `twin.bad_capability`."""
    kept = tuple(dict.fromkeys(word.strip() for word in given))
    bad = next((word for word in kept if not _CAPABILITY.fullmatch(word)), None)
    if bad is not None or not 1 <= len(kept) <= _MOST_CAPABILITIES:
        what = "there are 1 to 50 capabilities" if bad is None else f"'{one_line(bad, 40)}' is no capability"
        raise InvalidInput("twin.bad_capability", what, hint="words like code, review, test, document, analyze")
    return kept


def rules(given: Sequence[str]) -> tuple[str, ...]:
    """Tool rules, as they are written. Raises `twin.bad_rule`."""
    from cowork.rules.rule import compile_text

    kept = tuple(dict.fromkeys(text.strip() for text in given))
    if len(kept) > _MOST_RULES:
        raise InvalidInput("twin.bad_rule", f"there are at most {_MOST_RULES} rules", hint="rules may hold patterns")
    for text in kept:
        problem = compile_text(text).problem
        if problem:
            hint = "a rule is Tool or Tool(specifier), for example Bash(git log *)"
            raise InvalidInput("twin.bad_rule", f"'{one_line(text, 80)}' is no tool rule: {problem}", hint=hint)
    return kept


def system_prompt(text: str, longest: int = _LONGEST_PROMPT) -> str:
    """Who a twin is. Raises `twin.bad_prompt`."""
    if not text.strip() or len(text) > longest or "\0" in text:
        what = f"a system prompt is a text of at most {longest:,} characters"
        raise InvalidInput("twin.bad_prompt", what, hint="see how the present one begins: cowork twin show NAME --json")
    return text
