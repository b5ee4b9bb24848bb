"""What a cell of a table is: a number, a date, a text, something about a person, or nothing."""

from __future__ import annotations

import re
from datetime import date
from typing import Literal

Kind = Literal["null", "integer", "number", "boolean", "date", "text"]

_NULLS = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "nil", "none", "-", "--", "\\n", "?"})
_BOOLEANS = frozenset({"true", "false", "yes", "no", "t", "f", "y", "n"})
_INTEGER = re.compile(r"[+-]?(?:0|[1-9]\d{0,17})", re.ASCII)  # a leading zero makes it a code, such as a postcode
_NUMBER = re.compile(r"[+-]?(?:\d{1,18}\.\d{0,18}|\.\d{1,18}|\d{1,18})(?:[eE][+-]?\d{1,3})?", re.ASCII)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d{1,18})?", re.ASCII)
_COMMA = re.compile(r"[+-]?\d{1,18},\d{1,18}", re.ASCII)
_ISO_DATE = re.compile(
    r"(\d{4})[-/](\d{2})[-/](\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?: ?Z| ?[+-]\d{2}:?\d{2})?)?", re.ASCII
)
_OTHER_DATE = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?: \d{1,2}:\d{2}(?::\d{2})?)?", re.ASCII)

_BEGIN_NUMBERS = frozenset("0123456789+-.")
_LONGEST = 48
_LARGEST = 1e150
"""Squares of smaller numbers are finite, and so are their sums."""
_MAIL = re.compile(r"[^@\s,;]{1,64}@[^@\s,;]{1,190}\.[A-Za-z]{2,24}")
_PHONE = re.compile(r"(?=.*\d.*\d.*\d.*\d.*\d.*\d.*\d)(?:\+\d|\(?\d{2,5}[) ./-])[\d ()./-]{4,20}", re.ASCII)
_ADDRESS = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}", re.ASCII)
_ACCOUNT = re.compile(
    r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?|\d{4}([ -])\d{4}\1\d{4}\1\d{4}|\d{3}-\d{2}-\d{4}", re.ASCII
)
_PERSONAL_NAMES = (
    "email|e mail|mail|phone|tel|telephone|mobile|cell ?phone|fax|first ?name|last ?name|full ?name|given ?name|family ?name|"
    "middle ?name|sur ?name|maiden ?name|user ?name|login|customer ?name|contact ?name|person|birth|birth ?day|birth ?date|dob|"
    "ssn|social security|passport|iban|credit ?card|card ?number|tax id|national id|street|address|ip|ip address|salary|"
    "password|passwd|token|secret|api ?key"
)
_PERSONAL_NAME = re.compile(rf"(?:^| )(?:{_PERSONAL_NAMES})(?: |$)")


def read(cell: str, *, comma: bool = False) -> tuple[Kind, float]:
    """What a cell without white space around it holds, and its number, 0 for what is none. `comma`: it is the decimal point.

    A code such as `007`, and a number that nobody measures, is text.
    """
    if cell[:1] in _BEGIN_NUMBERS:
        if len(cell) > _LONGEST:
            return "text", 0.0
        if _INTEGER.fullmatch(cell):
            return "integer", float(cell)
        if (value := _number(cell, comma)) is not None:
            return "number", value
        if _is_date(cell):
            return "date", 0.0
    if len(cell) <= 5:
        low = cell.casefold()
        if low in _NULLS:
            return "null", 0.0
        if low in _BOOLEANS:
            return "boolean", 0.0
    return "text", 0.0


def _number(cell: str, comma: bool) -> float | None:
    if _NUMBER.fullmatch(cell):
        digits = cell.lstrip("+-")
        if len(digits) > 1 and digits.isdigit() and digits[0] == "0":
            return None
        value = float(cell)
    elif comma and _COMMA.fullmatch(cell):
        value = float(cell.replace(",", "."))
    elif not comma and _THOUSANDS.fullmatch(cell):
        value = float(cell.replace(",", ""))
    else:
        return None
    return value if abs(value) < _LARGEST else None


def _is_date(cell: str) -> bool:
    if found := _ISO_DATE.fullmatch(cell):
        return _exists(int(found[1]), int(found[2]), int(found[3]))
    if found := _OTHER_DATE.fullmatch(cell):
        one, other = int(found[1]), int(found[3])
        return 1 <= min(one, other) <= 12 and 1 <= max(one, other) <= 31
    return False


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def is_personal(cell: str) -> bool:
    """Whether a value looks as if it belonged to a person: an e-mail address, a number of a phone, an account, a machine."""
    if not 7 <= len(cell) <= 254:
        return False
    if _MAIL.fullmatch(cell) or _ACCOUNT.fullmatch(cell) or _ADDRESS.fullmatch(cell):
        return True
    return len(cell) <= 26 and _PHONE.fullmatch(cell) is not None and not _is_date(cell)


def names_personal(column: str) -> bool:
    """Whether a column's name says that it is about persons, or secret."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", column)
    return _PERSONAL_NAME.search(re.sub(r"[_\W]+", " ", spaced).casefold()) is not None
