"""package.json and the lockfiles of npm, pnpm and yarn."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.twins.evidence.dependencies.dependency import Malformed
from cowork.twins.evidence.dependencies.npm import dependency, read_package_json
from cowork.twins.evidence.dependencies.npm_locks import read_lock

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        ("1.2.3", "pinned"),
        ("=1.2.3", "pinned"),
        ("v1.2.3-beta.1", "pinned"),
        ("^1.2.3", "ranged"),
        ("~1.2", "ranged"),
        ("1.x", "ranged"),
        ("1", "ranged"),
        ("1.2.3 - 2.0.0", "ranged"),
        (">=1 <2", "ranged"),
        ("^1 || ^2", "ranged"),
        ("1.2.3 || 1.2.4", "ranged"),
        ("", "unbounded"),
        ("*", "unbounded"),
        ("x", "unbounded"),
        ("latest", "unbounded"),
        (">=1.0", "unbounded"),
        ("> 1", "unbounded"),
        ("^1 || >=3", "unbounded"),
        ("npm:other@^1.0.0", "ranged"),
        ("npm:@scope/other@1.0.0", "pinned"),
        ("catalog:", "ranged"),
        ("file:../x", "path"),
        ("link:./x", "path"),
        ("workspace:*", "path"),
        ("./x", "path"),
        ("user/repo", "git"),
        ("github:user/repo#semver:^1", "git"),
        ("git+ssh://git@example.org/x.git", "git"),
        ("https://example.org/x.git#main", "git"),
        ("https://example.org/x.tgz", "url"),
    ],
)
def test_how_narrow_a_declaration_is(spec: str, kind: str) -> None:
    assert dependency("x", spec, "runtime", "dependencies").kind == kind


def test_git_moves_unless_a_commit_is_named_and_pins_may_be_early() -> None:
    assert dependency("x", "user/repo#main", "runtime", "d").moving
    assert not dependency("x", f"user/repo#{COMMIT}", "runtime", "d").moving
    assert dependency("x", "1.0.0-rc.1", "runtime", "d").prerelease
    assert not dependency("x", "^1.0.0-rc.1", "runtime", "d").prerelease


def test_a_package_json_with_parts_that_are_wrong() -> None:
    text = json.dumps(
        {"private": True, "dependencies": {"a": "1.0.0", "b": 5}, "devDependencies": [], "peerDependencies": {"c": "*"}}
    )
    found = read_package_json("package.json", text)
    assert [(one.name, one.group) for one in found.dependencies] == [("a", "runtime"), ("c", "optional")]
    assert [problem.place for problem in found.problems] == ["dependencies.b", "devDependencies"]
    assert found.application == "it is private"


def test_a_package_lock_of_today() -> None:
    text = json.dumps(
        {
            "lockfileVersion": 3,
            "packages": {
                "": {"dependencies": {"a": "^1.0.0"}},
                "packages/one": {"dependencies": {"a": "^2.0.0"}},
                "node_modules/one": {"resolved": "packages/one", "link": True},
                "node_modules/a": {"version": "1.5.0", "license": "MIT"},
                "packages/one/node_modules/a": {"version": "2.1.0"},
                "node_modules/@s/b/node_modules/c": {"version": "3.0.0"},
            },
        }
    )
    lock = read_lock("web/package-lock.json", text)
    assert lock.versions == {"a": frozenset({"1.5.0", "2.1.0"}), "c": frozenset({"3.0.0"})}
    assert lock.members == {"web": {"a": "^1.0.0"}, "web/packages/one": {"a": "^2.0.0"}}
    assert lock.direct == {("web", "a"): "1.5.0", ("web/packages/one", "a"): "2.1.0"}
    assert lock.licences == {("a", "1.5.0"): "MIT"}


def test_a_package_lock_of_old() -> None:
    tree = {"a": {"version": "1.0.0", "dependencies": {"b": {"version": "2.0.0"}}}, "g": {"version": "git+https://x#1"}}
    lock = read_lock("package-lock.json", json.dumps({"lockfileVersion": 1, "dependencies": tree}))
    assert lock.versions == {"a": frozenset({"1.0.0"}), "b": frozenset({"2.0.0"}), "g": frozenset()}
    assert lock.members is None


PNPM_9 = """\
lockfileVersion: '9.0'
overrides:
  forced: 1.0.0
