"""Manifests of Python: pyproject.toml (PEP 621, PEP 735, Poetry, PDM, uv), Pipfile and setup.cfg."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from packaging.utils import canonicalize_name

from cowork.twins.evidence.dependencies.dependency import Dependency, Group, Manifest, Problem, items, table, text
from cowork.twins.evidence.dependencies.files import read_ini, read_toml
from cowork.twins.evidence.dependencies.python_specs import (
    BadRequirement,
    from_address,
    has_prerelease,
    kind_of,
    of_requirement,
    poetry_specifiers,
)

_DEV_NAMES = frozenset(
    "dev develop development test tests testing lint linting docs doc typing types ci qa check checks".split()
)


def read_pyproject(file: str, content: str) -> Manifest:
    """What a pyproject.toml declares. Raises Malformed."""
    data = read_toml(content)
    project, tool = table(data.get("project")), table(data.get("tool"))
    poetry = table(tool.get("poetry"))
    found = _Found(file)
    found.lines(project.get("dependencies"), "runtime", "project.dependencies")
    for extra, lines in table(project.get("optional-dependencies")).items():
        found.lines(lines, _extra(extra), f"project.optional-dependencies.{extra}")
    for group, lines in table(data.get("dependency-groups")).items():
        plain = [line for line in items(lines) if not isinstance(line, dict)]  # {include-group = "x"}
        found.lines(plain, "dev", f"dependency-groups.{group}")
    for group, lines in table(table(tool.get("pdm")).get("dev-dependencies")).items():
        found.lines(lines, "dev", f"tool.pdm.dev-dependencies.{group}")
    found.lines(table(tool.get("uv")).get("dev-dependencies"), "dev", "tool.uv.dev-dependencies")
    found.poetry(poetry.get("dependencies"), "runtime", "tool.poetry.dependencies")
    found.poetry(poetry.get("dev-dependencies"), "dev", "tool.poetry.dev-dependencies")
    for group, about in table(poetry.get("group")).items():
        found.poetry(table(about).get("dependencies"), "dev", f"tool.poetry.group.{group}.dependencies")
    name = canonicalize_name(text(project.get("name")) or text(poetry.get("name")))
    found.sources(table(tool.get("uv")).get("sources"))
    own = tuple(one for one in found.dependencies if one.name != name)
    return Manifest(file, "python", name, own, _application(data, poetry), tuple(found.problems), data)


def read_pipfile(file: str, content: str) -> Manifest:
    """What a Pipfile declares. Raises Malformed."""
    data = read_toml(content)
    found = _Found(file)
    found.poetry(data.get("packages"), "runtime", "packages")
    found.poetry(data.get("dev-packages"), "dev", "dev-packages")
    return Manifest(file, "python", "", tuple(found.dependencies), "it has a Pipfile", tuple(found.problems))


def read_setup_cfg(file: str, content: str) -> Manifest:
    """What a setup.cfg declares. Raises Malformed."""
    parser = read_ini(content)
    found = _Found(file)
    if parser.has_option("options", "install_requires"):
        found.block(parser.get("options", "install_requires"), "runtime", "options.install_requires")
    extras = parser.items("options.extras_require") if parser.has_section("options.extras_require") else []
    for extra, block in extras:
        found.block(block, _extra(extra), f"options.extras_require.{extra}")
    name = canonicalize_name(parser.get("metadata", "name", fallback=""))
    own = tuple(one for one in found.dependencies if one.name != name)
    return Manifest(file, "python", name, own, "", tuple(found.problems))


def _extra(name: str) -> Group:
    return "dev" if name.lower() in _DEV_NAMES else "optional"


def _application(data: dict[str, Any], poetry: dict[str, Any]) -> str:
    """By what a project is not meant to be a library: nothing builds it."""
    if poetry.get("package-mode") is False:
        return "its package-mode is false"
    return "nothing builds a package of it" if "project" in data and "build-system" not in data else ""


def overridden(data: Mapping[str, Any]) -> frozenset[str]:
    """Names whose version uv or PDM decides against what is declared."""
    tool = table(data.get("tool"))
    lines = items(table(tool.get("uv")).get("override-dependencies"))
    names = [re.split(r"[\s<>=!~;@\[]", text(line).strip())[0] for line in lines]
    names += table(table(table(tool.get("pdm")).get("resolution")).get("overrides"))
    return frozenset(canonicalize_name(name) for name in names)


class _Found:
    """Dependencies and problems of one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.dependencies: list[Dependency] = []
        self.problems: list[Problem] = []

    def lines(self, value: Any, group: Group, section: str) -> None:
        """A list of PEP 508 texts."""
        if value is not None and not isinstance(value, list):
            self.problems.append(Problem(self.file, section, "it is not a list"))
        for at, line in enumerate(items(value)):
            self._take(line, group, section, f"{section}[{at}]")

    def block(self, value: str, group: Group, section: str) -> None:
        """PEP 508 texts, one a line."""
        for line in value.split("\n"):
            bare = line.partition(" #")[0].strip()
            if bare and not bare.startswith(("#", "file:", "attr:")):
                self._take(bare, group, section, section)

    def _take(self, line: Any, group: Group, section: str, place: str) -> None:
        try:
            if not isinstance(line, str):
                raise BadRequirement("it is not a text")
            self.dependencies.append(of_requirement(line, group, section))
        except BadRequirement as error:
            self.problems.append(Problem(self.file, place, str(error)))

    def poetry(self, value: Any, group: Group, section: str) -> None:
        """A table of names to constraints, each a text, a table, or a list of tables for different conditions."""
        if value is not None and not isinstance(value, dict):
            self.problems.append(Problem(self.file, section, "it is not a table"))
        for name, about in table(value).items():
            if name.lower() != "python":
                for one in about if isinstance(about, list) else [about]:
                    self._constraint(canonicalize_name(name), one, group, section)

    def _constraint(self, name: str, about: Any, group: Group, section: str) -> None:
        if not isinstance(about, (str, dict)):
            self.problems.append(Problem(self.file, f"{section}.{name}", "it is neither a text nor a table"))
            return
        fields = {"version": about} if isinstance(about, str) else about
        group = "optional" if fields.get("optional") is True and group == "runtime" else group
        condition = " ".join(str(fields[key]) for key in ("markers", "python", "platform", "sys_platform") if key in fields)
        address = _address(fields)
        if address:
            self.dependencies.append(from_address(name, address, group, section, condition))
            return
        spec = text(fields.get("version")) or "*"
        alternatives = poetry_specifiers(spec)
        if alternatives is None:
            self.problems.append(Problem(self.file, f"{section}.{name}", f"'{spec}' is no constraint"))
            return
        kinds = [kind_of(one) for one in alternatives]
        kind = "unbounded" if "unbounded" in kinds else "ranged" if len(kinds) > 1 else kinds[0]
        early = any(has_prerelease(one) for one in alternatives)
        self.dependencies.append(Dependency(name, "" if spec == "*" else spec, kind, group, section, condition, early))

    def sources(self, value: Any) -> None:
        """Where uv takes packages from instead of an index."""
        for name, about in table(value).items():
            for one in about if isinstance(about, list) else [about]:
                address = _address(table(one))
                named = canonicalize_name(name)
                for at, known in enumerate(self.dependencies):
                    if address and known.name == named:
                        self.dependencies[at] = from_address(named, address, known.group, known.section, known.condition)


def _address(fields: dict[str, Any]) -> str:
    if text(fields.get("git")):
        revision = text(fields.get("rev")) or text(fields.get("tag")) or text(fields.get("branch")) or text(fields.get("ref"))
        return f"git+{fields['git']}" + (f"@{revision}" if revision else "")
    return text(fields.get("url")) or text(fields.get("path")) or text(fields.get("file"))
