"""Licences of installed packages: what lies in `node_modules` and in a virtual environment of the workspace."""

from __future__ import annotations

import json
import os
import posixpath
import re
from collections.abc import Iterable, Iterator
from email.parser import HeaderParser
from pathlib import Path

from packaging.utils import canonicalize_name

from cowork.core.text import one_line
from cowork.twins.evidence.look import Look

_MOST_READ = 400
_MOST_BYTES = 256 * 1024
_ENVIRONMENTS = (".venv", "venv", "env")
_NAMES_NOTHING = frozenset(("", "unknown", "none", "other/proprietary license", "osi approved"))


def of_python(look: Look, directory: str, names: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Version and licence of packages in the environment beside a manifest, as far as they are installed there."""
    wanted = set(names)
    found: dict[str, tuple[str, str]] = {}
    for path in _metadata(look.root, directory):
        name, _, version = posixpath.basename(posixpath.dirname(path)).removesuffix(".dist-info").rpartition("-")
        name = canonicalize_name(name)
        if name in wanted and name not in found and len(found) < _MOST_READ:
            data = look.bytes(path, _MOST_BYTES)
            found[name] = version, _licence_of_metadata(data.decode("utf-8", "replace")) if data else ""
    return found


def _metadata(root: Path, directory: str) -> Iterator[str]:
    """Files with metadata, relative to the top. Links are not followed: an environment may be anybody's."""
    for environment in _ENVIRONMENTS:
        library = Path(directory, environment, "lib")
        for python in _directories(root, library):
            for package in _directories(root, python / "site-packages"):
                if package.name.endswith(".dist-info"):
                    yield (package / "METADATA").as_posix()


def _directories(root: Path, place: Path) -> list[Path]:
    if any((root / part).is_symlink() for part in (place, *place.parents)):
        return []
    try:
        with os.scandir(root / place) as entries:
            return [
                place / entry.name for entry in sorted(entries, key=lambda one: one.name) if entry.is_dir(follow_symlinks=False)
            ]
    except OSError:
        return []


def _licence_of_metadata(content: str) -> str:
    """The licence: the expression, a short text, or the classifiers, in this order."""
    headers = HeaderParser().parsestr(content, headersonly=True)
    classified = [str(value).rpartition(" :: ")[2] for value in headers.get_all("Classifier", []) if "License ::" in str(value)]
    written = str(headers.get("License", ""))
    short = written if len(written) <= 60 and "\n" not in written else ""
    choices = (str(headers.get("License-Expression", "")), short, ", ".join(classified))
    return next((one_line(choice, 80) for choice in choices if choice.strip().lower() not in _NAMES_NOTHING), "")


def of_npm(look: Look, directory: str, names: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Version and licence of packages in the `node_modules` beside a manifest, as far as they are installed there."""
    found: dict[str, tuple[str, str]] = {}
    for name in list(names)[:_MOST_READ]:
        if re.fullmatch(r"(?:@[\w.~-]+/)?[\w.~-]+", name):
            path = posixpath.join(directory, "node_modules", name, "package.json")
            found[name] = _licence_of_package(look.bytes(path, _MOST_BYTES))
    return {name: about for name, about in found.items() if any(about)}


def _licence_of_package(data: bytes | None) -> tuple[str, str]:
    try:
        about = json.loads(data or b"{}")
    except (ValueError, RecursionError):
        return "", ""
    if not isinstance(about, dict):
        return "", ""
    licence = about.get("license")
    if isinstance(licence, dict):
        licence = licence.get("type")
    version = about.get("version")
    return version if isinstance(version, str) else "", one_line(licence, 80) if isinstance(licence, str) else ""
