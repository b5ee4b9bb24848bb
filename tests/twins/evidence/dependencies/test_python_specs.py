"""What Python's ways to ask for a version mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from cowork.twins.evidence.dependencies.python_specs import BadRequirement, of_requirement, poetry_specifiers, satisfies


@pytest.mark.parametrize(
    ("line", "name", "spec", "kind"),
    [
        ("requests", "requests", "", "unbounded"),
        ("Zope.Interface>=5", "zope-interface", ">=5", "unbounded"),
        ("a!=2", "a", "!=2", "unbounded"),
        ("a>=1,<2", "a", "<2,>=1", "ranged"),
        ("a~=1.4", "a", "~=1.4", "ranged"),
        ("a==1.*", "a", "==1.*", "ranged"),
        ("a[x,y]==1.2", "a", "==1.2", "pinned"),
        ("a===1.2-weird", "a", "===1.2-weird", "pinned"),
        ("a @ https://example.org/a.whl", "a", "https://example.org/a.whl", "url"),
        ("a @ git+https://example.org/a@main", "a", "git+https://example.org/a@main", "git"),
        ("a @ file:///x/a", "a", "file:///x/a", "path"),
    ],
)
def test_a_requirement_is_as_narrow_as_its_specifiers(line: str, name: str, spec: str, kind: str) -> None:
    found = of_requirement(line, "runtime", "here")
    assert (found.name, found.spec, found.kind) == (name, spec, kind)


def test_conditions_extras_and_pre_releases_are_kept() -> None:
    found = of_requirement("a[y,x]==2.0rc1; python_version < '3.12'", "dev", "here")
    assert (found.condition, found.extras, found.prerelease) == ('python_version < "3.12"', "x,y", True)
    assert not of_requirement("a>=2.0rc1", "dev", "here").prerelease


@pytest.mark.parametrize(("revision", "moving"), [("", True), ("@main", True), ("@v1.2", True), ("@" + "ab12" * 10, False)])
def test_git_moves_unless_a_commit_is_named(revision: str, moving: bool) -> None:
    assert of_requirement(f"a @ git+https://u@example.org/a{revision}#egg=a", "runtime", "here").moving is moving


@pytest.mark.parametrize("line", ["", "a b", "==1", "a=>1", "a (", "a @ "])
def test_what_is_no_requirement_is_said(line: str) -> None:
    with pytest.raises(BadRequirement):
        of_requirement(line, "runtime", "here")


@pytest.mark.parametrize(
    ("spec", "inside", "outside"),
    [
        ("^1.2.3", ["1.2.3", "1.9"], ["1.2.2", "2.0"]),
        ("^0.2.3", ["0.2.3", "0.2.9"], ["0.3", "0.2.2"]),
        ("^0.0.3", ["0.0.3"], ["0.0.4"]),
        ("^0.0", ["0.0.9"], ["0.1"]),
        ("^0", ["0.9"], ["1.0"]),
        ("~1.2.3", ["1.2.9"], ["1.3", "1.2.2"]),
        ("~1", ["1.9"], ["2.0"]),
        ("~=1.4", ["1.9"], ["2.0"]),
        ("1.2", ["1.2"], ["1.2.1"]),
        ("1.*", ["1.5"], ["2.0"]),
        ("*", ["0", "99"], []),
        (">=1,<2 || ^3", ["1.5", "3.1"], ["2.5"]),
        (">= 1 < 2", ["1.5"], ["2.0"]),
        ("", ["1"], []),
    ],
)
def test_constraints_of_poetry(spec: str, inside: list[str], outside: list[str]) -> None:
    assert [satisfies(spec, version) for version in inside] == [True] * len(inside)
    assert [satisfies(spec, version) for version in outside] == [False] * len(outside)


@given(st.tuples(*[st.integers(0, 3)] * 3), st.tuples(*[st.integers(0, 4)] * 3))
def test_a_caret_keeps_the_first_number_that_is_not_zero(low: tuple[int, ...], other: tuple[int, ...]) -> None:
    first = next((at for at, number in enumerate(low) if number), 2)
    expected = other >= low and other[: first + 1] == low[: first + 1]
    assert satisfies(f"^{'.'.join(map(str, low))}", ".".join(map(str, other))) is expected


@given(st.text(max_size=20), st.text(max_size=8))
def test_any_text_is_judged_or_left_open(spec: str, version: str) -> None:
    assert satisfies(spec, version) in (True, False, None)
    assert satisfies(spec, str(Version("1.0"))) in (True, False, None)
    found = poetry_specifiers(spec)
    assert found is None or len(found) >= 1
