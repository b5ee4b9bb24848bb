"""Cargo.toml, Cargo.lock, go.mod and go.sum."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.twins.evidence.dependencies import go, rust
from cowork.twins.evidence.dependencies.dependency import Malformed

CARGO = """
[package]
name = "app"
[dependencies]
serde = "1.0"
pin = "=1.2.3"
any = "*"
open = ">=1"
renamed = { package = "real", version = "2" }
near = { path = "../near" }
fork = { git = "https://example.org/f", branch = "main" }
shared.workspace = true
opt = { version = "1", optional = true }
bad = 5
[dev-dependencies]
criterion = "0.5"
[target.'cfg(unix)'.dependencies]
nix = "0.27"
"""


def test_a_cargo_toml() -> None:
    found = rust.read_cargo_toml("Cargo.toml", CARGO)
    assert [(one.name, one.spec, one.kind, one.group) for one in found.dependencies] == [
        ("serde", "1.0", "ranged", "runtime"),
        ("pin", "=1.2.3", "pinned", "runtime"),
        ("any", "*", "unbounded", "runtime"),
        ("open", ">=1", "unbounded", "runtime"),
        ("real", "2", "ranged", "runtime"),
        ("near", "", "path", "runtime"),
        ("fork", "branch main", "git", "runtime"),
        ("shared", "", "unbounded", "runtime"),
        ("opt", "1", "ranged", "optional"),
        ("nix", "0.27", "ranged", "runtime"),
        ("criterion", "0.5", "ranged", "dev"),
    ]
    assert [problem.place for problem in found.problems] == ["dependencies.bad"]
    assert next(one for one in found.dependencies if one.name == "nix").condition == "cfg(unix)"


@pytest.mark.parametrize(
    ("spec", "inside", "outside"),
    [
        ("1.2", ["1.2.0", "1.9.9"], ["1.1.9", "2.0.0"]),
        ("0.2.3", ["0.2.3"], ["0.3.0"]),
        ("0.0.3", ["0.0.3"], ["0.0.4"]),
        ("~1.2", ["1.2.9"], ["1.3.0"]),
        ("=1.2", ["1.2.9"], ["1.3.0"]),
        ("1.*", ["1.9.0"], ["2.0.0"]),
        (">=1, <3", ["2.0.0"], ["3.0.0", "0.9.0"]),
        (">1.2", ["1.3.0"], ["1.2.5"]),
        ("<=1.2", ["1.2.9"], ["1.3.0"]),
        ("*", ["9.0.0"], []),
    ],
)
def test_requirements_of_cargo(spec: str, inside: list[str], outside: list[str]) -> None:
    assert [rust.satisfies(spec, version) for version in inside] == [True] * len(inside)
    assert [rust.satisfies(spec, version) for version in outside] == [False] * len(outside)


def test_pre_releases_are_left_open() -> None:
    assert rust.satisfies("1.0.0-rc.1", "1.0.0") is None
    assert rust.satisfies("1", "1.0.0-rc.1") is None


def test_a_cargo_lock() -> None:
    lock = rust.read_cargo_lock(
        "Cargo.lock", '[[package]]\nname = "a"\nversion = "1.0.0"\n[[package]]\nname = "a"\nversion = "2.0.0"\n'
    )
    assert lock.versions == {"a": frozenset({"1.0.0", "2.0.0"})}


GO = """\
module example.org/app // ours

go 1.22

require example.org/one v1.2.3
require (
	example.org/two/v2 v2.0.0-rc.1
	example.org/three v0.0.0-20240102030405-0123456789ab // indirect
	example.org/four v1.0.0
	"example.org/five" v1.0.0
)
replace example.org/four => ../four
replace example.org/five v1.0.0 => example.org/fork v1.1.0
exclude example.org/one v1.2.0
tool example.org/one/cmd/gen
require broken
nonsense here
"""


def test_a_go_mod() -> None:
    found = go.read_go_mod("go.mod", GO)
    assert found.name == "example.org/app"
    assert [(one.name, one.spec, one.kind, one.group) for one in found.dependencies] == [
        ("example.org/one", "v1.2.3", "pinned", "runtime"),
        ("example.org/two/v2", "v2.0.0-rc.1", "pinned", "runtime"),
        ("example.org/three", "v0.0.0-20240102030405-0123456789ab", "pinned", "indirect"),
        ("example.org/four", "../four", "path", "runtime"),
        ("example.org/five", "example.org/fork v1.1.0", "git", "runtime"),
    ]
    assert [one.prerelease for one in found.dependencies] == [False, True, False, False, False]
    assert [(problem.place, problem.message) for problem in found.problems] == [
        ("line 16", "it is not a path and a version"),
        ("line 17", "'nonsense' is no directive"),
    ]


def test_a_go_sum() -> None:
    lock = go.read_go_sum("go.sum", "a v1.0.0 h1:x=\na v1.0.0/go.mod h1:y=\na v1.1.0/go.mod h1:z=\n\nbroken\n")
    assert lock.versions == {"a": frozenset({"v1.0.0", "v1.1.0"})}


@settings(max_examples=60)
@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from([*CARGO.split("\n"), *GO.split("\n"), "[[package]]", ")", "require("]), max_size=8).map(
        "\n".join
    )
)
def test_any_text_is_read_or_malformed(text: str) -> None:
    assert all(one.name for one in go.read_go_mod("go.mod", text).dependencies)
    go.read_go_sum("go.sum", text)
    for read in (rust.read_cargo_toml, rust.read_cargo_lock):
        try:
            read("Cargo.toml", text)
        except Malformed as error:
            assert error.message


@given(st.text(max_size=12), st.text("0123456789.-ab", max_size=8))
def test_any_requirement_is_judged_or_left_open(spec: str, version: str) -> None:
    assert rust.satisfies(spec, version) in (True, False, None)
    assert rust.kind_of(spec) in ("pinned", "ranged", "unbounded")
