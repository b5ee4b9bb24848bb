"""The environment variables a connector is given, and keeping their values out of everything that is shown or stored."""

from __future__ import annotations

import base64
import contextlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from cowork.core.errors import CoworkError, InvalidInput

SHORTEST = 4
"""Values shorter than this are no secrets; hiding them would tear ordinary words apart."""


class Secrets:
    """Values by the names a connector declares. `hide` puts `{{env.NAME}}` wherever a value shows, in whatever spelling."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = dict(values)
        forms = [(form, name) for name, value in values.items() for form in _forms(value)]
        forms.sort(key=lambda item: -len(item[0]))  # the longest first: one secret may begin another
        self._names = dict(reversed(forms))
        self._pattern = re.compile("|".join(re.escape(form) for form, _ in forms)) if forms else None
        self.longest = len(forms[0][0].encode()) if forms else 0

    def value(self, name: str) -> str:
        """The value of a declared variable."""
        return self._values[name]

    def environment(self) -> dict[str, str]:
        """Every declared variable with its value, for a process."""
        return dict(self._values)

    def hide(self, value: Any) -> Any:
        """A JSON value, or a tuple of them, without the secrets."""
        if self._pattern is None or value is None:
            return value
        if isinstance(value, str):
            return self._pattern.sub(lambda match: f"{{{{env.{self._names[match[0]]}}}}}", value)
        if isinstance(value, dict):
            return {self.hide(key): self.hide(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)(self.hide(item) for item in value)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            text = json.dumps(value)
            return value if self._pattern.search(text) is None else self.hide(text)
        return value

    def _hide_cut(self, text: str) -> str:
        """As `hide`, also where a long text was cut in the middle of a secret, which ends in an ellipsis then."""
        text = self.hide(text)
        for form, name in self._names.items() if "…" in text else ():
            for length in range(len(form) - 1, SHORTEST - 1, -1):
                text = text.replace(f"{form[:length]}…", f"{{{{env.{name}}}}}…")
        return text

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """Whatever typed error leaves this block says nothing of the secrets."""
        try:
            yield
        except CoworkError as error:
            error.message = self._hide_cut(error.message)
            error.args = (error.message,)
            error.cause, error.hint = (self._hide_cut(text) if text else text for text in (error.cause, error.hint))
            error.details = self.hide(error.details)
            raise


def secrets_for(names: Iterable[str], environ: Mapping[str, str]) -> Secrets:
    """The values of the declared variables. Raises `connector.missing_env` (exit 4) naming those that are not set."""
    missing = missing_of(names, environ)
    if missing:
        raise InvalidInput(
            "connector.missing_env",
            f"the connector needs {', '.join(missing)} in the environment",
            hint=f"set it first: export {missing[0]}=...",
            details={"missing": list(missing)},
        )
    return Secrets({name: environ[name] for name in names})


def missing_of(names: Iterable[str], environ: Mapping[str, str]) -> tuple[str, ...]:
    """The variables that are not set, or empty."""
    return tuple(name for name in names if not environ.get(name))


def _forms(value: str) -> list[str]:
    """How a value may be spelled in a reply: as it is, in a URL, in JSON, in base64."""
    plain = dict.fromkeys((value, value.strip()))
    found = dict.fromkeys(item for item in plain if len(item) >= SHORTEST)
    for item in list(found):
        raw = item.encode("utf-8", "surrogateescape")
        spellings = (
            quote(raw, safe=""),
            quote(raw),
            quote_plus(raw),
            json.dumps(item)[1:-1],
            json.dumps(item, ensure_ascii=False)[1:-1],
            base64.b64encode(raw).decode(),
            base64.urlsafe_b64encode(raw).decode(),
        )
        found.update(dict.fromkeys(spellings))
    return list(found)
