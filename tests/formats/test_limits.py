"""Documents that are too deep or have too many keys are refused before anything looks into them."""

from __future__ import annotations

from typing import Any

import pytest

from cowork.core.errors import InvalidInput
from cowork.formats.limits import MAX_DEPTH, MAX_KEYS, check_document


def nested(levels: int, *, of_lists: bool = False) -> Any:
    document: Any = 1
    for _ in range(levels):
        document = [document] if of_lists else {"a": document}
    return document


@pytest.mark.parametrize("of_lists", [True, False])
def test_sixty_four_levels_pass_and_one_more_does_not(of_lists: bool) -> None:
    check_document(nested(MAX_DEPTH, of_lists=of_lists))
    with pytest.raises(InvalidInput, match="nests deeper than 64 levels") as caught:
        check_document(nested(MAX_DEPTH + 1, of_lists=of_lists))
    assert (caught.value.code, caught.value.exit_code) == ("file.too_deep", 4)


def test_depth_beyond_the_interpreters_own_is_no_matter() -> None:
    with pytest.raises(InvalidInput) as caught:
        check_document(nested(200_000))
    assert caught.value.code == "file.too_deep"


def test_keys_are_counted_over_all_objects() -> None:
    half = dict.fromkeys(map(str, range(MAX_KEYS // 2 - 1)))
    check_document({"a": half, "b": [half]})
    with pytest.raises(InvalidInput) as caught:
        check_document({"a": half, "b": [half, {"one": {"more": 1}}]})
    assert (caught.value.code, caught.value.details) == ("file.too_many_keys", {"limit": MAX_KEYS})


@pytest.mark.parametrize("document", [None, 1, "text", True, [], {}, [[], {}]])
def test_small_documents_pass(document: Any) -> None:
    check_document(document)
