"""The body of an http connector, each value escaped the way its content type asks for."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote_plus, urlencode
from xml.sax.saxutils import escape as xml_escape

from cowork.connectors.templates import Ref, Values, fill, has_templates, pieces, unsafe_template
from cowork.core.errors import InvalidInput

_QUOTES = {'"': "&quot;", "'": "&apos;"}


def fill_body(template: Any, content_type: str, values: Values) -> str:
    """The text of the body.

    A template that is a JSON value of its own, `"{{count}}"`, keeps the type of its value. Raises `connector.bad_body` for a
    JSON body that is none, and for a content type in which cowork cannot escape values.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        return _form(template, values)
    if kind == "application/json" or kind.endswith("+json"):
        return _json(template, values)
    if not isinstance(template, str):
        raise bad_body(f"an object cannot be written as {kind or 'text'}")
    if not has_templates(template):
        return template
    if kind.endswith(("/xml", "+xml", "/html")):
        return fill(template, values, lambda text: xml_escape(text, _QUOTES))
    if kind.startswith("text/"):
        return fill(template, values, lambda text: text)
    raise bad_body(f"values cannot be escaped for {kind or 'a body without a content type'}")


def _form(template: Any, values: Values) -> str:
    if isinstance(template, str):
        return fill(template, values, quote_plus)
    if not isinstance(template, dict):
        raise bad_body("a form is an object or a text")
    pairs = []
    for name, item in _filled(template, values).items():
        several = item if isinstance(item, list) else [item]
        pairs += [(name, text if isinstance(text, str) else json.dumps(text)) for text in several if text is not None]
    return urlencode(pairs)


def _json(template: Any, values: Values) -> str:
    if not isinstance(template, str):
        return json.dumps(_filled(template, values), ensure_ascii=False)
    text = _json_text(template, values)
    try:
        json.loads(text)
    except ValueError as error:
        raise bad_body("it is not JSON; another content type has to be declared in the headers") from error
    return text


def _filled(template: Any, values: Values) -> Any:
    """A JSON value with the templates in its texts filled in; names of members stay as they are."""
    if isinstance(template, str):
        parts = pieces(template)
        if len(parts) == 1 and isinstance(parts[0], Ref):
            return values.value(parts[0])
        return fill(template, values, lambda text: text)  # becomes one JSON text: json.dumps escapes it whole
    if isinstance(template, dict):
        return {name: _filled(item, values) for name, item in template.items()}
    if isinstance(template, list):
        return [_filled(item, values) for item in template]
    return template


def _json_text(template: str, values: Values) -> str:
    """A JSON document as text: inside a JSON text a value is escaped, elsewhere it stands as a JSON value of its type."""
    out: list[str] = []
    inside = escaped = False
    for part in pieces(template):
        if isinstance(part, Ref):
            if escaped:  # the backslash would swallow the escape of the value's first character
                raise unsafe_template(part, "after a backslash", "the author of the pack has to remove the backslash")
            whole = values.escaped(part, _json_escape)
            out.append(whole if inside else json.dumps(values.value(part), ensure_ascii=False))
            continue
        for letter in part:
            if escaped:
                escaped = False
            elif letter == "\\" and inside:
                escaped = True
            elif letter == '"':
                inside = not inside
        out.append(part)
    return "".join(out)


def _json_escape(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def bad_body(cause: str) -> InvalidInput:
    """The error for a body that cannot be made."""
    return InvalidInput(
        "connector.bad_body", "the connector's body cannot be made", cause=cause, hint="tell the author of its pack"
    )
