"""One setting: what it may be, and what is made of what a file or a variable says."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from cowork.core.errors import InvalidInput

_INFINITE = float("inf")
_TRUTHS = dict.fromkeys(("yes", "true", "on", "1"), True) | dict.fromkeys(("no", "false", "off", "0"), False)
_WANTED = {int: "a number", float: "a number", bool: "yes or no", tuple: "a list of texts, or texts with commas between"}
_BETWEEN_URLS = re.compile(r"[\s,]+(?=[A-Za-z][A-Za-z0-9+.-]*://)")
HIDDEN = "[hidden]"
"""What is shown of a secret."""


class Setting(NamedTuple):
    """One setting. `project_safe` says whether a project that is not trusted may set it.

    Of type tuple, it is a list of texts, in a file also one text with commas between. One that is `secret` is never shown. With
    `blank` an empty text, or none, means the default.
    """

    key: str
    type: type
    default: Any
    help: str
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    project_safe: bool = True
    secret: bool = False
    blank: bool = False

    @property
    def env(self) -> str:
        """The environment variable that sets it."""
        return "COWORK_" + self.key.upper()

    def judged(self, raw: Any, source: str) -> Any:
        """The value that `raw` stands for. Raises `config.invalid` naming the source, the key and the rule."""
        value = self._read(raw)
        rule = self._broken_rule(value)
        if rule is None:
            return value
        shown = isinstance(raw, (str, int, float)) and not self.secret
        raise InvalidInput(
            "config.invalid",
            f"{source}: {self.key} {rule}",
            cause=f"it is {raw!r}" if shown else f"it is a {type(raw).__name__}",
            hint=f"default: {list(self.default) if self.type is tuple else self.default!r}",
            details={"key": self.key, "source": source},
        )

    def shown(self, value: Any) -> Any:
        """What people may see of a value."""
        if not self.secret:
            return value
        return (HIDDEN,) * len(value) if self.type is tuple else HIDDEN if value else value

    def _read(self, raw: Any) -> Any:
        if self.blank and raw in (None, ""):
            return self.default
        if self.type is float and isinstance(raw, int) and not isinstance(raw, bool):
            return _as_float(raw)
        if self.type is bool and isinstance(raw, str):
            return _TRUTHS.get(raw.casefold(), raw)
        if self.type is tuple:
            return _listed(raw)
        return raw

    def _broken_rule(self, value: Any) -> str | None:
        if isinstance(value, bool) is not (self.type is bool) or not isinstance(value, self.type):
            return f"must be {_WANTED.get(self.type, 'text')}"
        if isinstance(value, float) and not -_INFINITE < value < _INFINITE:  # NaN too
            return "must be a finite number"
        if self.choices and value not in self.choices:
            return f"must be one of {', '.join(self.choices)}"
        if self.minimum is not None and isinstance(value, (int, float)) and value < self.minimum:
            return f"must be at least {self.minimum:g}"
        return None


def from_text(setting: Setting, text: str) -> Any:
    """What a variable says, still to be judged."""
    if setting.type in (int, float):
        try:
            return setting.type(text)
        except ValueError:
            return text  # judged, and refused, by the rule for every source
    return text


def _listed(raw: Any) -> Any:
    """A list of texts as a tuple, without blanks and repetitions; whatever else it is, as it is."""
    if isinstance(raw, str):
        raw = _BETWEEN_URLS.split(raw) if "://" in raw else raw.split(",")
    if not isinstance(raw, (list, tuple)) or not all(isinstance(item, str) for item in raw):
        return raw if not isinstance(raw, tuple) else list(raw)
    return tuple(dict.fromkeys(item.strip().rstrip(",") for item in raw if item.strip(" ,\t\n")))


def _as_float(number: int) -> float:
    try:
        return float(number)
    except OverflowError:
        return _INFINITE
