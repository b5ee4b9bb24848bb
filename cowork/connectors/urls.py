"""The address of an http connector: a value becomes a part of its path or query, never of the host, and never two parts."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

from cowork.connectors.templates import Ref, Values, pieces, unsafe_value
from cowork.core.errors import InvalidInput

_SHAPE = re.compile(r"([^:/?#]*:)(//[^/?#]*)?([^?#]*)(\?[^#]*)?(#.*)?", re.DOTALL)
_SLOT = re.compile(r"\x00([0-9]+)\x00")


def fill_url(template: str, values: Values) -> str:
    """The address with its values, each percent-encoded whole, so that no character of it means anything to a server.

    Raises `connector.template_in_host`: who is spoken to is the manifest's decision, not the input's. Raises
    `connector.unsafe_value` for a value that makes a path segment empty, `.` or `..`, which would move the request elsewhere.
    """
    parts = pieces(template.replace("\x00", "%00"))
    refs = [item for item in parts if isinstance(item, Ref)]
    numbers = iter(range(len(refs)))
    marked = "".join(item if isinstance(item, str) else f"\x00{next(numbers)}\x00" for item in parts)
    shape = _SHAPE.fullmatch(marked)
    head = shape and (shape[1] or "") + (shape[2] or "")
    if not shape or not shape[2] or "\x00" in (head or ""):
        if refs:
            raise _in_host(refs[0])
        return template  # as it is: the guard says what is wrong with it
    segments = [_segment(segment, refs, values) for segment in shape[3].split("/")]
    return f"{head}{'/'.join(segments)}{_filled(shape[4] or '', refs, values)}"


def _segment(segment: str, refs: list[Ref], values: Values) -> str:
    """One segment of the path, filled in."""
    slot = _SLOT.search(segment)
    if slot is None:
        return segment
    text = _filled(segment, refs, values)
    if text == "" or {".", ".."} & set(re.split(r"[/\\]", unquote(text))):  # many servers decode before they look
        why = "it would make a part of the path empty, or lead to another directory"
        raise unsafe_value(refs[int(slot[1])], why, "give another value")
    return text


def _filled(text: str, refs: list[Ref], values: Values) -> str:
    return _SLOT.sub(lambda slot: values.escaped(refs[int(slot[1])], lambda value: quote(value, safe="")), text)


def _in_host(ref: Ref) -> InvalidInput:
    return InvalidInput(
        "connector.template_in_host",
        f"the template {ref.text} stands where the address names its host",
        cause="whoever gives the input would choose who receives it, and the secrets with it",
        hint="the author of the pack has to write the host out",
        details={"template": ref.text},
    )