importers:
  .:
    dependencies:
      a:
        specifier: ^1.0.0
        version: 1.5.0(b@2.0.0)
  .github/tool:
    devDependencies:
      '@s/b':
        specifier: '*'
        version: 2.0.0
packages:
  '@s/b@2.0.0':
    resolution: {integrity: x}
  a@1.5.0(b@2.0.0):
    resolution: {integrity: y}
snapshots:
  c@9.9.9: {}
"""
PNPM_5 = """\
lockfileVersion: 5.4
specifiers:
  a: ^1.0.0
dependencies:
  a: 1.5.0
packages:
  /a/1.5.0:
    resolution: {integrity: y}
  /@s/b/2.0.0_a@1.5.0:
    resolution: {integrity: x}
"""


def test_pnpm_locks_of_today_and_of_old() -> None:
    new, old = read_lock("pnpm-lock.yaml", PNPM_9), read_lock("pnpm-lock.yaml", PNPM_5)
    assert new.versions == old.versions == {"a": frozenset({"1.5.0"}), "@s/b": frozenset({"2.0.0"})}
    assert new.members == {"": {"a": "^1.0.0"}, ".github/tool": {"@s/b": "*"}}
    assert new.replaced == {"forced"}
    assert old.members == {"": {"a": "^1.0.0"}}
    assert new.direct[("", "a")] == old.direct[("", "a")] == "1.5.0"


YARN_1 = """\
# yarn lockfile v1

"@s/b@*", "@s/b@>=1 <3":
  version "2.0.0"
  dependencies:
    version "^9"

a@^1.0.0:
  version "1.5.0"
"""
YARN_4 = """\
__metadata:
  version: 8

"@s/b@npm:*, @s/b@npm:>=1 <3":
  version: 2.0.0

"a@npm:^1.0.0":
  version: 1.5.0

"w@workspace:.":
  version: 0.0.0-use.local
"""


@pytest.mark.parametrize("text", [YARN_1, YARN_4])
def test_yarn_locks_of_both_kinds(text: str) -> None:
    lock = read_lock("yarn.lock", text)
    assert {name: found for name, found in lock.versions.items() if name != "w"} == {
        "@s/b": frozenset({"2.0.0"}),
        "a": frozenset({"1.5.0"}),
    }
    assert lock.patterns is not None
    assert {"@s/b@*", "@s/b@>=1 <3", "a@^1.0.0"} <= lock.patterns


@pytest.mark.parametrize(
    ("file", "text", "place"),
    [
        ("package-lock.json", '{\n "a": ', "line 2"),
        ("package-lock.json", "[]", "line 1"),
        ("pnpm-lock.yaml", "importers:\n  a: [\n", "line 3"),
    ],
)
def test_a_lock_that_cannot_be_parsed_says_where(file: str, text: str, place: str) -> None:
    with pytest.raises(Malformed) as caught:
        read_lock(file, text)
    assert caught.value.place == place


_PIECES = [*PNPM_9.split("\n"), *YARN_1.split("\n"), *YARN_4.split("\n"), "{", '"packages": {"": 1}', "}"]


@settings(max_examples=60)
@given(st.text(max_size=60) | st.lists(st.sampled_from(_PIECES), max_size=8).map("\n".join))
def test_any_text_is_read_or_malformed(text: str) -> None:
    for name in ("package-lock.json", "pnpm-lock.yaml", "yarn.lock"):
        try:
            read_lock(name, text)
        except Malformed as error:
            assert error.message
