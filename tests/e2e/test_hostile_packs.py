"""Bad packs, as the installed program meets them: each refused clearly, exit 4 in validate, and no other pack harmed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.registry.places import pack, skill, write
from tests.support import run_program

LEAST = {"name": "bad", "displayName": "Bad", "version": "1.0.0", "description": "d", "type": "pack", "skills": []}


def named(name: str) -> str:
    return json.dumps({**LEAST, "name": name})


def nested(depth: int) -> str:
    return json.dumps({**LEAST, "metadata": 0}).replace(": 0", ": " + "[" * depth + "]" * depth)


def leaving(path: str) -> str:
    return json.dumps({**LEAST, "skillDirectories": [{"id": "out", "path": path}]})


TEXTS: dict[str, str | bytes] = {
    "over 4 MiB": json.dumps({**LEAST, "description": "x" * (4 * 1024 * 1024)}),
    "nested deeper than 64": nested(65),
    "nested a hundred thousand deep": nested(100_000),
    "100,001 keys": json.dumps({**LEAST, "metadata": {str(number): 0 for number in range(100_001)}}),
    "invalid UTF-8": b'{"name": "b\xff"}',
    "NaN": json.dumps(LEAST).replace('"d"', "NaN"),
    "an unclosed brace": json.dumps(LEAST)[:-1],
    "not an object": "[]",
    "empty": "",
    "a name with a slash": named("a/b"),
    "a name with dots": named(".."),
    "a name with a control character": named("a\x1b[2Jb"),
    "a name of 65 characters": named("a" * 65),
    "a name in upper case": named("Bad"),
    "a skill directory above the pack": leaving("../outside"),
    "an absolute skill directory": leaving("/etc"),
    "a skill directory with a backslash": leaving("..\\outside"),
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_bad_manifest_is_refused_and_harms_no_other(home: Path, text: str | bytes) -> None:
    pack(home / "extensions", "good", skill("fine"))
    bad = home / "extensions" / "bad" / "cowork.plugin.json"
    bad.parent.mkdir()
    bad.write_bytes(text if isinstance(text, bytes) else text.encode())

    ran = run_program("pack", "validate", str(bad.parent), "--json")
    assert (ran.code, ran.document["error"]["code"]) == (4, "pack.invalid")
    (item,) = ran.data["items"]
    problem = next(problem for problem in item["problems"] if problem["severity"] == "error")
    assert str(bad.parent) in problem["file"]
    assert problem["rule"]
    assert problem["fix"]

    listed = run_program("pack", "list", "--json")
    assert listed.code == 0
    assert [item["name"] for item in listed.data["items"] if item["scope"] == "personal"] == ["good"]
    assert any(str(bad) in warning["message"] for warning in listed.document["warnings"])
    assert "\x1b" not in listed.out
    assert run_program("skill", "show", "fine", "--json").code == 0


def link_out(directory: Path, outside: Path) -> None:
    (directory / "skills").mkdir()
    (directory / "skills" / "scan").symlink_to(outside)


def link_file_out(directory: Path, outside: Path) -> None:
    (directory / "skills" / "scan").mkdir(parents=True)
    (directory / "skills" / "scan" / "SKILL.md").symlink_to(outside / "SKILL.md")


@pytest.mark.parametrize("link", [link_out, link_file_out])
def test_a_skill_directory_that_leads_out_by_a_link_brings_nothing_in(
    home: Path, tmp_path: Path, link: Callable[[Path, Path], None]
) -> None:
    outside = tmp_path / "outside"
    write(outside / "SKILL.md", "---\nname: scan\ndescription: stolen words\n---\nSECRET\n")
    manifest: dict[str, Any] = {"skillDirectories": [{"id": "sly:scan", "path": "skills/scan"}]}
    directory = pack(home / "extensions", "sly", skill("fine"), **manifest).parent
    link(directory, outside)

    listed = run_program("skill", "list", "--json")
    assert "sly:scan" not in [item["id"] for item in listed.data["items"]]
    assert "fine" in [item["id"] for item in listed.data["items"]]
    assert any("leads out" in warning["message"] for warning in listed.document["warnings"])
    assert "stolen" not in listed.out
    assert run_program("pack", "validate", str(directory)).code == 4
