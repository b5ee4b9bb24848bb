"""Files that are made so that a library takes hours, or more memory than there is: refused before it begins."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cowork.twins.evidence.dependencies.dependency import Malformed
from cowork.twins.evidence.dependencies.files import read_ini, read_toml, read_yaml

MERGES = "a0: &a0 {k: 1}\n" + "".join(f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 30))


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (read_toml, "a" + ".a" * 500_000 + " = 1\n"),
        (read_toml, "".join(f"{'a.' * 450}b{number} = 1\n" for number in range(1_000))),
        (read_toml, "a = " + "1" * 10_000),
        (read_toml, "a = " + "[" * 100_000),
        (read_yaml, MERGES),
        (read_yaml, "a: " + "[" * 100_000),
        (read_yaml, "- " * 100_000),
        (read_ini, "[a]\n" + "b\\\n" * 300_000),
    ],
)
def test_a_file_that_takes_for_ever_is_malformed_at_once(read: Callable[[str], object], text: str) -> None:
    with pytest.raises(Malformed):
        read(text)


def test_a_long_plain_file_is_none_of_those() -> None:
    packages = "".join(f'[[package]]\nname = "p{number}"\nversion = "1.2.3"\n' for number in range(2_000))

    assert len(read_toml(packages)["package"]) == 2_000
    assert read_yaml("a: &x {b: 1}\nc: *x\n") == {"a": {"b": 1}, "c": {"b": 1}}
