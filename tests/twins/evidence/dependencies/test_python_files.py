"""pyproject.toml, Pipfile, setup.cfg and Python's lockfiles."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.twins.evidence.dependencies.dependency import Malformed, Manifest
from cowork.twins.evidence.dependencies.pyproject import read_pipfile, read_pyproject, read_setup_cfg
from cowork.twins.evidence.dependencies.python_locks import read_lock

PEP_621 = """
[project]
name = "My.App"
dependencies = ["click>=8,<9", "my-app[extra]"]
[project.optional-dependencies]
s3 = ["boto3"]
dev = ["pytest"]
[dependency-groups]
lint = ["ruff==0.5", {include-group = "x"}]
[tool.uv]
dev-dependencies = ["mypy"]
[tool.uv.sources]
click = {git = "https://example.org/click", branch = "main"}
[tool.pdm.dev-dependencies]
t = ["tox"]
"""
POETRY = """
[tool.poetry]
name = "app"
package-mode = false
[tool.poetry.dependencies]
python = "^3.11"
Requests = "^2.31"
star = "*"
pin = "1.2.3"
extra = {version = "~1.2", optional = true}
many = [{version = "<2", python = "<3.9"}, {version = ">=2", python = ">=3.9"}]
lib = {path = "../lib", develop = true}
fork = {git = "https://example.org/fork.git", rev = "0123456789abcdef0123456789abcdef01234567"}
[tool.poetry.group.dev.dependencies]
pytest = ">=8"
"""


def told(manifest: Manifest) -> list[tuple[str, str, str, str]]:
    return [(one.name, one.spec, one.kind, one.group) for one in manifest.dependencies]


def test_every_group_of_a_pyproject_is_read() -> None:
    found = read_pyproject("pyproject.toml", PEP_621)
    assert told(found) == [
        ("click", "git+https://example.org/click@main", "git", "runtime"),
        ("boto3", "", "unbounded", "optional"),
        ("pytest", "", "unbounded", "dev"),
        ("ruff", "==0.5", "pinned", "dev"),
        ("tox", "", "unbounded", "dev"),
        ("mypy", "", "unbounded", "dev"),
    ]
    assert (found.name, found.application) == ("my-app", "nothing builds a package of it")


def test_poetrys_own_tables_are_read() -> None:
    found = read_pyproject("pyproject.toml", POETRY)
    assert told(found) == [
        ("requests", "^2.31", "ranged", "runtime"),
        ("star", "", "unbounded", "runtime"),
        ("pin", "1.2.3", "pinned", "runtime"),
        ("extra", "~1.2", "ranged", "optional"),
        ("many", "<2", "ranged", "runtime"),
        ("many", ">=2", "unbounded", "runtime"),
        ("lib", "../lib", "path", "runtime"),
        ("fork", "git+https://example.org/fork.git@0123456789abcdef0123456789abcdef01234567", "git", "runtime"),
        ("pytest", ">=8", "unbounded", "dev"),
    ]
    assert not found.dependencies[7].moving
    assert found.application == "its package-mode is false"


def test_parts_that_are_wrong_are_said_with_their_place() -> None:
    text = "[project]\ndependencies = ['ok', 'a b', 5]\n[project.optional-dependencies]\nx = 'y'\n"
    text += "[tool.poetry.dependencies]\nz = 3\nq='^^1'\n"
    found = read_pyproject("pyproject.toml", text)
    assert [one.name for one in found.dependencies] == ["ok"]
    assert [problem.place for problem in found.problems] == [
        "project.dependencies[1]",
        "project.dependencies[2]",
        "project.optional-dependencies.x",
        "tool.poetry.dependencies.z",
        "tool.poetry.dependencies.q",
    ]


def test_a_file_that_cannot_be_parsed_says_on_which_line() -> None:
    with pytest.raises(Malformed) as caught:
        read_pyproject("pyproject.toml", "[project]\nname = \n")
    assert (caught.value.place, caught.value.message) == ("line 2", "Invalid value")


def test_a_pipfile_and_a_setup_cfg() -> None:
    pipfile = read_pipfile("Pipfile", "[packages]\nflask = '*'\n[dev-packages]\npytest = {version = '==8.0'}\n")
    assert told(pipfile) == [("flask", "", "unbounded", "runtime"), ("pytest", "==8.0", "pinned", "dev")]
    setup = read_setup_cfg(
        "setup.cfg",
        "[metadata]\nname = x\n[options]\ninstall_requires =\n  # why\n  a>=1  # because\n  b; python_version<'3'\n"
        "[options.extras_require]\ntest =\n  pytest\n",
    )
    assert told(setup) == [
        ("a", ">=1", "unbounded", "runtime"),
        ("b", "", "unbounded", "runtime"),
        ("pytest", "", "unbounded", "dev"),
    ]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("poetry.lock", '[[package]]\nname = "Zope.Event"\nversion = "5.0"\n'),
        ("uv.lock", 'version = 1\n[[package]]\nname = "zope-event"\nversion = "5.0"\n'),
        ("pdm.lock", '[[package]]\nname = "zope-event"\nversion = "5.0"\n'),
        ("pylock.toml", 'lock-version = "1.0"\n[[packages]]\nname = "zope-event"\nversion = "5.0"\n'),
        ("Pipfile.lock", '{"_meta": {}, "default": {"zope.event": {"version": "==5.0"}}, "develop": {}}'),
    ],
)
def test_every_lockfile_gives_versions(file: str, text: str) -> None:
    assert read_lock(file, text).versions == {"zope-event": frozenset({"5.0"})}


@settings(max_examples=60)
@given(
    st.text(max_size=80)
    | st.lists(st.sampled_from([*PEP_621.split("\n"), *POETRY.split("\n"), "x = 1", "[[package]]"]), max_size=8).map("\n".join)
)
def test_any_text_is_read_or_malformed(text: str) -> None:
    for read in (read_pyproject, read_pipfile, read_setup_cfg):
        try:
            found = read("f", text)
        except Malformed:
            continue
        assert all(one.name and one.kind for one in found.dependencies)
    for name in ("uv.lock", "Pipfile.lock"):
        try:
            read_lock(name, text)
        except Malformed as error:
            assert error.message
