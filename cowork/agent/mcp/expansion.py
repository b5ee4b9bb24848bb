"""Variables in the configuration of a server: `${NAME}` and `${NAME:-default}`, as Claude Code expands them.

One pass: what was put in is not looked at again. `$NAME` without braces is ordinary text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_PLACE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_.]*)(?::-([^}]*))?\}")


class Unset(ValueError):
    """A variable that is not set and has no default. Its text says which."""


class Withheld(ValueError):
    """A variable that this server is not given. Its text says which."""


class Expansion:
    """Expands texts; `used` holds the variables of the environment that went into them, with their values.

    `own` come first and are no secrets: `CLAUDE_PLUGIN_ROOT` and the like. `withheld` are names that are never expanded.
    """

    def __init__(self, environ: Mapping[str, str], own: Mapping[str, str], withheld: frozenset[str]) -> None:
        self._environ = environ
        self._own = own
        self._withheld = withheld
        self.used: dict[str, str] = {}

    def text(self, text: str) -> str:
        """The text with its variables filled in. Raises Unset and Withheld."""
        return _PLACE.sub(self._value, text)

    def texts(self, texts: Mapping[str, str]) -> dict[str, str]:
        """A mapping with every value filled in. Raises what `text` raises."""
        return {key: self.text(value) for key, value in texts.items()}

    def _value(self, place: re.Match[str]) -> str:
        name, default = place[1], place[2]
        if name in self._own:
            return self._own[name]
        if name in self._withheld:
            raise Withheld(name)
        if name in self._environ:
            self.used[name] = self._environ[name]
            return self._environ[name]
        if default is None:
            raise Unset(name)
        return str(default)
