"""XML of strangers as a stream of elements: no entities, nothing external, bounded in depth and in text."""

from __future__ import annotations

from collections.abc import Callable
from xml.parsers import expat

DEEPEST = 100
MOST_TEXT = 4000
"""Characters of an element's own text that are kept."""

Start = Callable[[str, dict[str, str]], object]
End = Callable[[str, str], object]


class BadXml(Exception):
    """It is not XML as reports are written; the message says why, and where."""


def read(data: bytes, start: Start, end: End) -> None:
    """Call `start` with the name and the attributes of each element, and `end` with its name and its own text.

    Names are without namespace prefixes. A document type is passed over when it only names one, as JaCoCo and Cobertura do;
    one that declares anything is refused, for entities can be made to grow without end. Raises BadXml, also after elements
    were told, and what the callbacks raise.
    """
    texts: list[list[str]] = []
    room: list[int] = []

    def begin(name: str, attributes: dict[str, str]) -> None:
        if len(texts) >= DEEPEST:
            raise BadXml(f"elements more than {DEEPEST} deep, line {parser.CurrentLineNumber}")
        texts.append([])
        room.append(MOST_TEXT)
        start(name.rpartition(":")[2], attributes)

    def finish(name: str) -> None:
        room.pop()
        end(name.rpartition(":")[2], "".join(texts.pop()))

    def hold(piece: str) -> None:
        if texts and room[-1] > 0:
            texts[-1].append(piece[: room[-1]])
            room[-1] -= len(piece)

    def refuse(*_: object) -> int:
        raise BadXml(f"it declares a document type of its own, line {parser.CurrentLineNumber}")

    def doctype(_name: str, _system: str | None, _public: str | None, has_subset: bool) -> None:
        if has_subset:
            refuse()

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = begin, finish, hold
    parser.StartDoctypeDeclHandler, parser.EntityDeclHandler = doctype, refuse
    parser.ExternalEntityRefHandler = refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise BadXml(f"{expat.ErrorString(error.code)}, line {error.lineno}") from None
    except (LookupError, ValueError) as error:  # an encoding that nobody knows, or that is none
        raise BadXml(str(error) or type(error).__name__) from None
