"""A PATH on which nothing of the directory one is in is found."""

from __future__ import annotations

import os

from cowork.core.search_path import fixed_path


def test_only_directories_that_are_the_same_from_everywhere_are_left() -> None:
    assert fixed_path(".:/usr/bin::node_modules/.bin:/bin") == "/usr/bin:/bin"
    assert fixed_path(".") == os.defpath
