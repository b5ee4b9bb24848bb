"""Files of facts."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.core.errors import InvalidInput
from cowork.formats import codeowners
from cowork.formats.facts import FIELDS, Line, Triple, parse


@pytest.mark.parametrize(
    "text",
    [
        "a,b,c\nd,e,f\n",
        "subject,relation,object\na,b,c\nd,e,f",
        "Object, Subject ,note,RELATION\nc,a,x,b\n\nf,d,y,e\n",
        '{"subject": "a", "relation": "b", "object": "c", "more": 1}\n\n{"subject": "d", "relation": "e", "object": "f"}\n',
    ],
    ids=["table", "headings", "columns in another order", "json lines"],
)
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["bare", "with a byte order mark"])
def test_facts_are_read(text: str, mark: str) -> None:
    assert [line.triple for line in parse(mark + text, path="f")] == [Triple("a", "b", "c"), Triple("d", "e", "f")]


def test_cells_may_be_quoted_and_lines_are_counted() -> None:
    text = 'a,"b, ""c""",d\n"e\nf",g,h\n'

    assert parse(text, path="f") == [Line(1, Triple("a", 'b, "c"', "d")), Line(3, Triple("e\nf", "g", "h"))]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a;b;c", "line 1: it has 1 column(s), not 3"),
        ("subject,relation,object\na,b", "line 2: it has fewer columns than the headings"),
        ('a,b,"c', "line 1: it is not CSV (unexpected end of data)"),
        ("{oops", "line 1: it is not JSON (Expecting property name enclosed in double quotes, column 2)"),
        ('{"subject": "a", "relation": "b", "object": 5}', "line 1: its object is no text"),
        ('{"subject": "a", "relation": "b", "object": "c"}\n[]', "line 2: it is not a JSON object"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, problem: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(text, path="f.csv")

    assert (caught.value.code, caught.value.message) == ("facts.invalid", f"f.csv: {problem}")


@given(st.text(), st.sampled_from(["", "{", '{"subject": ', "subject,relation,object\n", '"', "a,b,c\n"]))
def test_any_text_is_read_or_refused_by_its_line(text: str, start: str) -> None:
    try:
        lines = parse(start + text, path="f")
    except InvalidInput as error:
        assert error.code == "facts.invalid"
    else:
        assert all(isinstance(field, str) for line in lines for field in line.triple)


_FIELD = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), min_size=1).filter(str.strip)


@given(st.lists(st.tuples(_FIELD, _FIELD, _FIELD), min_size=1, max_size=5))
def test_what_was_written_is_read_again(rows: list[tuple[str, str, str]]) -> None:
    lines = "".join(json.dumps(dict(zip(FIELDS, row, strict=True))) + "\n" for row in rows)
    table = io.StringIO()
    csv.writer(table).writerows([FIELDS, *rows])

    assert [line.triple for line in parse(lines, path="f")] == rows
    assert [line.triple for line in parse(table.getvalue(), path="f")] == rows


OWNERS = """\
# everything
*       @org/all   # unless below
/docs/  docs@example.com
/src/a\\ b\\#c.py @ada
/none/
*       @org/all @ada
[Database][2] @org/data
db/
/model/ @grace
^[Optional]
x/
"""


def test_owners_of_code_are_read() -> None:
    assert codeowners.parse(OWNERS) == [
        Line(3, Triple("/docs/", "owned-by", "docs@example.com")),
        Line(4, Triple("/src/a b#c.py", "owned-by", "@ada")),
        Line(6, Triple("*", "owned-by", "@org/all")),
        Line(6, Triple("*", "owned-by", "@ada")),
        Line(8, Triple("db/", "owned-by", "@org/data")),
        Line(9, Triple("/model/", "owned-by", "@grace")),
    ]


@given(st.text() | st.text(alphabet="ab @#\\[]^/*\n "))
def test_any_text_gives_owners_or_none(text: str) -> None:
    for line in codeowners.parse(text):
        assert 1 <= line.number <= text.count("\n") + 1
        assert line.triple.subject
        assert line.triple.object
        assert line.triple.relation == "owned-by"
