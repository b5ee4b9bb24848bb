"""Links, anchors and code of a Markdown text, as CommonMark and GitHub have them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.twins.evidence import markdown_text
from cowork.twins.evidence.markdown_text import read, slug

TEXT = """\
---
link: "[no](front.md)"
---
# Title

One [inline](a.md) and
two ![image](b.png "t") and [reference][r],
`[no](code.md)` <a href="c.html#x">d</a>.

```md
[no](fence.md)
```

<!-- [no](comment.md) <a href="comment.html"> -->
<p align="center">
<img src="d.png">
</p>

| a | b |
|---|---|
| [cell](e.md) | x |

[r]: <f g.md>
"""


def test_links_have_the_lines_they_stand_on() -> None:
    found = [(link.target, link.line, link.image) for link in read(TEXT).links]
    assert found == [
        ("a.md", 6, False),
        ("b.png", 7, True),
        ("f%20g.md", 7, False),
        ("c.html#x", 8, False),
        ("d.png", 16, True),
        ("e.md", 21, False),
    ]


def test_code_is_told_from_prose() -> None:
    text = read("Say `a/b.py` now.\n\n```sh\nrun a/c.py\n```\n")
    assert [(span.text, span.line, span.language) for span in text.spans] == [("a/b.py", 1, None), ("run a/c.py\n", 4, "sh")]
    assert [prose.text for prose in text.prose] == ["Say   now."]


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("Getting started", "getting-started"),
        ("What's new?", "whats-new"),
        ("A & B", "a--b"),
        ("`cowork run` -- the verb", "cowork-run----the-verb"),
        ("snake_case", "snake_case"),
        ("Über uns", "über-uns"),
        ("日本語 の 見出し", "日本語-の-見出し"),
        ("हिन्दी", "हिन्दी"),
        ("[Link](x.md) and **bold**", "link-and-bold"),
        ("Emoji 🚀 here", "emoji--here"),
    ],
)
def test_anchors_follow_the_rule_of_github(heading: str, anchor: str) -> None:
    assert read(f"# {heading}\n").anchors == {anchor}


def test_duplicates_are_numbered_and_explicit_names_count() -> None:
    text = "# A\n## A\n## A\n## B {#custom}\n<a name='old'></a>\n\n<h2>In <b>tags</b></h2>\n"
    assert read(text).anchors == {"a", "a-1", "a-2", "b", "custom", "old", "in-tags"}


def test_a_comment_that_does_not_end_and_odd_declarations_are_no_trouble() -> None:
    assert read("<![x\n\n<!-- [a](b.md)\n\n# T\n").links == ()


@pytest.mark.parametrize(("piece", "read_of_it"), [("![", 25), ("- a\n", 12), ("a\n", 12)])
def test_of_a_text_of_nothing_but_markup_only_the_beginning_is_read_which_it_says(
    monkeypatch: pytest.MonkeyPatch, piece: str, read_of_it: int
) -> None:
    monkeypatch.setattr(markdown_text, "_MOST_MARKS", 50)

    found = read(piece * 1000)

    assert sum(prose.text.count(piece.strip("- \n")) for prose in found.prose) in (read_of_it, read_of_it + 1)
    assert not found.whole
    assert read("# T\n\n[a](b.md)\n").whole


@settings(max_examples=50)
@given(st.text(max_size=120))
def test_any_text_can_be_read(text: str) -> None:
    found = read(text)
    last = text.count("\n") + text.count("\r") + 1
    for thing in (*found.links, *found.headings, *found.prose):
        assert 1 <= thing.line <= last


@given(
    st.lists(st.sampled_from(["[a](b.md)", "`c`", "# H", "```", "<a href='x'>", "-", "---", "| a |", "", "  "]), max_size=12)
)
def test_any_shape_can_be_read(lines: list[str]) -> None:
    found = read("\n".join(lines))
    assert all(link.target for link in found.links)


@given(st.text(max_size=50))
def test_a_slug_holds_no_blanks_and_is_its_own_slug(text: str) -> None:
    once = slug(text)
    assert " " not in once
    assert slug(once) == once
