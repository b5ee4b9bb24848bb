"""What people tell twins: one line, of a length, without secrets."""

from __future__ import annotations

import os
import re
from typing import Literal

from cowork.core.errors import InvalidInput
from cowork.core.secrets import Redactor, is_secret
from cowork.core.text import one_line

Kind = Literal["memory", "facts"]


class Told:
    """Judges texts against the secrets that the environment holds now. Error codes start with its kind."""

    def __init__(self, kind: Kind) -> None:
        from cowork.models import catalogue

        self._kind = kind
        self._redactor = Redactor(os.environ, secret_names=catalogue.key_names())

    def line(self, text: str, longest: int, what: str) -> str:
        """A text on one safe line. Raises InvalidInput `*.empty`, `*.too_long` (characters) or `*.secret`."""
        self._refuse_secrets(text, what)
        line = one_line(text, longest + 1)
        if not line:
            raise InvalidInput(f"{self._kind}.empty", f"{what} is empty", hint="say it in words")
        if len(line) > longest:
            hint = "say it shorter, or in several"
            raise InvalidInput(f"{self._kind}.too_long", f"{what} is longer than {longest} characters", hint=hint)
        self._refuse_secrets(line, what)
        return line

    def _refuse_secrets(self, text: str, what: str) -> None:
        shown = self._redactor.text(text)
        names = sorted(set(re.findall(r"\[redacted:([^\]]*)\]", shown)) - set(re.findall(r"\[redacted:([^\]]*)\]", text)))
        if shown != text or is_secret("", text):
            cause = f"it holds the value of {', '.join(names)}" if names else "it holds what looks like a key or a password"
            raise InvalidInput(
                f"{self._kind}.secret", f"{what} holds a secret", cause=cause, hint="say where the secret is, not what it is"
            )
