"""Which names a pack may be installed under: those that were promised, and nobody else's."""

from __future__ import annotations

from collections.abc import Sequence

from cowork.core.errors import Conflict, InvalidInput
from cowork.core.outcome import Notice
from cowork.core.text import one_line
from cowork.install.lockfile import is_name

_ALIKE = (("0", "o"), ("1", "l"), ("i", "l"), ("5", "s"), ("rn", "m"), ("vv", "w"), ("-", ""), ("_", ""), (".", ""))


def judge_pack_name(name: str, expected: Sequence[str] = ()) -> tuple[Notice, ...]:
    """A pack's name becomes a directory, has to be the one that was promised, and must not be that of somebody else.

    The answer is the warning of `similar_names`. Raises as `judge_promise`, and `install.name_taken` (Conflict).
    """
    judge_promise(name, expected)
    others = _others()
    taken = next((known for known in others if _bare(known) == _bare(name)), None)
    if taken is not None:
        raise Conflict(
            "install.name_taken",
            f"'{taken}' comes with cowork or your organization, and '{name}' would pass for it",
            hint="ask the author of the pack to rename it",
            details={"name": name, "taken": taken},
        )
    return _similar(name, others)


def judge_promise(name: str, expected: Sequence[str]) -> None:
    """Hold a pack to a name that was judged. Raises `install.bad_name` and `install.name_mismatch` (InvalidInput)."""
    if not is_name(name):
        raise InvalidInput(
            "install.bad_name",
            f"{one_line(name, 60)!r} cannot be the name of an installed pack",
            cause="letters, digits, . _ and -, at most 128, and no name that a system reserves",
            hint="ask the author of the pack to rename it",
        )
    if expected and name not in expected:
        raise InvalidInput(
            "install.name_mismatch",
            f"the pack calls itself '{name}', not '{expected[0]}'",
            cause="what lists it promised another name",
            hint="do not install it unless you know why",
            details={"name": name, "expected": list(expected)},
        )


def similar_names(name: str) -> tuple[Notice, ...]:
    """A warning for a name that is easily taken for another's."""
    return _similar(name, _others())


def _similar(name: str, others: Sequence[str]) -> tuple[Notice, ...]:
    known = next((other for other in others if other != name and _skeleton(other) == _skeleton(name)), None)
    text = f"'{name}' looks much like '{known}', which is another pack"
    return (Notice("install.similar_name", text),) if known else ()


def _others() -> list[str]:
    """The packs that are not for the user to install, by name."""
    from cowork.registry import world

    return sorted(pack.name for pack in world.load().packs if pack.scope in ("bundled", "organization"))


def _bare(name: str) -> str:
    return name.casefold().removesuffix("-pack")


def _skeleton(name: str) -> str:
    """A name with what looks alike made alike: the idea of Unicode TS 39, for the letters that names may have."""
    plain = _bare(name)
    for old, new in _ALIKE:
        plain = plain.replace(old, new)
    return plain
