"""Facts about what manifests declare; each kind of fact once for each manifest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from cowork.core.text import one_line
from cowork.twins.evidence.dependencies.dependency import Dependency, Ecosystem, Manifest, Problem, outside_of
from cowork.twins.evidence.dependencies.matching import Project
from cowork.twins.evidence.dependencies.wording import about, listed, shown
from cowork.twins.evidence.findings import Fact

_DEV_TOOLS: dict[Ecosystem, frozenset[str]] = {
    "python": frozenset(
        "pytest pytest-cov pytest-xdist pytest-mock pytest-asyncio black ruff mypy flake8 isort pylint tox nox pre-commit "
        "coverage hypothesis twine bandit autopep8 yapf pyright".split()
    ),
    "npm": frozenset(
        "jest mocha eslint prettier nodemon vitest karma husky lint-staged cypress nyc jasmine ava stylelint ts-jest".split()
    ),
    "rust": frozenset("criterion mockall proptest trybuild rstest insta wiremock quickcheck".split()),
    "go": frozenset(),
}
_ADVICE: dict[Ecosystem, str] = {"python": "pip-audit", "npm": "npm audit", "rust": "cargo audit", "go": "govulncheck ./..."}
_COPYLEFT = re.compile(r"\bA?GPL\b|\bA?GPL-|GNU (?:Affero )?General Public", re.IGNORECASE)


def broken(problems: Iterable[Problem]) -> Iterator[Fact]:
    """Files, or parts of them, that cannot be read."""
    for one in problems:
        where = f"{shown(one.file)}{': ' + one_line(one.place, 80) if one.place else ''}"
        data = {"kind": "malformed", "file": one.file, "place": one.place, "message": one_line(one.message)}
        yield Fact(f"{where}: {one_line(one.message, 160)}", data)


def sources(manifests: list[Manifest]) -> Iterator[Fact]:
    """What comes from elsewhere than an index: branches first, which are another thing every day."""
    said: list[tuple[int, Fact]] = []
    for manifest in manifests:
        own = [one for one in manifest.dependencies if not one.inherited]
        for order, kind, found, words in (
            (0, "path_outside", [one for one in own if _leaves(one, manifest)], "takes from outside of the repository"),
            (
                1,
                "git_moving",
                [one for one in own if one.kind == "git" and one.moving],
                "takes from git without naming a commit",
            ),
            (2, "untagged", [one for one in own if _is_untagged(one, manifest)], "takes at a commit without a version"),
            (3, "git", [one for one in own if _is_fixed_git(one, manifest)], "takes from git, at a commit"),
            (3, "url", [one for one in own if one.kind == "url"], "takes from an address"),
            (
                4,
                "replaced",
                [one for one in own if one.kind == "git" and manifest.ecosystem == "go"],
                "puts other modules in place of",
            ),
        ):
            if found:
                text = f"{shown(manifest.file)} {words}: {listed(f'{one.name} ({one.target or one.spec})' for one in found)}"
                said.append((order, Fact(text, about(kind, manifest, [one.name for one in found]))))
    yield from (fact for _, fact in sorted(said, key=lambda pair: pair[0]))


def _leaves(one: Dependency, manifest: Manifest) -> bool:
    return one.kind == "path" and bool(one.target) and outside_of(one.target, manifest.directory)


def _is_untagged(one: Dependency, manifest: Manifest) -> bool:
    return manifest.ecosystem == "go" and one.kind == "pinned" and bool(one.target) and one.group != "indirect"


def _is_fixed_git(one: Dependency, manifest: Manifest) -> bool:
    return manifest.ecosystem != "go" and one.kind == "git" and not one.moving


def unbounded(projects: list[Project]) -> Iterator[Fact]:
    """What is needed to run, and taken in any later version."""
    for project in projects:
        manifest = project.manifest
        found = [
            one for one in manifest.dependencies if one.kind == "unbounded" and one.group == "runtime" and not one.inherited
        ]
        if found:
            held = f" ({shown(project.locked_by)} holds the versions)" if project.locked_by else ""
            each = listed(f"{one.name} {one.spec}".strip() for one in found)
            count = f"{len(found)} runtime {'dependency' if len(found) == 1 else 'dependencies'}"
            text = f"{shown(manifest.file)} takes any later version of {count}{held}: {each}"
            yield Fact(text, {**about("unbounded", manifest, [one.name for one in found]), "locked_by": project.locked_by})


def early(manifests: list[Manifest]) -> Iterator[Fact]:
    """Pins to pre-releases."""
    for manifest in manifests:
        found = [one for one in manifest.dependencies if one.prerelease and one.group != "indirect" and not one.inherited]
        if found:
            text = f"{shown(manifest.file)} pins pre-releases: {listed(f'{one.name} {one.spec}' for one in found)}"
            yield Fact(text, about("prerelease", manifest, [one.name for one in found]))


def misplaced(manifests: list[Manifest]) -> Iterator[Fact]:
    """Tools of development that are declared as needed to run."""
    for manifest in manifests:
        tools = _DEV_TOOLS[manifest.ecosystem]
        found = [
            one.name
            for one in manifest.dependencies
            if one.group == "runtime" and one.name in tools and not _extends(manifest, one)
        ]
        found = list(dict.fromkeys(found))
        if found:
            text = f"{shown(manifest.file)} declares tools of development as needed to run: {listed(found)}"
            yield Fact(text, about("dev_at_runtime", manifest, found))


def _extends(manifest: Manifest, one: Dependency) -> bool:
    """Whether a package is made for the tool it needs: `eslint-config-x` needs eslint."""
    return one.section == "workspace.dependencies" or one.name.split("-")[0] in manifest.name


def copyleft(licences: dict[tuple[str, str], str], manifests: list[Manifest]) -> Iterator[Fact]:
    """What is needed to run and whose licence is the GPL or AGPL, by what is read locally."""
    for manifest in manifests:
        names = [one.name for one in manifest.dependencies if one.group == "runtime"]
        found = [(name, licences.get((manifest.file, name), "")) for name in dict.fromkeys(names)]
        strict = [(name, licence) for name, licence in found if _COPYLEFT.search(licence) and " OR " not in licence]
        if strict:
            each = listed(f"{name} ({licence})" for name, licence in strict)
            text = f"{shown(manifest.file)} needs packages under the GPL: {each}"
            yield Fact(text, about("copyleft", manifest, [name for name, _ in strict]))


def unknown(ecosystems: list[Ecosystem]) -> Fact:
    """What cannot be known here, and what would tell."""
    commands = {ecosystem: _ADVICE[ecosystem] for ecosystem in ecosystems}
    said = ", ".join(f"`{command}`" for command in commands.values())
    return Fact(
        f"Security advisories and newest versions are not known without the network; to ask: {said}",
        {"kind": "not_known", "commands": commands},
    )
