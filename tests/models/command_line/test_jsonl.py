"""JSON lines: the same bytes give the same lines, whatever they are cut into."""

from __future__ import annotations

import json
import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from cowork.models.command_line.jsonl import Dropped, Line, LineReader, Noise, Record


def read(*pieces: bytes, longest: int = 1000) -> list[Line]:
    reader = LineReader(longest)
    found = [line for piece in pieces for line in reader.feed(piece)]
    return [*found, *reader.end()]


class TestALine:
    def test_is_a_record_when_it_holds_an_object(self) -> None:
        assert read(b'{"type": "text", "n": [1, null]}\n') == [Record({"type": "text", "n": [1, None]})]

    def test_may_end_in_two_characters_or_not_at_all(self) -> None:
        assert read(b'{"a":1}\r\n\r\n{"a":2}\n  \n\n{"a":3}') == [Record({"a": 1}), Record({"a": 2}), Record({"a": 3})]

    def test_that_is_no_object_is_kept_as_text(self) -> None:
        raw = b'Warning: old\n{"cut": \n[1]\n12\n"text"\nnull\n{"a":1} more\n'
        assert read(raw) == [Noise(text) for text in raw.decode().replace('{"cut": ', '{"cut":').split("\n")[:-1]]

    def test_may_hold_what_is_no_utf_8(self) -> None:
        assert read(b'caf\xe9\n{"a":"\xff"}\n') == [Noise("caf\ufffd"), Record({"a": "\ufffd"})]

    def test_may_begin_with_a_byte_order_mark(self) -> None:
        assert read(b'\xef\xbb\xbf{"a":1}\n') == [Record({"a": 1})]

    def test_that_no_reader_of_json_takes_is_text(self) -> None:
        deep, number = b'{"a":' * 500_000, b'{"a":' + b"1" * 5000 + b"}"
        assert [type(line) for line in read(deep + b"\n" + number + b"\n", longest=10_000_000)] == [Noise, Noise]

    def test_that_is_split_inside_a_character_is_whole(self) -> None:
        raw = '{"a":"é€😀"}\n'.encode()
        assert read(*(bytes((byte,)) for byte in raw)) == [Record({"a": "é€😀"})]


class TestALineThatIsTooLong:
    def test_is_dropped_and_said_and_the_next_is_read(self) -> None:
        assert read(b"x" * 1001 + b'\n{"a":1}\n') == [Dropped(1001), Record({"a": 1})]
        assert read(b"x" * 1000 + b"\n") == [Noise("x" * 1000)]

    def test_is_said_also_when_it_is_the_last_and_never_ends(self) -> None:
        assert read(b"x" * 600, b"x" * 600) == [Dropped(1200)]

    def test_takes_no_memory(self) -> None:
        reader, piece = LineReader(10_000), b"x" * 64_000
        tracemalloc.start()
        for _ in range(1000):
            assert list(reader.feed(piece)) == []
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 200_000
        assert list(reader.end()) == [Dropped(64_000_000)]


_TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=40)
_LINES = st.one_of(
    st.dictionaries(st.text(max_size=5), st.one_of(st.text(), st.integers(), st.none()), max_size=4).map(json.dumps),
    st.dictionaries(st.text(max_size=5), st.text(), max_size=3).map(lambda value: json.dumps(value, ensure_ascii=False)),
    _TEXTS,
    st.just("x" * 130),
).map(lambda text: text.encode("utf-8", "surrogatepass"))


@given(st.data(), st.lists(st.one_of(_LINES, st.binary(max_size=60)), max_size=8), st.sampled_from([b"\n", b"\r\n"]))
def test_any_cutting_gives_the_same_lines(data: st.DataObject, parts: list[bytes], end: bytes) -> None:
    raw = end.join(parts)
    whole = read(raw, longest=100)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(raw)), max_size=20)))
    pieces = [raw[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(raw)], strict=True)]
    assert read(*pieces, longest=100) == whole
    assert read(*(raw[at : at + 1] for at in range(len(raw))), longest=100) == whole
