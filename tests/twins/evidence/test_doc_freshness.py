"""Documents are compared with the code they name, by the commits that changed both."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.twins.evidence.doc_freshness import collect
from cowork.twins.evidence.findings import CannotCollect
from cowork.twins.evidence.named_files import Name, names_of, resolve
from cowork.twins.evidence.tree import Tree
from tests.twins.evidence.places import Place, texts

TREE = Tree(
    "app/core/run.py app/core/__init__.py app/web.py lib/run.py src/pkg/tool.py top.py docs/here.py a/conf.yaml "
    "one/dup/x.py two/dup/x.py mine/os/path.py".split()
)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("app/core/run.py", "app/core/run.py"),
        ("core/run.py", "app/core/run.py"),
        ("a/conf.yaml", "a/conf.yaml"),
        ("top.py", "top.py"),
        ("here.py", "docs/here.py"),
        ("../app/web.py", "app/web.py"),
        ("app.core.run", "app/core/run.py"),
        ("core.run.start", "app/core/run.py"),
        ("app.core.run.Runner.begin", "app/core/run.py"),
        ("app.core", "app/core/__init__.py"),
        ("pkg.tool", "src/pkg/tool.py"),
        ("run.py", None),  # two of them, and neither beside the document
        ("web.py", None),  # may be anybody's
        ("conf.yaml", None),
        ("os.path", None),  # of Python itself
        ("dup/x.py", None),
        ("dup.x", None),
        ("app.json", None),
        ("no/such.py", None),
        ("*.py", None),
        ("<name>.py", None),
    ],
)
def test_a_name_means_a_file_only_when_that_is_certain(text: str, path: str | None) -> None:
    assert resolve(Name(text, 1, sure=True), "docs/x.md", TREE) == path


@pytest.mark.parametrize(
    ("file", "text", "names"),
    [
        ("a.md", "Call `app/x.py:12` and `b.y()`.", ["app/x.py", "b.y"]),
        ("docs/a.md", "[code](../app/x.py#L5)", ["app/x.py"]),
        ("a.md", "```sh\npython tools/x.py --fast\n```", ["python", "tools/x.py", "--fast"]),
        ("a.md", "not app/x.py in prose", []),
        ("a.rst", "See ``app/x.py`` and :file:`b/y.py`.\n\n.. literalinclude:: c/z.py\n", ["app/x.py", "b/y.py", "c/z.py"]),
    ],
)
def test_names_are_taken_from_code_and_links(file: str, text: str, names: list[str]) -> None:
    assert [name.text for name in names_of(file, text)] == names


@given(st.text(max_size=200), st.sampled_from(["docs/a.md", "a.rst"]))
def test_any_text_names_what_it_names(text: str, file: str) -> None:
    for name in names_of(file, text):
        assert 1 <= name.line <= text.count("\n") + text.count("\r") + 1
        assert resolve(name, file, TREE) in {*TREE.files, None}


def test_documents_are_ranked_by_what_changed_since(place: Place) -> None:
    place.write(
        {"app/a.py": "1", "app/b.py": "1", "docs/one.md": "`app/a.py`", "docs/two.md": "`app/a.py` `app/b.py` `app/no.py`"}
    )
    place.commit("2026-01-01").commit("2026-01-05", **{"app/a.py": "2"}).commit("2026-02-01", **{"app/a.py": "3"})
    place.commit("2026-02-02", **{"app/a.py": "4", "app/b.py": "2"})
    place.commit("2026-02-02", **{"docs/a-late.md": "`app/a.py`"}).commit("2026-02-02", **{"app/a.py": "5"})
    place.commit("2026-02-03", **{"docs/three.md": "`app/a.py`", "docs/four.md": "names nothing"})
    found = place.collect(collect)
    since = "has not changed since 2026-01-01; 4 commits changed files it names after that, the last on 2026-02-02"
    assert texts(found) == [
        f"docs/one.md {since}: app/a.py (4)",
        f"docs/two.md {since}: app/a.py (4), app/b.py (1)",
    ]
    assert found.facts[1].data["files"] == {"app/a.py": 4, "app/b.py": 1}
    assert found.facts[1].data["days_behind"] == 32
    assert found.summary == "2 of 4 documents that name code are older than that code."


def test_code_that_changes_within_a_day_of_a_document_does_not_make_it_old(place: Place) -> None:
    place.write({"app/a.py": "1", "docs/one.md": "`app/a.py`"})
    place.commit("2026-01-01").commit("2026-01-01", **{"app/a.py": "2"})
    assert place.collect(collect).summary == "0 of 1 document that names code are older than that code."

    place.commit("2026-01-02", **{"app/a.py": "3"})
    (told,) = texts(place.collect(collect))
    assert told.startswith("docs/one.md has not changed since 2026-01-01; 1 commit changed files it names after that")


def test_a_document_that_is_being_edited_is_not_old(place: Place) -> None:
    place.write({"a.py": "1", "d.md": "`a.py`"}).commit("2026-01-01").commit("2026-01-02", **{"a.py": "2"})
    assert len(place.collect(collect).facts) == 1
    place.write({"d.md": "`a.py` anew"})
    assert place.collect(collect).facts == ()


def test_names_that_are_gone_tell_since_when_and_where_to(place: Place) -> None:
    place.write({"app/a.py": "x = 1\n", "app/b.py": "1", "d.md": "See\n`app/a.py`, `app/b.py:3` and `app/never.py`.\n"}).commit(
        "2026-01-01"
    )
    place.git("mv", "app/a.py", "a.py")
    place.git("rm", "-q", "app/b.py")
    place.commit("2026-01-02")
    commit = place.git("rev-parse", "HEAD")[:10]
    assert texts(place.collect(collect)) == [
        f"d.md:2 names `app/a.py`, which is gone since {commit} of 2026-01-02; a.py may be meant",
        f"d.md:2 names `app/b.py`, which is gone since {commit} of 2026-01-02",
    ]


@pytest.mark.parametrize(
    "file", ["CHANGELOG.md", "docs/adr/0001-x.md", "blog/x.md", "tests/fixtures/x.md", "docs/archive/x.md"]
)
def test_a_document_of_its_day_is_not_held_to_the_present(place: Place, file: str) -> None:
    place.write({"a.py": "1", file: "`a.py` `b.py`", "b.py": "1"}).commit("2026-01-01")
    place.git("rm", "-q", "b.py")
    place.commit("2026-01-02", **{"a.py": "2"})
    assert place.collect(collect).facts == ()


def test_what_is_there_though_git_ignores_it_is_not_gone(place: Place) -> None:
    place.write({"built/a.py": "1", "d.md": "`built/a.py`"}).commit("2026-01-01")
    place.git("rm", "-q", "--cached", "built/a.py")
    place.write({".gitignore": "built\n"}).commit("2026-01-02")
    assert place.collect(collect).facts == ()


def test_a_shallow_clone_says_what_it_does_not_know(place: Place) -> None:
    place.write({"a.py": "1", "d.md": "`a.py`"}).commit("2026-01-01").commit("2026-01-02", **{"a.py": "2"})
    place.git("clone", "-q", "--depth", "1", f"file://{place.root}", str(place.root / "clone"))
    found = Place(place.root / "clone").collect(collect)
    assert (found.facts, found.left_out) == ((), ("history before 2026-01-02",))


def test_without_history_it_cannot_run(place: Place) -> None:
    with pytest.raises(CannotCollect, match="not a git repository"):
        place.collect(collect)
