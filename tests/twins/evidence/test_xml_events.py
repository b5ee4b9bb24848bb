"""XML of strangers: nothing expands, nothing is fetched, nothing nests without end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.twins.evidence.xml_events import DEEPEST, MOST_TEXT, BadXml, read

LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><l>&b;</l>"""
OUTSIDE = b"""<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><l>&x;</l>"""
PARAMETER = b"""<!DOCTYPE l [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x.dtd"> %x;]><l/>"""
DEFAULTS = b"""<!DOCTYPE l [<!ATTLIST l name CDATA "made up">]><l/>"""


def told(data: bytes) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    read(data, lambda name, attributes: None, lambda name, text: found.append((name, text)))
    return found


@pytest.mark.parametrize("data", [LAUGHS, OUTSIDE, PARAMETER, DEFAULTS])
def test_a_document_type_that_declares_anything_is_refused(data: bytes) -> None:
    with pytest.raises(BadXml, match="document type of its own, line 1"):
        told(data)


def test_one_that_only_names_a_document_type_is_read() -> None:
    data = b'<!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "http://127.0.0.1:9/report.dtd"><report>a&undefined;b</report>'
    assert told(data) == [("report", "ab")]


def test_names_lose_their_prefix_and_text_belongs_to_its_element() -> None:
    assert told(b'<a xmlns:j="u"><j:b>in</j:b>out<![CDATA[ <c> ]]></a>') == [("b", "in"), ("a", "out <c> ")]


def test_depth_and_text_are_bounded() -> None:
    with pytest.raises(BadXml, match="deep"):
        told(b"<a>" * (DEEPEST + 1))
    assert len(told(b"<a>" + b"x" * (MOST_TEXT * 3) + b"</a>")[0][1]) == MOST_TEXT


@pytest.mark.parametrize(
    "data", [b"", b"<a>", b"<a></b>", b"<a x=1/>", b'<?xml version="1.0" encoding="nobody"?><a/>', b"\xff\xfe<"]
)
def test_what_is_not_well_formed_is_told_with_its_line(data: bytes) -> None:
    with pytest.raises(BadXml):
        told(data)


def test_encodings_that_are_declared_are_understood() -> None:
    assert told('<?xml version="1.0" encoding="iso-8859-1"?><a>é</a>'.encode("latin-1")) == [("a", "é")]
    assert told("<a>é</a>".encode("utf-16")) == [("a", "é")]


@given(st.one_of(st.binary(max_size=300), st.text("<>/a&;![]CDT\"' =x", max_size=200).map(str.encode)))
def test_nothing_else_is_raised(data: bytes) -> None:
    try:
        told(data)
    except BadXml as error:
        assert str(error)
