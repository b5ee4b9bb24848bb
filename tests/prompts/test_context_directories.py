"""Directories as context: their texts in the order of the tree, and every file that is passed over is named with its reason."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cowork.core.errors import InvalidInput
from cowork.prompts.context import Document, read_directory, read_documents
from tests.prompts.repositories import repository, write
from tests.support import run_here


def test_the_texts_of_a_directory_come_in_the_order_of_the_tree(tmp_path: Path) -> None:
    write(tmp_path / "d", {"z.md": "z", "a/b.py": "b", "a/a/x": "x\r\n", ".editorconfig": "e"})

    documents, notices = read_documents([str(tmp_path / "d")])

    assert documents == tuple(
        Document(f"{tmp_path}/d/{name}", text)
        for name, text in ((".editorconfig", "e"), ("z.md", "z"), ("a/b.py", "b"), ("a/a/x", "x\n"))
    )
    assert notices == ()


def test_what_is_ignored_is_no_context(tmp_path: Path) -> None:
    where = repository(tmp_path / "r")
    write(where, {".gitignore": "*.log\n", "a": "1", "b.log": "2"})

    assert [document.text for document in read_directory(str(where)).documents] == ["*.log\n", "1"]


def test_what_is_passed_over_is_named_with_its_reason(tmp_path: Path) -> None:
    write(tmp_path / "d", {"a": "text", ".env": "KEY=1", ".env.example": "KEY=", "id_ed25519": "private", "k.PEM": "private"})
    (tmp_path / "d" / "picture.png").write_bytes(b"\x89PNG\x00" + bytes(3 * 1024 * 1024))
    (tmp_path / "d" / "latin").write_bytes(b"caf\xe9")
    (tmp_path / "outside").write_text("secret of somebody else")
    (tmp_path / "d" / "link").symlink_to(tmp_path / "outside")
    os.mkfifo(tmp_path / "d" / "pipe")

    documents, (notice,) = read_documents([str(tmp_path / "d")])

    assert [document.text for document in documents] == ["KEY=", "text"]
    assert notice.code == "context.passed_over"
    for words in ("3 private by its name (.env, id_ed25519, k.PEM)", "2 not text (latin, picture.png)", "1 not a file (pipe)"):
        assert words in notice.message
    assert "or a link (link)" in notice.message


def test_a_file_that_is_private_by_its_name_is_read_when_it_is_named_itself(tmp_path: Path) -> None:
    write(tmp_path, {".env": "KEY=1"})

    assert read_documents([str(tmp_path / ".env")])[0][0].text == "KEY=1"


def test_a_text_cut_within_a_letter_at_the_glance_is_a_text(tmp_path: Path) -> None:
    write(tmp_path / "d", {"a": "x" * 8191 + "ü" * 100})

    assert len(read_directory(str(tmp_path / "d")).documents) == 1


@pytest.mark.parametrize("files", [{}, {"a": "\0"}], ids=["nothing", "no text"])
def test_a_directory_without_texts_is_refused(tmp_path: Path, files: dict[str, str]) -> None:
    (tmp_path / "d").mkdir()
    write(tmp_path / "d", files)

    with pytest.raises(InvalidInput) as caught:
        read_documents([str(tmp_path / "d")])

    assert caught.value.code == "context.empty"


def test_more_than_two_megabytes_of_text_are_refused_where_there_is_no_budget_to_cut_them(tmp_path: Path) -> None:
    write(tmp_path / "d", {"a": "x" * 1024 * 1024, "b": "x" * 1024 * 1024, "c": "y"})

    with pytest.raises(InvalidInput) as caught:
        read_documents([str(tmp_path / "d")])

    assert caught.value.code == "context.too_large"


def test_a_loop_takes_a_directory_as_its_material(tmp_path: Path) -> None:
    write(Path("notes"), {"a.md": "The release is on Monday.", "b/c.md": "Nobody is on call.", ".env": "KEY=1"})

    ran = run_here("loop", "start", "When is the release?", "--context", "notes", "--provider", "rehearsal", "--json")

    assert ran.code == 0
    assert [warning["code"] for warning in ran.document["warnings"]].count("context.passed_over") == 1
    (journal,) = Path(os.environ["COWORK_HOME"], "sessions").glob("*/journal.jsonl")
    assert '"name":"notes/a.md","text":"The release is on Monday."' in journal.read_text()
    assert "KEY=1" not in journal.read_text()
