"""JSON of every kind, and documents of a format with a few places broken."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.formats.samples import REMOVE, changed

ODD = st.sampled_from(
    ["", "./x", "../x", "a b", "stdio", "http", "path", "github", "command", "\0", "\ud800", "$x", "~", "x" * 70]
)
JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(allow_nan=False, allow_infinity=False)
    | ODD
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ODD | st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def places(document: Any, prefix: str = "") -> list[str]:
    """The dotted paths of everything inside a document."""
    items = document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    found = []
    for key, value in items:
        path = f"{prefix}{key}"
        found += [path, *places(value, f"{path}.")]
    return found


@st.composite
def broken(draw: st.DrawFn, document: dict[str, Any]) -> Any:
    """`document` with up to three places replaced by junk or removed; now and then any JSON at all."""
    if draw(st.integers(0, 9)) == 0:
        return draw(JUNK)
    result = document
    for path in draw(st.lists(st.sampled_from(places(document)), max_size=3)):
        try:
            result = changed(result, path, draw(st.just(REMOVE) | JUNK))
        except (KeyError, IndexError, TypeError, ValueError):
            continue  # an earlier break took the place away
    return result
