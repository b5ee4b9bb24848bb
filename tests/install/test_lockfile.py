"""`cowork.lock`: what is written is what is read, and what cannot be read is never taken for nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.core.errors import CoworkError, InvalidInput, NotFound
from cowork.core.text import printable
from cowork.install.lockfile import Earlier, Locked, Pin, ScanSummary, content, find, is_name, parse, read
from cowork.install.places import Place

HASH = "h1:" + "ab" * 32
COMMIT = "c" * 40
NOTES = Locked(
    name="notes",
    version="1.0.0",
    kind="pack",
    source="github:owner/repo@v1",
    origin="github:owner/repo@v1",
    url="https://github.com/owner/repo.git",
    plugin=None,
    path="",
    ref="refs/tags/v1",
    commit=COMMIT,
    tree_hash=HASH,
    files=3,
    bytes=120,
    executables=("bin/run",),
    capabilities=("executables", "network:example.com"),
    approved_by="--approve executables,network",
    scan=ScanSummary(0, 1, 2, 3),
    installed_at="2026-01-31T08:05:00Z",
    updated_at="2026-02-01T08:05:00Z",
)
PINNED = replace(
    NOTES,
    name="pinned",
    plugin="pinned",
    ref=None,
    commit=None,
    pinned=Pin("waits for 2.0", "2026-02-01T08:05:00Z"),
    history=(Earlier("0.9.0", "h1:" + "cd" * 32, COMMIT, "2026-01-01T00:00:00Z"), Earlier("0.8.0", HASH, None, "")),
)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place("user", tmp_path / "base")


def document(**changes: Any) -> dict[str, Any]:
    """A lockfile with one entry, whose keys are changed, or removed where the change is `...`."""
    entry = {**NOTES.document(), **changes}
    return json.loads(
        json.dumps({"version": 1, "packs": {"notes": {key: value for key, value in entry.items() if value is not ...}}})
    )


def refused(parsed: Any) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        parse(parsed, "cowork.lock")
    return caught.value


def test_what_is_written_is_what_is_read() -> None:
    packs = {"pinned": PINNED, "notes": NOTES}
    assert parse(json.loads(content(packs)), "cowork.lock") == packs


def test_the_file_is_canonical() -> None:
    raw = content({"pinned": PINNED, "notes": NOTES})
    assert raw == content({"notes": NOTES, "pinned": PINNED})
    assert raw.endswith(b"}\n")
    assert raw == json.dumps(json.loads(raw), indent=2, sort_keys=True).encode() + b"\n"
    assert list(json.loads(raw)["packs"]) == ["notes", "pinned"]


TEXT = st.text(max_size=12)
WORDS = st.tuples(TEXT) | st.just(())
HASHES = st.text("0123456789abcdef", min_size=64, max_size=64).map("h1:{}".format)
COUNT = st.integers(0, 2**40)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | TEXT, lambda inner: st.lists(inner, max_size=2), max_leaves=3
)
KNOWN = {*NOTES.document(), "name", "unknown"}
ENTRIES = st.builds(
    Locked,
    name=st.from_regex("[A-Za-z0-9][a-z0-9_-]{0,8}zz", fullmatch=True),
    **dict.fromkeys("version kind source origin url path approved_by installed_at updated_at".split(), TEXT),
    **dict.fromkeys("plugin ref".split(), st.none() | TEXT),
    commit=st.none() | st.from_regex(r"[0-9a-f]{40}", fullmatch=True),
    tree_hash=HASHES,
    files=COUNT,
    bytes=COUNT,
    executables=WORDS,
    capabilities=WORDS,
    scan=st.builds(ScanSummary, COUNT, COUNT, COUNT, COUNT),
    pinned=st.none() | st.builds(Pin, TEXT, TEXT),
    history=st.lists(st.builds(Earlier, TEXT, HASHES, st.none() | TEXT, TEXT), max_size=2).map(tuple),
    unknown=st.dictionaries(TEXT.filter(lambda key: key not in KNOWN), JSON, max_size=2),
)


@settings(max_examples=40)
@given(st.lists(ENTRIES, max_size=3, unique_by=lambda entry: entry.name))
def test_every_lockfile_comes_back_whole(entries: list[Locked]) -> None:
    packs = {entry.name: entry for entry in entries}
    raw = content(packs)
    assert parse(json.loads(raw), "cowork.lock") == packs
    assert content(parse(json.loads(raw), "cowork.lock")) == raw


ANYTHING = st.recursive(JSON, lambda inner: st.dictionaries(st.sampled_from(sorted(KNOWN)), inner, max_size=3), max_leaves=5)


@given(st.sampled_from(sorted(KNOWN)), ANYTHING)
def test_whatever_stands_in_the_file_is_read_or_refused(key: str, value: Any) -> None:
    for parsed in (value, {"version": 1, "packs": value}, {"version": 1, "packs": {"notes": value}}, document(**{key: value})):
        try:
            packs = parse(parsed, "cowork.lock")
        except InvalidInput as error:
            assert error.code in ("lock.invalid", "lock.newer")
        else:
            assert parse(json.loads(content(packs)), "cowork.lock") == packs


def test_keys_that_a_later_cowork_wrote_are_kept() -> None:
    packs = parse(document(signature={"by": "someone"}, unknown=1), "cowork.lock")
    assert packs["notes"].unknown == {"signature": {"by": "someone"}, "unknown": 1}
    written = json.loads(content(packs))["packs"]["notes"]
    assert written["signature"] == {"by": "someone"}
    assert written["unknown"] == 1


def test_keys_that_came_later_may_lack() -> None:
    assert parse(document(pinned=..., history=...), "cowork.lock") == {"notes": NOTES}


def test_text_that_hides_or_drives_a_terminal_is_written_as_escapes() -> None:
    raw = content({"notes": replace(NOTES, version="1\x1b[2J\u202e\ud800")})
    assert raw.isascii()
    assert json.loads(raw)["packs"]["notes"]["version"] == "1\x1b[2J\u202e\ud800"


@pytest.mark.parametrize("version", [2, 99, 10**30])
def test_a_newer_lockfile_is_refused_and_not_guessed_at(version: int) -> None:
    error = refused({**document(), "version": version})
    assert error.code == "lock.newer"
    assert "update cowork" in (error.hint or "")


@pytest.mark.parametrize("version", [None, "1", 1.5, True, 0, -1, [1]])
def test_a_version_that_is_none_is_refused(version: Any) -> None:
    assert refused({**document(), "version": version}).code == "lock.invalid"
    assert refused({"packs": {}}).code == "lock.invalid"


@pytest.mark.parametrize("parsed", [None, [], "packs", 1, {}, {"version": 1}, {"version": 1, "packs": []}])
def test_what_is_no_lockfile_is_refused(parsed: Any) -> None:
    assert refused(parsed).code == "lock.invalid"


TEXTS = "version kind source origin url path tree_hash approved_by installed_at updated_at".split()
WRONG = {
    **{key: [None, 1, [], {}, True] for key in TEXTS},
    **{key: [1, [], {}, False] for key in ("plugin", "ref", "commit")},
    **{key: [None, "3", -1, 1.5, True, []] for key in ("files", "bytes")},
    **{key: [None, "a", [1], [None], {}] for key in ("executables", "capabilities")},
    "scan": [None, [], {}, {"critical": 0}, {"critical": "0", "warnings": 0, "notes": 0, "allowed": 0}, "none"],
    "pinned": [[], {}, {"reason": "x"}, {"reason": 1, "at": "x"}, "x", False],
    "history": [None, {}, "x", [1], [{}], [{"tree_hash": "h1:00"}], [{"tree_hash": None}]],
}


@pytest.mark.parametrize("key", WRONG)
def test_a_value_of_the_wrong_type_is_refused_with_its_place(key: str) -> None:
    for value in WRONG[key]:
        error = refused(document(**{key: value}))
        assert error.code == "lock.invalid"
        assert f"packs.notes.{key}" in error.message
        assert error.details == {"path": "cowork.lock"}


def test_true_is_no_number_of_findings() -> None:
    scan = {"critical": True, "warnings": 0, "notes": 0, "allowed": 0}
    assert "packs.notes.scan" in refused(document(scan=scan)).message


@pytest.mark.parametrize("key", [*TEXTS, "plugin", "ref", "commit", "files", "bytes", "executables", "capabilities", "scan"])
def test_a_value_that_lacks_is_refused_by_name(key: str) -> None:
    assert refused(document(**{key: ...})).message.endswith(f"packs.notes lacks {key}")


@pytest.mark.parametrize(
    "tree_hash", ["", "h1:", "h1:" + "a" * 63, "h1:" + "A" * 64, "h2:" + "a" * 64, HASH + "\n", "x" + HASH]
)
def test_what_is_no_tree_hash_is_refused(tree_hash: str) -> None:
    assert "packs.notes.tree_hash" in refused(document(tree_hash=tree_hash)).message


NO_NAMES = [
    *"../notes .. . /etc notes/../x a/b .git .hidden -option con NUL com1.txt notes. a:b a\\b größe a*b".split(),
    *("", " notes", "no tes", "notes ", "new\nline", "n\x1b[2J", "n\u200b", "\ud800", "n" * 129),
]


@pytest.mark.parametrize("name", NO_NAMES, ids=ascii)
def test_a_name_that_could_not_be_a_directory_is_refused(name: str) -> None:
    assert not is_name(name)
    error = refused({"version": 1, "packs": {name: NOTES.document()}})
    assert error.code == "lock.invalid"
    assert len(error.message) < 200
    assert printable(error.message) == error.message


@pytest.mark.parametrize("name", ["notes", "a", "0", "Dev-Ops_2.0", "n" * 128])
def test_a_plain_name_is_a_name(name: str) -> None:
    assert is_name(name)


def test_an_entry_cannot_call_itself_something_else() -> None:
    packs = parse(document(name="../../evil"), "cowork.lock")
    assert packs["notes"].name == "notes"
    assert "evil" not in content(packs).decode()


def test_no_file_is_no_packs_and_nothing_is_created(place: Place) -> None:
    assert read(place) == {}
    assert not place.base.exists()


@pytest.mark.parametrize(
    "raw", [b"", b"{", b'{"version": 1, "packs": {', b"\xff\xfe", b"null", b'{"version":1,"packs":{"a":NaN}}', b"[" * 9999]
)
def test_a_file_that_cannot_be_read_is_never_taken_for_empty(place: Place, raw: bytes) -> None:
    place.base.mkdir()
    place.lock.write_bytes(raw)
    with pytest.raises(InvalidInput) as caught:
        read(place)
    assert str(place.lock) in caught.value.message
    assert place.lock.read_bytes() == raw


def test_a_lockfile_that_is_a_directory_is_never_taken_for_empty(place: Place) -> None:
    place.lock.mkdir(parents=True)
    with pytest.raises(InvalidInput) as caught:
        read(place)
    assert caught.value.code == "file.unreadable"


def test_reading_finishes_what_a_killed_process_decided(place: Place) -> None:
    place.extensions.mkdir(parents=True)
    place.lock.write_bytes(content({}))
    following = place.staging / "work-1" / "following"
    following.parent.mkdir(parents=True)
    following.write_bytes(content({"notes": NOTES}))
    move = ["staging/work-1/following", "cowork.lock", None]
    (place.extensions / ".transaction.json").write_text(json.dumps({"version": 1, "moves": [move]}))
    assert read(place) == {"notes": NOTES}


def test_finding_a_pack_suggests_what_was_meant(place: Place) -> None:
    assert find({"notes": NOTES}, "notes", place) is NOTES
    with pytest.raises(NotFound) as caught:
        find({"notes": NOTES}, "note", place)
    assert caught.value.code == "pack.not_installed"
    assert caught.value.hint == "did you mean 'notes'?"


def test_a_corrupt_file_says_that_nothing_happens_meanwhile(place: Place) -> None:
    place.base.mkdir()
    place.lock.write_text('{"version": 1}')
    with pytest.raises(CoworkError) as caught:
        read(place)
    assert "nothing is installed" in (caught.value.cause or "")
