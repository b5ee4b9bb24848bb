"""A skill's parameters: what the user gave, checked and typed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from cowork.core.errors import InvalidInput
from cowork.core.text import did_you_mean
from cowork.formats.parameter import Parameter

ParameterValue = str | float | bool | None
_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})


def bind(declared: Sequence[Parameter], given: Mapping[str, str]) -> dict[str, ParameterValue]:
    """Every declared parameter with its typed value: given, else default, else None.

    Raises `skill.missing_parameter`, `skill.unknown_parameter` or `skill.invalid_parameter`, naming the parameter.
    """
    known = {parameter.name: parameter for parameter in declared}
    for name in given:
        if name not in known:
            hint = did_you_mean(name, known, f"it takes: {', '.join(known) or 'no parameters'}")
            raise InvalidInput(
                "skill.unknown_parameter", f"there is no parameter '{name}'", hint=hint, details={"parameter": name}
            )
    missing = [name for name, parameter in known.items() if parameter.required and not given.get(name, "").strip()]
    if missing:
        first = known[missing[0]]
        raise InvalidInput(
            "skill.missing_parameter",
            f"parameter '{first.name}' is required",
            cause=first.description or None,
            hint=f"add --param {first.name}=... or --param-file {first.name}=PATH",
            details={"parameter": first.name, "missing": missing},
        )
    return {name: convert(parameter, given[name]) if name in given else parameter.default for name, parameter in known.items()}


def convert(parameter: Parameter, text: str) -> ParameterValue:
    """`text` as the parameter's type. Raises `skill.invalid_parameter`."""
    if parameter.type == "number":
        return _number(parameter, text)
    if parameter.type == "boolean":
        word = text.strip().casefold()
        if word in _TRUE or word in _FALSE:
            return word in _TRUE
        raise _invalid(parameter, text, "it must be true or false")
    if parameter.type == "select" and text not in parameter.options:
        close = [option for option in parameter.options if option.casefold() == text.strip().casefold()]
        if len(close) != 1:
            raise _invalid(parameter, text, f"it must be one of: {', '.join(parameter.options)}")
        return close[0]
    return text


def _number(parameter: Parameter, text: str) -> float:
    try:
        return int(text)  # exactly: a long id must not lose its last digits to a float
    except ValueError:
        pass
    try:
        number = float(text)
    except ValueError:
        raise _invalid(parameter, text, "it must be a number") from None
    if not math.isfinite(number):
        raise _invalid(parameter, text, "it must be a finite number")
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _invalid(parameter: Parameter, text: str, rule: str) -> InvalidInput:
    shown = text if len(text) <= 60 else text[:59] + "…"
    return InvalidInput(
        "skill.invalid_parameter",
        f"parameter '{parameter.name}': {rule}",
        cause=f"it is {shown!r}",
        hint=parameter.description or None,
        details={"parameter": parameter.name},
    )
