"""`{{name}}`, `{{input}}` and `{{env.NAME}}` in a connector's definition: read once, filled once.

A value is never looked at again: `{{env.KEY}}` in an input is text like any other. What else stands in double braces is no
template and stays as it is, for programs have templates of their own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from cowork.connectors.secrets import Secrets
from cowork.core.errors import InvalidInput
from cowork.core.text import one_line

_TEMPLATE = re.compile(r"\{\{(?:env\.([A-Za-z_][A-Za-z0-9_]*)|(\w+))\}\}")


@dataclass(frozen=True)
class Ref:
    """One template: an input by its name, or an environment variable."""

    kind: Literal["input", "env"]
    name: str

    @property
    def text(self) -> str:
        """As it is written."""
        return f"{{{{env.{self.name}}}}}" if self.kind == "env" else f"{{{{{self.name}}}}}"


Piece = str | Ref


def pieces(text: str) -> tuple[Piece, ...]:
    """A text as literal parts and templates, in order."""
    found: list[Piece] = []
    at = 0
    for match in _TEMPLATE.finditer(text):
        if match.start() > at:
            found.append(text[at : match.start()])
        found.append(Ref("env", match[1]) if match[1] else Ref("input", match[2]))
        at = match.end()
    if at < len(text):
        found.append(text[at:])
    return tuple(found)


def has_templates(text: str) -> bool:
    """Whether a text holds a template."""
    return _TEMPLATE.search(text) is not None


class Values:
    """The values of one call: `given` by the user, `declared` names in the input schema, `secrets` of the environment.

    With `shown` an environment variable stands for itself, `{{env.NAME}}`: for plans, which must not hold its value.
    """

    def __init__(
        self, given: Mapping[str, Any], secrets: Secrets, *, declared: frozenset[str] = frozenset(), shown: bool = False
    ) -> None:
        self._given = given
        self._secrets = secrets
        self._declared = declared
        self.shown = shown

    def for_show(self) -> Values:
        """The same values without the secrets."""
        return Values(self._given, self._secrets, declared=self._declared, shown=True)

    def value(self, ref: Ref) -> Any:
        """A template's value with its JSON type; None for an optional input that is not given.

        Raises `connector.missing_input` for a name that is neither given nor in the input schema.
        """
        if ref.kind == "env":
            return ref.text if self.shown else self._secrets.value(ref.name)
        if ref.name in self._given:
            return self._given[ref.name]
        if ref.name == "input" and "input" not in self._declared:
            return dict(self._given)
        if ref.name in self._declared:
            return None
        raise InvalidInput(
            "connector.missing_input",
            f"the connector needs the input '{one_line(ref.name, 80)}'",
            cause="its definition uses the name, and its input schema does not declare it",
            hint="give it with: --input '{\"" + one_line(ref.name, 80) + "\": ...}'",
            details={"name": ref.name},
        )

    def text(self, ref: Ref) -> str:
        """A template's value as text: a text as it is, nothing for null, JSON for everything else."""
        value = self.value(ref)
        if value is None:
            return ""
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    def escaped(self, ref: Ref, escape: Callable[[str], str]) -> str:
        """A template's value as `escape` writes it; a variable that is only shown is not escaped."""
        return ref.text if self.shown and ref.kind == "env" else escape(self.text(ref))


def fill(text: str, values: Values, escape: Callable[[str], str]) -> str:
    """A text with every template replaced by its escaped value, in one pass."""
    return "".join(item if isinstance(item, str) else values.escaped(item, escape) for item in pieces(text))


def unsafe_template(ref: Ref, where: str, hint: str) -> InvalidInput:
    """The refusal of a template in a place where no value would be safe."""
    return InvalidInput(
        "connector.unsafe_template",
        f"the template {one_line(ref.text, 80)} stands {where}, where no value is safe",
        cause="what is given as input would be read as something else than data",
        hint=hint,
        details={"template": ref.text},
    )


def unsafe_value(ref: Ref, why: str, hint: str) -> InvalidInput:
    """The refusal of a value in the place where it would stand; the value itself stays out of the message."""
    return InvalidInput(
        "connector.unsafe_value",
        f"the value of {one_line(ref.text, 80)} cannot be used",
        cause=why,
        hint=hint,
        details={"template": ref.text},
    )
